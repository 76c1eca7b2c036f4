"""What visitors see otherwise, and what only looks like it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nicobatch.model import Position, Publish, PublishMode, Severity
from nicobatch.sites.niconico import metadata
from nicobatch.sites.niconico.cropping import Aspect
from nicobatch.sites.niconico.fields import html_lines
from nicobatch.sites.niconico.visitor import Sight, Visibility, differences, moment
from tests.unit.sites.niconico.making import video

NOON = datetime.fromisoformat("2026-12-01T12:00:00+09:00")
LATER = datetime.fromisoformat("2026-12-02T12:00:00+09:00")
TIMED = Publish(PublishMode.SCHEDULED, NOON)


def found(sight: Sight, **changes: Any) -> list[tuple[str, str, str]]:
    wanted = metadata.inputs(video(**changes), Aspect.STANDARD)
    return [(each.field, each.rule, each.message) for each in differences(wanted, sight)]


def visible(**seen: Any) -> Sight:
    return Sight(visibility=Visibility.VISIBLE, **seen)


@pytest.mark.parametrize(
    ("sight", "changes"),
    [
        (visible(), {"tags": ("a",), "genre": "game"}),
        (visible(title="第１回 "), {}),
        (visible(tags=("B_c", "added by a viewer", "ＡＢＣ")), {"tags": ("b c", "abc")}),
        (visible(genre="none"), {}),
        (visible(description=""), {}),
        (
            visible(description='一<br>二 <a href="/watch/sm9" class="w">sm9</a> &lt;3'),
            {"description": "一\n<b>二</b> sm9 <3\n"},
        ),
        (visible(description="text<br>signed"), {"description": "text", "signature": True}),
        (visible(at=LATER), {}),
        (visible(at=NOON), {"publish": TIMED}),
        (
            Sight(visibility=Visibility.SCHEDULED, at=NOON.astimezone()),
            {"publish": TIMED},
        ),
        (Sight(visibility=Visibility.SCHEDULED), {"publish": TIMED}),
    ],
)
def test_no_difference(sight: Sight, changes: dict[str, Any]) -> None:
    assert found(sight, **changes) == []


@pytest.mark.parametrize(
    ("sight", "changes", "expected"),
    [
        (
            visible(title="第2回"),
            {},
            ("title", "visible-title-differs", "visitors see the title “第2回”"),
        ),
        (
            visible(description="other"),
            {"description": "text"},
            ("description", "visible-description-differs", "visitors see another description"),
        ),
        (
            visible(tags=("a", "c")),
            {"tags": ("a", "b", "c")},
            ("tags.1", "visible-tag-missing", "visitors don't see the tag “b”"),
        ),
        (
            visible(genre="none"),
            {"genre": "game"},
            ("genre", "visible-genre-differs", "visitors see the genre none, not game"),
        ),
        (
            Sight(visibility=Visibility.SCHEDULED, at=LATER),
            {"publish": TIMED},
            (
                "publish.at",
                "visible-time-differs",
                f"visitors see it from {moment(LATER)} on, not from {moment(NOON)} on",
            ),
        ),
        (
            Sight(visibility=Visibility.SCHEDULED, at=LATER),
            {},
            (
                "publish",
                "visible-time-differs",
                (
                    "visitors will see it from 2026-12-02 12:00 +0900 on,"
                    " and the manifest gives no time"
                ),
            ),
        ),
    ],
)
def test_each_difference(
    sight: Sight, changes: dict[str, Any], expected: tuple[str, str, str]
) -> None:
    assert found(sight, **changes) == [expected]


def test_a_finding_stands_in_its_place() -> None:
    wanted = metadata.inputs(video(), Aspect.STANDARD)
    [difference] = differences(wanted, visible(title="x\x1b[2J"))
    problem = difference.problem(Path("m.yaml"), Position(3, 8))
    assert (problem.path, problem.line, problem.column) == (Path("m.yaml"), 3, 8)
    assert problem.severity is Severity.WARNING
    assert problem.hint
    assert "\x1b" not in problem.message


def test_inputs_without_tags_have_none_to_miss() -> None:
    wanted = {**metadata.inputs(video(), Aspect.STANDARD), "tags": None}
    assert differences(wanted, visible(tags=())) == []


@given(st.text(), st.lists(st.text(), max_size=4))
def test_what_was_sent_and_is_seen_as_it_was_is_no_difference(text: str, tags: list[str]) -> None:
    seen = visible(title="第1回", description=html_lines(text), tags=tuple(tags), genre="none")
    assert found(seen, description=text, tags=tuple(tags)) == []
