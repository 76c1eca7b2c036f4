"""Defaults merged under videos."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from nicobatch.manifest.defaults import Entry, entries, merge
from nicobatch.manifest.yaml12 import parse
from nicobatch.model import Position
from nicobatch.sites.niconico.fields import SITE

KEYS = st.sampled_from("abc")
VALUES = st.recursive(
    st.integers() | st.lists(st.integers(), max_size=2),
    lambda inner: st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)
MAPPINGS = st.dictionaries(KEYS, VALUES, max_size=3)


@given(MAPPINGS)
def test_an_empty_mapping_changes_nothing(given_: dict[str, Any]) -> None:
    assert merge({}, given_) == given_ == merge(given_, {}) == merge(given_, given_)


@given(MAPPINGS, MAPPINGS)
def test_every_key_is_the_videos_or_else_the_defaults(
    base: dict[str, Any], over: dict[str, Any]
) -> None:
    before = repr((base, over))
    merged = merge(base, over)
    assert merged.keys() == base.keys() | over.keys()
    for key, value in merged.items():
        if key not in over:
            assert value == base[key]
        elif isinstance(over[key], dict) and isinstance(base.get(key), dict):
            assert value == merge(base[key], over[key])
        else:
            assert value == over[key]
    assert repr((base, over)) == before


@given(MAPPINGS, MAPPINGS, MAPPINGS)
def test_the_last_word_counts_however_mappings_are_stacked(
    one: dict[str, Any], two: dict[str, Any], three: dict[str, Any]
) -> None:
    merged = merge(merge(one, two), three)
    assert merged.keys() == merge(one, merge(two, three)).keys()
    assert all(merged[key] == value for key, value in three.items() if type(value) is int)


def read(text: str) -> list[Entry]:
    document, _ = parse(text)
    assert document is not None
    return [entry for _, entry in entries(document, {SITE.name: SITE})]


def test_a_merged_field_keeps_the_place_it_came_from() -> None:
    (entry,) = read(
        "defaults:\n"
        "  tags: [a, b]\n"
        "  genre: game\n"
        "  series: {id: 1, add_to_head: true}\n"
        "videos:\n"
        "  - file: a.mp4\n"
        "    tags: [c]\n"
        "    series: {add_to_head: false}\n"
    )
    assert entry.data["series"] == {"id": 1, "add_to_head": False}
    assert entry.data["tags"] == ["c"]
    assert entry.place("genre") == Position(3, 10)
    assert entry.place("series.id") == Position(4, 16)
    assert entry.place("series.add_to_head") == Position(8, 27)
    assert entry.place("tags.0") == Position(7, 12)
    assert "tags.1" not in entry.places
    assert entry.place("title") == Position(6, 5)
    assert set(entry.keys) == {"file", "tags", "series"}


def test_a_scalar_in_the_place_of_a_mapping_takes_all_its_places() -> None:
    (entry,) = read("defaults: {publish: {at: x}}\nvideos: [{publish: true}]")
    assert entry.data == {"publish": True}
    assert set(entry.places) == {"", "publish"}


def test_what_is_no_video_is_left_out() -> None:
    assert len(read("videos: [1, {file: a}, [b]]")) == 1
    assert read("videos: text") == []
    assert read("defaults: text\nvideos: [{file: a}]")[0].data == {"file": "a"}


def test_the_short_form_is_one_video() -> None:
    (entry,) = read("version: 1\nfile: a.mp4\n")
    assert entry.place("file") == Position(2, 7)
