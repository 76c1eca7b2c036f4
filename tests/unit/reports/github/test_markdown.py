from __future__ import annotations

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from nicobatch.reports.job_summary import link, row, table_head, text
from tests.unit.reports.hostile import TITLES

READER: Final = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
STRUCTURE: Final = {"table", "thead", "tbody", "tr", "th", "td"}
ODD: Final = st.text(st.sampled_from("|\\`*_[]()<>!#&;~:/@.-+$\n\r\t w'\"0amp第")) | st.text()


def cells(markdown: str) -> list[list[Token]]:
    """Return what stands in each cell of the only table that there is."""
    tokens = READER.parse(markdown)
    assert {token.tag for token in tokens if token.tag} <= STRUCTURE
    return [token.children or [] for token in tokens if token.type == "inline"]


@pytest.mark.parametrize("title", TITLES.values())
def test_a_hostile_title_is_one_cell_of_text(title: str) -> None:
    ((word,), *_) = cells(row([text(title), "x"]).join([table_head("ab"), ""]))[2:]
    assert word.type == "text"


@given(ODD, ODD)
def test_any_text_is_one_cell_of_text(one: str, other: str) -> None:
    found = cells(table_head(("a", "b")) + row((text(one), text(other))))
    assert len(found) == 4
    for children, given_ in zip(found[2:], (one, other), strict=True):
        assert {child.type for child in children} <= {"text"}
        said = "".join(child.content for child in children)
        kept = [char for char in given_[:499] if char.isalnum() and char.isascii()]
        assert [char for char in said if char.isalnum() and char.isascii()][: len(kept)] == kept


@given(ODD)
def test_a_link_leads_where_it_is_said_to(words: str) -> None:
    url = "https://www.nicovideo.jp/watch/sm9"
    (children,) = cells(table_head("a") + row([link(f"x{words}", url)]))[1:]
    assert children[0].type == "link_open"
    assert children[0].attrs["href"] == url
    assert children[-1].type == "link_close"


@given(ODD)
def test_an_address_never_leaves_its_link(rest: str) -> None:
    (children,) = cells(table_head("a") + row([link("x", f"https://host/{rest}")]))[1:]
    assert [child.type for child in children] == ["link_open", "text", "link_close"]
    assert str(children[0].attrs["href"]).startswith("https://host/")


@pytest.mark.parametrize("url", ["", "javascript:alert(1)", "data:text/html,x", "//host"])
def test_other_addresses_are_no_links(url: str) -> None:
    assert link("sm9", url) == "sm9"


def test_nothing_becomes_a_link_by_itself() -> None:
    said = text("https://evil.example www.evil.example WWW.evil.example @someone")
    assert "://" not in said
    assert "www." not in said.lower()
    assert "@" not in said


def test_a_long_text_is_cut() -> None:
    said = text("長" * 10_000)
    assert len(said) == 500
    assert said.endswith("…")


def test_a_text_can_not_turn_the_line_around() -> None:
    assert text("a\u202eb\u2066c\u200fd\u061ce") == "abcde"
