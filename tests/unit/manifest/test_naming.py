"""File names to titles, ids and scalars of YAML."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from nicobatch import disk
from nicobatch.manifest import identity, skeleton
from nicobatch.manifest.encoding import decode
from nicobatch.manifest.yaml12 import parse
from nicobatch.model import Position
from nicobatch.sites.niconico.limits import LIMITS

NFD = unicodedata.normalize("NFD", "ガ")


@pytest.mark.parametrize(
    ("file", "title"),
    [
        ("第1回_はじめての冒険.mp4", "第1回 はじめての冒険"),
        ("clips/my__first _video_.mov", "my first video"),
        (f"{NFD}.mp4", "ガ"),
        ("a.b.c.mp4", "a.b.c"),
        ("no.mp4", "no"),
        ("第１話　旅立ち.mp4", "第１話 旅立ち"),
        ("a\u2028b\x85c.mp4", "a b c"),
        ("___.mp4", "untitled"),
        ("長" * 100 + ".mp4", "長" * 100),
    ],
)
def test_a_title(file: str, title: str) -> None:
    assert skeleton.title_of(file, LIMITS.title) == (title, False)


def test_a_title_that_is_too_long_is_cut_off() -> None:
    assert skeleton.title_of(f"{'a' * 99} bcd.mp4", LIMITS.title) == ("a" * 99, True)
    assert skeleton.title_of(f"{'a' * 120}.mp4", LIMITS.title) == ("a" * LIMITS.title, True)


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("第1回_冒険.mp4", "第1回_冒険"),
        (f"{NFD}.mp4", "ガ"),
        ("what? a:b.mp4", "what- a-b"),
        ("con.mp4", "video-con"),
        ("  .mp4", "video"),
        ("a. .mp4", "a"),
        ("長" * 90 + ".mp4", "長" * 65),
        ("a" * 120 + ".mp4", "a" * 95),
    ],
)
def test_an_id(file: str, name: str) -> None:
    assert skeleton.video_id(file, ()) == name


def test_ids_are_told_apart() -> None:
    assert skeleton.video_id("A.mp4", {"a", "a-2"}) == "A-3"


@given(st.lists(st.text(), max_size=5))
@example(["con.mp4", "CON.mov", "con-2.mp4"])
@example(["😀" * 90, "😀" * 91])
def test_any_names_get_ids_that_all_systems_take(stems: list[str]) -> None:
    taken: set[str] = set()
    for stem in stems:
        name = skeleton.video_id(f"{stem}.mp4", taken)
        assert list(identity.id_faults(name, Position(1, 1))) == []
        assert disk.fold(name) not in taken
        taken.add(disk.fold(name))


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("第1回 はじめての冒険", "第1回 はじめての冒険"),
        ("【実況】a-b（仮）.mp4", "【実況】a-b（仮）.mp4"),
        ("clips/a.mp4", "clips/a.mp4"),
        ("no", "'no'"),
        ("Yes", "'Yes'"),
        ("null", "'null'"),
        ("1:30", "'1:30'"),
        ("12", "'12'"),
        ("-a.mp4", "'-a.mp4'"),
        ("a: b", "'a: b'"),
        ("a #b", "'a #b'"),
        ("it's", "'it''s'"),
        ("a  b", "'a  b'"),
        ("{stem}", "'{stem}'"),
        ("a\u2028b", '"a\\u2028b"'),
        ("", "''"),
    ],
)
def test_a_scalar(text: str, written: str) -> None:
    assert skeleton.scalar(text) == written


ANY = st.text(st.characters(exclude_categories=["Cs"]))


@given(ANY)
@example("\ufeff\x85\ufffe\n\t\0\x7f")
@example("😀")
@example("=")
@example("<<")
def test_any_text_is_read_as_itself(text: str) -> None:
    source = decode(f"title: {skeleton.scalar(text)}    # words\n".encode())
    assert isinstance(source, str), source
    document, faults = parse(source)
    assert faults == []
    assert document is not None
    assert document.data == {"title": text}


@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Co", "Cn"])))
def test_yaml_1_1_reads_it_so_too(text: str) -> None:
    read: Any = yaml.safe_load(f"title: {skeleton.scalar(text)}    # words\n")
    assert read == {"title": text}
