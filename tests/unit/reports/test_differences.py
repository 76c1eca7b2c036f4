from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from nicobatch.plan import FieldChange
from nicobatch.reports.plans import (
    MOST_LINES,
    WIDTH,
    DiffLine,
    Mark,
    change_lines,
    list_differences,
    text_differences,
)


def drawn(lines: list[DiffLine]) -> list[str]:
    return [f"{line.mark}{line.text}" for line in lines]


@pytest.mark.parametrize(
    ("old", "new", "lines"),
    [
        (["a", "b"], ["b", "c"], ["-a", "+c"]),
        ([], ["ゲーム"], ["+ゲーム"]),
        (["ゲーム"], [], ["-ゲーム"]),
        (["a", "b"], ["b", "a"], ["-a, b", "+b, a"]),
    ],
)
def test_of_lists_what_went_and_what_came_is_told(
    old: list[str], new: list[str], lines: list[str]
) -> None:
    assert drawn(list_differences(old, new)) == lines


def test_of_pages_their_words_are_told() -> None:
    page = {"title": "前篇", "description": "", "sha256": "a" * 64}
    change = FieldChange(name="pages", old=[page], new=[page, {**page, "title": "后篇"}])
    assert [line.text for line in change_lines(change)] == ["    pages:", "      + title: 后篇"]


@pytest.mark.parametrize(
    ("old", "new", "lines"),
    [
        ("", "一\n二", ["+一", "+二"]),
        ("一\n二", "", ["-一", "-二"]),
        ("一\n二\n三\n四\n五", "一\n二\n3\n四\n五", [" 二", "-三", "+3", " 四"]),
        (
            "一\n二\n三\n四\n五\n六",
            "1\n二\n三\n四\n五\n6",
            ["-一", "+1", " 二", " …", " 五", "-六", "+6"],
        ),
        ("a\nb", "a\nb\nc\nd", [" b", "+c", "+d"]),
    ],
)
def test_of_texts_the_lines_that_differ_are_told(old: str, new: str, lines: list[str]) -> None:
    assert drawn(text_differences(old, new)) == lines


@pytest.mark.parametrize(
    ("old", "new"),
    [("a\nb", "a\nb\n"), ("a  \nb", "a\nb"), ("が", "か\u3099"), ("a", "a\u200b"), ("a\r\n", "a")],
)
def test_what_looks_alike_is_said_to_differ_where_nobody_sees_it(old: str, new: str) -> None:
    said = " only blanks, line breaks or the spelling in Unicode differ"
    assert drawn(text_differences(old, new)) == [said]


def test_a_long_line_is_cut_around_its_change() -> None:
    before, after = "あ" * 100 + "海" + "い" * 100, "あ" * 100 + "山" + "い" * 100
    old, new = text_differences(before, after)
    assert old.text == "…" + "あ" * 24 + "海" + "い" * 22 + "…"
    assert new.text == "…" + "あ" * 24 + "山" + "い" * 22 + "…"


def test_a_long_line_that_stays_is_cut_at_its_end() -> None:
    kept, _, new = text_differences("あ" * 100 + "\n二", "あ" * 100 + "\n2")
    assert kept.text == "あ" * 47 + "…"
    assert new.text == "2"


def test_many_lines_are_counted() -> None:
    lines = text_differences("", "\n".join(str(number) for number in range(60)))
    assert len(lines) == MOST_LINES + 1
    assert lines[-1] == DiffLine(Mark.NONE, "… and 20 more lines")
    assert text_differences("", "a\n" * 41)[-1].text == "… and 1 more line"


@given(st.text(), st.text())
def test_no_line_is_too_long_and_a_difference_is_never_hidden(old: str, new: str) -> None:
    lines = text_differences(old, new)
    assert all(cell_len(line.text) <= WIDTH for line in lines)
    assert {line.mark for line in lines} - {Mark.NONE} or len(lines) == 1
