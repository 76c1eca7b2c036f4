"""A journal that is lost: a CI cache that expired, a folder that was cleaned, another machine."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from nicobatch.errors import ListUnreadable, VideoFailed
from nicobatch.pipeline.outcome import State
from nicobatch.sandbox import Sandbox
from tests.support import faults
from tests.support.faults import Faults
from tests.system.test_publishing import ONE, Publisher

LIST = "GET /v2/users/me/videos.*"


class Ticking:
    """Time that passes with every look at it."""

    def __init__(self) -> None:
        self.now = 1_790_000_000.0

    def __call__(self) -> float:
        self.now += 1
        return self.now


@pytest.fixture
def publisher(tmp_path: Path, small_video: Path) -> Iterator[Publisher]:
    folder = tmp_path / "show"
    folder.mkdir()
    shutil.copy(small_video, folder / "a.mp4")
    played, state = Faults(), tmp_path / "site"
    with Sandbox(state, encode_seconds=30, wrap=played.wrap, clock=Ticking()) as server:
        yield Publisher(folder, server, played)
    assert server.audit()["crashes"] == []


def lose_journal(publisher: Publisher) -> None:
    shutil.rmtree(publisher.folder / ".nicobatch")


def writes(publisher: Publisher) -> list[str]:
    return [each for each in publisher.requests() if not each.startswith("GET ")]


def test_the_video_is_refused_before_any_write(publisher: Publisher) -> None:
    publisher.write(ONE)
    publisher.run()
    lose_journal(publisher)
    before = writes(publisher)
    [outcome] = publisher.run()
    assert outcome.state is State.REFUSED
    assert outcome.plan
    assert "sm39130867" in outcome.plan.reasons[0]
    assert f"{publisher.sandbox.url}/watch/sm39130867" in outcome.plan.reasons[0]
    assert "nicobatch adopt sm39130867 " in outcome.plan.hint
    assert writes(publisher) == before
    assert not list(publisher.folder.rglob("*.json"))


@pytest.mark.parametrize(
    "line", ["publish: false\n", "publish: {at: 2026-12-01T11:00:00Z}\n", "tags: [別]\n"]
)
def test_whoever_can_see_it(publisher: Publisher, line: str) -> None:
    publisher.write(ONE + line)
    publisher.run()
    lose_journal(publisher)
    publisher.write(ONE.replace("はじめまして", "はじめまして　"))
    assert publisher.run()[0].state is State.REFUSED


def test_another_video_of_another_title_is_published(publisher: Publisher) -> None:
    publisher.write(ONE)
    publisher.run()
    lose_journal(publisher)
    publisher.write(ONE.replace("はじめまして", "二度目まして"))
    assert publisher.run()[0].state is State.PUBLISHED
    assert len(publisher.entries()) == 2


def test_a_duplicate_that_is_meant_is_published(publisher: Publisher) -> None:
    publisher.write(ONE)
    publisher.run()
    lose_journal(publisher)
    publisher.write(ONE + "allow_duplicate: true\n")
    before = publisher.requests().count("GET /v2/users/me/videos")
    assert publisher.run()[0].state is State.PUBLISHED
    # The list is read for the room that is left; no look for a lookalike follows.
    assert publisher.requests().count("GET /v2/users/me/videos") == before + 1


def test_namesakes_of_one_manifest_are_all_published(publisher: Publisher) -> None:
    two = "version: 1\nvideos:\n  - {file: a.mp4, title: 無題}\n  - {file: b.mp4, title: 無題}\n"
    (publisher.folder / "b.mp4").write_bytes(
        (publisher.folder / "a.mp4").read_bytes() + (8).to_bytes(4, "big") + b"free"
    )
    publisher.write(two)
    assert [each.state for each in publisher.run()] == [State.PUBLISHED] * 2
    assert [each.state for each in publisher.run()] == [State.UNCHANGED] * 2
    receipts = sorted(publisher.folder.rglob("*.json"))
    receipts[1].unlink()
    assert [each.state for each in publisher.run()] == [State.UNCHANGED, State.REFUSED]
    assert len(publisher.entries()) == 2


REFUSALS = ["400 Bad Request", "403 Forbidden", "404 Not Found", "410 Gone"]


@pytest.mark.parametrize("status", [*REFUSALS, "302 Found"])
def test_without_the_list_nothing_is_created(publisher: Publisher, status: str) -> None:
    publisher.write(ONE)
    publisher.faults.at(LIST, faults.refused(status))
    [outcome] = publisher.run()
    assert isinstance(outcome.error, ListUnreadable)
    assert publisher.entries() == []
    assert publisher.run()[0].state is State.PUBLISHED
    assert len(publisher.entries()) == 1


@pytest.mark.parametrize("status", REFUSALS)
def test_without_the_list_one_may_go_on(publisher: Publisher, status: str) -> None:
    publisher.write(ONE)
    publisher.faults.at(LIST, faults.refused(status))
    publisher.settings = replace(publisher.settings, without_list=True)
    assert publisher.run()[0].state is State.PUBLISHED


@pytest.mark.parametrize("status", REFUSALS)
def test_what_needs_no_creation_needs_no_list(publisher: Publisher, status: str) -> None:
    publisher.write(ONE)
    publisher.run()
    publisher.write(ONE.replace("はじめまして", "二度目まして"))
    publisher.faults.at(LIST, faults.refused(status))
    assert publisher.run()[0].state is State.UPDATED


@pytest.mark.parametrize("status", ["503 Service Unavailable", "429 Too Many Requests"])
def test_a_list_that_fails_for_now_is_waited_for(publisher: Publisher, status: str) -> None:
    publisher.write(ONE)
    publisher.run()
    lose_journal(publisher)
    publisher.faults.at(LIST, faults.refused(status, [("Retry-After", "1")]))
    assert publisher.run()[0].state is State.REFUSED


def test_a_copy_that_is_still_being_encoded_is_not_doubled(publisher: Publisher) -> None:
    """What a cancelled CI job leaves behind: the video, still in work, and no receipt."""
    publisher.write(ONE)
    waiting, publisher.settings = publisher.settings, replace(publisher.settings, wait=False)
    assert publisher.run()[0].state is State.PUBLISHED
    lose_journal(publisher)
    publisher.settings = waiting
    [outcome] = publisher.run()
    assert outcome.state is State.FAILED
    assert isinstance(outcome.error, VideoFailed)
    assert "sm39130867" in str(outcome.error)
    assert "nicobatch adopt sm39130867 " in outcome.error.hint
    assert len(publisher.entries()) == 1
    assert publisher.run()[0].state is State.REFUSED
    assert len(publisher.entries()) == 1


@pytest.mark.parametrize("meanwhile", ["still being encoded", "there for all to see"])
def test_a_creation_that_never_left_is_looked_for_before_it_is_sent(
    publisher: Publisher, meanwhile: str
) -> None:
    """The journal is lost, and so is the run that was about to create the video again."""
    publisher.write(ONE)
    waiting = publisher.settings
    publisher.settings = replace(waiting, wait=False)
    publisher.run()
    lose_journal(publisher)
    publisher.settings = replace(waiting, retry_attempts=1)
    publisher.faults.at("POST (/api)?/v2/videos[?]", faults.reset_before)
    assert publisher.run()[0].state is State.FAILED
    if meanwhile == "there for all to see":
        while publisher.entries()[0]["visibility"] == "encoding":
            pass  # time passes with every look
    publisher.settings = waiting
    [outcome] = publisher.run()
    assert outcome.state is State.FAILED
    assert "nicobatch adopt sm39130867 " in getattr(outcome.error, "hint", "")
    assert len(publisher.entries()) == 1
