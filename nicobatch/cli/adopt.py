"""`nicobatch adopt`: the receipt of a video that is already there."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import click

from nicobatch.actions import adopting, checking
from nicobatch.actions.naming import named
from nicobatch.cli.completing import offered
from nicobatch.cli.options import Common, common, of_sites
from nicobatch.errors import Exit
from nicobatch.language import _
from nicobatch.reports import Answered, ManifestsChecked

_HELP: Final = _("""Write the receipt of a video that is on the site already.

ID is sm39130867, BV11t7hBMqW7, or the address of its page. Nothing is sent: where the title, the
description or the visibility there are other ones, the next publish changes them. With an
upload that was only just begun there, the next publish goes on.
""")


@click.command("adopt", help=_HELP)
@click.argument("video_id", metavar="ID")
@click.argument(
    "video", metavar="MANIFEST[#VIDEO[@SITE]]", type=click.Path(), shell_complete=offered
)
@click.option(
    "--account", metavar="NAME", help=_("Sign in as this account, whatever the manifest says.")
)
@of_sites
@common
def adopt_command(video_id: str, video: str, account: str | None, options: Common) -> int:
    """Write the receipt of a video that is on the site already."""
    name = named(video)
    report = options.report()
    found = checking.read([video], options)
    ready = adopting.meant(video_id, name, found)
    if ready is None:
        report.tell(ManifestsChecked(found.problems, found.manifests))
        return Exit.FAILED
    if account is not None:
        ready = replace(ready, video=replace(ready.video, account=account))
    with options.online() as site:
        journal = checking.journal_for(found, options)
        words, data = adopting.adopt(video_id, ready, journal, site, report.tell)
    report.tell(Answered(words, data))
    return Exit.FINE
