from __future__ import annotations

import threading

import pytest

from nicobatch.errors import Stopped
from nicobatch.events import Event, Progress
from nicobatch.pipeline.meter import Meter, Throttle


class Clock:
    """A clock that its sleeps move on."""

    def __init__(self, *, stops: bool = False) -> None:
        self.now = 100.0
        self.stops = stops

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> bool:
        self.now += seconds
        return self.stops


def test_bytes_leave_at_the_rate_and_no_faster() -> None:
    clock = Clock()
    throttle = Throttle(1000.0, clock.sleep, clock)
    for _ in range(20):
        throttle.take(500)
    assert clock.now == pytest.approx(100.0 + 19 * 0.5)


def test_time_that_was_not_used_is_not_saved_up() -> None:
    clock = Clock()
    throttle = Throttle(1000.0, clock.sleep, clock)
    throttle.take(1000)
    clock.now += 60.0
    throttle.take(1000)
    assert clock.now == 160.0
    throttle.take(1000)
    assert clock.now == 161.0


def test_a_stop_ends_the_waiting() -> None:
    clock = Clock(stops=True)
    throttle = Throttle(1000.0, clock.sleep, clock)
    throttle.take(1000)
    with pytest.raises(Stopped):
        throttle.take(1000)


def test_threads_share_the_rate() -> None:
    slept: list[float] = []

    def sleep(seconds: float) -> bool:
        slept.append(seconds)
        return False

    throttle = Throttle(1000.0, sleep, lambda: 0.0)
    threads = [threading.Thread(target=throttle.take, args=(100,)) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(slept) == pytest.approx([0.1 * number for number in range(1, 10)])


def test_the_meter_starts_from_what_was_sent_and_counts_both_ways() -> None:
    told: list[int] = []

    def emit(event: Event) -> None:
        assert isinstance(event, Progress)
        told.append(event.sent)

    meter = Meter(emit, 25)
    meter.begin(5)
    meter(10)
    meter(-10)
    meter(10)
    assert told == [5, 15, 5, 15]
    meter.begin(0)
    assert meter.sent == 0


def test_what_goes_back_is_not_held_up() -> None:
    clock = Clock()
    meter = Meter(lambda event: None, 10, Throttle(1.0, clock.sleep, clock))
    meter(5)
    meter(-5)
    assert clock.now == 100.0
