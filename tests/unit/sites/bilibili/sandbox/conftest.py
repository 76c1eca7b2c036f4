"""A sandbox with bilibili in it, a clock to turn, and small real videos."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from nicobatch.sandbox import Sandbox
from tests.unit.sites.bilibili.sandbox.client import Client
from tests.unit.sites.niconico.sandbox.conftest import ENCODE_SECONDS, Clock, clock, video

__all__ = ["clock", "video"]

CHUNK = 1_000
"""Bytes of a part, so that a small video has several."""


@pytest.fixture
def mounted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nicobatch.sandbox.world.SITES", ("niconico", "bilibili"))


@pytest.fixture
def sandbox(mounted: None, tmp_path: Path, clock: Clock) -> Iterator[Sandbox]:
    """A sandbox that, at the end of every test, must not have crashed."""
    server = Sandbox(tmp_path / "state", encode_seconds=ENCODE_SECONDS, clock=clock, language="en")
    with server:
        yield server
    assert server.audit()["crashes"] == []


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[Client]:
    with Client(sandbox.url) as client:
        client.set(chunk_size=CHUNK)
        yield client
