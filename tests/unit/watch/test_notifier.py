from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from nicobatch.errors import NicobatchError
from nicobatch.watch.backend import Backend, BackendChoice, Limited
from nicobatch.watch.notifier import DEATHS, GOOD, Notifier, Waking
from nicobatch.watch.worker import Pauses


class Scripted(Waking):
    """An observer that dies when it is told to."""

    def __init__(self, backend: Backend, fault: Exception | None) -> None:
        super().__init__(Path("in"), threading.Event(), backend)
        self.fault, self.is_alive = fault, True

    def start(self) -> None:
        if self.fault:
            raise self.fault

    @property
    def alive(self) -> bool:
        return self.is_alive

    def renamed(self) -> set[Path]:
        return {Path("in/a.mp4")}


@dataclass
class Tower:
    """Notifier by scripted observers, on a clock that stands still."""

    faults: list[Exception | None] = field(default_factory=list)
    now: float = 0.0
    made: list[Scripted] = field(default_factory=list)
    backends: list[Backend] = field(default_factory=list)

    def __post_init__(self) -> None:
        pauses = Pauses(1.0, 60.0, jitter=lambda: 0.5)
        choice = BackendChoice(Backend.NATIVE, "because")
        self.notifier = Notifier(lambda: choice, self._make, pauses, clock=lambda: self.now)

    def _make(self, backend: Backend) -> Waking:
        self.backends.append(backend)
        self.made.append(Scripted(backend, self.faults.pop(0) if self.faults else None))
        return self.made[-1]

    def die(self) -> None:
        self.made[-1].is_alive = False
        assert not self.notifier.alive
        self.notifier.check()


def test_it_begins_once() -> None:
    tower = Tower()
    assert tower.notifier.renamed() == set()
    assert tower.notifier.begin()
    assert not tower.notifier.begin()
    tower.notifier.check()
    assert tower.notifier.alive
    assert tower.notifier.due is None
    assert tower.notifier.choice == BackendChoice(Backend.NATIVE, "because")
    assert tower.notifier.renamed() == {Path("in/a.mp4")}
    assert len(tower.made) == 1


def test_one_that_dies_is_begun_anew_after_a_pause() -> None:
    tower = Tower()
    tower.notifier.begin()
    tower.die()
    assert tower.notifier.alive
    assert tower.notifier.due == 1.0
    assert not tower.notifier.begin()
    assert len(tower.made) == 1
    tower.now = 1.0
    assert not tower.notifier.begin()  # the backend is the one it was
    assert len(tower.made) == 2
    assert tower.notifier.due is None


def test_one_that_keeps_dying_ends_it() -> None:
    tower = Tower()
    for _time in range(DEATHS - 1):
        tower.notifier.begin()
        tower.die()
        tower.now += 10
    tower.notifier.begin()
    with pytest.raises(NicobatchError, match="3 times in a row"):
        tower.die()


def test_one_that_lived_for_a_good_minute_starts_the_count_again() -> None:
    tower = Tower()
    for _time in range(3 * DEATHS):
        tower.notifier.begin()
        tower.now += GOOD
        tower.die()
        assert tower.notifier.due == tower.now + 1.0
        tower.now += 1.0


def test_where_the_system_can_not_watch_it_is_polled() -> None:
    tower = Tower(faults=[Limited("full", "raise it")])
    assert tower.notifier.begin()
    assert tower.backends == [Backend.NATIVE, Backend.POLL]
    assert tower.notifier.choice == BackendChoice(Backend.POLL, "full", "raise it")
    tower.notifier.close()
    assert tower.notifier.begin()
    assert tower.notifier.choice == BackendChoice(Backend.NATIVE, "because")


def test_without_a_folder_nothing_is_begun() -> None:
    tower = Tower(faults=[FileNotFoundError()])
    assert not tower.notifier.begin()
    assert tower.notifier.choice is None
    assert tower.notifier.due is None
    assert tower.notifier.begin()


def test_it_can_be_closed_and_begun_again() -> None:
    tower = Tower()
    tower.notifier.close()
    tower.notifier.begin()
    tower.notifier.close()
    assert tower.notifier.choice is None
    assert tower.notifier.begin()
    assert len(tower.made) == 2
