"""What `publish` and `watch` share: a run's surroundings, on this machine and at this hour."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import platformdirs

from nicobatch.events import Event
from nicobatch.journal import Journal
from nicobatch.locks import Locks
from nicobatch.pipeline import Run
from nicobatch.pipeline.meter import Throttle
from nicobatch.pipeline.retry import Retry
from nicobatch.plan import KnownFiles
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
