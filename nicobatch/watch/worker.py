"""Who publishes what: each account one turn at a time, in the order in which turns came."""

from __future__ import annotations

import queue
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final, Generic, TypeVar

from nicobatch.model import Json
from nicobatch.pipeline import CheckedVideo
from nicobatch.watch.judging import Job
from nicobatch.watch.move_plan import NotMoved

_SPREAD: Final = 0.1
"""The part of a pause by which it may be shorter or longer."""
_DOUBLINGS: Final = 64
"""Beyond them every pause has reached its cap; a year of failures would overflow."""


@dataclass(frozen=True, slots=True)
class Pauses:
    """Growing pauses in seconds: `base` after the first failure, doubled up to `cap`, +-10 %."""

    base: float
    cap: float
    jitter: Callable[[], float] = random.random
    """Gives numbers from 0 to 1."""

    def after(self, failures: int) -> float:
        """Return the pause after so many failures in a row, 1 or more."""
        pause = min(self.cap, self.base * 2.0 ** min(failures - 1, _DOUBLINGS))
        return pause * (1 - _SPREAD + 2 * _SPREAD * self.jitter())


_T = TypeVar("_T")


@dataclass(slots=True)
class _Lane(Generic[_T]):
    tasks: deque[_T] = field(default_factory=deque)
    thread: threading.Thread | None = None
    refusals: int = 0
    """How often in a row its first task could not be done."""
    until: float = 0.0
    """When the lane may go on."""


class Worker(Generic[_T]):
    """Threads that each work a lane off, and are gone once there is nothing to do in it.

    `work` tells whether the task is done with; else it stays the first of its lane, which pauses.
    """

    def __init__(
        self,
        work: Callable[[_T], bool],
        *,
        pauses: Pauses,
        wake: threading.Event,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`wake` is set whenever there is something to tend."""
        self._work, self._pauses, self._wake, self._clock = work, pauses, wake, clock
        self._lanes: dict[str, _Lane[_T]] = {}
        self._crash: BaseException | None = None
        self._stopped = False
        self._lock = threading.Lock()

    def add(self, name: str, task: _T) -> None:
        """Put the task at the end of the lane; `tend` has it begun."""
        with self._lock:
            self._lanes.setdefault(name, _Lane()).tasks.append(task)

    def tend(self) -> None:
        """Have every lane go on that can; raise what a task has raised, which is a bug."""
        with self._lock:
            if self._crash:
                raise self._crash
            self._lanes = {name: each for name, each in self._lanes.items() if each.tasks}
            for name, lane in self._lanes.items():
                if not self._stopped and lane.thread is None and lane.until <= self._clock():
                    lane.thread = threading.Thread(
                        target=self._run, args=(lane,), name=f"nicobatch-{name}", daemon=True
                    )
                    lane.thread.start()

    def take_back(self, name: str) -> list[_T]:
        """Return what is yet to be done in a lane that pauses, and is not to be done any more."""
        with self._lock:
            return list(self._lanes.pop(name, _Lane()).tasks)

    @property
    def waiting(self) -> int:
        """How many tasks are not done with, those under way included."""
        with self._lock:
            return sum(len(lane.tasks) for lane in self._lanes.values())

    @property
    def due(self) -> float | None:
        """When the first of the pausing lanes goes on, by the clock."""
        with self._lock:
            pausing = [
                lane.until for lane in self._lanes.values() if lane.tasks and lane.thread is None
            ]
        return min(pausing, default=None)

    def stop(self, *, wait: bool) -> None:
        """Begin nothing more; `wait` until what is under way has ended."""
        with self._lock:
            self._stopped = True
            threads = [lane.thread for lane in self._lanes.values() if lane.thread]
        for thread in threads if wait else ():
            thread.join()

    def _run(self, lane: _Lane[_T]) -> None:
        try:
            while (task := self._first(lane)) is not None:
                self._settle(lane, is_done=self._work(task))
        except BaseException as error:  # noqa: BLE001 - raised again by whoever tends
            with self._lock:
                self._crash, lane.thread = error, None
        self._wake.set()

    def _first(self, lane: _Lane[_T]) -> _T | None:
        with self._lock:
            if lane.tasks and not self._stopped and lane.until <= self._clock():
                return lane.tasks[0]
            lane.thread = None
            return None

    def _settle(self, lane: _Lane[_T], *, is_done: bool) -> None:
        with self._lock:
            if is_done:
                lane.tasks.popleft()
                lane.refusals, lane.until = 0, 0.0
            else:
                lane.refusals += 1
                lane.until = self._clock() + self._pauses.after(lane.refusals)
        self._wake.set()


class Ending(StrEnum):
    """What became of a turn, or of a job: of several, the later one in this list."""

    DONE = "done"
    PERMANENT = "hopeless"
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


@dataclass(frozen=True, slots=True)
class Turn:
    """That part of a job which is one account's."""

    job: Job
    account: str
    videos: tuple[CheckedVideo, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How a turn ended, and why."""

    ending: Ending
    message: str = ""
    hint: str = ""
    code: int = 0
    """The exit code that tells of it."""
    videos: tuple[Mapping[str, Json], ...] = ()
    """What became of each, ready for JSON."""


_FINE: Final = Result(ending=Ending.DONE)


@dataclass(frozen=True, slots=True)
class Finished:
    """A job none of whose turns is left, and the result of each."""

    job: Job
    results: tuple[Result, ...]

    @property
    def worst(self) -> Result:
        """Return the result that stands for the whole job."""
        order = list(Ending)
        ends = reversed(self.results)  # of several that are as bad, the last
        return max(ends, key=lambda each: order.index(each.ending), default=_FINE)

    @property
    def videos(self) -> list[Json]:
        """Return what became of each video, ready for JSON."""
        return [dict(video) for result in self.results for video in result.videos]


@dataclass(frozen=True, slots=True)
class Blocked:
    """An account that can't publish: its turns keep their places and wait."""

    turn: Turn
    result: Result


@dataclass(frozen=True, slots=True)
class Moved:
    """A job that lies elsewhere now; or that could not be moved, and lies where it was."""

    job: Job | None
    """None where it was an earlier run that had begun to move it."""
    place: Path | None = None
    error: NotMoved | None = None
    kept: Collection[Path] = ()
    """Those of its files that stay for other manifests."""


@dataclass(slots=True)
class _Task:
    """A turn among those of its job."""

    turn: Turn
    results: list[Result]
    """Of all turns of the job, as they end."""
    expected: int


@dataclass(slots=True)
class Publishing:
    """Has jobs published; everything but the publishing itself is for one thread, the loop's."""

    publish: Callable[[Turn], Result]
    """Called by an account's thread; never raises what is to be expected."""
    pauses: Pauses
    wake: threading.Event
    patient: bool = True
    """Whether a blocked account is waited for; else its turns end with it."""
    clock: Callable[[], float] = time.monotonic
    _lanes: Worker[_Task] = field(init=False)
    _ended: queue.SimpleQueue[tuple[_Task, Result]] = field(default_factory=queue.SimpleQueue)

    def __post_init__(self) -> None:
        self._lanes = Worker(self._work, pauses=self.pauses, wake=self.wake, clock=self.clock)

    def add(self, job: Job) -> None:
        """Queue the job behind all others of its accounts."""
        accounts = dict.fromkeys(each.video.account for each in job.ready)
        results: list[Result] = []
        for account in accounts:
            videos = tuple(each for each in job.ready if each.video.account == account)
            self._lanes.add(account, _Task(Turn(job, account, videos), results, len(accounts)))

    def tend(self) -> Iterator[Finished | Blocked]:
        """Have the accounts go on that can, and yield what has happened since the last time."""
        self._lanes.tend()
        while not self._ended.empty():
            task, result = self._ended.get()
            if result.ending is not Ending.BLOCKED:
                yield from self._note(task, result)
            elif self.patient:
                yield Blocked(task.turn, result)
            else:
                for each in self._lanes.take_back(task.turn.account):
                    yield from self._note(each, result)

    @property
    def waiting(self) -> int:
        """How many turns have not ended, or have not been told to have."""
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
            yield Finished(task.turn.job, tuple(task.results))

    def _work(self, task: _Task) -> bool:
        """Tell whether the turn is done with; a blocked one keeps its place."""
        current = task.turn.job.is_current()
        result = self.publish(task.turn) if current else Result(ending=Ending.STALE)
        self._ended.put((task, result))
        return result.ending is not Ending.BLOCKED
