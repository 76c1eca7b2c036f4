"""`nicobatch completion`: what a shell has to read to complete commands, options and paths."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from nicobatch.language import _

_HELP = _("""Print the script by which a shell completes commands, options and paths.

For bash, add to ~/.bashrc: eval "$(nicobatch completion bash)". The same goes for zsh and
~/.zshrc. For fish: nicobatch completion fish > ~/.config/fish/completions/nicobatch.fish
""")


@click.command("completion", help=_HELP)
@click.argument("shell", metavar="bash|zsh|fish", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(context: click.Context, shell: str) -> None:
    """Print the script by which a shell completes commands, options and paths."""
    complete = get_completion_class(shell)
    if complete:  # click knows all three
        root = context.find_root().command
        click.echo(complete(root, {}, "nicobatch", "_NICOBATCH_COMPLETE").source())
