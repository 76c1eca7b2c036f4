"""The crash matrix: killed at every point of its way, a video is still submitted exactly once."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence

import pytest

from tests.system.bilibili.ways import Begin, Way
from tests.unit.sites.bilibili.journeys import SUBMISSION, parts

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL, and no fork")

SHARES = 8
"""Points are dealt out to so many tests."""
AT_ONCE = 3
"""Parts on their way."""


def test_there_is_a_point_around_every_request_and_every_write(points: Sequence[str]) -> None:
    found = Counter(" ".join(name.split()[:2]) for name in points)
    assert found["before PUT"] == found["after PUT"] == 3 + 2
    assert found["before POST"] == found["after POST"] == 2 * 3 + 3
    assert found["before GET"] == found["after GET"] > 10
    assert found["before the"] == found["after that"] == 14


@pytest.mark.parametrize("share", range(SHARES))
def test_a_run_that_is_killed_anywhere_is_finished_by_the_next(
    share: int, points: Sequence[str], begin: Begin
) -> None:
    for at in range(1 + share, len(points) + 1, SHARES):
        check(begin(), at, where=f"killed at point {at}, {points[at - 1]}")


@pytest.mark.parametrize("kind", ["before", "within", "after"])
def test_so_is_one_that_is_killed_while_several_parts_are_on_their_way(
    kind: str, points: Sequence[str], begin: Begin
) -> None:
    begins = f"{kind} PUT"
    for at in [at for at, name in enumerate(points, 1) if name.startswith(begins)][:3]:
        check(begin(), at, where=f"killed at point {at}, {kind}", parallel=AT_ONCE)


def test_runs_of_which_each_comes_a_little_further_finish_it_together(begin: Begin) -> None:
    way, codes = begin(), list[int]()
    while not codes or codes[-1] == -9:
        codes.append(way.run(len(codes) + 1).code)
    assert codes[-1] == 0
    assert len(codes) > 10
    way.demand_published("at last")


def check(way: Way, at: int, *, where: str, parallel: int = 1) -> None:
    earlier = way.requests().count(SUBMISSION)
    killed = way.run(at, parallel=parallel)
    assert killed.code == -9, f"{where}: {killed}"
    saved, before = way.saved(), parts(way.state())

    second = way.run()
    assert second.code == 0, f"{where}: {second}"
    way.demand_published(where)
    assert way.requests().count(SUBMISSION) == earlier + 1, where
    check_parts(saved, before, parts(way.state()), at_once=parallel, where=where)

    requests = way.requests()
    third = way.run()
    assert third.code == 0, f"{where}: {third}"
    assert [done["state"] for done in third.of("video_done")] == ["unchanged"], where
    assert way.requests() == requests, where


def check_parts(
    saved: set[tuple[str, int]],
    before: Mapping[tuple[str, int], int],
    after: Mapping[tuple[str, int], int],
    *,
    at_once: int,
    where: str,
) -> None:
    """Only what was on its way at the kill may have been taken a second time."""
    assert sum(after.values()) <= 3 + 2 + at_once, where
    assert len([times for times in after.values() if times > 1]) <= at_once, where
    for part in saved:
        assert after[part] == before[part] == 1, where
