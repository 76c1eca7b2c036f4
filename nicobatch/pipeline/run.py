"""What all videos of a run share."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from nicobatch.events import Event
from nicobatch.journal import Journal
from nicobatch.locks import Locks
from nicobatch.pipeline.meter import Throttle
from nicobatch.pipeline.retry import Retry
from nicobatch.plan import KnownFiles
from nicobatch.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """The surroundings of a run; what happens is told to `listen`, which threads may call."""

    journal: Journal
    known_files: Callable[[], KnownFiles]
    """Reads what was published before, as the journal has it now."""
    settings: Settings
    retry: Retry
    locks: Locks
    lock_folder: Path
    """Where this machine's runs of an account meet, whatever folders they publish from."""
    stop: threading.Event
    listen: Callable[[Event], None]
    now: Callable[[], datetime]
    throttle: Throttle | None = None
    failed: threading.Event = field(default_factory=threading.Event)
    """Set by the first failure where that is to end the run."""

    def tell(self, event: Event, video: str | None = None) -> None:
        """Let the listener know of what happens now, to the video of this key if to one."""
        self.listen(replace(event, at=self.now(), video=video))
