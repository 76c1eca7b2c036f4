"""A run that is put to sleep for longer than its locks last: another one takes over, for good."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.support.stages import COMMAND, LONG, SHORT, Forks, Stage, sha256
from tests.unit.cli.running import Result, end

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows doesn't stop processes")

CRASHING = "tests.support.crashing"
TTL = "0.2"
"""Seconds; nobody wants the lock of the run that is awake, so it may be slow all the same."""
SHARES = 12
MANIFEST = f"version: 1\nfile: {SHORT}\ntitle: はじめまして\nthumbnail: {{timing: 0.5}}\n"


@pytest.fixture(scope="module")
def forks() -> Iterator[Forks]:
    with Forks() as made:
        yield made


@pytest.fixture(scope="module")
def points(
    forks: Forks, small_video: Path, tmp_path_factory: pytest.TempPathFactory
) -> Sequence[str]:
    """The names of all points that an undisturbed run passes."""
    folder = tmp_path_factory.mktemp("points") / "show"
    with Stage(folder, small_video, MANIFEST) as stage:
        result = awake(stage, forks, 0)
        assert result.code == 0, result.err
        names: list[str] = json.loads(result.out.splitlines()[-1])
        return names


def awake(stage: Stage, forks: Forks, at: int = -1, *options: str) -> Result:
    arguments = ("--ttl", TTL, str(at), *COMMAND, *options)
    return forks.run(stage.folder, stage.environment, *arguments)


def asleep(stage: Stage, forks: Forks, at: int) -> int:
    """Return the id of a run that has stopped itself at the point."""
    arguments = ("--ttl", TTL, "--signal", "STOP", str(at), *COMMAND)
    return forks.asleep(stage.folder, stage.environment, *arguments)


@pytest.mark.parametrize("share", range(SHARES))
def test_a_suspended_run_that_was_overtaken_does_nothing_more(
    share: int, points: Sequence[str], forks: Forks, small_video: Path, tmp_path: Path
) -> None:
    chosen = [at for at, name in enumerate(points[:-1], 1) if is_followed_by_a_look(name)]
    for at in chosen[share::SHARES]:
        with Stage(tmp_path / f"show{at}", small_video, MANIFEST) as stage:
            check(stage, forks, at, f"suspended at point {at}, {points[at - 1]}")


def is_followed_by_a_look(name: str) -> bool:
    """Tell points after which nothing is done before a look at the locks."""
    return name.startswith(("after POST", "after that receipt"))


def check(stage: Stage, forks: Forks, at: int, where: str) -> None:
    first = asleep(stage, forks, at)
    second = awake(stage, forks)
    assert second.code == 0, f"{where}: {second}"
    requests, receipts = stage.requests(), stage.receipts()

    late = forks.wake(first)
    assert late.code == 5, f"{where}: {late}"
    assert stage.requests() == requests, where
    assert stage.receipts() == receipts, where
    stage.demand_published(SHORT, where=where)


@pytest.mark.parametrize("share", range(3))
def test_all_that_can_still_leave_is_the_request_it_was_suspended_at(
    share: int, points: Sequence[str], forks: Forks, small_video: Path, tmp_path: Path
) -> None:
    """No look at the locks helps there. A second creation stays an empty entry of the account."""
    chosen = [at for at, name in enumerate(points, 1) if name.startswith("before POST")]
    for at in chosen[share::3]:
        with Stage(tmp_path / f"show{at}", small_video, MANIFEST) as stage:
            first = asleep(stage, forks, at)
            assert awake(stage, forks).code == 0
            requests, receipts = stage.requests(), stage.receipts()
            assert forks.wake(first).code == 5
            assert len(stage.requests()) == len(requests) + 1
            assert stage.receipts() == receipts
            entries = stage.entries()
            assert [each["sha256"] for each in entries if each["published"]] == [
                sha256(stage.folder / SHORT)
            ]
            empty = [each for each in entries if not each["published"]]
            assert len(empty) == (points[at - 1] == "before POST /api/v2/videos")
            assert all(each["received"] == {"create": 1} for each in empty)


@pytest.mark.parametrize("place", [0, 3, -1], ids=["the first", "the fourth", "the last"])
def test_a_run_that_is_suspended_while_it_writes_keeps_its_receipt_to_itself(
    place: int, points: Sequence[str], forks: Forks, small_video: Path, tmp_path: Path
) -> None:
    writes = [at for at, name in enumerate(points, 1) if name.startswith("before the receipt")]
    with Stage(tmp_path / "show", small_video, MANIFEST) as stage:
        first = asleep(stage, forks, writes[place])
        requests, receipts = stage.requests(), stage.receipts()
        second = awake(stage, forks, -1, "--busy-timeout", "1")
        assert second.code == 5
        assert "another run does not let go" in second.of("video_failed")[0]["message"]
        assert stage.receipts() == receipts
        assert stage.requests() == requests

        assert forks.wake(first).code == (0 if place < 0 else 5)
        assert awake(stage, forks).code == 0
        stage.demand_published(SHORT)


def test_a_part_of_which_a_suspended_run_sent_a_piece_never_arrives(
    points: Sequence[str], forks: Forks, small_video: Path, tmp_path: Path
) -> None:
    (at,) = [at for at, name in enumerate(points, 1) if name.startswith("within")]
    manifest = MANIFEST.replace(SHORT, LONG)  # the same points, up to there
    with Stage(tmp_path / "show", small_video, manifest) as stage:
        first = asleep(stage, forks, at)
        second = stage.start("--ttl", TTL, "-1", *COMMAND, module=CRASHING)
        while not any(stage.parts().values()):
            assert second.poll() is None
            time.sleep(0.02)
        assert forks.wake(first).code == 5
        assert end(second).code == 0
        (entry,) = stage.entries()
        assert entry["parts"] == {"0": 1, "1": 1, "2": 1}
        assert (entry["published"], entry["sha256"]) == (True, sha256(stage.folder / LONG))
