"""The tests themselves: a test's cases are traced until one of them covers nothing new."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests.support.tracing import Tracing


@dataclass
class Controller:
    """Measures the cases that run while it has begun, as pytest-cov's does."""

    started: bool = True
    data: dict[str, set[int]] = field(default_factory=dict)

    @property
    def cov(self) -> Any:
        return SimpleNamespace(_collector=SimpleNamespace(data=self.data))

    def pause(self) -> None:
        self.started = False

    def resume(self) -> None:
        assert not self.started  # twice would go on for ever
        self.started = True


@dataclass
class Case:
    nodeid: str
    steps: set[int] = field(default_factory=set)
    marks: tuple[str, ...] = ()

    def get_closest_marker(self, name: str) -> bool:
        return name in self.marks


def traced(controller: Controller, cases: list[Case]) -> list[str]:
    """Return which of the cases were traced, from before their first fixture on."""
    tracing, found = Tracing(controller), []
    for case in cases:
        running = tracing.pytest_runtest_protocol(cast("pytest.Item", case))
        next(running)
        if controller.started:
            found.append(case.nodeid)
            controller.data.setdefault("a.py", set()).update(case.steps)
        with contextlib.suppress(StopIteration):
            running.send(None)
        assert controller.started
    return found


def test_no_case_is_traced_after_one_that_covers_nothing_new() -> None:
    first, second = (
        [
            Case(f"{name}[1]", {1}),
            Case(f"{name}[2]", {1, 2, number}),
            Case(f"{name}[[]", {2}),
            Case(f"{name}[4]", {3}),
        ]
        for number, name in enumerate(("a.py::test_a", "a.py::test_b"), 4)
    )
    alone = Case("a.py::test_c")
    told = traced(Controller(), [*first, *second, alone, alone])
    assert told == [*(each.nodeid for each in (*first[:3], second[0])), alone.nodeid]


def test_a_mark_leaves_out_the_fixtures_too() -> None:
    controller = Controller()
    marked, other = Case("a.py::test_a", {1}, ("no_cover",)), Case("a.py::test_b", {2})
    assert traced(controller, [marked, other]) == ["a.py::test_b"]


def test_what_was_begun_again_is_begun_once() -> None:
    controller = Controller()
    marked = cast("pytest.Item", Case("a.py::test_a", marks=("no_cover",)))
    running = Tracing(controller).pytest_runtest_protocol(marked)
    next(running)
    controller.resume()  # as pytest-cov does once such a test was called
    with contextlib.suppress(StopIteration):
        running.send(None)
    assert controller.started
