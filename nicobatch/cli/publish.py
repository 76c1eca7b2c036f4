"""`nicobatch publish`: the main job."""

from __future__ import annotations

import contextlib
import dataclasses
import shlex
import signal
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import click
import platformdirs

from nicobatch.cli import exits, interrupts, reading, wiring
from nicobatch.cli.manners import manners
from nicobatch.cli.options import Common, common, paths
from nicobatch.errors import Stopped
from nicobatch.locks import Locks
from nicobatch.model import EventKind
from nicobatch.pipeline import Batch, Outcome, Run, State
from nicobatch.pipeline.meter import Throttle
from nicobatch.pipeline.retry import Retry
from nicobatch.reports.report import Report
from nicobatch.settings import Settings

GO_ON: Final = "stopped; everything is saved: run the same command again to go on"
_REHEARSED: Final = (
    "SANDBOX: nothing was sent to niconico; `{command}` in this folder shows the videos at {garage}"
)


@click.command("publish")
@paths()
@common
@manners
def command(
    paths: tuple[str, ...], options: Common, settings: Settings, *, account: str | None
) -> int:
    """Publish the videos of manifests, each exactly once."""
    report = options.report()
    found = reading.sound(paths, options, report)
    if found is None:
        return exits.Exit.FAILED
    if account is not None:
        found = _signed_in_as(account, found)
    with contextlib.closing(report):
        return _publish(found, options, settings, report)


def _signed_in_as(account: str, found: reading.Reading) -> reading.Reading:
    ready = (
        dataclasses.replace(each, video=dataclasses.replace(each.video, account=account))
        for each in found.ready
    )
    return dataclasses.replace(found, ready=tuple(ready))


def _publish(found: reading.Reading, options: Common, settings: Settings, report: Report) -> int:
    stop = threading.Event()
    journal = reading.journal_for(found.manifests, options)
    work = interrupts.Work[list[Outcome]](stop)
    with wiring.online(options) as site:
        run = Run(
            journal=journal,
            known_files=lambda: reading.known_files(journal, found.manifests),
            settings=settings,
            retry=Retry(settings=settings, stop=stop),
            locks=Locks("publish"),
            lock_folder=platformdirs.user_state_path("nicobatch") / "locks",
            stop=stop,
            listen=report.event,
            now=lambda: datetime.now(UTC),
            throttle=Throttle(settings.limit_rate, stop.wait) if settings.limit_rate else None,
        )
        batch = Batch(run, wiring.targets(found.accounts, site, stop))
        run.tell(EventKind.BATCH_STARTED, None, {"videos": len(found.ready)})
        outcomes = work.run(lambda: batch.publish(found.ready))
        if outcomes is None:
            report.error(Stopped(GO_ON))
            interrupts.leave(128 + (work.signal or signal.SIGINT))
    return _closing(outcomes, options, report, work.signal)


def _closing(
    outcomes: Sequence[Outcome], options: Common, report: Report, stopped_by: int | None
) -> int:
    report.outcomes(outcomes)
    if options.sandbox:
        words = _REHEARSED.format(command=_look_with(options), garage=wiring.SANDBOX_GARAGE)
        report.answer(words, {"sandbox": wiring.SANDBOX_GARAGE})
    if stopped_by is not None:
        raise Stopped(GO_ON, signal=stopped_by)
    return exits.worst(_code(outcome) for outcome in outcomes)


def _look_with(options: Common) -> str:
    """Return the command that shows what this rehearsal left behind."""
    elsewhere = options.journal and f" --state {shlex.quote(str(wiring.site_folder(options)))}"
    return f"nicobatch sandbox{elsewhere or ''}"


def _code(outcome: Outcome) -> int:
    if outcome.state is State.SKIPPED:  # for the reason that another video's code tells
        return exits.Exit.FINE
    if outcome.state is State.UNFINISHED:
        return exits.Exit.LATER
    if outcome.error:
        return exits.of_error(outcome.error)
    return exits.Exit.FAILED if outcome.state is State.REFUSED else exits.Exit.FINE
