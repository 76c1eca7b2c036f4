"""`nicobatch help`: what `--help` says, for those who ask for it in this way."""

from __future__ import annotations

import click

from nicobatch.language import _


@click.command("help", help=_("Show how to use a command, as its --help does."))
@click.argument("names", metavar="[COMMAND]...", nargs=-1)
@click.pass_context
def command(context: click.Context, names: tuple[str, ...]) -> None:
    """Show how to use a command, as its --help does."""
    found = context.find_root()
    for name in names:
        group = found.command
        inner = group.get_command(found, name) if isinstance(group, click.Group) else None
        if inner is None:
            break
        found = inner.context_class(inner, parent=found, info_name=name)
    click.echo(found.get_help(), color=context.color)
