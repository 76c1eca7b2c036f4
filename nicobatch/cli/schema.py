"""`nicobatch schema`: the contract that editors and other validators read."""

from __future__ import annotations

import click

from nicobatch import manifest
from nicobatch.cli import runner
from nicobatch.language import _


@click.command("schema", help=_("Print the manifest's JSON Schema (draft-07)."))
def command() -> None:
    """Print the manifest's JSON Schema (draft-07)."""
    runner.send(manifest.schema_text().encode())  # UTF-8 whatever the console speaks
