"""Genres that a site has refused are remembered, as far as that can be."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nicobatch.journal.refusals import Refusals


def test_a_refused_genre_is_remembered_for_its_site_alone(home: Path) -> None:
    here, there = Refusals("https://one.example"), Refusals("https://other.example")
    assert "ゲーム" not in here
    there.add("音楽")
    here.add("ゲーム")
    here.add("ゲーム")
    assert "ゲーム" in here
    assert "ゲーム" not in there
    assert "音楽" in there
    assert here.file.is_relative_to(home)
    assert json.loads(here.file.read_text("utf-8"))[here.origin] == ["ゲーム"]


def test_the_oldest_go_and_what_is_too_long_is_not_remembered() -> None:
    refusals = Refusals("https://one.example")
    refusals.add("x" * 101)
    refusals.add("x" * 100)
    for number in range(100):
        refusals.add(str(number))
    assert "0" in refusals
    assert "x" * 100 not in refusals
    assert "x" * 101 not in refusals


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"https://one.example": 1}', b"\xff"])
def test_what_is_damaged_is_forgotten_and_written_anew(content: bytes) -> None:
    refusals = Refusals("https://one.example")
    refusals.add("a")
    refusals.file.write_bytes(content)
    assert "a" not in refusals
    refusals.add("b")
    assert "b" in refusals
