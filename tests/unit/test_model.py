from __future__ import annotations

import dataclasses
import logging
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nicobatch import events
from nicobatch.model import FileIdentity, Position, Problem, Secret, Severity, Video
from nicobatch.receipt import Receipt, StepRecord, StepState

TEXT = "user_session_1234567_0123abcd"


def video(**places: Position) -> Video:
    return Video(
        manifest=Path("videos/m.yaml"),
        id="ep1",
        file=Path("videos/ep1.mp4"),
        title="第1回",
        places={name.replace("__", "."): place for name, place in places.items()},
    )


def receipt(**steps: StepState) -> Receipt:
    return Receipt(
        video="ep1",
        manifest="m.yaml",
        origin="https://garage.nicovideo.jp",
        profile="garage-2026",
        account="main",
        files=(FileIdentity("ep1.mp4", 3, "0" * 64),),
        steps={
            name: StepRecord(state=state, digest="", at="2026-11-21T00:00:00+00:00")
            for name, state in steps.items()
        },
    )


def test_a_secret_gives_itself_away_when_asked_to() -> None:
    assert Secret(TEXT).reveal() == TEXT


@dataclasses.dataclass
class Holder:
    session: Secret


@pytest.mark.parametrize(
    "shown",
    [
        repr(Secret(TEXT)),
        str(Secret(TEXT)),
        f"{Secret(TEXT)} {Secret(TEXT)!r} {Secret(TEXT)!s} {Secret(TEXT)!a}",
        "%s %r" % (Secret(TEXT), Secret(TEXT)),  # noqa: UP031 - logging formats like this
        repr([Secret(TEXT)]),
        repr(Holder(Secret(TEXT))),
        repr(dataclasses.asdict(Holder(Secret(TEXT)))),
    ],
)
def test_a_secret_is_not_shown(shown: str) -> None:
    assert "***" in shown
    assert "user_session" not in shown


def test_a_secret_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("test").warning("signed in with %s", Secret(TEXT))
    assert caplog.messages == ["signed in with Secret(***)"]


def test_a_secret_refuses_a_format_that_is_meant_for_text() -> None:
    with pytest.raises(TypeError) as caught:
        f"{Secret(TEXT):>40}"
    assert TEXT not in str(caught.value)


def test_a_secret_has_no_dict_to_be_dumped() -> None:
    assert not hasattr(Secret(TEXT), "__dict__")


def test_a_video_is_named_as_commands_take_it() -> None:
    assert video().key == f"{Path('videos/m.yaml')}#ep1"


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("thumbnail.timing", Position(6, 15)),
        ("thumbnail.aspect", Position(5, 3)),  # not given: the mapping it would stand in
        ("thumbnail", Position(5, 3)),
        ("tags.4", Position(2, 5)),  # nothing of the tags has a place: the video
        ("title", Position(2, 5)),
        ("", Position(2, 5)),
    ],
)
def test_a_field_has_the_nearest_place(name: str, place: Position) -> None:
    given = video(thumbnail__timing=Position(6, 15), thumbnail=Position(5, 3))
    here = dataclasses.replace(given, places={**given.places, "": Position(2, 5)})
    assert here.place(name) == place


@pytest.mark.parametrize("name", ["", "title", "thumbnail.timing"])
def test_a_video_from_nowhere_stands_at_the_top(name: str) -> None:
    assert video().place(name) == Position(1, 1)


def test_where_a_field_stands_is_no_part_of_the_video() -> None:
    assert video(title=Position(9, 9)) == video()
    assert "Position" not in repr(video(title=Position(9, 9)))


def test_positions_sort_as_one_reads() -> None:
    later = [Position(2, 1), Position(1, 9), Position(1, 2)]
    assert sorted(later) == [Position(1, 2), Position(1, 9), Position(2, 1)]


def test_a_finding_is_an_error_at_the_top_unless_it_says_otherwise() -> None:
    finding = Problem(rule="title-missing", message="no title", path=Path("m.yaml"))
    assert (finding.severity, finding.line, finding.column) == (Severity.ERROR, 1, 1)


@pytest.mark.parametrize(
    ("step", "state"),
    [("create", StepState.DONE), ("chunks", StepState.OPEN), ("metadata", None)],
)
def test_a_receipt_tells_how_far_a_step_came(step: str, state: StepState | None) -> None:
    assert receipt(create=StepState.DONE, chunks=StepState.OPEN).state(step) is state


@pytest.mark.parametrize("value", [video(), receipt(), Position(1, 1), FileIdentity("a", 1, "")])
def test_values_can_not_be_changed(value: Video | Receipt | Position | FileIdentity) -> None:
    first = dataclasses.fields(value)[0].name
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(value, first, "other")


def test_an_event_has_no_data_of_another() -> None:
    at = datetime(2026, 11, 21, tzinfo=UTC)
    one, other = (events.BatchStarted(at=at) for _ in range(2))
    assert one == other
    assert one.data is not other.data
