"""A watched folder before a site, once told of changes and once polled."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from nicobatch.sandbox import Sandbox
from tests.support.faults import Faults
from tests.system.watch.watching import Inbox

BACKENDS = {"native": (), "poll": ("--poll",)}


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
def site(tmp_path: Path, faults: Faults) -> Iterator[Sandbox]:
    """A site that encodes at once, and that must not have crashed at the end of the test."""
    with Sandbox(tmp_path / "site", encode_seconds=0, wrap=faults.wrap) as server:
        yield server
    assert server.audit()["crashes"] == []


@pytest.fixture
def single(tmp_path: Path, site: Sandbox, small_video: Path) -> Inbox:
    """A folder that is watched as it comes."""
    folder = tmp_path / "投稿"
    folder.mkdir()
    return Inbox(folder, small_video, site)


@pytest.fixture(params=BACKENDS, ids=list(BACKENDS))
def inbox(single: Inbox, request: pytest.FixtureRequest) -> Inbox:
    """A folder that is watched in each of the ways."""
    single.options = BACKENDS[request.param]
    return single
