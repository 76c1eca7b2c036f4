"""`nicobatch schema`: the contract that editors and other validators read."""

from __future__ import annotations

import click

from nicobatch import manifest


@click.command("schema")
def command() -> None:
    """Print the manifest's JSON Schema (draft-07)."""
    click.echo(manifest.schema_text().encode(), nl=False)  # UTF-8 whatever the console speaks
