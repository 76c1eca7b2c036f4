"""Placeholders in titles and ids."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nicobatch.manifest import expansion
from nicobatch.manifest.rules import problem
from nicobatch.model import Position
from tests.unit.manifest.reading import MANIFEST

HERE = Position(3, 8)


def flaws(template: str) -> list[tuple[str, str]]:
    found = [problem(each, MANIFEST) for each in expansion.flaws(template, "title", HERE)]
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
    assert expansion.fill(template, stem="序 {章}", index=7) == text


@pytest.mark.parametrize(
    ("template", "rule", "hint"),
    [
        ("{name}", "placeholder-unknown", "did you mean {stem}?"),
        ("{Stem}", "placeholder-unknown", "did you mean {stem}?"),
        ("{ index }", "placeholder-unknown", "did you mean {index}?"),
        ("{indx}", "placeholder-unknown", "did you mean {index}?"),
        ("{n:02}", "placeholder-unknown", "did you mean {index}?"),
        ("{番号}", "placeholder-unknown", "did you mean {index}?"),
        ("{parent}", "placeholder-unknown", "there are {stem}, {index} and {index:02}; "),
        ("{}", "placeholder-unknown", "there are {stem}, {index} and {index:02}; "),
        ("{index:2}", "placeholder-format", "write {stem}, {index} for 1, 2, 3, or {index:02}"),
        ("{index:}", "placeholder-format", "write {stem}"),
        ("{index:02d}", "placeholder-format", "write {stem}"),
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
    assert expansion.uses("a {index:02}", "stem", "index")
    assert not expansion.uses("a {index:02}", "stem")
    assert not expansion.uses("{{index}}", "index")


@given(st.text())
def test_doubled_braces_make_any_text_a_template_of_itself(text: str) -> None:
    template = text.replace("{", "{{").replace("}", "}}")
    assert flaws(template) == []
    assert expansion.fill(template, stem="x", index=1) == text


@given(st.text(alphabet="{}stemindx:02 ", max_size=20))
def test_a_template_without_flaws_can_be_filled(template: str) -> None:
    if not flaws(template):
        expansion.fill(template, stem="x", index=1)
