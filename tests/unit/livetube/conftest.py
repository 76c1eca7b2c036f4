"""Livetube's imitation, and a client of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from nicobatch.livetube import Livetube
from nicobatch.sandbox import Sandbox
from tests.support.faults import Faults
from tests.unit.livetube.making import Ask, asking


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
def sandbox(tmp_path: Path, faults: Faults) -> Iterator[Sandbox]:
    with Sandbox(tmp_path / "site", wrap=faults.wrap, language="en") as server:
        yield server
    assert server.audit()["crashes"] == []


@pytest.fixture
def livetube(sandbox: Sandbox) -> Iterator[Livetube]:
    with Livetube(f"{sandbox.url}/livetube") as client:
        yield client


@pytest.fixture
def ask(sandbox: Sandbox) -> Ask:
    """Ask the imitation for what a test needs."""
    return asking(sandbox)


@pytest.fixture
def stream(ask: Ask) -> str:
    return str(ask("broadcasts", author="nago", title="テスト", tags=["nanasiid"])["stream"])
