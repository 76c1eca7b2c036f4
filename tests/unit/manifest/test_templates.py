"""Placeholders in titles and ids."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nicobatch.manifest import placeholders
from nicobatch.manifest.rules import problem
from nicobatch.model import Position
from tests.unit.manifest.reading import MANIFEST

HERE = Position(3, 8)


def flaws(template: str) -> list[tuple[str, str]]:
    found = [
        problem(each, MANIFEST)
        for each in placeholders.flaws(template, "title", placeholders.at(HERE))
    ]
    assert all((each.line, each.column) == (3, 8) for each in found)
    return [(each.rule, each.hint) for each in found]


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("冒険", "冒険"),
        ("{stem}", "序 {章}"),
        ("第{index}回 {stem}", "第7回 序 {章}"),
        ("{index:02}/{index:03}", "07/007"),
        ("{{stem}} {{{index}}}", "{stem} {7}"),
        ("}}{{", "}{"),
    ],
)
def test_placeholders_are_filled(template: str, text: str) -> None:
    assert flaws(template) == []
    assert placeholders.fill(template, {"stem": "序 {章}", "index": 7}) == text


@pytest.mark.parametrize(
    ("template", "rule", "hint"),
    [
        ("{name}", "placeholder-unknown", "did you mean {stem}?"),
        ("{Stem}", "placeholder-unknown", "did you mean {stem}?"),
        ("{ index }", "placeholder-unknown", "did you mean {index}?"),
        ("{indx}", "placeholder-unknown", "did you mean {index}?"),
        ("{n:02}", "placeholder-unknown", "did you mean {index}?"),
        ("{番号}", "placeholder-unknown", "did you mean {index}?"),
        (
            "{parent}",
            "placeholder-unknown",
            "there are {stem}, {index}, {count}, {date}, ",
        ),
        (
            "{}",
            "placeholder-unknown",
            "there are {stem}, {index}, {count}, {date}, ",
        ),
        ("{index:2}", "placeholder-format", "write {stem}, {index} for 1, 2, 3, or {index:02}"),
        ("{index:}", "placeholder-format", "write {stem}"),
        ("{index:02d}", "placeholder-format", "write {stem}"),
        ("{index:999999999}", "placeholder-format", "write {stem}"),
        ("{count:>9}", "placeholder-format", "write {stem}"),
        ("{index!r}", "placeholder-unknown", "did you mean {index}?"),
        ("{0.__class__}", "placeholder-unknown", "there are {stem}"),
        ("{title}", "placeholder-misplaced", "put it into the description"),
        ("{next.url}", "placeholder-misplaced", "put it into the description"),
        ("{stem:02}", "placeholder-format", "write {stem}"),
        ("{stem", "placeholder-brace", "beside a pattern, {{ and }} stand"),
        ("stem}", "placeholder-brace", "beside a pattern, {{ and }} stand"),
        ("{stem}}", "placeholder-brace", "beside a pattern, {{ and }} stand"),
    ],
)
def test_what_cannot_be_filled_is_told(template: str, rule: str, hint: str) -> None:
    [(found, said)] = flaws(template)
    assert found == rule
    assert said.startswith(hint)


def test_every_flaw_is_told() -> None:
    assert [rule for rule, _ in flaws("{a} {stem} {b} {")] == [
        "placeholder-unknown",
        "placeholder-unknown",
        "placeholder-brace",
    ]


def test_which_placeholders_a_text_uses() -> None:
    assert placeholders.uses("a {index:02}", "stem", "index")
    assert not placeholders.uses("a {index:02}", "stem")
    assert not placeholders.uses("{{index}}", "index")


def prose(text: str) -> list[str]:
    found = placeholders.flaws(text, "description", placeholders.at(HERE), strict=False)
    return [problem(each, MANIFEST).rule for each in found]


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("{title} {previous.url} {next.title} {date} {niconico.url}", []),
        ('{笑} {x} { } {} {0} {{x}} }{ (・∀・} {"a": 1}', []),
        ("{nmae}", ["placeholder-idle"]),
        ("{title:02}", ["placeholder-format"]),
        ("{index:999999999}", ["placeholder-format"]),
        ("{0.__class__} {a[0]} {title!r}", ["placeholder-unknown"] * 3),
    ],
)
def test_in_prose_only_what_is_near_a_placeholder_is_told(text: str, rules: list[str]) -> None:
    assert prose(text) == rules


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("{x} {{x}} {", "{x} {{x}} {"),  # no placeholder: it stays
        ("{title} {{x}} {", "冒険 {x} {"),
        ("{{title}}", "{title}"),
        ("a\n前回: {previous.url}\nb {index:02}/{count}", "a\nb 03/12"),
        ("{niconico.url} {next.url}", "{niconico.url} {next.url}"),
    ],
)
def test_prose_is_filled_line_by_line(text: str, filled: str) -> None:
    values: placeholders.Values = {
        "title": "冒険",
        "index": 3,
        "count": 12,
        "previous.url": None,
    }
    assert placeholders.filled_lines(text, values) == filled


@given(st.text(), st.text())
def test_nothing_but_placeholders_is_changed(text: str, title: str) -> None:
    """Whatever the text: no format, no attribute and no width is ever looked into."""
    filled = placeholders.filled_lines(text, {"title": title})
    assert placeholders.is_template(text) or filled == text
    assert len(filled) <= len(text) + text.count("{title}") * len(title)


@given(st.text())
def test_doubled_braces_make_any_text_a_template_of_itself(text: str) -> None:
    template = text.replace("{", "{{").replace("}", "}}")
    assert flaws(template) == []
    assert placeholders.fill(template, {"stem": "x", "index": 1}) == text


@given(st.text(alphabet="{}stemindx:02 ", max_size=20))
def test_a_template_without_flaws_can_be_filled(template: str) -> None:
    if not flaws(template):
        placeholders.fill(template, {"stem": "x", "index": 1})
