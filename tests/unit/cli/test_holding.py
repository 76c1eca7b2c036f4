"""Locks outside of a batch: whose holder lives is told at once, of whom nobody knows in time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from nicobatch.actions.patience import Hold, telling
from nicobatch.errors import Again, Locked, Stopped
from nicobatch.events import Event
from nicobatch.locks import TTL, Locks, files
from nicobatch.pipeline.locking import Place
from tests.support.leaving import leave


@dataclass
class Waiting:
    """A run that wants a lock, on a clock of its own, and what it was told meanwhile."""

    path: Path
    act: Callable[[], None] = lambda: None
    """Happens at each pause."""
    now: float = 0.0
    told: list[str] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        locks = Locks("watch", monotonic=lambda: self.now)
        self.hold = Hold(locks=locks, stop=self.stop, waiting=self.tell, sleep=self.pause)

    def take(self) -> None:
        self.hold(Place(self.path, "the folder in")).release()

    def tell(self, error: Again, seconds: float) -> None:
        self.told.append(str(error))

    def pause(self, seconds: float, /) -> bool:
        self.now += seconds
        self.act()
        return self.stop.is_set()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / ".watch.lock"


def test_what_outlived_a_boot_or_a_container_is_taken_when_its_time_is_over(path: Path) -> None:
    leave(path, place="vm an-earlier-boot pid:[1]")
    waiting = Waiting(path)
    waiting.take()
    assert TTL <= waiting.now <= 1.2 * TTL
    assert waiting.told
    assert set(waiting.told) == {waiting.told[0]}
    assert "in use by watch" in waiting.told[0]


def test_what_lives_here_is_not_waited_for(path: Path) -> None:
    leave(path)
    waiting = Waiting(path)
    with pytest.raises(Locked) as caught:
        waiting.take()
    assert caught.value.lives
    assert (waiting.now, waiting.told) == (0.0, [])


def test_what_beats_elsewhere_is_known_by_its_first_beat(path: Path) -> None:
    holder = leave(path, place="nas")
    beats = iter(range(1, 100))

    def beat() -> None:
        if waiting.now > TTL / 4:
            files.write(path, replace(holder, beat=next(beats)))

    waiting = Waiting(path, beat)
    with pytest.raises(Locked) as caught:
        waiting.take()
    assert caught.value.lives
    assert waiting.now < TTL / 2


def test_whoever_waits_can_be_stopped(path: Path) -> None:
    leave(path, place="nas")
    waiting = Waiting(path)
    waiting.act = waiting.stop.set
    with pytest.raises(Stopped):
        waiting.take()


def test_a_look_is_told_as_of_the_video() -> None:
    told: list[Event] = []
    telling(told.append, "m.yaml#a")(Locked("in use"), 4.96)
    (event,) = told
    assert (event.kind, event.video) == ("waiting", "m.yaml#a")
    assert event.data == {"reason": "in use", "seconds": 5.0}
