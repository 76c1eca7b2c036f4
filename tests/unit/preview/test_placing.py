from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from nicobatch.model import Position
from nicobatch.preview.page import placed
from tests.unit.preview.making import problem, video

FIRST = video(
    Path("a.mp4"),
    places={"": Position(5, 5), "title": Position(6, 12), "genre": Position(2, 10)},
)
SECOND = video(
    Path("b.mp4"),
    id="b",
    places={"": Position(8, 5), "title": Position(9, 12), "genre": Position(2, 10)},
)
BOTH = (FIRST, SECOND)


def test_by_its_very_place() -> None:
    at_title = problem(9, 12)
    assert placed(BOTH, [at_title]) == [[], [at_title]]


def test_by_its_line() -> None:
    unknown_key = problem(6, 5)
    assert placed(BOTH, [unknown_key]) == [[unknown_key], []]


def test_what_all_take_over_is_everybody_s() -> None:
    in_defaults = problem(2, 10)
    assert placed(BOTH, [in_defaults]) == [[in_defaults], [in_defaults]]


def test_a_place_counts_more_than_a_line() -> None:
    one_line = [
        replace(FIRST, places={"": Position(3, 10)}),
        replace(SECOND, places={"": Position(3, 40)}),
    ]
    found = problem(3, 40)
    assert placed(one_line, [found]) == [[], [found]]
    between = problem(3, 41)
    assert placed(one_line, [between]) == [[between], [between]]


def test_what_is_nobody_s() -> None:
    other_file = replace(problem(9, 12), path=Path("n.yaml"))
    assert placed(BOTH, [problem(1, 1), other_file]) == [[], []]
