"""What is waited for outside of a batch: the site's answer, and the lock of another run."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeVar

import platformdirs

from nicobatch.errors import Again, Locked
from nicobatch.events import Event
from nicobatch.locks import TTL, Lease, Locks
from nicobatch.pipeline.locking import Place
from nicobatch.pipeline.meter import Sleep
from nicobatch.pipeline.retry import Retry, told
from nicobatch.settings import Settings

_T = TypeVar("_T")
_BRIEFLY: Final = Settings(retry_attempts=4, retry_max_wait=4, busy_timeout=30)
"""Somebody sits and waits for the answer."""
UNTIL_IT_SHOWS: Final = Settings(
    poll_interval=TTL / 24, retry_max_wait=TTL / 12, busy_timeout=2 * TTL
)
"""Either there is a beat within a quarter of TTL, or the lock ends with TTL."""


class _Lives(Exception):
    """The holder is there, and nobody is to wait for it."""

    def __init__(self, locked: Locked) -> None:
        super().__init__()
        self.locked = locked


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Takes locks; of a holder that shows no life, `waiting` is told at each look."""

    locks: Locks
    stop: threading.Event = field(default_factory=threading.Event)
    waiting: Callable[[Again, float], None]
    sleep: Sleep | None = None

    def __call__(self, place: Place) -> Lease:
        """Take the lock; raise Locked where its holder lives, and Stopped where `stop` is set.

        A machine that lost its power, or a container that was killed, leaves locks of which nobody
        can tell, from within the next one, that their holder is gone.
        """

        def take() -> Lease:
            try:
                return self.locks.acquire(place.path, place.name)
            except Locked as error:
                if error.lives:
                    raise _Lives(error) from None
                raise

        try:
            return Retry(settings=UNTIL_IT_SHOWS, stop=self.stop, sleep=self.sleep)(
                take, self.waiting
            )
        except _Lives as end:
            raise end.locked from None


def telling(listen: Callable[[Event], None], video: str) -> Callable[[Again, float], None]:
    """Return what tells of each look as of a happening of the video."""
    return told(lambda event: listen(replace(event, at=datetime.now(UTC), video=video)))


def asked(call: Callable[[], _T], stop: threading.Event | None = None) -> _T:
    """Return what the call returns; raise the last of its errors, as the one retry loop has it."""
    return Retry(settings=_BRIEFLY, stop=stop or threading.Event())(call, _in_silence)


def lock_folder() -> Path:
    """Return where the runs of this machine's user meet, whatever folders they publish from."""
    return platformdirs.user_state_path("nicobatch") / "locks"


def _in_silence(error: Again, seconds: float) -> None:
    """Say nothing: the pauses are short."""
