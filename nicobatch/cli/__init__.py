"""The command line: where everything meets, and where errors become exit codes."""

from nicobatch.cli.app import run

__all__ = ["run"]
