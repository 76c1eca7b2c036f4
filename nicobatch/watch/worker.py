"""Threads that do what is queued: each account publishes one turn at a time, in order."""

from __future__ import annotations

import queue
import random
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Generic, TypeVar

from nicobatch.model import Json
from nicobatch.pipeline import CheckedVideo, Owner
from nicobatch.watch.judging import WatchJob

_SPREAD: Final = 0.1
"""The part of a pause by which it may be shorter or longer."""
_DOUBLINGS: Final = 64
"""Beyond them every pause has reached its cap; a year of failures would overflow."""

_Task = TypeVar("_Task")
_End = TypeVar("_End")


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


@dataclass(slots=True)
class _Lane(Generic[_Task]):
    tasks: deque[_Task] = field(default_factory=deque)
    thread: threading.Thread | None = None
    refusals: int = 0
    """How often in a row its first task could not be done."""
    until: float = 0.0
    """When the lane may go on."""


@dataclass(slots=True, kw_only=True, eq=False)
class Worker(Generic[_Task, _End]):
    """Does one task at a time within a lane, the lanes side by side.

    A lane has a thread as long as there is something to do in it. All but `work` is for one
    thread, the loop's.
    """

    pauses: Pauses
    wake: threading.Event
    """Set whenever there is something to tend."""
    patient: bool = True
    """Whether there is a time to come in which what failed can be tried again."""
    clock: Callable[[], float] = time.monotonic
    ended: queue.SimpleQueue[_End] = field(default_factory=queue.SimpleQueue)
    """What has come to an end and was not told yet; `work` fills it."""
    _lanes: dict[str, _Lane[_Task]] = field(default_factory=dict)
    _crash: BaseException | None = None
    _stopped: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def work(self, task: _Task) -> bool:
        """Tell whether the task is done with; else it stays the first of its lane, which pauses."""
        raise NotImplementedError

    def enqueue(self, name: str, task: _Task) -> None:
        """Put the task at the end of the lane; `tend` has it begun."""
        with self._lock:
            self._lanes.setdefault(name, _Lane()).tasks.append(task)

    def tend(self) -> list[_End]:
        """Have every lane go on that can, and return what has ended since the last time.

        Raise what a task has raised, which is a bug.
        """
        with self._lock:
            if self._crash:
                raise self._crash
            self._lanes = {name: each for name, each in self._lanes.items() if each.tasks}
            for name, lane in self._lanes.items():
                if not self._stopped and lane.thread is None and lane.until <= self.clock():
                    lane.thread = threading.Thread(
                        target=self._run, args=(lane,), name=f"nicobatch-{name}", daemon=True
                    )
                    lane.thread.start()
        return [self.ended.get() for _ in range(self.ended.qsize())]

    def take_back(self, name: str) -> list[_Task]:
        """Return what is yet to be done in a lane that pauses, and is not to be done any more."""
        with self._lock:
            return list(self._lanes.pop(name, _Lane()).tasks)

    @property
    def waiting(self) -> int:
        """How many tasks have not ended, or have not been told to have."""
        with self._lock:
            unfinished = sum(len(lane.tasks) for lane in self._lanes.values())
        return unfinished + self.ended.qsize()  # in this order: none slips through

    @property
    def due(self) -> float | None:
        """When the first of the pausing lanes goes on, by the clock."""
        with self._lock:
            lanes = self._lanes.values()
            pausing = [lane.until for lane in lanes if lane.tasks and lane.thread is None]
        return min(pausing, default=None)

    def stop(self, *, wait: bool) -> None:
        """Begin nothing more; `wait` until what is under way has ended."""
        with self._lock:
            self._stopped = True
            threads = [lane.thread for lane in self._lanes.values() if lane.thread]
        for thread in threads if wait else ():
            thread.join()

    def _run(self, lane: _Lane[_Task]) -> None:
        try:
            while (task := self._first(lane)) is not None:
                self._note(lane, is_done=self.work(task))
        except BaseException as error:  # noqa: BLE001 - raised again by whoever tends
            with self._lock:
                self._crash, lane.thread = error, None
        self.wake.set()

    def _first(self, lane: _Lane[_Task]) -> _Task | None:
        with self._lock:
            if lane.tasks and not self._stopped and lane.until <= self.clock():
                return lane.tasks[0]
            lane.thread = None
            return None

    def _note(self, lane: _Lane[_Task], *, is_done: bool) -> None:
        with self._lock:
            if is_done:
                lane.tasks.popleft()
                lane.refusals, lane.until = 0, 0.0
            else:
                lane.refusals += 1
                lane.until = self.clock() + self.pauses.after(lane.refusals)
        self.wake.set()


class Ending(StrEnum):
    """What became of a turn, or of a job: of several, the later one in this list.

    What an error brings about has the name of its `errors.Effect`.
    """

    DONE = "done"
    PERMANENT = "hopeless"
    """Nothing helps but to change the files."""
    LATER = "later"
    """Nothing is wrong, and a later try may come to the end."""
    TRANSIENT = "failed"
    """A later try may succeed."""
    ACCOUNT = "blocked"
    """The account can't publish anything at present."""
    STALE = "stale"
    """Its files have changed since they were read, and are going to be read anew."""
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class JobPart:
    """That part of a job which is one account's."""

    job: WatchJob
    owner: Owner

    @property
    def account(self) -> str:
        """Return the account's name."""
        return self.owner.account

    @property
    def videos(self) -> tuple[CheckedVideo, ...]:
        """Return the account's videos, in the manifest's order."""
        return tuple(each for each in self.job.ready if Owner.of(each.video) == self.owner)


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
    rest: float = 0.0
    """Seconds in which there is nothing to be done about it."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A job none of whose turns is left, and the result of each."""

    job: WatchJob
    results: tuple[Result, ...]

    @property
    def worst(self) -> Result:
        """Return the result that stands for the whole job; of equals, the last."""
        order = list(Ending)
        ends = sorted(self.results, key=lambda each: order.index(each.ending))
        return ends[-1] if ends else Result(ending=Ending.DONE)

    @property
    def videos(self) -> list[Json]:
        """Return what became of each video, ready for JSON."""
        return [dict(video) for result in self.results for video in result.videos]


@dataclass(frozen=True, slots=True)
class AccountBlocked:
    """An account that can't publish: its turns keep their places and wait."""

    turn: JobPart
    result: Result


@dataclass(slots=True, kw_only=True, eq=False)
class Publishing(Worker[JobPart, tuple[JobPart, Result]]):
    """Has jobs published, each account's turns in the order in which the jobs came.

    Where nobody is `patient`, the turns of a blocked account end with it.
    """

    publish: Callable[[JobPart], Result]
    """Runs in an account's thread, and never raises what is to be expected."""
    _results: defaultdict[WatchJob, list[Result]] = field(default_factory=lambda: defaultdict(list))
    """Of the turns that have ended, as long as the job has others."""

    def add(self, job: WatchJob) -> None:
        """Queue the job behind all others of its accounts."""
        for owner in job.owners:
            self.enqueue(_lane(owner), JobPart(job, owner))

    def ends(self) -> Iterator[Finished | AccountBlocked]:
        """Have the accounts go on that can, and yield what has happened since the last time."""
        for turn, result in self.tend():
            if result.ending is not Ending.ACCOUNT:
                yield from self._finish(turn.job, result)
            elif self.patient:
                yield AccountBlocked(turn, result)
            else:
                for each in self.take_back(_lane(turn.owner)):
                    yield from self._finish(each.job, result)

    def _finish(self, job: WatchJob, result: Result) -> Iterator[Finished]:
        results = self._results[job]
        results.append(result)
        if len(results) == len(job.owners):
            yield Finished(job, tuple(self._results.pop(job)))

    def work(self, turn: JobPart) -> bool:
        """Publish; a turn whose account is blocked keeps its place."""
        stale = not turn.job.is_current()
        result = Result(ending=Ending.STALE) if stale else self.publish(turn)
        self.ended.put((turn, result))
        return result.ending is not Ending.ACCOUNT


def _lane(owner: Owner) -> str:
    return f"{owner.site}/{owner.account}"
