"""Which names a pattern chooses: pure, so names are made up."""

from __future__ import annotations

import fnmatch
import unicodedata
from pathlib import PurePath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nicobatch.manifest import patterns

NAMES = [
    "10.mp4",
    "2.mp4",
    "1.mp4",
    "１１.mp4",
    "2.MP4",
    "[live] 3.mp4",
    "ガ.mov",
    "~OP~.mov",
    "s1/1.mp4",
    "s1/deep/2.mp4",
    "s2/1.mp4",
    ".hidden.mp4",
    ".git/4.mp4",
    "@eaDir/1.mp4",
    "~$5.mp4",
    "6.mp4~",
    "7.mp4.part",
    "8.mp4.crdownload",
    "9.temp.mp4",
    "Thumbs.db",
]


def selected(pattern: str) -> list[str]:
    folder, steps = patterns.split(pattern)
    assert folder == PurePath()
    return patterns.select(steps, NAMES)


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("*.mp4", ["1.mp4", "2.mp4", "10.mp4", "１１.mp4", "[live] 3.mp4"]),
        ("?.mp4", ["1.mp4", "2.mp4"]),
        ("~*", ["~OP~.mov"]),
        ("[12].*", ["1.mp4", "2.MP4", "2.mp4"]),
        ("[!1].mp4", ["2.mp4"]),
        ("[[]live] *.mp4", ["[live] 3.mp4"]),
        ("*/1.mp4", ["s1/1.mp4", "s2/1.mp4"]),
        ("s?/*", ["s1/1.mp4", "s2/1.mp4"]),
        (
            "**/*.mp4",
            [
                *["1.mp4", "2.mp4", "10.mp4", "１１.mp4", "[live] 3.mp4"],
                *["s1/1.mp4", "s1/deep/2.mp4", "s2/1.mp4"],
            ],
        ),
        ("**/deep/**/2.mp4", ["s1/deep/2.mp4"]),
        ("**/**/deep/*", ["s1/deep/2.mp4"]),
        ("s*/**", ["s1/1.mp4", "s1/deep/2.mp4", "s2/1.mp4"]),
        ("ガ*", ["ガ.mov"]),
        (unicodedata.normalize("NFD", "ガ*"), ["ガ.mov"]),
        (".*", []),
        ("*.part", []),
        ("*.avi", []),
        ("*/../1.mp4", []),
    ],
)
def test_what_a_pattern_chooses(pattern: str, names: list[str]) -> None:
    assert patterns.is_pattern(pattern)
    assert selected(pattern) == names


def test_names_in_another_unicode_form_match_and_stay_as_they_are() -> None:
    name = unicodedata.normalize("NFD", "ガ.mov")
    assert patterns.select(patterns.split("ガ*")[1], [name]) == [name]


@pytest.mark.parametrize(
    ("pattern", "folder", "steps"),
    [
        ("*.mp4", ".", ("*.mp4",)),
        ("./clips/*.mp4", "clips", ("*.mp4",)),
        ("../a b/[x]/?.mp4", "../a b", ("[x]", "?.mp4")),
        ("/videos/**", "/videos", ("**", "*")),
    ],
)
def test_a_pattern_begins_with_a_folder(pattern: str, folder: str, steps: tuple[str, ...]) -> None:
    assert patterns.split(pattern) == (PurePath(folder), steps)


@pytest.mark.parametrize(
    "file", ["a.mp4", "a[.mp4", "a].mp4", "a[].mp4", "{stem}.mp4", "", "[a/b]"]
)
def test_what_is_no_pattern(file: str) -> None:
    assert not patterns.is_pattern(file)


def test_what_would_match_but_for_capital_letters() -> None:
    steps = ("?.MP4",)
    names = patterns.select(steps, NAMES)
    assert names == ["2.MP4"]
    assert patterns.all_but(steps, NAMES, names) == ["1.mp4", "2.mp4"]


@pytest.mark.parametrize(
    ("pattern", "folder", "leads"),
    [
        ("*.mp4", (), True),
        ("*.mp4", ("a.mp4",), False),
        ("*/1.mp4", ("s1",), True),
        ("*/1.mp4", ("s1", "deep"), False),
        ("S?/1.mp4", ("s1",), True),
        ("t?/1.mp4", ("s1",), False),
        ("**/1.mp4", ("a", "b", "c"), True),
        ("**/1.mp4", ("a", ".git"), False),
        ("**/1.mp4", ("@eaDir",), False),
    ],
)
def test_where_to_look(pattern: str, folder: tuple[str, ...], leads: bool) -> None:
    assert patterns.leads_on(patterns.split(pattern)[1], folder) is leads


STEP = st.text(alphabet="ab*?", min_size=1, max_size=3).filter(lambda step: "**" not in step)
STEPS = st.lists(STEP | st.just("**"), min_size=1, max_size=4)
PATH = st.lists(st.text(alphabet="ab", min_size=1, max_size=2), min_size=1, max_size=4)


def fits(steps: list[str], path: list[str]) -> bool:
    """Match as the definition says it, in exponential time."""
    if not steps:
        return not path
    if steps[0] == "**":
        return fits(steps[1:], path) or (bool(path) and fits(steps, path[1:]))
    return bool(path) and fnmatch.fnmatchcase(path[0], steps[0]) and fits(steps[1:], path[1:])


@given(STEPS, PATH)
def test_steps_match_as_defined(steps: list[str], path: list[str]) -> None:
    steps = [*steps, "*"] if steps[-1] == "**" else steps
    assert bool(patterns.select(steps, ["/".join(path)])) == fits(steps, path)


@given(STEPS, PATH)
def test_no_match_lies_where_nobody_looks(steps: list[str], path: list[str]) -> None:
    if patterns.select(steps, ["/".join(path)]):
        assert all(patterns.leads_on(steps, path[:depth]) for depth in range(len(path)))


def test_many_stars_take_no_time() -> None:
    steps = ["**", "a"] * 40 + ["b"]
    assert patterns.select(steps, ["/".join("a" * 1000)]) == []
