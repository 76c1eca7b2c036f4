"""`nicobatch delete`: take own videos off niconico, for ever."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Final

import click

from nicobatch.actions import deleting
from nicobatch.actions.deleting import Candidate, Deletion
from nicobatch.cli.completing import offered
from nicobatch.cli.options import Common, common, of_sites
from nicobatch.errors import Exit, UsageError, VideoFailed, worst_code
from nicobatch.language import N_, _
from nicobatch.model import Json
from nicobatch.reports import Answered, CommandEnded, Report

_NOBODY: Final = N_("nobody can be asked whether to delete them")
_NOBODY_HINT: Final = N_("run it in a terminal, or say --yes")
_TO_GO: Final = N_("to be deleted from niconico, where {who} posted them:")
_QUESTION: Final = N_(
    "Delete for ever? niconico can't bring them back, nor their comments and views"
)
_STATES: Final = {
    "deleted": N_("{id} is deleted; {afterwards}"),
    "gone": N_("{id} is not there any more; {afterwards}"),
    "kept": N_("{id} stays as it is"),
}
_TOMBSTONE: Final = N_(
    "publish leaves {video} alone from now on: to publish it again, remove {path}"
)
_NO_RECEIPT: Final = N_("no receipt here names it")


_HELP: Final = _("""Delete videos of yours from niconico. It can't be undone.

VIDEO is sm39130867, the address of its page, MANIFEST#VIDEO, MANIFEST#VIDEO@SITE, or MANIFEST
for all of its videos that have receipts. Their receipts keep that they were deleted, so that
publish does not bring them back.
""")


@click.command("delete", help=_HELP)
@click.argument(
    "videos",
    metavar="VIDEO...",
    nargs=-1,
    required=True,
    type=click.Path(),
    shell_complete=offered,
)
@click.option("--yes", is_flag=True, help=_("Delete without asking."))
@click.option(
    "--account",
    metavar="NAME",
    help=_("Sign in as this account.  [default: the receipt's, or main]"),
)
@of_sites
@common
def delete_command(
    videos: tuple[str, ...], account: str | None, options: Common, *, yes: bool
) -> int:
    """Delete videos of yours from niconico. It can't be undone."""
    if not yes and not sys.stdin.isatty():
        raise UsageError(_(_NOBODY), _(_NOBODY_HINT))
    report = options.report()
    with (
        options.online() as site,
        deleting.deletions(videos, options.receipts, site, account, report.tell) as deletions,
    ):
        if not yes and not _agreed([each.candidate for each in deletions if each.candidate.there]):
            return _kept(deletions, report)
        return worst_code([_carried_out(each, report) for each in deletions])


def _agreed(candidates: Sequence[Candidate]) -> bool:
    """Show what is to be deleted, and ask once; there is no need where nothing is left of it."""
    if not candidates:
        return True
    for who in dict.fromkeys(each.who for each in candidates):
        click.echo(_(_TO_GO).format(who=who), err=True)
        for each in candidates:
            if each.who == who:
                click.echo(f"    {_line(each)}", err=True)
    return click.confirm(_(_QUESTION), err=True)


def _line(candidate: Candidate) -> str:
    views = "" if candidate.views is None else _("{views} views").format(views=candidate.views)
    unlisted = "" if candidate.listed else _("not listed: a draft, or unfinished")
    parts = (candidate.remote.video_id, candidate.title, views, unlisted, candidate.remote.url)
    return "  ".join(filter(None, parts))


def _kept(deletions: Sequence[Deletion], report: Report) -> int:
    for each in deletions:
        if each.candidate.there:
            each.withdraw()
            _tell(each.candidate, "kept", report)
    return Exit.FINE


def _carried_out(deletion: Deletion, report: Report) -> int:
    """Delete one video, and tell; what ails it alone does not keep the others."""
    candidate = deletion.candidate
    try:
        deletion.carry_out()
    except VideoFailed as error:
        report.tell(CommandEnded(error))
        return error.exit_code
    _tell(candidate, "deleted" if candidate.there else "gone", report)
    return Exit.FINE


def _tell(candidate: Candidate, state: str, report: Report) -> None:
    held, remote = candidate.held, candidate.remote
    afterwards = _(_NO_RECEIPT)
    if held:
        afterwards = _(_TOMBSTONE).format(video=held.video.key, path=held.path)
    data: dict[str, Json] = {
        "id": remote.video_id,
        "title": candidate.title,
        "url": remote.url,
        "account": candidate.owner.account,
        "state": state,
        "video": held.video.key if held else None,
        "receipt": str(held.path) if held else None,
    }
    words = _(_STATES[state]).format(id=remote.video_id, afterwards=afterwards)
    report.tell(Answered(words, data))
