"""Follows a broadcast's comments as they are written, through whatever happens on the way."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from nicobatch.errors import Again, Passing, SiteRefuses, Stopped, UsageError
from nicobatch.livetube.client import Livetube
from nicobatch.livetube.comments import Comment, Reading
from nicobatch.pipeline.meter import Sleep
from nicobatch.pipeline.retry import Retry
from nicobatch.settings import Settings

LEAST: Final = 3.0
"""Seconds between two questions where the first was answered with nothing, and was not held."""
_SETTINGS: Final = Settings(retry_attempts=100)


@dataclass(frozen=True, slots=True)
class BanChanged:
    """A comment that was given before is banned now, or no more."""

    number: int
    banned: bool


def _in_silence(error: Again, seconds: float) -> None:
    """Have no use for it."""


def follow(  # noqa: PLR0913 - what is waited by and told of
    livetube: Livetube,
    stream: str,
    after: int = 0,
    *,
    waiting: Callable[[Again, float], None] = _in_silence,
    sleep: Sleep | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Comment | BanChanged]:
    """Yield each comment after that number once, as it is written, until the client's `stop`.

    Faults, restarts of the site and the end of the broadcast are waited out, and `waiting` is told
    of each with the pause in seconds. Raise UsageError or SiteRefuses where the very first answer
    comes to that, Later where the site asks for a pause of hours.
    """
    sleep = sleep or livetube.stop.wait
    retry = Retry(settings=_SETTINGS, stop=livetube.stop, sleep=sleep)
    given = _Given(after, after)
    is_known = False

    def ask() -> Reading:
        try:
            return livetube.wait(stream, given.last)
        except (SiteRefuses, UsageError) as error:
            if not is_known:
                raise
            raise Passing(error.message) from None

    while not livetube.stop.is_set():
        begun = clock()
        try:
            reading = retry(ask, waiting)
        except Stopped:
            return
        except Passing:  # the pauses begin anew, and are short again
            continue
        is_known, last = True, given.last
        yield from given.news(reading)
        if given.last == last and (early := LEAST - (clock() - begun)) > 0:
            sleep(early)


@dataclass(slots=True)
class _Given:
    """Which comments were given, and which of all are banned."""

    after: int
    last: int
    banned: frozenset[int] = frozenset()

    def news(self, reading: Reading) -> Iterator[Comment | BanChanged]:
        """Yield what is new in a reading: bans of what was given, and comments that were not."""
        banned = reading.marks.banned if reading.marks else self.banned
        for number in sorted(banned ^ self.banned):
            if self.after < number <= self.last:
                yield BanChanged(number, number in banned)
        self.banned = banned
        for comment in reading.comments:
            if comment.number > self.last:
                self.last = comment.number
                yield comment
