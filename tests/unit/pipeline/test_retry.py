from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from nicobatch.errors import (
    Again,
    Busy,
    Later,
    Locked,
    NicobatchError,
    NotYet,
    Passing,
    SignInNeeded,
    SiteRefuses,
    StartOver,
    Stopped,
    VideoFailed,
)
from nicobatch.pipeline.retry import FaultBudget, Retry
from nicobatch.settings import Settings


class Clockwork:
    """A sleep that takes no time and remembers what it was asked for."""

    def __init__(self, stop_after: int | None = None) -> None:
        self.pauses: list[float] = []
        self.stop_after = stop_after

    def __call__(self, seconds: float, /) -> bool:
        self.pauses.append(seconds)
        return self.stop_after is not None and len(self.pauses) >= self.stop_after


def retry(sleep: Clockwork, settings: Settings | None = None) -> Retry:
    return Retry(
        settings=settings or Settings(),
        stop=threading.Event(),
        sleep=sleep,
        draw=random.Random(1).uniform,
    )


def raising(*errors: BaseException) -> Callable[[], str]:
    queue = list(errors)

    def call() -> str:
        if queue:
            raise queue.pop(0)
        return "done"

    return call


def unheard(error: Again, seconds: float) -> None:
    pass


def test_a_call_that_works_is_made_once() -> None:
    sleep = Clockwork()
    assert retry(sleep)(raising(), unheard) == "done"
    assert sleep.pauses == []


def test_passing_faults_are_repeated_and_each_pause_is_told() -> None:
    sleep, heard = Clockwork(), list[tuple[str, float]]()
    faults = [Passing(f"fault {number}") for number in range(3)]
    result = retry(sleep)(raising(*faults), lambda error, s: heard.append((str(error), s)))
    assert result == "done"
    assert [words for words, _ in heard] == ["fault 0", "fault 1", "fault 2"]
    assert [seconds for _, seconds in heard] == sleep.pauses


def test_the_last_fault_is_raised_when_the_tries_are_used_up() -> None:
    sleep = Clockwork()
    faults = [Passing(str(number)) for number in range(9)]
    with pytest.raises(Passing, match=r"^7$"):
        retry(sleep)(raising(*faults), unheard)
    assert len(sleep.pauses) == 7


@pytest.mark.parametrize(
    "error",
    [VideoFailed("x"), SignInNeeded("x"), SiteRefuses("x"), StartOver("x"), Stopped(), KeyError()],
)
def test_nothing_else_is_repeated(error: BaseException) -> None:
    sleep = Clockwork()
    with pytest.raises(type(error)):
        retry(sleep)(raising(error), unheard)
    assert sleep.pauses == []


def test_full_jitter_stays_under_a_doubling_ceiling() -> None:
    settings = Settings(retry_attempts=9, retry_max_wait=20.0)
    drawn: list[list[float]] = [[] for _ in range(8)]
    for _ in range(500):
        sleep = Clockwork()
        made = replace(retry(sleep, settings), draw=random.uniform)
        made(raising(*[Passing("x") for _ in range(8)]), unheard)
        for index, pause in enumerate(sleep.pauses):
            drawn[index].append(pause)
    for index, pauses in enumerate(drawn):
        ceiling = min(20.0, 2.0**index)
        assert 0.0 <= min(pauses) < 0.1 * ceiling
        assert 0.9 * ceiling < max(pauses) <= ceiling
        assert 0.4 * ceiling < sum(pauses) / len(pauses) < 0.6 * ceiling


def test_the_pause_that_the_site_asks_for_is_kept_even_when_it_is_long() -> None:
    sleep = Clockwork()
    retry(sleep)(raising(Passing("x", retry_after=300.0)), unheard)
    assert sleep.pauses == [300.0]


def test_a_pause_longer_than_all_patience_ends_it() -> None:
    sleep = Clockwork()
    loop = replace(retry(sleep), now=lambda: datetime(2026, 11, 27, tzinfo=UTC))
    with pytest.raises(Later, match=r"x; the site asks for a pause of 86400 s") as caught:
        loop(raising(Passing("x", retry_after=86_400.0)), unheard)
    assert caught.value.retry_at == datetime(2026, 11, 28, tzinfo=UTC)
    assert sleep.pauses == []


def test_a_budget_ends_it_before_the_tries_are_used_up() -> None:
    sleep, budget = Clockwork(), FaultBudget(5)
    loop = retry(sleep).within(budget)
    assert loop(raising(*[Passing("x")] * 3), unheard) == "done"
    assert budget.spent == 2
    with pytest.raises(Passing):
        loop(raising(*[Passing("x")] * 8), unheard)
    assert len(sleep.pauses) == 3 + 2
    with pytest.raises(Passing):
        loop(raising(Passing("x")), unheard)
    assert budget.is_spent


def test_what_works_fills_the_budget_again_and_no_further() -> None:
    budget = FaultBudget(3)
    loop = retry(Clockwork()).within(budget)
    for _ in range(50):
        assert loop(raising(Passing("x")), unheard) == "done"
        assert loop(raising(), unheard) == "done"
    assert budget.spent == 0


def test_waiting_for_others_costs_no_budget() -> None:
    budget = FaultBudget(1)
    errors = [Busy("busy"), NotYet("encoding"), Locked("locked")]
    assert retry(Clockwork()).within(budget)(raising(*errors), unheard) == "done"
    assert budget.spent == 0


@pytest.mark.parametrize("error", [Busy("busy"), NotYet("encoding"), Locked("locked")])
def test_what_the_site_does_in_its_own_time_is_looked_at_with_growing_pauses(
    error: NicobatchError,
) -> None:
    sleep = Clockwork()
    retry(sleep)(raising(*[error] * 10), unheard)
    assert sleep.pauses[:3] == [5.0, 7.5, 11.25]
    assert sleep.pauses == sorted(sleep.pauses)
    assert max(sleep.pauses) == 60.0


def test_waiting_ends_at_the_busy_timeout() -> None:
    sleep = Clockwork()
    settings = Settings(busy_timeout=100.0)
    with pytest.raises(Busy):
        retry(sleep, settings)(raising(*[Busy("busy")] * 100), unheard)
    assert 60.0 < sum(sleep.pauses) <= 100.0


def test_a_busy_site_does_not_use_up_the_tries() -> None:
    sleep = Clockwork()
    errors = [*[Busy("busy")] * 20, Passing("x"), Busy("busy"), Passing("x")]
    assert retry(sleep, Settings(retry_attempts=3))(raising(*errors), unheard) == "done"


def test_a_poll_interval_above_the_longest_pause_is_kept() -> None:
    sleep = Clockwork()
    settings = replace(Settings(), poll_interval=120.0)
    retry(sleep, settings)(raising(NotYet("x"), NotYet("x")), unheard)
    assert sleep.pauses == [120.0, 120.0]


def test_a_stop_ends_the_pause() -> None:
    sleep = Clockwork(stop_after=1)
    with pytest.raises(Stopped):
        retry(sleep)(raising(Passing("x")), unheard)


def test_without_a_sleep_of_its_own_it_waits_for_the_stop() -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(Stopped):
        Retry(settings=Settings(), stop=stop)(raising(NotYet("x")), unheard)
