"""What tells of nicobatch itself: `help`, `completion` and `schema`."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from nicobatch import manifest
from nicobatch.cli import runner
from nicobatch.language import _

_COMPLETION = _("""Print the script by which a shell completes commands, options and paths.

For bash, add to ~/.bashrc: eval "$(nicobatch completion bash)". The same goes for zsh and
~/.zshrc. For fish: nicobatch completion fish > ~/.config/fish/completions/nicobatch.fish
""")


@click.command("completion", help=_COMPLETION)
@click.argument("shell", metavar="bash|zsh|fish", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion_command(context: click.Context, shell: str) -> None:
    """Print the script by which a shell completes commands, options and paths."""
    complete = get_completion_class(shell)
    if complete:  # click knows all three
        root = context.find_root().command
        click.echo(complete(root, {}, "nicobatch", "_NICOBATCH_COMPLETE").source())


@click.command("help", help=_("Show how to use a command, as its --help does."))
@click.argument("names", metavar="[COMMAND]...", nargs=-1)
@click.pass_context
def help_command(context: click.Context, names: tuple[str, ...]) -> None:
    """Show how to use a command, as its --help does."""
    found = context.find_root()
    for name in names:
        group = found.command
        inner = group.get_command(found, name) if isinstance(group, click.Group) else None
        if inner is None:
            break
        found = inner.context_class(inner, parent=found, info_name=name)
    click.echo(found.get_help(), color=context.color)


@click.command("schema", help=_("Print the manifest's JSON Schema (draft-07)."))
@click.option("--config", is_flag=True, help=_("Print that of config.yaml."))
def schema_command(*, config: bool) -> None:
    """Print the manifest's JSON Schema, or the config's (draft-07)."""
    text = _of_config() if config else manifest.schema_text()
    runner.send(text.encode())  # UTF-8 whatever the console speaks


def _of_config() -> str:
    from nicobatch.cli import config_schema  # with every command

    return config_schema.text()
