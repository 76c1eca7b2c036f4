"""Work that is done in order: one thing at a time within a lane, the lanes side by side."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from nicobatch.watch.pauses import Pauses

_T = TypeVar("_T")


@dataclass(slots=True)
class _Lane(Generic[_T]):
    tasks: deque[_T] = field(default_factory=deque)
    thread: threading.Thread | None = None
    refusals: int = 0
    """How often in a row its first task could not be done."""
    until: float = 0.0
    """When the lane may go on."""


class Lanes(Generic[_T]):
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
