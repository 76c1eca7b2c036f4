"""Bytes to text."""

from __future__ import annotations

import codecs

import pytest

from nicobatch.manifest.encoding import decode, locate
from nicobatch.manifest.rules import Fault
from nicobatch.model import Position

TEXT = "version: 1\ntitle: はじめての冒険\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_utf8_is_read_with_and_without_a_bom(encoding: str) -> None:
    assert decode(TEXT.encode(encoding)) == TEXT


@pytest.mark.parametrize(
    ("data", "name", "place"),
    [
        (TEXT.encode("cp932"), "Shift_JIS", Position(2, 8)),
        (TEXT.encode("euc_jp"), "EUC-JP", Position(2, 8)),
        (codecs.BOM_UTF8 + TEXT.encode("cp932"), "Shift_JIS", Position(2, 8)),
        (TEXT.encode("utf-16"), "UTF-16", Position(1, 1)),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "UTF-16", Position(1, 1)),
        (TEXT.encode("utf-16-le"), "UTF-16", Position(1, 1)),
        (TEXT.encode("utf-32"), "UTF-32", Position(1, 1)),
        (codecs.BOM_UTF32_BE + TEXT.encode("utf-32-be"), "UTF-32", Position(1, 1)),
        (TEXT.encode("iso2022_jp"), "ISO-2022-JP", Position(2, 8)),
        ("title: 最終回".encode("euc_jp"), "EUC-JP", Position(1, 8)),
        ("title: 简体中文测试视频".encode("gbk"), "GBK", Position(1, 8)),
        ("title: 大家好，今天我们来玩".encode("gbk"), "GBK", Position(1, 8)),
        ("title: 大家好，今天我們來玩".encode("big5"), "Big5", Position(1, 8)),
        ("\ufefftitle: 标题".encode("gb18030"), "GB18030", Position(1, 1)),
    ],
)
def test_another_encoding_is_named_where_it_shows(data: bytes, name: str, place: Position) -> None:
    found = decode(data)
    assert isinstance(found, Fault)
    assert (found.rule, found.values["encoding"], found.place) == ("wrong-encoding", name, place)


def test_a_byte_that_fits_nothing_is_shown() -> None:
    found = decode("タイトル".encode() + b"\n  \xff\xff")
    assert isinstance(found, Fault)
    assert (found.rule, found.values["byte"]) == ("not-utf-8", "0xFF")
    assert found.place == Position(2, 3)


@pytest.mark.parametrize("left", [1, 2])
def test_what_ends_within_a_character_is_no_other_encoding(left: int) -> None:
    found = decode("title: 回".encode()[:-left])
    assert isinstance(found, Fault)
    assert (found.rule, found.place) == ("text-cut-off", Position(1, 8))


@pytest.mark.parametrize("character", ["\0", "\x1b", "\x7f", "\x85", "\u2028", "\uffff"])
def test_an_invisible_character_is_refused_at_its_place(character: str) -> None:
    found = decode(f"title: あ\r\nb: い{character}".encode())
    assert isinstance(found, Fault)
    assert found.rule == "control-character"
    assert str(found.values["character"]).startswith(f"U+{ord(character):04X}")
    assert found.place == Position(2, 5)


def test_every_kind_of_line_end_counts_once() -> None:
    text = "a\r\nb\rc\nd"
    assert locate(text, text.index("d")) == Position(4, 1)
    assert locate(text, 0) == Position(1, 1)
