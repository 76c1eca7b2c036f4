"""After publishing, the look of a visitor: what it proves, what it tells, and what it spares."""

from __future__ import annotations

import json
from typing import Any

import pytest

from nicobatch import events
from nicobatch.pipeline.outcome import Outcome, State
from nicobatch.plan import Verdict
from nicobatch.settings import Settings
from tests.support import faults
from tests.system.test_publishing import ONE, Publisher, publisher
from tests.unit.sites.niconico.making import says
from tests.unit.sites.niconico.sandbox.client import Client

__all__ = ["publisher"]
LOOK = "GET /watch/sm39130867"
PAGE = "GET /watch/.*"
ENTRY = 39130867
NOT_FOUND = says(
    {"meta": {"status": 404}, "data": {"response": {"errorCode": "NOT_FOUND"}}}, "404 Not Found"
)
WITHHELD = says({"data": {"response": {"reasonCode": "HARMFUL_VIDEO"}}}, "403 Forbidden")
TIMED = ONE + "publish: {at: 2026-12-01T20:00:00+09:00}\n"


def only(publisher: Publisher) -> Outcome:
    [outcome] = publisher.run()
    return outcome


def problems(publisher: Publisher) -> list[dict[str, Any]]:
    return [dict(each.data) for each in publisher.events if isinstance(each, events.ProblemFound)]


def steps(publisher: Publisher) -> dict[str, Any]:
    path = publisher.folder / ".nicobatch" / "m.yaml" / "a.json"
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))["steps"]
    return found


def looks(publisher: Publisher) -> int:
    return publisher.requests().count(LOOK)


@pytest.mark.parametrize(
    ("more", "seen"),
    [
        ("", True),
        ("publish: {at: 2026-12-01T20:00:00+09:00}\n", True),
        ("publish: false\n", False),
        ("publish: draft\n", False),
    ],
)
def test_only_what_is_for_visitors_is_looked_for(
    publisher: Publisher, more: str, seen: bool
) -> None:
    publisher.write(ONE + more)
    outcome = only(publisher)
    assert (outcome.state, outcome.note) == (State.PUBLISHED, "")
    assert looks(publisher) == int(seen)
    assert ("visible" in steps(publisher)) is seen
    assert problems(publisher) == []
    assert only(publisher).state is State.UNCHANGED
    assert looks(publisher) == int(seen)


def test_it_is_looked_for_with_growing_pauses(publisher: Publisher) -> None:
    publisher.write(ONE)
    for _ in range(3):
        publisher.faults.at(PAGE, NOT_FOUND)
    assert only(publisher).note == ""
    assert looks(publisher) == 4
    assert publisher.pauses == [5.0, 7.5, 11.25]
    reasons = {e.data["reason"] for e in publisher.events if isinstance(e, events.Waiting)}
    assert reasons == {"not visible yet: not found (NOT_FOUND)"}
    assert steps(publisher)["visible"]["state"] == "done"


def test_what_is_not_visible_in_time_is_no_failure(publisher: Publisher) -> None:
    publisher.settings = Settings(visible_timeout=30.0)
    publisher.write(ONE)
    for _ in range(50):
        publisher.faults.at(PAGE, NOT_FOUND)
    outcome = only(publisher)
    assert (outcome.state, outcome.error) == (State.PUBLISHED, None)
    assert outcome.note == "not visible yet: not found (NOT_FOUND)"
    assert sum(publisher.pauses) <= 30.0
    assert "visible" not in steps(publisher)
    [done] = [each for each in publisher.events if isinstance(each, events.VideoDone)]
    assert done.data["note"] == outcome.note
    ends = [e.data["step"] for e in publisher.events if isinstance(e, events.StepDone)]
    assert "visible" not in ends


def test_a_later_run_looks_once_and_does_not_sign_in(publisher: Publisher) -> None:
    publisher.settings = Settings(visible_timeout=0.0)
    publisher.write(ONE)
    for _ in range(2):
        publisher.faults.at(PAGE, NOT_FOUND)
    assert only(publisher).note
    publisher.settings, before = Settings(), publisher.requests()
    again = only(publisher)
    assert (again.state, again.error) == (State.UNCHANGED, None)
    assert again.note == "not visible yet: not found (NOT_FOUND)"
    assert again.plan
    assert again.plan.reasons == ("published, but not yet seen by a visitor",)
    assert publisher.pauses == []
    assert only(publisher).note == ""
    assert publisher.requests() == [*before, LOOK, LOOK]
    last = only(publisher)
    assert last.plan
    assert last.plan.verdict is Verdict.UNCHANGED


def test_without_waiting_nobody_looks(publisher: Publisher) -> None:
    publisher.settings = Settings(wait=False)
    publisher.write(ONE)
    assert only(publisher).state is State.PUBLISHED
    assert only(publisher).state is State.UNCHANGED
    assert looks(publisher) == 0
    publisher.settings = Settings()
    assert only(publisher).state is State.PUBLISHED  # the encoding, then the look
    assert looks(publisher) == 1


@pytest.mark.parametrize(
    ("answer", "note"),
    [
        (WITHHELD, "not visible: not for every visitor (HARMFUL_VIDEO)"),
        (faults.refused("404 Not Found"), "looking at the watch page was refused: 404"),
        (
            faults.refused("429 Too Many Requests", [("Retry-After", "9000")]),
            (
                "looking at the watch page: niconico can't answer just now (429);"
                " the site asks for a pause of 9000 s"
            ),
        ),
    ],
)
def test_a_look_that_tells_nothing_fails_nothing(
    publisher: Publisher, answer: faults.Play, note: str
) -> None:
    publisher.write(ONE)
    publisher.faults.at(PAGE, answer)
    outcome = only(publisher)
    assert (outcome.state, outcome.note, outcome.error) == (State.PUBLISHED, note, None)
    assert publisher.faults.plan == []
    assert "visible" not in steps(publisher)


def test_a_broken_watch_page_does_not_end_the_batch(publisher: Publisher) -> None:
    publisher.settings = Settings(retry_attempts=2)
    video = (publisher.folder / "a.mp4").read_bytes()
    names = [f"{number}.mp4" for number in range(8)]
    for number, name in enumerate(names):
        box = (9 + number).to_bytes(4, "big") + b"free" + bytes(1 + number)
        (publisher.folder / name).write_bytes(video + box)
    rows = "".join(f"  - {{file: {name}, title: {name}}}\n" for name in names)
    publisher.write(f"version: 1\nvideos:\n{rows}")
    for _ in range(2 * len(names)):
        publisher.faults.at(PAGE, faults.refused("503 Service Unavailable"))
    outcomes = publisher.run()
    assert {each.state for each in outcomes} == {State.PUBLISHED}
    assert {each.note for each in outcomes} == {
        "looking at the watch page: niconico can't answer just now (503)"
    }


FULL = """\
version: 1
file: a.mp4
title: はじめまして
description: 本文
tags: [ゲーム, 実況]
genre: game
"""


def test_each_difference_in_its_place(publisher: Publisher) -> None:
    path = publisher.write(FULL)
    response = {
        "video": {"title": "別の題", "description": "別の文"},
        "genre": {"key": "anime"},
        "tag": {"items": [{"name": "ゲーム"}]},
    }
    publisher.faults.at(PAGE, says({"data": {"response": response}}))
    assert only(publisher).state is State.PUBLISHED
    found = [(each["rule"], each["line"], each["column"]) for each in problems(publisher)]
    assert found == [
        ("visible-title-differs", 3, 8),
        ("visible-description-differs", 4, 14),
        ("visible-tag-missing", 5, 13),
        ("visible-genre-differs", 6, 8),
    ]
    assert {each["path"] for each in problems(publisher)} == {str(path)}
    assert {each["severity"] for each in problems(publisher)} == {"warning"}
    assert steps(publisher)["visible"]["state"] == "done"


def test_another_timer_is_told(publisher: Publisher) -> None:
    publisher.write(TIMED)
    response = {"reasonCode": "HIDDEN_VIDEO", "publishScheduledAt": "2026-12-02T20:00:00+09:00"}
    publisher.faults.at(PAGE, says({"data": {"response": response}}, "403 Forbidden"))
    only(publisher)
    [problem] = problems(publisher)
    assert (problem["rule"], problem["line"], problem["column"]) == ("visible-time-differs", 4, 15)


def test_an_edit_is_looked_at_again(publisher: Publisher) -> None:
    publisher.write(ONE)
    only(publisher)
    publisher.write(ONE.replace("はじめまして", "二度目まして"))
    outcome = only(publisher)
    assert outcome.state is State.UPDATED
    assert outcome.plan
    assert outcome.plan.steps == ("metadata", "visible")
    assert [change.name for change in outcome.plan.changes] == ["title"]
    assert looks(publisher) == 2
    assert problems(publisher) == []


def test_an_edit_that_nobody_looked_at_is_no_second_change(publisher: Publisher) -> None:
    publisher.write(ONE)
    only(publisher)
    publisher.settings = Settings(wait=False)
    publisher.write(ONE.replace("はじめまして", "二度目まして"))
    assert only(publisher).state is State.UPDATED
    publisher.settings = Settings()
    outcome = only(publisher)
    assert outcome.plan
    assert outcome.plan.changes == ()
    assert outcome.plan.reasons == ("published, but not yet seen by a visitor",)
    assert looks(publisher) == 2


def test_what_was_deleted_meanwhile_is_told(publisher: Publisher) -> None:
    publisher.settings = Settings(visible_timeout=0.0)
    publisher.write(ONE)
    publisher.faults.at(PAGE, NOT_FOUND)
    only(publisher)
    with Client(publisher.sandbox.url) as owner:
        owner.delete(ENTRY, headers={"X-Request-With": "x"})
    assert only(publisher).note == "not visible: deleted (DELETED_VIDEO)"
