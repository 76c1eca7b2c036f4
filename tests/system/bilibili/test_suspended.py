"""A run that is put to sleep for longer than its locks last: another one takes over, for good."""

from __future__ import annotations

import os
from collections.abc import Sequence

import pytest

from tests.system.bilibili.ways import NEVER, Begin, Way
from tests.unit.sites.bilibili.journeys import SUBMISSION, parts

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows doesn't stop processes")

TTL = ("--ttl", "0.2")
"""Seconds; nobody wants the lock of the run that is awake, so it may be slow all the same."""
LATE = 5
"""The exit code of who was overtaken."""
LOOKS_NEXT = {
    "after GET /bilibili/preupload": 4,
    "after POST /bilibili/n": 1,
    "after PUT": 2,
    "after that receipt": 8,
    "after POST /bilibili/x/vu/web/cover/up": 1,
    "after POST /bilibili/x/vu/web/add/v3": 1,
    "after POST /bilibili/x2/creative/web/season/section/episodes/add": 1,
}
"""Points after which nothing is done before a look at the locks: how they begin, and which."""
LEAVES_YET = {
    "before PUT": 1,
    SUBMISSION.replace("POST", "before POST"): 1,
    "before POST /bilibili/x2/creative/web/season/section/episodes/add": 1,
}
"""Points at which a request is leaving, which no look at the locks holds back any more."""


def place_of(begins: str, which: int, points: Sequence[str]) -> int:
    return [at for at, name in enumerate(points, 1) if name.startswith(begins)][which - 1]


@pytest.mark.parametrize("begins", [*LOOKS_NEXT, *LEAVES_YET])
def test_a_suspended_run_that_was_overtaken_does_nothing_twice(
    begins: str, points: Sequence[str], begin: Begin
) -> None:
    way, which = begin(), {**LOOKS_NEXT, **LEAVES_YET}[begins]
    first = way.asleep(place_of(begins, which, points), *TTL)
    assert way.run(NEVER, *TTL).code == 0
    asked, receipt = changing(way), receipt_of(way)

    late = way.forks.wake(first)
    assert late.code == LATE, late
    assert len(changing(way)) - len(asked) == (begins in LEAVES_YET)
    assert receipt_of(way) == receipt
    way.demand_published(begins)
    assert max(parts(way.state()).values()) <= 2


def changing(way: Way) -> list[str]:
    """Return the requests that could change something."""
    return [each for each in way.requests() if not each.startswith("GET")]


def receipt_of(way: Way) -> str:
    (path,) = way.folder.glob(".nicobatch/m.yaml/bilibili/[!.]*.json")
    return path.read_text("utf-8")
