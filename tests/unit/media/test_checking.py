from __future__ import annotations

import os
import sys
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest

from nicobatch import media
from nicobatch.model import Position, Problem, Severity
from nicobatch.sites.niconico.limits import LIMITS
from tests.unit.media.conftest import FILE_AT, TIMING_AT, MakeEntry


def the_problem(entry: MakeEntry, file: Path, *, probe: bool = True) -> Problem:
    info, problems = media.check(entry(file), limits=LIMITS, probe=probe)
    assert info is None
    assert len(problems) == 1
    assert problems[0].path == Path("m.yaml")
    assert Position(problems[0].line, problems[0].column) == FILE_AT
    assert problems[0].severity is Severity.ERROR
    assert problems[0].hint
    return problems[0]


def test_a_good_video_has_no_problem(entry: MakeEntry, mp4: Path) -> None:
    info, problems = media.check(entry(mp4, timing=1999), limits=LIMITS)
    assert info == media.probe(mp4)
    assert problems == ()


def test_without_probing_the_file_is_not_opened(entry: MakeEntry, tmp_path: Path) -> None:
    path = tmp_path / "v.mp4"
    path.write_text("no video")
    assert media.check(entry(path), limits=LIMITS, probe=False) == (None, ())
    assert the_problem(entry, path).rule == "not-a-video"


@pytest.mark.parametrize("probe", [True, False])
def test_what_shows_from_outside(entry: MakeEntry, tmp_path: Path, probe: bool) -> None:
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "folder.mp4").mkdir()
    (tmp_path / "link.mp4").symlink_to("gone.mp4")
    (tmp_path / "loop.mp4").symlink_to("loop.mp4")
    expected = {
        "gone.mp4": "file-not-found",
        "empty.mp4/v.mp4": "file-not-found",
        "nowhere/v.mp4": "file-not-found",
        "link.mp4": "file-not-found",
        "empty.mp4": "file-empty",
        "folder.mp4": "file-is-folder",
        "loop.mp4": "file-unreadable",
        "nul\0.mp4": "file-unreadable",
        "あ" * 300 + ".mp4": "file-unreadable",
    }
    rules = {name: the_problem(entry, tmp_path / name, probe=probe).rule for name in expected}
    assert rules == expected


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_not_waited_for(entry: MakeEntry, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    assert "no ordinary file" in the_problem(entry, tmp_path / "pipe.mp4").message


@pytest.mark.usefixtures("_rightless")
def test_a_forbidden_file_is_unreadable(entry: MakeEntry, tmp_path: Path) -> None:
    path = tmp_path / "secret.mp4"
    path.write_bytes(b"x")
    path.chmod(0)
    assert the_problem(entry, path).rule == "file-unreadable"


def test_a_near_name_is_offered(entry: MakeEntry, tmp_path: Path) -> None:
    (tmp_path / "第1回 はじめての冒険.mp4").touch()
    (tmp_path / "第1回 はじめての冒.yaml").touch()
    problem = the_problem(entry, tmp_path / "第1回 はじめての冒検.mp4")
    assert problem.hint == "did you mean 第1回 はじめての冒険.mp4?"


def test_no_name_is_offered_that_is_not_near(entry: MakeEntry, tmp_path: Path) -> None:
    (tmp_path / "holiday.mp4").touch()
    assert "did you mean" not in the_problem(entry, tmp_path / "第2回.mp4").hint


def test_names_that_only_look_the_same_are_told(entry: MakeEntry, tmp_path: Path) -> None:
    name, pieces = "ガギ.mp4", unicodedata.normalize("NFD", "ガギ.mp4")
    (tmp_path / pieces).touch()
    if (tmp_path / name).exists():
        pytest.skip("this file system takes both spellings")
    (tmp_path / f"{pieces[:2]}{name[1:]}").touch()
    problem = the_problem(entry, tmp_path / name)
    assert problem.rule == "file-not-found"
    assert "NFD" in problem.hint


def test_names_that_differ_in_case_are_told(entry: MakeEntry, tmp_path: Path) -> None:
    (tmp_path / "Episode.MP4").touch()
    if (tmp_path / "episode.mp4").exists():
        pytest.skip("this file system takes both spellings")
    problem = the_problem(entry, tmp_path / "episode.mp4")
    assert problem.hint.startswith("the folder has Episode.MP4: capital")


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_link_that_leads_nowhere_is_told(entry: MakeEntry, tmp_path: Path) -> None:
    path = tmp_path / "episode.mp4"
    path.symlink_to(".git/annex/objects/x.mp4")
    problem = the_problem(entry, path)
    assert problem.rule == "file-not-found"
    assert problem.hint == "it is a link to .git/annex/objects/x.mp4, which is not there"


def test_a_cut_video_says_where_it_ends(entry: MakeEntry, mp4: Path, tmp_path: Path) -> None:
    path = tmp_path / "half.mp4"
    path.write_bytes(mp4.read_bytes()[:5000])
    problem = the_problem(entry, path)
    assert problem.rule == "video-truncated"
    assert "after 5,000 bytes" in problem.message


def test_an_unusual_container_is_a_warning(entry: MakeEntry, webm: Path) -> None:
    info, problems = media.check(entry(webm), limits=LIMITS)
    assert info
    assert [(each.rule, each.severity) for each in problems] == [
        ("container-unusual", Severity.WARNING)
    ]
    assert "WEBM" in problems[0].message


def test_limits_are_warnings(entry: MakeEntry, mp4: Path) -> None:
    narrow = replace(LIMITS, file_size=mp4.stat().st_size - 1, duration=1)
    info, problems = media.check(entry(mp4), limits=narrow)
    assert info
    assert [each.rule for each in problems] == ["file-too-large", "video-too-long"]
    assert {each.severity for each in problems} == {Severity.WARNING}
    assert problems[1].message.startswith(f"{mp4} is 0:00:02 long; niconico takes 0:00:01")


@pytest.mark.parametrize("timing", [2000, 3_725_250])
def test_a_timing_beyond_the_end(entry: MakeEntry, mp4: Path, timing: int) -> None:
    _, problems = media.check(entry(mp4, timing=timing), limits=LIMITS)
    assert [each.rule for each in problems] == ["timing-outside"]
    assert Position(problems[0].line, problems[0].column) == TIMING_AT
    assert ("0:00:02" if timing == 2000 else "1:02:05.250") in problems[0].message
    assert problems[0].hint == "give a time before 0:00:02"
