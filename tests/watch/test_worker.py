from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from nicobatch.watch.worker import Pauses, Worker

PAUSES = Pauses(10.0, 40.0, jitter=lambda: 0.5)


class Hall:
    """Worker whose work is watched, and whose clock stands still."""

    def __init__(self, work: Callable[[str], bool] | None = None) -> None:
        self.now = 0.0
        self.done: list[str] = []
        self.wake = threading.Event()
        self.work = work or (lambda task: True)
        self.lanes: Worker[str] = Worker(
            self._do, pauses=PAUSES, wake=self.wake, clock=lambda: self.now
        )

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
    made.lanes.stop(wait=True)


def test_tasks_of_a_lane_are_done_in_order(hall: Hall) -> None:
    for task in "abcdef":
        hall.lanes.add("main", task)
    assert hall.lanes.waiting == 6
    assert hall.lanes.due == 0
    hall.lanes.tend()
    hall.settle(lambda: not hall.lanes.waiting)
    assert "".join(hall.done) == "abcdef"
    assert hall.wake.is_set()
    assert hall.lanes.due is None


def test_lanes_do_not_wait_for_each_other() -> None:
    go = threading.Event()
    hall = Hall(lambda task: task != "slow" or go.wait(5))
    hall.lanes.add("one", "slow")
    hall.lanes.add("two", "quick")
    hall.lanes.tend()
    hall.settle(lambda: "quick" in hall.done and hall.lanes.waiting == 1)
    go.set()
    hall.lanes.stop(wait=True)
    assert hall.lanes.waiting == 0


def test_a_lane_without_tasks_has_no_thread(hall: Hall) -> None:
    before = set(threading.enumerate())
    hall.lanes.add("main", "a")
    hall.lanes.tend()
    hall.settle(lambda: set(threading.enumerate()) <= before)
    hall.lanes.add("main", "b")
    hall.lanes.tend()
    hall.settle(lambda: hall.done == ["a", "b"])


def test_a_refused_task_stays_first_and_its_lane_pauses_longer_each_time() -> None:
    patience = iter([False, False, True, True])
    hall = Hall(lambda task: next(patience))
    hall.lanes.add("main", "a")
    hall.lanes.add("main", "b")
    for at, due in ((0.0, 10.0), (10.0, 30.0)):
        hall.now = at
        hall.lanes.tend()
        hall.settle(lambda wanted=due: hall.lanes.due == wanted)  # type: ignore[misc]
        hall.now = due - 0.1
        hall.lanes.tend()
    assert hall.done == ["a", "a"]
    hall.now = 30.0
    hall.lanes.tend()
    hall.settle(lambda: not hall.lanes.waiting)
    assert hall.done == ["a", "a", "a", "b"]


def test_a_pausing_lane_can_be_given_up() -> None:
    hall = Hall(lambda task: False)
    hall.lanes.add("main", "a")
    hall.lanes.add("main", "b")
    hall.lanes.tend()
    hall.settle(lambda: hall.lanes.due == 10.0)
    assert hall.lanes.take_back("main") == ["a", "b"]
    assert hall.lanes.waiting == 0
    assert hall.lanes.take_back("main") == []


def test_a_bug_comes_to_light(hall: Hall) -> None:
    def broken(task: str) -> bool:
        raise ZeroDivisionError

    hall.work = broken
    hall.lanes.add("main", "a")
    hall.lanes.tend()
    assert hall.wake.wait(5)
    with pytest.raises(ZeroDivisionError):
        hall.lanes.tend()


def test_nothing_is_begun_after_a_stop() -> None:
    go = threading.Event()
    hall = Hall(lambda task: go.wait(5))
    hall.lanes.add("main", "a")
    hall.lanes.add("main", "b")
    hall.lanes.tend()
    hall.settle(lambda: hall.done == ["a"])
    hall.lanes.stop(wait=False)
    go.set()
    hall.lanes.stop(wait=True)
    hall.lanes.tend()
    assert hall.done == ["a"]
    assert hall.lanes.waiting == 1
