"""What comes of a unit that is through: it is done, or moved away, or tried again."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from nicobatch.model import Json
from nicobatch.watch.clearing import Clearing, Moved
from nicobatch.watch.disposal import Disposal
from nicobatch.watch.inbox import Inbox, State
from nicobatch.watch.publishing import Blocked, Ending, Finished, Publishing, Result
from nicobatch.watch.telling import Telling
from nicobatch.watch.unit import Unit


@dataclass(frozen=True, slots=True)
class Places:
    """Where units go once they are through; None leaves them where they are."""

    done: Disposal | None = None
    failed: Disposal | None = None

    def of(self, ending: Ending) -> Disposal | None:
        """Return where a unit goes that came to this end."""
        return {Ending.DONE: self.done, Ending.HOPELESS: self.failed}.get(ending)

    def __iter__(self) -> Iterator[Disposal]:
        return iter([each for each in (self.done, self.failed) if each])


@dataclass(slots=True, kw_only=True)
class Ends:
    """Takes note of what the other threads have brought to an end; for the loop's thread."""

    publishing: Publishing
    clearing: Clearing
    places: Places
    telling: Telling
    keeps: bool = False
    """Whether the results are kept, for an end that tells of them all."""
    clock: Callable[[], float] = time.monotonic
    results: list[Result] = field(default_factory=list)
    moved: Counter[State] = field(default_factory=Counter)
    """How many units have left the folder, by the state in which they did."""
    _leaving: dict[Path, State] = field(default_factory=dict)

    def collect(self, inbox: Inbox) -> bool:
        """Take note of all there is; tell whether units have left the folder."""
        for ended in self.publishing.tend():
            if isinstance(ended, Blocked):
                self.telling.blocked(ended)
            else:
                self._finish(inbox, ended)
        left = [self._note(inbox, moved) for moved in self.clearing.tend()]
        return any(left)

    def _finish(self, inbox: Inbox, finished: Finished) -> None:
        unit, result = finished.unit, finished.worst
        if result.ending is Ending.STOPPED:
            return
        self._keep(*finished.results)
        place = self.places.of(result.ending)
        if place and unit.is_current():
            is_done = result.ending is Ending.DONE
            self._leaving[unit.manifest] = State.DONE if is_done else State.FAILED
            self.clearing.add(unit, place, _told(result, finished), inbox.shared(unit))
        elif result.ending is Ending.DONE:
            inbox.done(unit)
            self.telling.done(unit.manifest)
        elif result.ending is Ending.STALE:
            inbox.dropped(unit)
            self.telling.stale(unit.manifest)
        else:
            self._fail(inbox, unit, result)

    def _note(self, inbox: Inbox, moved: Moved) -> bool:
        state = self._leaving.pop(moved.unit.manifest) if moved.unit else None
        if moved.unit and moved.error:
            words = str(moved.error), moved.error.hint
            reason = Result(ending=Ending.LATER, message=words[0], hint=words[1])
            self._keep(reason)
            self._fail(inbox, moved.unit, reason)
            return False
        self.telling.moved(moved)
        if moved.unit and state:
            self.moved[state] += 1
            inbox.moved(moved.unit)
        return moved.unit is not None

    def _fail(self, inbox: Inbox, unit: Unit, result: Result) -> None:
        self.telling.failed(unit.manifest, result, inbox.failed(unit, self.clock()))

    def _keep(self, *results: Result) -> None:
        if self.keeps:
            self.results += results


def _told(result: Result, finished: Finished) -> dict[str, Json]:
    told: dict[str, Json] = {"state": result.ending.value, "videos": finished.videos}
    why = {"message": result.message, "hint": result.hint} if result.message else {}
    return {**told, **why}
