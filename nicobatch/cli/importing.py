"""`nicobatch import`: what an account has on a site, as manifests with their receipts."""

from __future__ import annotations

import functools
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

from nicobatch import sites
from nicobatch.actions.importing import Import, Imported
from nicobatch.cli.counting import counting
from nicobatch.cli.notifying import notify
from nicobatch.cli.options import Common, LocalPath, common
from nicobatch.errors import Exit
from nicobatch.events import ProblemFound
from nicobatch.language import N_, _
from nicobatch.manifest.rules import typed
from nicobatch.model import DEFAULT_ACCOUNT, DEFAULT_SITE, Json
from nicobatch.reports import Answered

_HELP: Final = _("""Read what an account has on a site into manifests with their receipts.

Nothing is sent. From then on, titles, tags and texts are changed in the manifests, and sent with
publish; the videos' files are not needed. Run again, it brings what is new, and says what has
changed on the site meanwhile; nothing is ever overwritten.
""")
_READ: Final = N_("new: {count}, in {files}; see `{command}`")
_NONE: Final = N_("nothing new")
_KNOWN: Final = N_("known here already: {count}")
_DELETED: Final = N_("deleted on {site}, and left out: {count}")
_LEFT: Final = N_("left out: {reason}")
_SHOWN: Final = 3
"""Files that are named."""


@click.command("import", help=_HELP)
@click.option(
    "--site",
    type=click.Choice(tuple(sites.SITES)),
    default=DEFAULT_SITE,
    show_default=True,
    help=_("Where the videos are."),
)
@click.option(
    "--account", metavar="NAME", default=DEFAULT_ACCOUNT, help=_("Whose videos they are.")
)
@click.option(
    "-o",
    "--output",
    metavar="DIR",
    type=LocalPath(file_okay=False, path_type=Path),
    help=_("Write the manifests into this folder.  [default: the site's name]"),
)
@common
@functools.partial(notify, answers=True)
def import_command(site: str, account: str, output: Path | None, options: Common) -> int:
    """Read what an account has on a site into manifests with their receipts."""
    report, folder = options.report(), output or Path(site)
    with options.online(site) as reached, counting(options) as told:
        reading = Import(
            site=reached,
            account=account,
            folder=folder,
            journal=options.receipts,
            listen=report.tell,
            told=functools.partial(told, _("reading the videos")),
        )
        found = reading.run()
    for each in found.problems:
        report.tell(ProblemFound(problem=each, at=datetime.now(UTC)))
    report.tell(Answered(_words(found, folder, site, options), _data(found)))
    return Exit.FAILED if options.strict and found.problems else Exit.FINE


def _words(found: Imported, folder: Path, site: str, options: Common) -> str:
    files = [str(each) for each in found.manifests]
    shown = ", ".join(files[:_SHOWN]) + (", …" if len(files) > _SHOWN else "")
    command = f"nicobatch plan {typed(folder)}{' --sandbox' * options.sandbox}"
    read = _(_READ).format(count=len(found.videos), files=shown or folder, command=command)
    lines = [read if found.videos else _(_NONE)]
    if found.known:
        lines.append(_(_KNOWN).format(count=found.known))
    if found.deleted:
        lines.append(_(_DELETED).format(count=found.deleted, site=sites.site(site).label))
    lines += [_(_LEFT).format(reason=each) for each in found.left_out]
    return "\n".join(lines)


def _data(found: Imported) -> dict[str, Json]:
    return {
        "manifests": [str(each) for each in found.manifests],
        "videos": found.videos,
        "known": found.known,
        "deleted": found.deleted,
        "left_out": found.left_out,
        "differs": len(found.problems),
    }
