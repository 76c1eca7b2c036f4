"""`nicobatch publish`: the main job, and how patient and how thorough it is."""

from __future__ import annotations

import contextlib
import shlex
import signal
from collections.abc import Iterable
from typing import Final

import click

from nicobatch import installation, sites
from nicobatch.actions import access, publishing
from nicobatch.actions.publishing import Plans, Publication
from nicobatch.cli import plan, runner
from nicobatch.cli.ci import ci
from nicobatch.cli.notifying import notify
from nicobatch.cli.options import Common, all_or_nothing, common, paths
from nicobatch.cli.retrying import retry_options
from nicobatch.errors import Exit, Stopped, worst_code
from nicobatch.language import N_, _
from nicobatch.pipeline.outcome import Outcome
from nicobatch.reports import Answered, BatchDone, CommandEnded, Report
from nicobatch.settings import Settings

GO_ON: Final = N_("stopped; everything is saved: run the same command again to go on")
_REHEARSED: Final = N_(
    "SANDBOX: nothing was sent to {sites}; `{command}` in this folder shows the videos at {garage}"
)


@click.command("publish", help=_("Publish the videos of manifests, each exactly once."))
@paths()
@common
@ci
@notify
@retry_options
@all_or_nothing
@click.option("--dry-run", is_flag=True, help=_("Do what `plan` does, and publish nothing."))
def publish_command(  # noqa: PLR0913 - an argument an option
    paths: tuple[str, ...],
    options: Common,
    settings: Settings,
    *,
    account: str | None,
    limit: int | None,
    all_or_nothing: bool,
    dry_run: bool,
) -> int:
    """Publish the videos of manifests, each exactly once."""
    report = options.report()
    found = plan.sound(paths, options, report, all_or_nothing=all_or_nothing)
    if found is None:
        return Exit.FAILED
    if account is not None:
        found = found.signed_in_as(account)
    plans = Plans(found, (), {})
    if dry_run or limit:
        planned = publishing.planned(found, options, wait=settings.wait, space=settings.space)
        plans = planned.limited(limit)
    if dry_run:
        return plan.told(plans, report)
    with contextlib.closing(report):
        return _publish(plans, options, settings, report)


def _publish(plans: Plans, options: Common, settings: Settings, report: Report) -> int:
    """Publish what was checked, by the plans as far as there are any; return the exit code."""
    found = plans.checked
    publication = Publication(
        checked=found,
        access=options,
        settings=settings,
        site=options.online,
        plans=plans.videos,
    )
    work = runner.Work[list[Outcome]](publication.stopping)
    outcomes = work.run(lambda: publication.run(report.tell))
    if outcomes is None:
        report.tell(CommandEnded(Stopped(_(GO_ON))))
        runner.leave(128 + (work.signal or signal.SIGINT))
    report.tell(BatchDone(outcomes))
    plan.tell_left(plans, report)
    left_out = plan.tell_left_out(found, report)
    tell_rehearsed(options, report, (owner.site for owner in found.owners))
    if work.signal is not None:
        raise Stopped(_(GO_ON), signal=work.signal)
    return worst_code([left_out, *(outcome.exit_code for outcome in outcomes)])


def tell_rehearsed(options: Common, report: Report, names: Iterable[str]) -> None:
    """Say, where it was a rehearsal, that it was one, and how to look at what it has brought."""
    if options.sandbox:
        labels = ", ".join(sites.site(name).label for name in dict.fromkeys(names))
        words = _(_REHEARSED).format(
            sites=labels, command=_look_with(options), garage=access.SANDBOX_GARAGE
        )
        report.tell(Answered(words, {"sandbox": access.SANDBOX_GARAGE}))


def _look_with(options: Common) -> str:
    """Return the command that shows what this rehearsal left behind."""
    elsewhere = options.journal and f" --state {shlex.quote(str(options.site_folder()))}"
    return f"{installation.command()} sandbox{elsewhere or ''}"
