"""What is told of a watched folder, and that a year of telling needs no more room than a day."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from nicobatch import events
from nicobatch.events import Event
from nicobatch.reports import words
from nicobatch.reports.jsonl import JsonReport
from nicobatch.reports.text import TextReport
from tests.unit.reports.happenings import happening

KINDS = [events.WatchStarted, events.FolderChanged, events.UnitChanged, events.Moved]
Captured = pytest.CaptureFixture[str]


@pytest.mark.parametrize("kind", KINDS)
def test_a_sentence_is_said_as_it_is(kind: type[Event]) -> None:
    event = happening(kind, None, message="{x} is 100 % there", hint="wait")
    assert words.event_lines(event) == ("{x} is 100 % there", "    wait")


@pytest.mark.parametrize("kind", KINDS)
def test_without_a_sentence_nothing_is_said(kind: type[Event]) -> None:
    assert words.event_lines(happening(kind, None, message="", hint="x")) == ()


def test_programs_are_told_everything() -> None:
    out = io.StringIO()
    about: dict[str, Any] = {"path": "in/a.yaml", "state": "ready", "message": ""}
    JsonReport(out, io.StringIO()).tell(happening(events.UnitChanged, None, **about))
    told = json.loads(out.getvalue())
    assert told.pop("at")
    assert told == {"event": "unit", **about}


@pytest.mark.parametrize(("kind", "said"), [(events.UnitChanged, 1), (events.Moved, 0)])
def test_the_quiet_hear_of_what_needs_them(kind: type[Event], said: int, capsys: Captured) -> None:
    TextReport(quiet=True).tell(happening(kind, None, message="look"))
    assert capsys.readouterr().err.count("look") == said


def test_a_hint_is_given_once_and_again_when_that_is_long_ago(capsys: Captured) -> None:
    report = TextReport()

    def tell(number: int) -> None:
        report.tell(happening(events.UnitChanged, None, message="m", hint=f"hint {number}."))

    tell(0)
    tell(0)
    assert capsys.readouterr().err.count("hint 0.") == 1
    for number in range(1, 1000):
        tell(number)
    capsys.readouterr()
    tell(0)
    assert capsys.readouterr().err.count("hint 0.") == 1


def test_nothing_is_remembered_of_videos_that_are_through() -> None:
    report = JsonReport(io.StringIO(), io.StringIO())
    for number in range(100):
        for kind, data in (
            (events.Progress, {"sent": 200_000_000, "total": 200_000_000}),
            (events.Waiting, {"reason": "busy", "seconds": 1}),
            (events.VideoDone if number % 2 else events.VideoFailed, {"state": "x"}),
        ):
            event = happening(kind, f"m.yaml#{number}", **data)
            report.tell(event)
    assert report.shown == {}
