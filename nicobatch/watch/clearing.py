"""Taking units that are through out of the folder: behind the loop's back, as disks are slow."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from nicobatch.model import Json
from nicobatch.watch.disposal import Disposal
from nicobatch.watch.lanes import Lanes
from nicobatch.watch.orders import NotMoved
from nicobatch.watch.pauses import Pauses
from nicobatch.watch.unit import Unit

_LANE: Final = "moving"


@dataclass(frozen=True, slots=True)
class Moved:
    """A unit that lies elsewhere now; or that could not be moved, and lies where it was."""

    unit: Unit | None
    """None where it was an earlier run that had begun to move it."""
    place: Path | None = None
    error: NotMoved | None = None
    kept: Collection[Path] = ()
    """Those of its files that stay for other manifests."""


@dataclass(slots=True)
class _Task:
    disposal: Disposal
    unit: Unit | None = None
    """None asks to finish what an earlier run had begun."""
    result: Mapping[str, Json] = field(default_factory=dict)
    keep: Collection[Path] = ()
    error: NotMoved | None = None
    """What kept the last try from its end."""


@dataclass(slots=True)
class Clearing:
    """Moves one unit at a time; everything but the moving itself is for one thread, the loop's."""

    pauses: Pauses
    wake: threading.Event
    patient: bool = True
    """Whether what stopped half way is tried again; else the next run has to finish it."""
    clock: Callable[[], float] = time.monotonic
    under_way: set[Path] = field(default_factory=set)
    """Files that come and go by our own doing, so that nothing follows from it."""
    _lanes: Lanes[_Task] = field(init=False)
    _ended: queue.SimpleQueue[Moved] = field(default_factory=queue.SimpleQueue)
    _unfinished: int = 0
    """How many tasks of `recover` have not been tried yet."""

    def __post_init__(self) -> None:
        self._lanes = Lanes(self._work, pauses=self.pauses, wake=self.wake, clock=self.clock)

    def recover(self, disposal: Disposal) -> None:
        """Finish what an earlier run had begun; to be asked for while the folder is there."""
        self._unfinished += 1
        self._lanes.add(str(disposal.folder), _Task(disposal))

    def add(
        self, unit: Unit, disposal: Disposal, result: Mapping[str, Json], keep: Collection[Path]
    ) -> None:
        """Move the unit behind all others; what is in `keep` stays."""
        self.under_way |= unit.signature.keys() - set(keep)
        self._lanes.add(_LANE, _Task(disposal, unit, result, keep))

    def tend(self) -> Iterator[Moved]:
        """Go on with what has to be tried again, and yield what has ended since the last time."""
        self._lanes.tend()
        while not self._ended.empty():
            moved = self._ended.get()
            if moved.unit:
                self.under_way -= moved.unit.signature.keys()
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
        if task.unit is None:
            return self._recover(task)
        if task.error:
            return self._resume(task, task.unit, task.error)
        try:
            place = task.disposal.put(task.unit, task.result, task.keep)
        except NotMoved as error:
            if not self._resume(task, task.unit, error):  # in a lane of its own: others go on
                self._lanes.add(str(task.unit.manifest), task)
        else:
            self._ended.put(Moved(task.unit, place, kept=task.keep))
        return True

    def _resume(self, task: _Task, unit: Unit, error: NotMoved) -> bool:
        """Finish a move that failed, unless it failed before anything was moved."""
        task.error = error
        outcome = task.disposal.recover().of(unit.manifest)
        if isinstance(outcome, NotMoved) and self.patient:
            return False
        if isinstance(outcome, Path):
            self._ended.put(Moved(unit, outcome, kept=task.keep))
        else:
            self._ended.put(Moved(unit, error=error))
        return True

    def _recover(self, task: _Task) -> bool:
        recovered = task.disposal.recover()
        for place in recovered.finished:
            self._ended.put(Moved(None, place))
        if not task.error:
            for error in recovered.left:
                self._ended.put(Moved(None, error=error))
            self._unfinished -= 1
        task.error = next(iter(recovered.left), None)
        return not (task.error and self.patient)
