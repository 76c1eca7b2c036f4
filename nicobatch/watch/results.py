"""What comes of a job that is through: it is done, or moved away, or tried again."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from nicobatch import disk
from nicobatch.errors import Exit
from nicobatch.events import Event
from nicobatch.model import Json
from nicobatch.watch import reporting
from nicobatch.watch.destination import Destination
from nicobatch.watch.inbox import Inbox
from nicobatch.watch.judging import ManifestState, WatchJob
from nicobatch.watch.move_plan import NotMoved
from nicobatch.watch.worker import AccountBlocked, Ending, Finished, Publishing, Result, Worker

_LANE: Final = "moving"


@dataclass(slots=True)
class Move:
    """A job to be moved, and what came of it; without a job, what an earlier run had begun."""

    destination: Destination
    job: WatchJob | None = None
    result: Mapping[str, Json] = field(default_factory=dict)
    """What is told in the folder that holds it."""
    keep: Collection[Path] = ()
    """Those of its files that stay for other manifests."""
    state: ManifestState = ManifestState.DONE
    """In which it leaves the folder."""
    place: Path | None = None
    """Where it lies now; None as long as it lies where it was."""
    error: NotMoved | None = None
    """What kept the last try from its end."""

    @property
    def files(self) -> frozenset[Path]:
        """Return the job's files; those of an earlier run's are not known."""
        return frozenset(self.job.signature if self.job else ())


@dataclass(slots=True, kw_only=True, eq=False)
class Mover(Worker[Move, Move]):
    """Moves one job at a time.

    Where nobody is `patient`, the next run has to finish what stopped half way.
    """

    under_way: set[Path] = field(default_factory=set)
    """Files that come and go by our own doing, so that nothing follows from it."""
    recovering: int = 0
    """How many destinations have an earlier run's moves; until then a scan would mislead."""

    def recover(self, destination: Destination) -> None:
        """Finish what an earlier run had begun; to be asked for while the folder is there."""
        self.recovering += 1
        self.enqueue(str(destination.folder), Move(destination))

    def add(self, move: Move) -> None:
        """Move the job behind all others."""
        self.under_way |= move.files - set(move.keep)
        self.enqueue(_LANE, move)

    def ends(self) -> Iterator[Move]:
        """Go on with what has to be tried again, and yield what has ended since the last time."""
        for move in self.tend():
            self.under_way -= move.files
            yield move

    def work(self, move: Move) -> bool:
        """Move the job's files, or finish what was begun; tell whether that is done with."""
        if move.job is None:
            return self._recover(move)
        if move.error:
            return self._resume(move, move.job)
        try:
            move.place = move.destination.put(move.job, move.result, move.keep)
        except NotMoved as error:
            move.error = error
            if not self._resume(move, move.job):  # in a lane of its own: others go on
                self.enqueue(str(move.job.manifest), move)
        else:
            self.ended.put(move)
        return True

    def _resume(self, move: Move, job: WatchJob) -> bool:
        """Finish a move that failed, unless it failed before anything was moved."""
        outcome = move.destination.recover().of(job.manifest)
        if isinstance(outcome, NotMoved) and self.patient:
            return False
        move.place = outcome if isinstance(outcome, Path) else None
        self.ended.put(move)
        return True

    def _recover(self, move: Move) -> bool:
        recovered = move.destination.recover()
        for place in recovered.finished:
            self.ended.put(replace(move, place=place))
        if not move.error:
            for error in recovered.left:
                self.ended.put(replace(move, error=error))
            self.recovering -= 1
        move.error = next(iter(recovered.left), None)
        return not (move.error and self.patient)


@dataclass(slots=True, kw_only=True)
class Results:
    """Takes note of what the other threads have brought to an end; for the loop's thread."""

    publishing: Publishing
    mover: Mover
    destinations: Mapping[Ending, Destination]
    """Where jobs go by their ends; others stay where they are."""
    tell: Callable[[Event], None]
    clock: Callable[[], float] = time.monotonic
    codes: set[int] = field(default_factory=set)
    """The exit codes that tell of each end."""
    moved: Counter[ManifestState] = field(default_factory=Counter)
    """How many jobs have left the folder, by the state in which they did."""

    def collect(self, inbox: Inbox) -> bool:
        """Take note of all there is; tell whether jobs have left the folder."""
        for ended in self.publishing.ends():
            if isinstance(ended, AccountBlocked):
                self.tell(reporting.blocked(ended))
            else:
                self._finish(inbox, ended)
        left = [self._note(inbox, move) for move in self.mover.ends()]
        return any(left)

    def _finish(self, inbox: Inbox, finished: Finished) -> None:
        job, result = finished.job, finished.worst
        if result.ending is Ending.STOPPED:
            return
        self._count(*finished.results)
        destination = self.destinations.get(result.ending)
        if destination and job.is_current():
            state = ManifestState.DONE if result.ending is Ending.DONE else ManifestState.FAILED
            told = _told(result, finished)
            self.mover.add(Move(destination, job, told, shared(inbox, job), state))
        elif result.ending in {Ending.DONE, Ending.STALE}:
            inbox.done(job) if result.ending is Ending.DONE else inbox.dropped(job)
            self.tell(reporting.manifest(job.manifest, result.ending))
        else:
            self._fail(inbox, job, result)

    def _note(self, inbox: Inbox, move: Move) -> bool:
        job, place, error = move.job, move.place, move.error
        if job and place:
            self.tell(reporting.moved(job.manifest, place, move.keep))
            self.moved[move.state] += 1
            inbox.moved(job)
        elif place:
            self.tell(reporting.recovered(place))
        elif job and error:
            why = Result(ending=Ending.LATER, message=str(error), hint=error.hint)
            self._count(why)
            self._fail(inbox, job, why)
        elif error:
            self.tell(reporting.trouble(inbox.root, error))
        return bool(job and place)

    def _fail(self, inbox: Inbox, job: WatchJob, result: Result) -> None:
        seconds = inbox.failed(job, self.clock(), result.rest)
        self.tell(reporting.failed(job.manifest, result, seconds))

    def _count(self, *results: Result) -> None:
        is_left = {result.ending for result in results} & {Ending.LATER, Ending.STALE}
        self.codes |= {result.code for result in results} | ({Exit.LATER} if is_left else set())


def shared(inbox: Inbox, job: WatchJob) -> set[Path]:
    """Return the job's files that other manifests of the folder name, too."""
    return disk.Names(job.signature).of(inbox.named_beside(job))


def _told(result: Result, finished: Finished) -> dict[str, Json]:
    told: dict[str, Json] = {"state": result.ending.value, "videos": finished.videos}
    why = {"message": result.message, "hint": result.hint} if result.message else {}
    return {**told, **why}
