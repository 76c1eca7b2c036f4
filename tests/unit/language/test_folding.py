from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from nicobatch.cli.i18n import Formatter, lines

WORDS = st.text("あいう漢字、。「」（）ーabc -", max_size=60)


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("何も送りません", 6, ["何も送", "りませ", "ん"]),
        ("値は --journal DIR で", 12, ["値は", "--journal", "DIR で"]),
        ("送りません。次", 10, ["送りませ", "ん。次"]),
        ("値は「名前」", 6, ["値は", "「名", "前」"]),
        ("没有“标签”", 5, ["没有", "“标", "签”"]),
        ("次のフォルダーへ", 12, ["次の", "フォルダーへ"]),
        ("[デフォルト: 8]", 14, ["[デフォルト:", "8]"]),
        ("一つ  [必須]", 20, ["一つ  [必須]"]),
        ("一行目\n二行目", 20, ["一行目 二行目"]),
        ("", 20, [""]),
    ],
)
def test_where_a_line_ends(text: str, width: int, expected: list[str]) -> None:
    assert lines(text, width) == expected


@given(WORDS)
def test_nothing_is_lost(text: str) -> None:
    assert "".join("".join(lines(text, 20)).split()) == "".join(text.split())


@given(st.text("あいう漢字 ab", max_size=60))
def test_no_line_is_too_wide_but_for_a_word_that_is(text: str) -> None:
    longest = max(map(len, re.findall("[ab]+", text)), default=0)
    assert all(cell_len(line) <= max(20, longest) for line in lines(text, 20))


def test_columns_are_counted_and_not_letters() -> None:
    formatter = Formatter(width=24)
    formatter.indent()
    formatter.write_dl([("--a フォルダー", "置き場所"), ("-b", "色を付けずに表示")])
    assert formatter.getvalue().splitlines() == [
        "  --a フォルダー  置き場",
        "                  所",
        "  -b              色を付",
        "                  けずに",
        "                  表示",
    ]


def test_a_long_term_has_a_line_of_its_own() -> None:
    formatter = Formatter(width=24)
    formatter.write_dl([("--profile [one|two]", "選ぶ"), ("-b", "色")], col_max=6)
    assert formatter.getvalue().splitlines() == [
        "--profile [one|two]",
        "        選ぶ",
        "-b      色",
    ]


def test_paragraphs_stay_apart() -> None:
    formatter = Formatter(width=12)
    formatter.write_text("何も送りません。\n\n何も書きません。\n")
    assert formatter.getvalue() == "何も送りませ\nん。\n\n何も書きませ\nん。\n"
