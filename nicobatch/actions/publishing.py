"""Planning and publishing: what a run does, and its surroundings on this machine."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import platformdirs

from nicobatch.actions.access import Access
from nicobatch.actions.checking import Checked, journal_for, known_files
from nicobatch.errors import NicobatchError
from nicobatch.events import Event
from nicobatch.journal import Journal
from nicobatch.locks import Locks
from nicobatch.pipeline import Reader, Ready, Run, decide
from nicobatch.pipeline.meter import Throttle
from nicobatch.pipeline.retry import Retry
from nicobatch.plan import KnownFiles, Plan, Verdict
from nicobatch.settings import Settings


def run_with(  # noqa: PLR0913 - what a run needs of its command
    journal: Journal,
    known_files: Callable[[], KnownFiles],
    *,
    settings: Settings,
    locks: Locks,
    stop: threading.Event,
    listen: Callable[[Event], None],
) -> Run:
    """Return a run that obeys the settings and ends once `stop` is set."""
    return Run(
        journal=journal,
        known_files=known_files,
        settings=settings,
        retry=Retry(settings=settings, stop=stop),
        locks=locks,
        lock_folder=lock_folder(),
        stop=stop,
        listen=listen,
        now=lambda: datetime.now(UTC),
        throttle=Throttle(settings.limit_rate, stop.wait) if settings.limit_rate else None,
    )


def lock_folder() -> Path:
    """Return where the runs of this machine's user meet, whatever folders they publish from."""
    return platformdirs.user_state_path("nicobatch") / "locks"


def planned(found: Checked, access: Access, *, wait: bool = True) -> list[Plan]:
    """Decide about every video as `publish` will; one that can't be decided about is refused."""
    journal = journal_for(found.manifests, access)
    known = known_files(journal, found.manifests)
    targets = access.site().targets(found.accounts, threading.Event())

    identified = Reader()

    def plan(ready: Ready) -> Plan:
        target = targets[ready.video.account]
        try:
            return decide(ready, identified(ready), target, journal, known, wait=wait).plan
        except NicobatchError as error:
            return Plan(
                video=ready.video.key,
                verdict=Verdict.REFUSE,
                reasons=(str(error),),
                hint=error.hint,
            )

    return [plan(ready) for ready in found.ready]
