"""What comes of a turn that is through: it is done, or moved away, or tried again."""

from __future__ import annotations

import queue
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from nicobatch.model import Json
from nicobatch.watch.destination import Destination
from nicobatch.watch.inbox import Inbox, State
from nicobatch.watch.judging import Job
from nicobatch.watch.move_plan import NotMoved
from nicobatch.watch.reporting import Telling
from nicobatch.watch.worker import (
    Blocked,
    Ending,
    Finished,
    Moved,
    Pauses,
    Publishing,
    Result,
    Worker,
)

_LANE: Final = "moving"


@dataclass(slots=True)
class _Task:
    destination: Destination
    job: Job | None = None
    """None asks to finish what an earlier run had begun."""
    result: Mapping[str, Json] = field(default_factory=dict)
    keep: Collection[Path] = ()
    error: NotMoved | None = None
    """What kept the last try from its end."""


@dataclass(slots=True)
class Mover:
    """Moves one job at a time; everything but the moving itself is for one thread, the loop's."""

    pauses: Pauses
    wake: threading.Event
    patient: bool = True
    """Whether what stopped half way is tried again; else the next run has to finish it."""
    clock: Callable[[], float] = time.monotonic
    under_way: set[Path] = field(default_factory=set)
    """Files that come and go by our own doing, so that nothing follows from it."""
    _lanes: Worker[_Task] = field(init=False)
    _ended: queue.SimpleQueue[Moved] = field(default_factory=queue.SimpleQueue)
    _unfinished: int = 0
    """How many tasks of `recover` have not been tried yet."""

    def __post_init__(self) -> None:
        self._lanes = Worker(self._work, pauses=self.pauses, wake=self.wake, clock=self.clock)

    def recover(self, destination: Destination) -> None:
        """Finish what an earlier run had begun; to be asked for while the folder is there."""
        self._unfinished += 1
        self._lanes.add(str(destination.folder), _Task(destination))

    def add(
        self, job: Job, destination: Destination, result: Mapping[str, Json], keep: Collection[Path]
    ) -> None:
        """Move the job behind all others; what is in `keep` stays."""
        self.under_way |= job.signature.keys() - set(keep)
        self._lanes.add(_LANE, _Task(destination, job, result, keep))

    def tend(self) -> Iterator[Moved]:
        """Go on with what has to be tried again, and yield what has ended since the last time."""
        self._lanes.tend()
        while not self._ended.empty():
            moved = self._ended.get()
            if moved.job:
                self.under_way -= moved.job.signature.keys()
            yield moved

    @property
    def recovering(self) -> bool:
        """Whether an earlier run's moves are being finished, so that a scan would mislead."""
        return self._unfinished > 0

    @property
    def waiting(self) -> int:
        """How many moves have not ended, or have not been told to have."""
        return self._lanes.waiting + self._ended.qsize()  # in this order: none slips through

    @property
    def due(self) -> float | None:
        """When an unfinished move is to be tried again, by the clock."""
        return self._lanes.due

    def stop(self, *, wait: bool) -> None:
        """Begin nothing more; `wait` until the move under way has ended."""
        self._lanes.stop(wait=wait)

    def _work(self, task: _Task) -> bool:
        """Tell whether the task is done with, or has to be tried again."""
        if task.job is None:
            return self._recover(task)
        if task.error:
            return self._resume(task, task.job, task.error)
        try:
            place = task.destination.put(task.job, task.result, task.keep)
        except NotMoved as error:
            if not self._resume(task, task.job, error):  # in a lane of its own: others go on
                self._lanes.add(str(task.job.manifest), task)
        else:
            self._ended.put(Moved(task.job, place, kept=task.keep))
        return True

    def _resume(self, task: _Task, job: Job, error: NotMoved) -> bool:
        """Finish a move that failed, unless it failed before anything was moved."""
        task.error = error
        outcome = task.destination.recover().of(job.manifest)
        if isinstance(outcome, NotMoved) and self.patient:
            return False
        if isinstance(outcome, Path):
            self._ended.put(Moved(job, outcome, kept=task.keep))
        else:
            self._ended.put(Moved(job, error=error))
        return True

    def _recover(self, task: _Task) -> bool:
        recovered = task.destination.recover()
        for place in recovered.finished:
            self._ended.put(Moved(None, place))
        if not task.error:
            for error in recovered.left:
                self._ended.put(Moved(None, error=error))
            self._unfinished -= 1
        task.error = next(iter(recovered.left), None)
        return not (task.error and self.patient)


@dataclass(frozen=True, slots=True)
class Places:
    """Where jobs go once they are through; None leaves them where they are."""

    done: Destination | None = None
    failed: Destination | None = None

    def of(self, ending: Ending) -> Destination | None:
        """Return where a job goes that came to this end."""
        return {Ending.DONE: self.done, Ending.PERMANENT: self.failed}.get(ending)

    def __iter__(self) -> Iterator[Destination]:
        return iter([each for each in (self.done, self.failed) if each])


@dataclass(slots=True, kw_only=True)
class Results:
    """Takes note of what the other threads have brought to an end; for the loop's thread."""

    publishing: Publishing
    mover: Mover
    places: Places
    telling: Telling
    keeps: bool = False
    """Whether the results are kept, for an end that tells of them all."""
    clock: Callable[[], float] = time.monotonic
    results: list[Result] = field(default_factory=list)
    moved: Counter[State] = field(default_factory=Counter)
    """How many jobs have left the folder, by the state in which they did."""
    _leaving: dict[Path, State] = field(default_factory=dict)

    def collect(self, inbox: Inbox) -> bool:
        """Take note of all there is; tell whether jobs have left the folder."""
        for ended in self.publishing.tend():
            if isinstance(ended, Blocked):
                self.telling.blocked(ended)
            else:
                self._finish(inbox, ended)
        left = [self._note(inbox, moved) for moved in self.mover.tend()]
        return any(left)

    def _finish(self, inbox: Inbox, finished: Finished) -> None:
        job, result = finished.job, finished.worst
        if result.ending is Ending.STOPPED:
            return
        self._keep(*finished.results)
        place = self.places.of(result.ending)
        if place and job.is_current():
            is_done = result.ending is Ending.DONE
            self._leaving[job.manifest] = State.DONE if is_done else State.FAILED
            self.mover.add(job, place, _told(result, finished), inbox.shared(job))
        elif result.ending is Ending.DONE:
            inbox.done(job)
            self.telling.done(job.manifest)
        elif result.ending is Ending.STALE:
            inbox.dropped(job)
            self.telling.stale(job.manifest)
        else:
            self._fail(inbox, job, result)

    def _note(self, inbox: Inbox, moved: Moved) -> bool:
        state = self._leaving.pop(moved.job.manifest) if moved.job else None
        if moved.job and moved.error:
            words = str(moved.error), moved.error.hint
            reason = Result(ending=Ending.LATER, message=words[0], hint=words[1])
            self._keep(reason)
            self._fail(inbox, moved.job, reason)
            return False
        self.telling.moved(moved)
        if moved.job and state:
            self.moved[state] += 1
            inbox.moved(moved.job)
        return moved.job is not None

    def _fail(self, inbox: Inbox, job: Job, result: Result) -> None:
        self.telling.failed(job.manifest, result, inbox.failed(job, self.clock()))

    def _keep(self, *results: Result) -> None:
        if self.keeps:
            self.results += results


def _told(result: Result, finished: Finished) -> dict[str, Json]:
    told: dict[str, Json] = {"state": result.ending.value, "videos": finished.videos}
    why = {"message": result.message, "hint": result.hint} if result.message else {}
    return {**told, **why}
