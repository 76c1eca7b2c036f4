"""Keys that are unknown, and what was meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from nicobatch.manifest.schema import HABITS, PUBLISH_AT, known, suggest
from nicobatch.sites.niconico.fields import SITE
from tests.unit.manifest.reading import ONE, read

EVERY = {**HABITS, **SITE.habits}


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("name", "title"),
        ("path", "file"),
        ("tag", "tags"),
        ("desc", "description"),
        ("Title", "title"),
        ("thanks-message", "thanks_message"),
        ("schedule", PUBLISH_AT),
        ("publish_at", PUBLISH_AT),
        ("qqqq", ""),
    ],
)
def test_the_key_that_was_meant_is_suggested(word: str, meant: str) -> None:
    assert suggest(word, known("video"), EVERY) == meant


@pytest.mark.parametrize(
    ("word", "meant"), [("タイトル", "title"), ("説明", "description"), ("标签", "tags")]
)
def test_a_key_in_ones_own_language(word: str, meant: str, tmp_path: Path) -> None:
    (problem,) = read(tmp_path, f"{ONE}{word}: a\n").problems
    assert problem.hint == f"did you mean {meant}?"


def test_a_habit_leads_to_a_key_that_exists() -> None:
    inner = {"at", "every", "zone", "page", "url_env"}
    everywhere = {*known("batch"), *known("single"), *known("thumbnail"), *inner}
    assert {each.partition(":")[0] for each in EVERY} <= everywhere


def test_no_key_of_the_manifest_is_called_a_slip() -> None:
    slips = {each for habits in EVERY.values() for each in habits}
    assert slips.isdisjoint({*known("batch"), *known("single")})


def test_without_an_idea_the_known_keys_are_listed(tmp_path: Path) -> None:
    (problem,) = read(tmp_path, f"{ONE}series: {{id: 1, xyzzy: 2}}\n").problems
    assert (problem.line, problem.column) == (4, 17)
    assert problem.hint == "known here: id, add_to_head"
