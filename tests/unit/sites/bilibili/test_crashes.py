"""The crash matrix: cut at every point of its way, a video is still submitted exactly once."""

from __future__ import annotations

import json
import os
import signal
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from nicobatch.pipeline import State
from nicobatch.sandbox import Sandbox
from tests.support import crashing
from tests.support.stages import COMMAND, Forks
from tests.unit.cli.running import Result
from tests.unit.sites.bilibili.journeys import (
    NAMES,
    PART,
    SUBMISSION,
    Journey,
    demand_done,
    demand_published,
    journey,
    parts,
)
from tests.unit.sites.bilibili.sandbox.client import MAIN, Client

pytestmark = pytest.mark.no_cover  # being traced would double its time, and cover nothing more

SHARES = 12
"""Points are dealt out to so many tests."""
AT_ONCE = 3
NEVER = 0


class Cut(BaseException):
    """The end of a run, from which nothing comes back."""


@dataclass(slots=True)
class Cuts(crashing.Points):
    """Names every point that is reached; from the one that is meant on, each is the end."""

    def reach(self, name: str) -> None:
        with self.lock:
            self.names.append(name)
            if self.at != NEVER and len(self.names) >= self.at:
                raise Cut

    def begin(self, at: int = NEVER) -> None:
        self.at = at
        self.names.clear()


@pytest.fixture
def cuts(monkeypatch: pytest.MonkeyPatch) -> Cuts:
    made = Cuts(NEVER, signal.SIGTERM)
    crashing.watch(made, monkeypatch.setattr)
    return made


_PASSED: list[str] = []
"""The points, once they are known."""


@pytest.fixture
def points(cuts: Cuts, video: bytes, other_video: bytes, tmp_path: Path) -> Sequence[str]:
    """The names of all points that an undisturbed run passes."""
    if not _PASSED:
        with journey(tmp_path / "points", video, other_video) as undisturbed:
            demand_done(undisturbed.run(), "undisturbed")
            _PASSED.extend(cuts.names)
    return _PASSED


def test_there_is_a_point_around_every_request_and_every_write(
    points: Sequence[str], cuts: Cuts
) -> None:
    found = Counter(" ".join(name.split()[:2]) for name in points)
    assert found["before PUT"] == found["after PUT"] == 3 + 2
    assert found["before POST"] == found["after POST"] == 2 * 3 + 3
    assert found["before GET"] == found["after GET"] > 10
    assert found["before the"] == found["after that"] > 15


@pytest.mark.parametrize("share", range(SHARES))
def test_a_run_that_is_cut_anywhere_is_finished_by_the_next(
    share: int,
    points: Sequence[str],
    cuts: Cuts,
    video: bytes,
    other_video: bytes,
    tmp_path: Path,
) -> None:
    for at in range(1 + share, len(points) + 1, SHARES):
        with journey(tmp_path / str(at), video, other_video) as cut:
            check(cut, cuts, at, where=f"cut at point {at}, {points[at - 1]}")


@pytest.mark.parametrize("kind", ["before", "after"])
def test_so_is_one_that_is_cut_while_several_parts_are_on_their_way(
    kind: str,
    points: Sequence[str],
    cuts: Cuts,
    video: bytes,
    other_video: bytes,
    tmp_path: Path,
) -> None:
    begins = f"{kind} PUT"
    for at in [at for at, name in enumerate(points, 1) if name.startswith(begins)][:3]:
        with journey(tmp_path / str(at), video, other_video) as cut:
            check(cut, cuts, at, where=f"cut at point {at}", parallel=AT_ONCE)


def test_runs_of_which_each_comes_a_little_further_finish_it_together(
    cuts: Cuts, video: bytes, other_video: bytes, tmp_path: Path
) -> None:
    with journey(tmp_path / "journey", video, other_video) as cut:
        for at in range(1, 100):
            cuts.begin(at)
            try:
                assert cut.run().error is None
            except Cut:
                continue
            break
        assert at > 10
        cut.demand_published("at last")


def check(cut: Journey, cuts: Cuts, at: int, *, where: str, parallel: int = 1) -> None:
    cuts.begin(at)
    with pytest.raises(Cut):
        cut.run(parallel)
    saved, before = cut.saved(), cut.parts()

    cuts.begin()
    outcome = cut.run()
    where = f"{where}: {outcome.error!r}"
    cut.demand_published(where)
    demand_done(outcome, where, outcome.state)
    assert cut.requests().count(SUBMISSION) == 1, where
    check_parts(saved, before, cut.parts(), at_once=parallel, where=where)

    requests = cut.requests()
    demand_done(cut.run(), where, State.UNCHANGED)
    assert cut.requests() == requests, where


def check_parts(
    saved: set[tuple[str, int]],
    before: Mapping[tuple[str, int], int],
    after: Mapping[tuple[str, int], int],
    *,
    at_once: int,
    where: str,
) -> None:
    """Only what was on its way at the cut may have been taken a second time."""
    assert sum(after.values()) <= 3 + 2 + at_once, where
    assert len([times for times in after.values() if times > 1]) <= at_once, where
    for part in saved:
        assert after[part] == before[part] == 1, where


# A few of them in earnest: processes that a SIGKILL ends


MANIFEST = """\
version: 1
sites: [bilibili]
file: 第1集.mp4
title: 第1集 初次冒险
description: 出村
tags: [游戏]
thumbnail: {timing: 0.5}
bilibili:
  partition: 游戏
  season: 7
  pages: [{file: 第1集.mp4}, {file: 第2集.mp4, title: 后篇}]
"""
IN_EARNEST = {
    "after GET /bilibili/preupload": 4,
    "after PUT": 2,
    "after POST /bilibili/x/vu/web/add/v3": 1,
}
"""The points at which it comes: how they begin, and which of those it is."""


@pytest.fixture(scope="module")
def forks() -> Iterator[Forks]:
    with Forks() as made:
        yield made


def place_of(begins: str, which: int, points: Sequence[str]) -> int:
    return [at for at, name in enumerate(points, 1) if name.startswith(begins)][which - 1]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL, and no fork")
def test_a_process_that_is_killed_is_finished_by_the_next(
    forks: Forks, video: bytes, other_video: bytes, tmp_path: Path
) -> None:
    points: Sequence[str] = ()
    for begins, which in {"": 0, **IN_EARNEST}.items():
        folder = tmp_path / f"{which} {begins.replace('/', '-')}"
        folder.mkdir()
        (folder / "m.yaml").write_text(MANIFEST, "utf-8")
        for name, content in zip(NAMES, (video, other_video), strict=True):
            (folder / name).write_bytes(content)
        with Sandbox(folder / ".site", encode_seconds=0) as site, Client(site.url) as client:
            client.set(chunk_size=PART, chunk_retry_delay=0)
            if not begins:
                points = json.loads(run(forks, folder, site.url, 0).out.splitlines()[-1])
                continue
            killed = run(forks, folder, site.url, place_of(begins, which, points))
            assert killed.code == -9, killed
            second = run(forks, folder, site.url, -1)
            assert second.code == 0, second
            demand_published(client.state(), folder, begins)
            assert max(parts(client.state()).values()) <= 2, begins
            requests = [f"{each['method']} {each['path']}" for each in site.audit()["requests"]]
            assert requests.count(SUBMISSION) == 1, begins


def run(forks: Forks, folder: Path, origin: str, at: int) -> Result:
    environment = {
        "NICOBATCH_API_ORIGIN": origin,
        "NICOBATCH_BILIBILI_SESSDATA": MAIN.cookie("SESSDATA"),
        "NICOBATCH_BILIBILI_BILI_JCT": MAIN.cookie("bili_jct"),
        "XDG_STATE_HOME": str(folder / ".state"),
    }
    return forks.run(folder, environment, str(at), *COMMAND, "--parallel-chunks", "1")
