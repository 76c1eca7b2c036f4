"""Whole runs are not traced: that would double their time, and cover nothing more."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.locked import USED_ONCE

HERE = f"{Path(__file__).parent}{os.sep}"


@pytest.fixture(scope="session", autouse=True)
def _environments_are_used_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in USED_ONCE.items():
            patch.setenv(name, value)
        yield


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if str(item.path).startswith(HERE):
            item.add_marker(pytest.mark.no_cover)
