"""How many bytes have left, and how fast they may."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from nicobatch.errors import Stopped
from nicobatch.events import Event, Progress

Emit = Callable[[Event], None]
"""Passes on what happens to a video."""
Sleep = Callable[[float], bool]
"""Waits some seconds, or until the run is to stop; returns whether it is."""


@dataclass(slots=True)
class Throttle:
    """Holds all uploads of a run together under a rate."""

    rate: float
    """Bytes a second."""
    sleep: Sleep
    clock: Callable[[], float] = time.monotonic
    _free_at: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, size: int) -> None:
        """Wait until `size` more bytes may leave; raise Stopped when the run is to stop."""
        with self._lock:
            now = self.clock()
            start = max(self._free_at, now)
            self._free_at = start + size / self.rate
        if start > now and self.sleep(start - now):
            raise Stopped


@dataclass(slots=True)
class Meter:
    """Counts the file's bytes as they leave; it goes back when a part has to be sent again."""

    emit: Emit
    total: int
    throttle: Throttle | None = None
    sent: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, sent: int) -> None:
        """Start from the bytes that earlier runs have sent."""
        self.sent = sent
        self(0)

    def __call__(self, size: int) -> None:
        """Count `size` more bytes, once they may leave."""
        if self.throttle and size > 0:
            self.throttle.take(size)
        with self._lock:
            self.sent += size
            self.emit(Progress(sent=self.sent, total=self.total))
