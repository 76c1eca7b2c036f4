from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from nicobatch.watch.worker import (
    AccountBlocked,
    Ending,
    Finished,
    JobPart,
    Pauses,
    Publishing,
    Result,
)
from tests.unit.watch.jobs import again, job

DONE = Result(ending=Ending.DONE)
LATER = Result(ending=Ending.LATER, message="not yet", code=5)
FAILED = Result(ending=Ending.TRANSIENT, message="no", code=1)
PERMANENT = Result(ending=Ending.PERMANENT, message="never", code=1)
BLOCKED = Result(ending=Ending.ACCOUNT, message="who?", code=3)


@dataclass
class Desk:
    """Publishing whose results are given, by account, and then are fine."""

    results: dict[str, list[Result]] = field(default_factory=dict)
    patient: bool = True
    turns: list[JobPart] = field(default_factory=list)
    now: float = 0.0

    def __post_init__(self) -> None:
        self.publishing = Publishing(
            publish=self._publish,
            pauses=Pauses(10.0, 10.0, jitter=lambda: 0.5),
            wake=threading.Event(),
            patient=self.patient,
            clock=lambda: self.now,
        )

    def _publish(self, turn: JobPart) -> Result:
        self.turns.append(turn)
        given = self.results.get(turn.account)
        return given.pop(0) if given else DONE

    def ends(self, number: int) -> list[Finished | AccountBlocked]:
        """Return what happens next."""
        found: list[Finished | AccountBlocked] = []
        deadline = time.monotonic() + 5
        while len(found) < number:
            assert time.monotonic() < deadline
            found += self.publishing.ends()
            time.sleep(0.002)
        return found


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()
    yield made
    made.publishing.stop(wait=True)


def test_jobs_are_published_in_the_order_of_their_coming(tmp_path: Path, desk: Desk) -> None:
    jobs = [job(tmp_path, name) for name in "abc"]
    for each in jobs:
        desk.publishing.add(each)
    assert desk.publishing.waiting == 3
    assert [each.job for each in desk.ends(3) if isinstance(each, Finished)] == jobs
    assert [turn.job for turn in desk.turns] == jobs
    assert desk.publishing.waiting == 0


def test_a_job_of_several_accounts_is_finished_with_the_last_of_them(
    tmp_path: Path, desk: Desk
) -> None:
    desk.results = {"second": [FAILED]}
    desk.publishing.add(job(tmp_path, accounts="main second main"))
    (finished,) = desk.ends(1)
    assert isinstance(finished, Finished)
    assert finished.worst == FAILED
    assert sorted(len(turn.videos) for turn in desk.turns) == [1, 2]
    assert len(finished.results) == 2


@pytest.mark.parametrize(
    ("results", "worst"),
    [
        ([DONE, PERMANENT], PERMANENT),
        ([PERMANENT, LATER], LATER),
        ([LATER, FAILED, DONE], FAILED),
        ([Result(ending=Ending.STOPPED), FAILED], Result(ending=Ending.STOPPED)),
        ([], DONE),
    ],
)
def test_what_stands_for_a_job(tmp_path: Path, results: list[Result], worst: Result) -> None:
    assert Finished(job(tmp_path), tuple(results)).worst == worst


def test_what_became_of_each_video_is_told_together(tmp_path: Path) -> None:
    results = [Result(ending=Ending.DONE, videos=({"video": name},)) for name in "ab"]
    assert Finished(job(tmp_path), tuple(results)).videos == [{"video": "a"}, {"video": "b"}]


def test_a_job_that_has_changed_in_the_queue_is_not_published(tmp_path: Path, desk: Desk) -> None:
    stale = job(tmp_path)
    stale.manifest.write_text("version: 1\nmore: 1\n")
    desk.publishing.add(stale)
    (finished,) = desk.ends(1)
    assert isinstance(finished, Finished)
    assert finished.worst.ending is Ending.STALE
    assert desk.turns == []


def test_a_blocked_account_waits_with_its_jobs_and_the_others_go_on(
    tmp_path: Path, desk: Desk
) -> None:
    desk.results = {"main": [BLOCKED]}
    first, second = job(tmp_path, "a"), job(tmp_path, "b")
    other = job(tmp_path, "c", "other")
    for each in (first, second, other):
        desk.publishing.add(each)
    ends = desk.ends(2)
    (blocked,) = [each for each in ends if isinstance(each, AccountBlocked)]
    assert blocked.turn.job is first
    assert [each.job for each in ends if isinstance(each, Finished)] == [other]
    assert desk.publishing.due == 10.0
    assert desk.publishing.waiting == 2
    desk.now = 10.0
    again = desk.ends(2)
    assert [each.job for each in again if isinstance(each, Finished)] == [first, second]


def test_where_nobody_waits_all_jobs_of_a_blocked_account_end_with_it(tmp_path: Path) -> None:
    desk = Desk(results={"main": [BLOCKED]}, patient=False)
    for name in "ab":
        desk.publishing.add(job(tmp_path, name))
    ends = desk.ends(2)
    assert [each.worst for each in ends if isinstance(each, Finished)] == [BLOCKED, BLOCKED]
    assert len(desk.turns) == 1
    assert desk.publishing.waiting == 0


def test_accounts_of_one_name_on_two_sites_are_two(tmp_path: Path, desk: Desk) -> None:
    made = job(tmp_path, accounts="main main")
    first, second = made.ready
    other = replace(second, video=replace(second.video, site="elsewhere"))
    desk.results = {"main": [FAILED]}
    desk.publishing.add(again(made.manifest, first, other))
    (finished,) = desk.ends(1)
    assert isinstance(finished, Finished)
    assert len(finished.results) == 2
    assert sorted(turn.owner.site for turn in desk.turns) == sorted({first.video.site, "elsewhere"})
    assert [len(turn.videos) for turn in desk.turns] == [1, 1]
