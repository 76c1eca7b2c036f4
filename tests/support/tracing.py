"""Tests are traced, which takes them twice their time, for as long as that tells something."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, Final

import pytest


class Tracing:
    """Has a test's cases traced until one of them covers nothing that is new."""

    def __init__(self, controller: Any) -> None:
        """`controller` is pytest-cov's."""
        self._controller: Final = controller
        self._told: Final[set[str]] = set()
        """Tests of which no other case is traced."""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Trace what the case takes from its first fixture to its last, or nothing of it."""
        test, _, _ = item.nodeid.partition("[")
        if test in self._told or item.get_closest_marker("no_cover"):
            return (yield from self._untraced())
        before = self._covered()
        result = yield
        if self._covered() == before:
            self._told.add(test)
        return result

    def _untraced(self) -> Generator[None, object, object]:
        self._controller.pause()
        try:
            return (yield)
        finally:
            # Where the call alone was to be left out, pytest-cov has resumed by now.
            if not self._controller.started:
                self._controller.resume()

    def _covered(self) -> int:
        """Return how many steps between lines are known; coverage would write them to a file."""
        return sum(map(len, tuple(self._controller.cov._collector.data.values())))
