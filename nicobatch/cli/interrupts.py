"""SIGINT and SIGTERM: the first asks to stop, the second stops at once."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType
from typing import Final, Generic, NoReturn, TypeVar

from nicobatch.cli import runner

_T = TypeVar("_T")
GRACE: Final = 1.2
"""Seconds that work may take to notice that it is to stop; what it saved is saved by then."""
_TICK: Final = 0.1


@dataclass(slots=True)
class Work(Generic[_T]):
    """Runs something in a thread of its own, so that a signal is heard whatever it waits for."""

    stop: threading.Event
    signal: int | None = None
    _result: list[_T] = field(default_factory=list)
    _error: list[BaseException] = field(default_factory=list)

    def run(self, work: Callable[[], _T]) -> _T | None:
        """Return what the work returns, or None if it did not stop in time when asked to."""
        before = {number: signal.signal(number, self._heard) for number in _signals()}
        thread = threading.Thread(target=self._do, args=(work,), daemon=True)
        try:
            thread.start()
            self._wait(thread)
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
        if self._error:
            raise self._error[0]
        return self._result[0] if self._result else None

    def _do(self, work: Callable[[], _T]) -> None:
        try:
            self._result.append(work())
        except BaseException as error:  # noqa: BLE001 - handed over to the thread that waits
            self._error.append(error)

    def _wait(self, thread: threading.Thread) -> None:
        deadline = None
        while thread.is_alive():
            thread.join(_TICK)
            if self.stop.is_set():
                deadline = deadline or time.monotonic() + GRACE
                if time.monotonic() > deadline:
                    return

    def _heard(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - signal's shape
        if self.stop.is_set():
            leave(128 + number)
        self.signal = number
        self.stop.set()


def leave(code: int) -> NoReturn:
    """Leave at once: threads that hang on the network are not waited for."""
    runner.let_go()
    os._exit(code)


def _signals() -> tuple[signal.Signals, ...]:
    return (signal.SIGINT, signal.SIGTERM)
