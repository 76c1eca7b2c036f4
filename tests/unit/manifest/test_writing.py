"""Manifests written from data: whatever the texts hold, reading gives them back."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from nicobatch.manifest import yaml12
from nicobatch.manifest.writing import Piece, manifest, of_site
from nicobatch.model import Inputs
from nicobatch.sites import site

ODD = "\t\n\r \u3000\u00a0\u0085\u2028\ufeff\x00\x1b\x7f\uffff#:-,?&*!|>'\"%@`[]{}\\\U0001f600あ1yn"
TEXTS = st.one_of(st.text(st.sampled_from(ODD)), st.text(st.characters(exclude_categories=["Cs"])))
VALUES = st.one_of(TEXTS, st.booleans(), st.integers(0, 9), st.lists(TEXTS))


def read_back(text: str) -> Any:
    document, found = yaml12.parse(text)
    assert document is not None
    assert found == []
    return document.data


@settings(max_examples=50)
@given(
    st.lists(st.dictionaries(TEXTS.filter(bool), VALUES, min_size=1), min_size=1, max_size=3),
    st.lists(TEXTS, max_size=2),
)
def test_what_is_read_back_is_what_was_given(
    videos: list[dict[str, Any]], remarks: list[str]
) -> None:
    text = manifest([Piece(each, remarks) for each in videos], sites=["niconico"], remarks=remarks)
    text.encode()
    found = read_back(text)
    assert found.keys() == {"version", "videos"}
    for given_, there in zip(videos, found["videos"], strict=True):
        # A block of text ends in a newline, which a manifest's texts are read without.
        assert {key: _stripped(value) for key, value in given_.items()} == {
            key: _stripped(value) for key, value in there.items()
        }


def _stripped(value: Any) -> Any:
    return value.rstrip("\n") if isinstance(value, str) else value


def test_what_a_person_gets_to_read() -> None:
    data: Inputs = {
        "id": "a",
        "title": "第1回",
        "tags": ["a b"],
        "pages": [{"file": "a.mp4"}],
        "topic": 5,
    }
    pieces = [Piece(of_site(data, site("bilibili")), ["an old one"]), Piece({"id": "b"})]
    assert manifest(pieces, sites=["bilibili"], account="b-1").partition("\n")[2] == (
        "version: 1\n"
        "sites: [bilibili]\n"
        "account: b-1\n"
        "\n"
        "videos:\n"
        "  # an old one\n"
        "  - id: a\n"
        "    title: 第1回\n"
        "    tags: [a b]\n"
        "    bilibili:\n"
        "      pages:\n"
        "        - file: a.mp4\n"
        "      topic: 5\n"
        "\n"
        "  - id: b\n"
    )
