"""The fault matrix: whatever befalls any one request, one video comes of it, with all its bytes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from nicobatch.pipeline.outcome import State
from tests.support import faults
from tests.support.faults import Play
from tests.unit.sites.bilibili.journeys import SUBMISSION, Journey, demand_done, journey
from tests.unit.sites.bilibili.making import Stage
from tests.unit.sites.bilibili.sandbox.client import Client
from tests.unit.sites.bilibili.test_publishing import arrived, only, published, sums

pytestmark = pytest.mark.no_cover  # being traced would double its time, and cover nothing more

REQUESTS = {
    "fingerprint": "GET /bilibili/x/frontend/finger/spi.*",
    "who": "GET /bilibili/x/web-interface/nav.*",
    "list": "GET /bilibili/x/web/archives.*",
    "lines": "GET /bilibili/preupload.r=probe",
    "line": "POST /bilibili/OK/.*",
    "preupload": "GET /bilibili/preupload.name=.*",
    "init": r"POST /bilibili/n\w+.mp4.uploads=.*",
    "part": r"PUT /bilibili/n\w+.mp4.*",
    "complete": r"POST /bilibili/n\w+.mp4.output=.*",
    "cover": "POST /bilibili/x/vu/web/cover/up.*",
    "submit": "POST /bilibili/x/vu/web/add/v3.*",
    "view": "GET /bilibili/x/vupre/web/archive/view.*",
    "season": "GET /bilibili/x2/creative/web/season.*",
    "episodes": "POST /bilibili/x2/creative/web/season/section/episodes/add.*",
    "visitor": "GET /bilibili/x/web-interface/view.*",
}
"""What each request of an undisturbed run looks like."""
ACTING = ("preupload", "init", "part", "complete", "cover", "submit", "episodes")


PLAYS: dict[str, Play] = {
    "reset before": faults.reset_before,
    "answer lost": faults.answer_lost,
    "502": faults.refused("502 Bad Gateway"),
    "503 after": faults.unavailable_after_acting,
    "HTML after": faults.html_after_acting,
    "empty after": faults.empty_after_acting,
    "truncated": faults.truncated_after_acting,
}


@pytest.fixture
def befallen(video: bytes, other_video: bytes, tmp_path: Path) -> Iterator[Journey]:
    with journey(tmp_path / "journey", video, other_video) as made:
        yield made


@pytest.mark.parametrize("play", PLAYS)
def test_the_same_fault_at_each_of_all_requests(play: str, befallen: Journey) -> None:
    for request in REQUESTS.values():
        befallen.faults.at(request, PLAYS[play])
    befall(befallen)


@pytest.mark.parametrize("play", ["reset before", "answer lost", "HTML after", "empty after"])
@pytest.mark.parametrize("kind", ACTING)
def test_one_fault_at_a_request_that_acts(kind: str, play: str, befallen: Journey) -> None:
    befallen.faults.at(REQUESTS[kind], PLAYS[play])
    befall(befallen)
    if play != "reset before":
        assert befallen.requests().count(SUBMISSION) == 1  # what arrived is never sent again


def befall(befallen: Journey) -> None:
    outcome = befallen.run()
    assert befallen.faults.plan == []
    demand_done(outcome, "with faults")
    befallen.demand_published("with faults")
    again = [times for times in befallen.parts().values() if times > 1]
    assert again in ([], [2])


@pytest.mark.parametrize("play", ["drop", "lost", "empty", "html"])
def test_an_edit_whose_answer_is_lost_is_sent_again(
    stage: Stage, site: Client, file: Path, play: str
) -> None:
    video = stage.video(file)
    published(stage.run(video))
    site.fault("edit", play=play)
    assert stage.run(replace(video, title="改")).state is State.UPDATED
    assert only(site)["title"] == "改"
    assert arrived(site) == sums(file)
