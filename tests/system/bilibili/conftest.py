"""Ways of videos to a site that takes several of them, and the points that each passes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.support.stages import Forks
from tests.system.bilibili.ways import Begin, points_of, ways
from tests.unit.sites.bilibili.conftest import other_video, video

__all__ = ["other_video", "video"]


@pytest.fixture(scope="session")
def forks() -> Iterator[Forks]:
    with Forks() as made:
        yield made


@pytest.fixture
def begin(forks: Forks, video: bytes, other_video: bytes, tmp_path: Path) -> Iterator[Begin]:
    with ways(tmp_path, forks, video, other_video) as made:
        yield made


@pytest.fixture(scope="session")
def points(
    forks: Forks, video: bytes, other_video: bytes, tmp_path_factory: pytest.TempPathFactory
) -> Sequence[str]:
    """The names of all points that an undisturbed run passes."""
    with ways(tmp_path_factory.mktemp("points"), forks, video, other_video) as begin:
        return points_of(begin())
