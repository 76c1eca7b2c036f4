"""Ways of videos to a site that takes all of them, and the points that one passes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from tests.system.bilibili.ways import Begin, points_of, ways
from tests.unit.sites.bilibili.conftest import other_video, video

__all__ = ["other_video", "video"]


@pytest.fixture(scope="module")
def begin(
    tmp_path_factory: pytest.TempPathFactory, video: bytes, other_video: bytes
) -> Iterator[Begin]:
    with ways(tmp_path_factory.mktemp("ways"), video, other_video) as made:
        yield made


@pytest.fixture(scope="module")
def points(begin: Begin) -> Sequence[str]:
    """The names of all points that an undisturbed run passes."""
    return points_of(begin())
