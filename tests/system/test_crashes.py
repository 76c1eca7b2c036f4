"""The crash matrix: killed at every point of its way, a batch is still published exactly once."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.support.stages import COMMAND, LONG, SHORT, Forks, Stage
from tests.unit.cli.running import Result

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL, and no fork")

SHARES = 24
"""Points are dealt out to so many tests: each is worth a moment, all of them take a while."""
AT_ONCE = ("--parallel-chunks", "3")
NEVER = -1


@pytest.fixture(scope="module")
def forks() -> Iterator[Forks]:
    with Forks() as made:
        yield made


@pytest.fixture(scope="module")
def points(
    forks: Forks, small_video: Path, tmp_path_factory: pytest.TempPathFactory
) -> Sequence[str]:
    """The names of all points that an undisturbed run passes."""
    with Stage(tmp_path_factory.mktemp("points") / "show", small_video) as stage:
        result = run(stage, forks, 0)
        assert result.code == 0, result.err
        names: list[str] = json.loads(result.out.splitlines()[-1])
        return names


def run(stage: Stage, forks: Forks, at: int = NEVER, *options: str) -> Result:
    return forks.run(stage.folder, stage.environment, str(at), *COMMAND, *options)


def test_there_is_a_point_around_every_request_and_every_write(points: Sequence[str]) -> None:
    found = Counter(" ".join(name.split()[:2]) for name in points)
    assert found["before POST"] == found["after POST"] == 13
    assert found["before GET"] == found["after GET"] >= 3
    assert found["before the"] == found["after that"] == 9 + 6
    assert found["within POST"] == 3 + 1


@pytest.mark.parametrize("share", range(SHARES))
def test_a_run_that_is_killed_anywhere_is_finished_by_the_next(
    share: int, points: Sequence[str], forks: Forks, small_video: Path, tmp_path: Path
) -> None:
    for at in range(1 + share, len(points) + 1, SHARES):
        with Stage(tmp_path / f"show{at}", small_video) as stage:
            check(stage, forks, at, where=f"killed at point {at}, {points[at - 1]}")


@pytest.mark.parametrize("kind", ["before", "within", "after"])
def test_so_is_one_that_is_killed_while_several_parts_are_on_their_way(
    kind: str, points: Sequence[str], forks: Forks, small_video: Path, tmp_path: Path
) -> None:
    parts = [at for at, name in enumerate(points, 1) if is_part(name) and name.startswith(kind)]
    for at in parts[:3]:
        with Stage(tmp_path / f"show{at}", small_video) as stage:
            check(stage, forks, at, *AT_ONCE, where=f"killed at point {at}")


def test_runs_of_which_each_comes_a_little_further_finish_it_together(
    points: Sequence[str], forks: Forks, small_video: Path, tmp_path: Path
) -> None:
    with Stage(tmp_path / "show", small_video) as stage:
        codes: list[int] = []
        while not codes or codes[-1] == -9:
            codes.append(run(stage, forks, len(codes) + 1).code)
        assert codes[-1] == 0
        assert len(codes) > 5
        stage.demand_published(LONG, SHORT)


def is_part(name: str) -> bool:
    return name.endswith("/file/chunks")


def check(stage: Stage, forks: Forks, at: int, *options: str, where: str) -> None:
    killed = run(stage, forks, at, *options)
    assert killed.code == -9, f"{where}: {killed}"
    saved, before = saved_parts(stage), stage.parts()

    second = run(stage, forks)
    assert second.code == 0, f"{where}: {second}"
    stage.demand_published(LONG, SHORT, where=where)
    check_parts(saved, before, stage.parts(), at_once=3 if options else 1, where=where)

    requests = stage.requests()
    third = run(stage, forks)
    assert third.code == 0, f"{where}: {third}"
    assert [done["state"] for done in third.of("video_done")] == ["unchanged"] * 2, where
    assert stage.requests() == requests, where


def saved_parts(stage: Stage) -> set[tuple[str, str]]:
    """Return the parts that receipts on the disk call received: entry and index."""
    found = set()
    for receipt in stage.receipts().values():
        for run in filter(None, (receipt["upload"] or {}).get("doneParts", "").split(",")):
            first, _, last = run.partition("-")
            indices = range(int(first), int(last or first) + 1)
            found |= {(receipt["remote"]["videoId"], str(index)) for index in indices}
    return found


def check_parts(
    saved: set[tuple[str, str]],
    before: dict[str, dict[str, int]],
    after: dict[str, dict[str, int]],
    *,
    at_once: int,
    where: str,
) -> None:
    """Only what was on its way at the kill may have been accepted a second time."""
    again = []
    for video, parts in after.items():
        for index, times in parts.items():
            if (video, index) in saved:
                assert times == before[video][index] == 1, where
            elif times > 1:
                again.append(times)
    assert len(again) <= at_once, where
    assert set(again) <= {2}, where
