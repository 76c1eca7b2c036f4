from __future__ import annotations

import pytest

from nicobatch.model import Json
from nicobatch.plan import FieldChange, Note, Plan, Verdict
from nicobatch.reports.plans import plan_lines


def said(plan: Plan) -> list[str]:
    return [line.text for line in plan_lines(plan)]


def changed(name: str, old: Json, new: Json, *notes: Note) -> list[str]:
    change = FieldChange(name=name, old=old, new=new)
    plan = Plan(video="m.yaml#a", verdict=Verdict.UPDATE, changes=(change,), notes=notes)
    return said(plan)[1:]


def test_a_plan_says_why() -> None:
    plan = Plan(video="m.yaml#a", verdict=Verdict.CREATE, reasons=("not published before",))
    assert said(plan) == ["+ m.yaml#a: create, not published before"]


def test_a_refusal_says_what_to_do() -> None:
    plan = Plan(video="m.yaml#a", verdict=Verdict.REFUSE, reasons=("no", "never"), hint="do this")
    assert said(plan) == ["! m.yaml#a: refuse, no; never", "    do this"]


@pytest.mark.parametrize("verdict", Verdict)
def test_every_verdict_looks_otherwise(verdict: Verdict) -> None:
    (line,) = plan_lines(Plan(video="v", verdict=verdict))
    assert line.style
    others = (Plan(video="v", verdict=other) for other in Verdict if other is not verdict)
    assert all(next(iter(plan_lines(other))).style != line.style for other in others)


@pytest.mark.parametrize(
    ("name", "old", "new", "lines"),
    [
        ("title", "古い", "新しい", ["    title: 古い -> 新しい"]),
        ("genre", None, "game", ["    genre: (none) -> game"]),
        ("thanks_message", "", "ども", ["    thanks_message: (none) -> ども"]),
        ("permissions.gift", True, False, ["    permissions.gift: true -> false"]),
        ("thumbnail.timing", 20263, None, ["    thumbnail.timing: 0:00:20.263 -> (none)"]),
        ("thumbnail.position", 0, 3, ["    thumbnail.position: 0 -> 3"]),
        (
            "series",
            None,
            {"id": 1, "add_to_head": False},
            ["    series: (none) -> id: 1, add_to_head: false"],
        ),
        (
            "series",
            {"id": 1, "add_to_head": False},
            {"id": 2, "add_to_head": False},
            ["    series.id: 1 -> 2"],
        ),
        ("tags", ["a", "b"], ["b", "c"], ["    tags:", "      - a", "      + c"]),
        ("tags", ("a",), None, ["    tags:", "      - a"]),
        (
            "description",
            "一\n\n三",
            "一\n\n3",
            ["    description:", "", "      - 三", "      + 3"],
        ),
        ("description", None, "あ" * 60, ["    description:", "      + " + "あ" * 47 + "…"]),
        (
            "title",
            "が",
            "か\u3099",
            [
                "    title:",
                "        only blanks, line breaks or the spelling in Unicode differ",
            ],
        ),
    ],
)
def test_a_change_is_said_as_briefly_as_it_can_be(
    name: str, old: Json, new: Json, lines: list[str]
) -> None:
    assert changed(name, old, new) == lines


def test_a_note_stands_below_its_change() -> None:
    notes = Note(name="title", message="not so sure"), Note(name="series", message="not sent")
    assert changed("title", "a", "b", *notes) == [
        "    title: a -> b",
        "      not so sure",
        "    series: not sent",
    ]
