"""A sandbox with bilibili in it, whose time passes as the run waits, and a stage before it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from nicobatch.sandbox import Sandbox
from tests.unit.sites.bilibili.making import CHUNK, Stage, utc
from tests.unit.sites.bilibili.sandbox.client import Client
from tests.unit.sites.niconico.sandbox.conftest import Clock, clock, encode, video

__all__ = ["clock", "video"]


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, clock: Clock) -> Iterator[Sandbox]:
    """A sandbox that, at the end of every test, must not have crashed."""
    monkeypatch.setattr("nicobatch.sandbox.world.SITES", ("niconico", "bilibili"))
    server = Sandbox(tmp_path / "state", encode_seconds=10, clock=clock, language="en")
    with server:
        yield server
    assert server.audit()["crashes"] == []


@pytest.fixture
def site(sandbox: Sandbox) -> Iterator[Client]:
    """The door by which tests ask the sandbox for trouble, and look at what arrived."""
    with Client(sandbox.url) as client:
        client.set(chunk_size=CHUNK, chunk_retry_delay=0)
        yield client


@pytest.fixture
def stage(sandbox: Sandbox, site: Client, tmp_path: Path, clock: Clock) -> Stage:
    folder = tmp_path / "videos"
    folder.mkdir()

    def advance(seconds: float) -> None:
        clock.now += seconds

    return Stage(folder, sandbox.url, lambda: utc(clock.now), advance)


@pytest.fixture
def file(stage: Stage, video: bytes) -> Path:
    path = stage.folder / "第1集.mp4"
    path.write_bytes(video)
    return path


@pytest.fixture(scope="session")
def other_video() -> bytes:
    """Another one: one second, 48 by 36."""
    return encode(48, 36, frames=10)


@pytest.fixture
def other(stage: Stage, other_video: bytes) -> Path:
    path = stage.folder / "第2集.mp4"
    path.write_bytes(other_video)
    return path
