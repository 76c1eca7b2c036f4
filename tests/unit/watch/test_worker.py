from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from nicobatch.watch.worker import Pauses, Worker

PAUSES = Pauses(10.0, 40.0, jitter=lambda: 0.5)


@dataclass(slots=True, kw_only=True, eq=False)
class Told(Worker[str, None]):
    """A worker that does as it is told."""

    do: Callable[[str], bool]

    def work(self, task: str) -> bool:
        return self.do(task)


class Hall:
    """A worker whose work is watched, and whose clock stands still."""

    def __init__(self, work: Callable[[str], bool] | None = None) -> None:
        self.now = 0.0
        self.done: list[str] = []
        self.wake = threading.Event()
        self.work = work or (lambda task: True)
        self.worker = Told(pauses=PAUSES, wake=self.wake, clock=lambda: self.now, do=self._do)

    def _do(self, task: str) -> bool:
        self.done.append(task)
        return self.work(task)

    def settle(self, wanted: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 5
        while not wanted():
            assert time.monotonic() < deadline
            time.sleep(0.002)


@pytest.fixture
def hall() -> Iterator[Hall]:
    made = Hall()
    yield made
    made.worker.stop(wait=True)


def test_tasks_of_a_lane_are_done_in_order(hall: Hall) -> None:
    for task in "abcdef":
        hall.worker.enqueue("main", task)
    assert hall.worker.waiting == 6
    assert hall.worker.due == 0
    hall.worker.tend()
    hall.settle(lambda: not hall.worker.waiting)
    assert "".join(hall.done) == "abcdef"
    assert hall.wake.is_set()
    assert hall.worker.due is None


def test_lanes_do_not_wait_for_each_other() -> None:
    go = threading.Event()
    hall = Hall(lambda task: task != "slow" or go.wait(5))
    hall.worker.enqueue("one", "slow")
    hall.worker.enqueue("two", "quick")
    hall.worker.tend()
    hall.settle(lambda: "quick" in hall.done and hall.worker.waiting == 1)
    go.set()
    hall.worker.stop(wait=True)
    assert hall.worker.waiting == 0


def test_a_lane_without_tasks_has_no_thread(hall: Hall) -> None:
    before = set(threading.enumerate())
    hall.worker.enqueue("main", "a")
    hall.worker.tend()
    hall.settle(lambda: set(threading.enumerate()) <= before)
    hall.worker.enqueue("main", "b")
    hall.worker.tend()
    hall.settle(lambda: hall.done == ["a", "b"])


def test_a_refused_task_stays_first_and_its_lane_pauses_longer_each_time() -> None:
    patience = iter([False, False, True, True])
    hall = Hall(lambda task: next(patience))
    hall.worker.enqueue("main", "a")
    hall.worker.enqueue("main", "b")
    for at, due in ((0.0, 10.0), (10.0, 30.0)):
        hall.now = at
        hall.worker.tend()
        hall.settle(lambda wanted=due: hall.worker.due == wanted)  # type: ignore[misc]
        hall.now = due - 0.1
        hall.worker.tend()
    assert hall.done == ["a", "a"]
    hall.now = 30.0
    hall.worker.tend()
    hall.settle(lambda: not hall.worker.waiting)
    assert hall.done == ["a", "a", "a", "b"]


def test_a_pausing_lane_can_be_given_up() -> None:
    hall = Hall(lambda task: False)
    hall.worker.enqueue("main", "a")
    hall.worker.enqueue("main", "b")
    hall.worker.tend()
    hall.settle(lambda: hall.worker.due == 10.0)
    assert hall.worker.take_back("main") == ["a", "b"]
    assert hall.worker.waiting == 0
    assert hall.worker.take_back("main") == []


def test_a_bug_comes_to_light(hall: Hall) -> None:
    def broken(task: str) -> bool:
        raise ZeroDivisionError

    hall.work = broken
    hall.worker.enqueue("main", "a")
    hall.worker.tend()
    assert hall.wake.wait(5)
    with pytest.raises(ZeroDivisionError):
        hall.worker.tend()


def test_nothing_is_begun_after_a_stop() -> None:
    go = threading.Event()
    hall = Hall(lambda task: go.wait(5))
    hall.worker.enqueue("main", "a")
    hall.worker.enqueue("main", "b")
    hall.worker.tend()
    hall.settle(lambda: hall.done == ["a"])
    hall.worker.stop(wait=False)
    go.set()
    hall.worker.stop(wait=True)
    hall.worker.tend()
    assert hall.done == ["a"]
    assert hall.worker.waiting == 1
