"""Names of files that Windows takes for something else: they are found on every system."""

from __future__ import annotations

from pathlib import Path, PureWindowsPath

import pytest

from nicobatch.manifest import identity, patterns, windows
from nicobatch.manifest.defaults import Entry
from nicobatch.model import Position, Severity
from tests.unit.manifest.reading import read

DEVICES = ["NUL", "nul.mp4", "CON.mp4", "clips/aux.tar.mp4", "COM¹", "lpt9.mkv", "con .mp4"]
STREAMS = ["ab:c.mp4", "clips/a.mp4:zone", "C:/clips/a:b.mp4", r"\\?\C:\a.mp4:b"]
DRIVES = ["C:x.mp4", "a:b.mp4", "c:NUL"]
EDGES = ["a.mp4.", "a.mp4 ", "clips./a.mp4"]
FILES = [
    *("a.mp4", "../a.mp4", "./a.mp4", "第1回 序章.mp4", "console.mp4", "com10.mp4", "nul1.mp4"),
    *("C:/clips/a.mp4", "C:\\clips\\a.mp4", r"\\nas\clips\a.mp4", "//nas/clips/a.mp4", "/"),
    *(r"\\?\C:\clips\NUL", r"\\?\UNC\nas\clips\a.mp4"),
]
ALL = [
    *((each, "device") for each in [*DEVICES, r"\\.\PhysicalDrive0", "//./COM1"]),
    *((each, "stream") for each in STREAMS),
    *((each, "drive") for each in DRIVES),
    *((each, "edge") for each in EDGES),
]


def entry(file: str) -> Entry:
    data = {"file": file}
    places = {"file": Position(4, 9)}
    return Entry(data=data, places=places, keys=places)


@pytest.mark.parametrize(("file", "what"), ALL)
def test_what_windows_takes_a_name_for(file: str, what: str) -> None:
    (found,) = identity.unportable(entry(file), here=False)
    assert (found.rule, found.advice) == ("file-unportable", f"windows-{what}")
    assert found.place == Position(4, 9)


@pytest.mark.parametrize(("file", "what"), ALL)
def test_there_it_is_an_error_but_where_the_file_is_found(file: str, what: str) -> None:
    (found,) = identity.unportable(entry(file), here=True)
    assert found.rule == ("file-unportable" if what == "edge" else "file-misnamed")


@pytest.mark.parametrize("file", FILES)
def test_other_names_are_the_files_own(file: str) -> None:
    assert windows.meaning(file) is None


def test_it_is_told_where_the_name_stands(tmp_path: Path) -> None:
    videos = "- {file: 'ab:c.mp4', id: a, title: a, thumbnail: {file: clips/aux.png}}\n"
    loaded = read(tmp_path, f"version: 1\nvideos:\n{videos}")
    found = [each for each in loaded.problems if each.rule == "file-unportable"]
    assert [(each.line, each.column) for each in found] == [(3, 10), (3, 57)]
    assert {each.severity for each in found} == {Severity.NOTE}
    assert "in ab:c.mp4, a colon begins the name of a stream there" in found[0].hint
    assert "aux.png is the name of a device there" in found[1].hint
    assert len(loaded.videos) == 1


def test_an_id_that_is_made_of_it_is_enough_of_a_finding(tmp_path: Path) -> None:
    loaded = read(tmp_path, "version: 1\nfile: aux.mp4\ntitle: a\n")
    assert [each.rule for each in loaded.problems] == ["id-reserved"]


def test_what_a_path_of_windows_begins_with_is_no_pattern(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "PurePath", PureWindowsPath)
    assert not patterns.is_pattern(r"\\?\C:\clips\a.mp4")
    assert patterns.is_pattern(r"\\?\C:\clips\*.mp4")
    assert patterns.split(r"\\?\C:\clips\*.mp4") == (
        PureWindowsPath(r"\\?\C:\clips"),
        ("*.mp4",),
    )
