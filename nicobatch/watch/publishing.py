"""Who publishes what: each account one job at a time, in the order in which units came."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from nicobatch.model import Json
from nicobatch.pipeline import CheckedVideo
from nicobatch.watch.lanes import Lanes
from nicobatch.watch.pauses import Pauses
from nicobatch.watch.unit import Unit


class Ending(StrEnum):
    """What became of a job, or of a unit: of several, the later one in this list."""

    DONE = "done"
    HOPELESS = "hopeless"
    """Nothing helps but to change the files."""
    LATER = "later"
    """Nothing is wrong, and a later try may come to the end."""
    FAILED = "failed"
    """A later try may succeed."""
    BLOCKED = "blocked"
    """The account can't publish anything at present."""
    STALE = "stale"
    """Its files have changed since they were read, and are going to be read anew."""
    STOPPED = "stopped"


_ORDER = list(Ending)


@dataclass(frozen=True, slots=True)
class Job:
    """That part of a unit which is one account's."""

    unit: Unit
    account: str
    videos: tuple[CheckedVideo, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How a job ended, and why."""

    ending: Ending
    message: str = ""
    hint: str = ""
    code: int = 0
    """The exit code that tells of it."""
    videos: tuple[Mapping[str, Json], ...] = ()
    """What became of each, ready for JSON."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A unit none of whose jobs is left, and the result of each."""

    unit: Unit
    results: tuple[Result, ...]

    @property
    def worst(self) -> Result:
        """Return the result that stands for the whole unit."""
        ends = sorted(self.results, key=lambda each: _ORDER.index(each.ending))
        return ends[-1] if ends else Result(ending=Ending.DONE)

    @property
    def videos(self) -> list[Json]:
        """Return what became of each video, ready for JSON."""
        return [dict(video) for result in self.results for video in result.videos]


@dataclass(frozen=True, slots=True)
class Blocked:
    """An account that can't publish: its jobs keep their places and wait."""

    job: Job
    result: Result


@dataclass(slots=True)
class _Task:
    """A job among those of its unit."""

    job: Job
    results: list[Result]
    """Of all jobs of the unit, as they end."""
    expected: int


@dataclass(slots=True)
class Publishing:
    """Has units published; everything but the publishing itself is for one thread, the loop's."""

    publish: Callable[[Job], Result]
    """Called by an account's thread; never raises what is to be expected."""
    pauses: Pauses
    wake: threading.Event
    patient: bool = True
    """Whether a blocked account is waited for; else its jobs end with it."""
    clock: Callable[[], float] = time.monotonic
    _lanes: Lanes[_Task] = field(init=False)
    _ended: queue.SimpleQueue[tuple[_Task, Result]] = field(default_factory=queue.SimpleQueue)

    def __post_init__(self) -> None:
        self._lanes = Lanes(self._work, pauses=self.pauses, wake=self.wake, clock=self.clock)

    def add(self, unit: Unit) -> None:
        """Queue the unit behind all others of its accounts."""
        accounts = dict.fromkeys(each.video.account for each in unit.ready)
        results: list[Result] = []
        for account in accounts:
            videos = tuple(each for each in unit.ready if each.video.account == account)
            self._lanes.add(account, _Task(Job(unit, account, videos), results, len(accounts)))

    def tend(self) -> Iterator[Finished | Blocked]:
        """Have the accounts go on that can, and yield what has happened since the last time."""
        self._lanes.tend()
        while not self._ended.empty():
            task, result = self._ended.get()
            if result.ending is not Ending.BLOCKED:
                yield from self._note(task, result)
            elif self.patient:
                yield Blocked(task.job, result)
            else:
                for each in self._lanes.take_back(task.job.account):
                    yield from self._note(each, result)

    @property
    def waiting(self) -> int:
        """How many jobs have not ended, or have not been told to have."""
        return self._lanes.waiting + self._ended.qsize()  # in this order: none slips through

    @property
    def due(self) -> float | None:
        """When a blocked account is to be tried again, by the clock."""
        return self._lanes.due

    def stop(self, *, wait: bool) -> None:
        """Begin nothing more; `wait` until what is under way has ended."""
        self._lanes.stop(wait=wait)

    def _note(self, task: _Task, result: Result) -> Iterator[Finished]:
        task.results.append(result)
        if len(task.results) == task.expected:
            yield Finished(task.job.unit, tuple(task.results))

    def _work(self, task: _Task) -> bool:
        """Tell whether the job is done with; a blocked one keeps its place."""
        current = task.job.unit.is_current()
        result = self.publish(task.job) if current else Result(ending=Ending.STALE)
        self._ended.put((task, result))
        return result.ending is not Ending.BLOCKED
