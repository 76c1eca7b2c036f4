"""The command line: where everything meets, and where errors become exit codes."""

from __future__ import annotations

from collections.abc import Sequence

from nicobatch import language
from nicobatch.cli import i18n

__all__ = ["run"]


def run(arguments: Sequence[str]) -> int:
    """Run the command line and return its exit code; never raises."""
    language.choose(i18n.told(arguments))
    from nicobatch.cli import app  # its help texts, and its commands', are in the language by now

    return app.run(arguments)
