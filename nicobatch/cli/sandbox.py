"""`nicobatch sandbox`: the imitation, for as long as one wants to look at it."""

from __future__ import annotations

import threading
from pathlib import Path

import click

from nicobatch.cli import interrupts, wiring
from nicobatch.cli.exits import Exit
from nicobatch.cli.options import Common
from nicobatch.language import _


@click.command(
    "sandbox", help=_("Serve the imitation of niconico and its garage page until Ctrl-C.")
)
@click.option(
    "--port",
    metavar="N",
    type=click.IntRange(0, 65535),
    default=wiring.SANDBOX_PORT,
    show_default=True,
    help=_("Answer at this port of 127.0.0.1; 0 takes any free one."),
)
@click.option(
    "--state",
    type=click.Path(file_okay=False, path_type=Path),
    help=_("Keep what is uploaded in this folder.  [default: the one that --sandbox uses here]"),
)
def command(port: int, state: Path | None) -> int:
    """Serve the imitation of niconico and its garage page until Ctrl-C."""
    stop = threading.Event()
    with wiring.serving(state or wiring.site_folder(Common()), port) as url:
        click.echo(_("SANDBOX garage page: {url}/garage/videos").format(url=url), err=True)
        click.echo(_("Nothing here reaches niconico. Ctrl-C ends it."), err=True)
        interrupts.Work[bool](stop).run(stop.wait)
    return Exit.FINE
