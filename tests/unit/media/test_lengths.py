"""Paths that are longer than Windows takes, be it the video's or its receipt's."""

from __future__ import annotations

from pathlib import Path

import pytest

from nicobatch import media
from nicobatch.model import Position, Video

FOLDER = Path("/v")
PLACES = {"": Position(2, 1), "file": Position(2, 7), "id": Position(3, 5)}


def video(file: Path) -> Video:
    return Video(manifest=Path("m.yaml"), id="a", file=file, title="第1回", places=PLACES)


@pytest.mark.parametrize(
    ("file", "receipt", "places"),
    [(259, 249, []), (260, 249, ["file"]), (259, 250, ["id"]), (300, 300, ["file", "id"])],
)
def test_what_is_longer_than_the_system_takes_is_told(
    file: int, receipt: int, places: list[str]
) -> None:
    one = video(_of(file))
    found = media.check_lengths(one, _of(receipt), 259)
    assert [(each.line, each.column) for each in found] == [
        (one.place(each).line, one.place(each).column) for each in places
    ]
    assert {each.rule for each in found} <= {"path-too-long"}
    assert media.check_lengths(one, _of(receipt), None) == ()


def test_the_hint_tells_how_to_have_longer_ones() -> None:
    found, _ = media.check_lengths(video(_of(300)), _of(300), 259)
    assert "has 300 characters, and this Windows takes 259" in found.message
    assert r"HKLM\SYSTEM\CurrentControlSet" in found.hint


def _of(length: int) -> Path:
    return FOLDER / ("a" * (length - len(str(FOLDER)) - 1))
