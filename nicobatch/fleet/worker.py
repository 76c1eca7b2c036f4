"""The worker: fetches jobs, and gives each a thread and a connection for as long as it takes."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from nicobatch.errors import Passing, Stopped
from nicobatch.fleet.database import Database
from nicobatch.fleet.queue import Seat, TurnJob

BEAT: Final = 10.0
"""Seconds between two signs of life."""
STALL: Final = 30.0
"""Seconds without one after which a worker's turns are given to others."""
_LOOK: Final = 0.5
"""Seconds between two looks at the queue."""


@dataclass(slots=True, kw_only=True, eq=False)
class Worker:
    """One process of the fleet."""

    database: Database
    """For the queue; each turn has one of its own."""
    take: Callable[[TurnJob, Database], None]
    """Gives an account its turn, and ends the job."""
    concurrency: int
    accounts: Callable[[], Sequence[int] | None]
    """Returns the numbers of those that are served; None is all."""
    away: Callable[[Passing], None]
    """Is told, once, that the database can't be reached."""
    idle: Callable[[Sequence[int] | None], None]
    """Is told, once, that none of those that are served can be given a turn at present."""
    beat: float
    stall: float
    _next_beat: float = 0.0
    _is_away: bool = False
    _is_idle: bool = False
    _served: Sequence[int] | None = None
    _turns: set[threading.Thread] = field(default_factory=set)
    _free: list[Database] = field(default_factory=list)
    """Connections that no turn has at present."""
    _crashes: list[BaseException] = field(default_factory=list)
    _wake: threading.Event = field(default_factory=threading.Event)

    def run(self) -> bool:
        """Work until it is to stop, and return True once all turns have ended.

        Raise what a turn has raised, which is a bug.
        """
        seat = Seat(self.database, stall=self.stall)
        try:
            while not self.database.stop.is_set() and not self._crashes:
                self._tend(seat)
                self._wake.wait(_LOOK)
                self._wake.clear()
        finally:
            self.database.stop.set()
            self._leave(seat)
        if self._crashes:
            raise self._crashes[0]
        return True

    def _tend(self, seat: Seat) -> None:
        """Show a sign of life where it is time for one, and begin what there is room for."""
        try:
            if time.monotonic() >= self._next_beat:
                seat.beat()
                self._next_beat = time.monotonic() + self.beat
                self._served = self.accounts()
            while len(self._turns) < self.concurrency and (job := seat.fetch(self._served)):
                self._begin(job)
            if not (self._turns or self._is_idle):
                self.idle(self._served)
                self._is_idle = True
            self._is_away = False
        except Passing as error:
            if not self._is_away:
                self.away(error)
            self._is_away = True

    def _begin(self, job: TurnJob) -> None:
        database = self._free.pop() if self._free else self.database.another()
        thread = threading.Thread(
            target=self._turn, args=(job, database), name=f"nicobatch-{job.account}", daemon=True
        )
        self._is_idle = False
        self._turns.add(thread)
        thread.start()

    def _turn(self, job: TurnJob, database: Database) -> None:
        try:
            self.take(job, database)
        except Stopped:
            """The database is away: the job is taken up once it is back, like a dead worker's."""
        except BaseException as error:  # noqa: BLE001 - raised again by the loop
            self._crashes.append(error)
        self._free.append(database)
        self._turns.discard(threading.current_thread())
        self._wake.set()

    def _leave(self, seat: Seat) -> None:
        for thread in tuple(self._turns):
            thread.join()
        for each in self._free:
            each.close()
        with contextlib.suppress(Passing):
            seat.leave()
