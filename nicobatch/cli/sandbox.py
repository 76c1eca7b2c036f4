"""`nicobatch sandbox`: the imitation, for as long as one wants to look at it."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
from rich.filesize import decimal

from nicobatch.actions import access, rehearsing
from nicobatch.cli import runner
from nicobatch.cli.options import Common, LocalPath
from nicobatch.errors import Exit, Locked, UsageError
from nicobatch.language import N_, _, ngettext, pictured, reason

if TYPE_CHECKING:
    from nicobatch.sandbox import Holding

_SHOWN: Final = 9
"""Names of other people's files that are enough to see what they are."""
_MOST_ACCOUNTS: Final = 100_000
_ANY: Final = Path("any.yaml")
"""A manifest's name: all in this folder keep their receipts in one place."""
_HELP: Final = N_(
    "Serve the imitation of each site, and the pages of its owner's videos, until Ctrl-C. It keeps"
    " a whole copy of every video that is rehearsed, until --clean removes them."
)


@click.command("sandbox", help=_(_HELP))
@click.option(
    "--port",
    metavar="N",
    type=click.IntRange(0, 65535),
    default=access.SANDBOX_PORT,
    show_default=True,
    help=_("Answer at this port of 127.0.0.1; 0 takes any free one."),
)
@click.option(
    "--state",
    metavar="DIR",
    type=LocalPath(file_okay=False, path_type=Path),
    help=_("Keep what is uploaded in this folder.  [default: the one that --sandbox uses here]"),
)
@click.option(
    "--accounts",
    metavar="N",
    type=click.IntRange(0, _MOST_ACCOUNTS),
    default=0,
    help=_("Have account1 to accountN, too, and print the variables by which they sign in."),
)
@click.option("--open", "opens", is_flag=True, help=_("Open the garage page in the browser."))
@click.option("--clean", is_flag=True, help=_("Remove what it received, and serve nothing."))
@click.option(
    "--yes",
    is_flag=True,
    help=_("With --clean: ask nothing, and remove the rehearsals' receipts in this folder, too."),
)
def sandbox_command(  # noqa: PLR0913 - an argument an option
    port: int, state: Path | None, *, accounts: int, opens: bool, clean: bool, yes: bool
) -> int:
    """Serve the imitation of each site, or remove what it received."""
    folder = state or Common().own_site_folder()
    if yes and not clean:
        raise UsageError(_("--yes is for --clean alone"))
    if clean:
        if opens:
            raise UsageError(_("--clean serves nothing that --open could show"))
        return _clean(folder, yes=yes)
    copies = _copies(folder)
    with rehearsing.serving(folder, port, accounts=accounts) as url:
        stop = threading.Event()

        def serve() -> None:
            for name, value in rehearsing.sign_ins(accounts):
                click.echo(f"{name}={value}")
            page = f"{url}/garage/videos"
            click.echo(_("SANDBOX garage page: {url}/garage/videos").format(url=url), err=True)
            click.echo(_("Nothing here reaches a real site. Ctrl-C ends it."), err=True)
            if copies:
                click.echo(copies, err=True)
            if opens and not _shown(page):
                click.echo(_("No browser can be opened here: open the page yourself."), err=True)
            stop.wait()

        runner.Work[None](stop).run(serve)  # signals are heard before it says where it is
    return Exit.FINE


def _shown(page: str) -> bool:
    import webbrowser

    return webbrowser.open(page)


def _copies(folder: Path) -> str:
    """Say what the copies of earlier rehearsals take, and how to be rid of them."""
    kept = rehearsing.sandbox_module().holding(folder)
    if not kept.videos:
        return ""
    words = _(
        "It keeps whole copies of {videos} ({size}): the same command with --clean removes them."
    )
    return words.format(videos=_videos(kept), size=decimal(kept.size))


def _clean(folder: Path, *, yes: bool) -> int:
    sandbox = rehearsing.sandbox_module()
    if not (there := sandbox.holding(folder)).own:
        click.echo(_("There is nothing of the sandbox's in {folder}.").format(folder=folder))
        _forget(folder, yes=yes)
        return Exit.FINE
    if (url := sandbox.running(folder)) is not None:
        words = _("a sandbox is serving {state} at {url}: end it first")
        raise Locked(words.format(state=folder, url=url))
    try:
        if there.foreign and not (yes or _agreed(there.foreign)):
            return Exit.FAILED
        size, gone = there.size, sandbox.clean(folder)
    except sandbox.AlreadyRunning as error:
        raise Locked(str(error)) from None
    except OSError as error:
        words = _("{file} can't be removed: {reason}")
        told = words.format(file=error.filename or folder, reason=reason(error))
        raise UsageError(told, _("run it again once that is put right")) from None
    words = _("Removed {videos} ({size}) from {folder}.")
    click.echo(words.format(videos=_videos(gone), size=decimal(size), folder=folder))
    _forget(folder, yes=yes)
    return Exit.FINE


def _forget(folder: Path, *, yes: bool) -> None:
    """Remove the receipts of rehearsals beside the sandbox's folder, or say that they are there."""
    if folder != Common().site_folder():
        return
    receipts = Common(sandbox=True).receipts.paths(_ANY)
    if not receipts:
        return
    if not yes:
        words = _("What was rehearsed still counts as published: remove {folder} to rehearse anew.")
        click.echo(words.format(folder=folder.parent))
        return
    for path in receipts:
        path.unlink(missing_ok=True)
    number = len(receipts)
    words = ngettext(
        "Removed {count} receipt of a rehearsal from {folder}.",
        "Removed {count} receipts of rehearsals from {folder}.",
        number,
    )
    click.echo(words.format(count=number, folder=folder.parent))


def _videos(held: Holding) -> str:
    number = len(held.videos)
    return ngettext("{count} video", "{count} videos", number).format(count=number)


def _agreed(foreign: tuple[Path, ...]) -> bool:
    """Show what is not the sandbox's own and stays, and ask whether the rest is to go."""
    click.echo(_("This is not the sandbox's own, and stays:"), err=True)
    for path in foreign[:_SHOWN]:
        click.echo(f"    {pictured(str(path))}", err=True)
    if not sys.stdin.isatty():
        raise UsageError(
            _("what is not the sandbox's own lies in its folder, and nobody is there to be asked"),
            _("take it out of there, or run it in a terminal"),
        )
    return click.confirm(_("Remove all that the sandbox received?"), err=True)
