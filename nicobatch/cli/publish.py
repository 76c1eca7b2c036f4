"""`nicobatch publish`: the main job."""

from __future__ import annotations

import contextlib
import shlex
import signal
from collections.abc import Sequence
from typing import Final

import click

from nicobatch import installation
from nicobatch.actions import access
from nicobatch.actions.checking import Checked
from nicobatch.actions.publishing import Publication
from nicobatch.cli import check, interrupts
from nicobatch.cli.ci import ci
from nicobatch.cli.options import Common, all_or_nothing, common, paths
from nicobatch.cli.run_options import retry_options
from nicobatch.errors import Exit, Stopped, worst_code
from nicobatch.language import N_, _
from nicobatch.pipeline import Outcome
from nicobatch.reports.report import Report
from nicobatch.settings import Settings

GO_ON: Final = N_("stopped; everything is saved: run the same command again to go on")
_REHEARSED: Final = N_(
    "SANDBOX: nothing was sent to niconico; `{command}` in this folder shows the videos at {garage}"
)


@click.command("publish", help=_("Publish the videos of manifests, each exactly once."))
@paths()
@common
@ci
@retry_options
@all_or_nothing
def command(
    paths: tuple[str, ...],
    options: Common,
    settings: Settings,
    *,
    account: str | None,
    all_or_nothing: bool,
) -> int:
    """Publish the videos of manifests, each exactly once."""
    report = options.report()
    found = check.sound(paths, options, report, all_or_nothing=all_or_nothing)
    if found is None:
        return Exit.FAILED
    if account is not None:
        found = found.signed_in_as(account)
    with contextlib.closing(report):
        return _publish(found, options, settings, report)


def _publish(found: Checked, options: Common, settings: Settings, report: Report) -> int:
    publication = Publication(checked=found, access=options, settings=settings, site=options.online)
    work = interrupts.Work[list[Outcome]](publication.stopping)
    outcomes = work.run(lambda: publication.run(report.event))
    if outcomes is None:
        report.error(Stopped(_(GO_ON)))
        interrupts.leave(128 + (work.signal or signal.SIGINT))
    report.outcomes(outcomes)
    left_out = check.tell_left_out(found, report)
    return worst_code([left_out, _closing(outcomes, options, report, work.signal)])


def _closing(
    outcomes: Sequence[Outcome], options: Common, report: Report, stopped_by: int | None
) -> int:
    tell_rehearsed(options, report)
    if stopped_by is not None:
        raise Stopped(_(GO_ON), signal=stopped_by)
    return worst_code(outcome.exit_code for outcome in outcomes)


def tell_rehearsed(options: Common, report: Report) -> None:
    """Say, where it was a rehearsal, that it was one, and how to look at what it has brought."""
    if options.sandbox:
        words = _(_REHEARSED).format(command=_look_with(options), garage=access.SANDBOX_GARAGE)
        report.answer(words, {"sandbox": access.SANDBOX_GARAGE})


def _look_with(options: Common) -> str:
    """Return the command that shows what this rehearsal left behind."""
    elsewhere = options.journal and f" --state {shlex.quote(str(options.site_folder()))}"
    return f"{installation.command()} sandbox{elsewhere or ''}"
