"""The one retry loop: what is tried again, after which pause, and for how long."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Final, TypeVar

import tenacity

from nicobatch.errors import Again, Busy, Later, Locked, NotYet, Passing, RateLimited, Stopped
from nicobatch.events import Waiting
from nicobatch.language import N_, _
from nicobatch.pipeline.meter import Emit, Sleep
from nicobatch.settings import Settings

_T = TypeVar("_T")
FIRST_PAUSE: Final = 1.0
"""Seconds; the ceiling of the first pause, which doubles with every try."""
_WORDS: Final = MappingProxyType(
    {
        Passing: N_("{error}; the site asks for a pause of {seconds:.0f} s"),
        RateLimited: N_("{error}; there is room for another one in {seconds:.0f} s"),
    }
)
"""What is said of a pause that is longer than all patience, by the error that asks for it."""
POLL_GROWTH: Final = 1.5
"""How much longer each look at the site's own work is put off than the one before."""


@dataclass(slots=True)
class FaultBudget:
    """How many more faults are borne in all; every call that works gives one back."""

    size: int
    spent: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def spend(self) -> None:
        """Count a fault."""
        with self._lock:
            self.spent += 1

    def refund(self) -> None:
        """Count a call that worked."""
        with self._lock:
            self.spent = max(0, self.spent - 1)

    @property
    def is_spent(self) -> bool:
        """Tell whether the next fault is one too many."""
        return self.spent >= self.size


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """Repeats a call while its error says `Again`.

    A passing fault gets `retry_attempts` tries with full jitter, or the pause that the site asked
    for, as long as every budget bears it. What the site or another run does in its own time is
    looked at again with growing pauses until `busy_timeout`. The last error is raised where that
    was not enough; Later, where the site asks for a longer pause than `busy_timeout`.
    """

    settings: Settings
    stop: threading.Event
    sleep: Sleep | None = None
    draw: Callable[[float, float], float] = random.uniform
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    budgets: tuple[FaultBudget, ...] = ()
    refunds: bool = True
    """Whether a call that works gives a fault back; not one that may not even ask the site."""

    def within(self, budget: FaultBudget) -> Retry:
        """Return the same loop, which also keeps to the budget."""
        return replace(self, budgets=(*self.budgets, budget))

    def __call__(self, call: Callable[[], _T], waiting: Callable[[Again, float], None]) -> _T:
        """Return what the call returns; `waiting` is told of each error and the pause after it."""
        patience = _Patience(self)
        loop = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type((Passing, Busy, NotYet, Locked, RateLimited)),
            stop=patience.is_over,
            wait=patience.pause,
            sleep=self._pause,
            before_sleep=lambda state: waiting(_error(state), state.upcoming_sleep),
            reraise=True,
        )
        result = loop(call)
        for budget in self.budgets if self.refunds else ():
            budget.refund()
        return result

    def _pause(self, seconds: float) -> None:
        if (self.sleep or self.stop.wait)(seconds):
            raise Stopped


@dataclass(slots=True)
class _Patience:
    """Counts faults and waiting apart: a busy site does not use up the tries of a failing one."""

    retry: Retry
    faults: int = 0
    looks: int = 0
    waited: float = 0.0

    def pause(self, state: tenacity.RetryCallState) -> float:
        """Return the seconds to wait before the next try; called once a try, before `is_over`."""
        error = _error(state)
        if isinstance(error, Passing):
            return self._after_fault(error)
        seconds = self._look_after(error)
        self.waited += seconds
        return seconds

    def is_over(self, state: tenacity.RetryCallState) -> bool:
        """Tell whether the error is the last one."""
        settings = self.retry.settings
        if self.faults >= settings.retry_attempts or any(b.is_spent for b in self.retry.budgets):
            return True
        error = _error(state)
        words = _WORDS.get(type(error))
        if words and state.upcoming_sleep > settings.busy_timeout:
            raise Later(
                _(words).format(error=error, seconds=state.upcoming_sleep),
                _("run it again after that pause, or with a longer --busy-timeout"),
                retry_at=self.retry.now() + timedelta(seconds=state.upcoming_sleep),
            )
        return self.waited > settings.busy_timeout

    def _look_after(self, error: Again) -> float:
        """Return the pause before the next look; one that is known to be of no use is put off."""
        if isinstance(error, RateLimited):
            return error.retry_after
        settings = self.retry.settings
        longest = max(settings.retry_max_wait, settings.poll_interval)
        self.looks += 1
        return min(longest, settings.poll_interval * POLL_GROWTH ** (self.looks - 1))

    def _after_fault(self, error: Passing) -> float:
        self.faults += 1
        for budget in self.retry.budgets:
            budget.spend()
        if error.retry_after is not None:
            return error.retry_after
        longest = self.retry.settings.retry_max_wait
        return self.retry.draw(0.0, min(longest, FIRST_PAUSE * 2.0 ** (self.faults - 1)))


def _error(state: tenacity.RetryCallState) -> Again:
    error = state.outcome.exception() if state.outcome else None
    assert isinstance(error, Again), "tenacity asks only about what it is to repeat"  # noqa: S101
    return error


def told(emit: Emit) -> Callable[[Again, float], None]:
    """Return what tells the listener of each error and the pause after it."""

    def waiting(error: Again, seconds: float) -> None:
        emit(Waiting(reason=str(error), seconds=round(seconds, 1)))

    return waiting
