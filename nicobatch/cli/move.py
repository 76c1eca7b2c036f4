"""`nicobatch move`: another name for a manifest or a video, with its receipts."""

from __future__ import annotations

from typing import Final

import click

from nicobatch.actions.moving import Renaming
from nicobatch.cli.completing import offered
from nicobatch.cli.options import Common, LocalPath, common
from nicobatch.errors import Exit
from nicobatch.language import _
from nicobatch.reports import Answered

_HELP: Final = _("""Rename a manifest, or a video's id, and its receipts with it; sends nothing.

OLD and NEW are two manifests of one folder, or MANIFEST#OLD and MANIFEST#NEW. Of a video, the id in
the manifest becomes the new one, in place. What was renamed by hand already has only its receipts
moved. Where a move was cut short, running it again brings it to its end.
""")


@click.command("move", help=_HELP)
@click.argument("old", metavar="OLD", type=LocalPath(), shell_complete=offered)
@click.argument("new", metavar="NEW", type=LocalPath(), shell_complete=offered)
@common
def move_command(old: str, new: str, options: Common) -> int:
    """Rename a manifest, or a video's id, and its receipts with it; sends nothing."""
    report = options.report()
    report.tell(Answered(*Renaming.of(old, new, options).carry_out(report.tell)))
    return Exit.FINE
