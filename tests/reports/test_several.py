from __future__ import annotations

import inspect

from nicobatch.reports.report import Report
from nicobatch.reports.several import Several
from nicobatch.reports.silent import Silent
from tests.reports import hostile

NAMES = [name for name in vars(Report) if not name.startswith("_")]


class Listening(Silent):
    """Remembers what it was told, and in which order among others."""

    def __init__(self, log: list[tuple[object, str]]) -> None:
        self._log = log

    def __getattribute__(self, name: str) -> object:
        if name in NAMES:
            object.__getattribute__(self, "_log").append((self, name))
        return object.__getattribute__(self, name)


def test_each_hears_everything_in_order() -> None:
    log: list[tuple[object, str]] = []
    first, second = Listening(log), Listening(log)
    both = Several(first, second)
    hostile.tell(both)
    both.hits([], hostile.FOUND)
    told = [name for who, name in log if who is first]
    assert log == [(who, name) for name in told for who in (first, second)]
    assert set(told) == set(NAMES)


def test_all_say_the_same_words() -> None:
    for name in NAMES:
        wanted = inspect.signature(getattr(Report, name))
        assert inspect.signature(getattr(Several, name)) == wanted
        assert inspect.signature(getattr(Silent, name)) == wanted
