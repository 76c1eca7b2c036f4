from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.stores import Shelf, serving
from tests.unit.pipeline.conftest import bench

__all__ = ["bench"]


@pytest.fixture(scope="session")
def _served() -> Iterator[Shelf]:
    with serving() as shelf:
        yield shelf


@pytest.fixture
def shelf(_served: Shelf, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    """A bucket in a store that the environment names."""
    for name, value in _served.environment.items():
        monkeypatch.setenv(name, value)
    return _served
