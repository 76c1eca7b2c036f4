"""Values and keys of other tools: the hint says how to write what was meant."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from nicobatch.manifest import yaml12
from tests.unit.manifest.reading import read

AT = "publish: {at: 2026-12-01T20:00:00+09:00}"


def hint(folder: Path, line: str) -> str:
    """Return the hint of the one thing that is wrong with a manifest that has the line."""
    loaded = read(folder, f"version: 1\nfile: v.mp4\ntitle: t\n{line}\n")
    [problem] = loaded.problems
    assert (problem.line, problem.severity) == (4, "error")
    return problem.hint


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ("private", "false"),
        ("Public", "true"),
        ("no", "false"),
        ("非公開", "false"),
        ("scheduled", "{at: 2026-12-01T20:00:00+09:00}"),
        ("予約", "{at: 2026-12-01T20:00:00+09:00}"),
        ("下書き", "draft"),
        ("公开", "true"),
        ("仅自己可见", "false"),
    ],
)
def test_a_word_for_who_may_see_it(tmp_path: Path, value: str, meant: str) -> None:
    assert hint(tmp_path, f"publish: {value}") == f"did you mean {meant}?"


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ("2026-12-24 20:00", "2026-12-24T20:00:00+09:00"),
        ("2026/12/24 20:30", "2026-12-24T20:30:00+09:00"),
        ("2026-12-24T20:00:00+09:00", "2026-12-24T20:00:00+09:00"),
        ("2026.1.4 9:05", "2026-01-04T09:05:00+09:00"),
        ("2026年12月24日 20時", "2026-12-24T20:00:00+09:00"),
        ("2026年12月24日 20時15分", "2026-12-24T20:15:00+09:00"),
        ("'２０２６/１２/２４ ２０：００'", "2026-12-24T20:00:00+09:00"),
        ("2026-12-24 20:00 JST", "2026-12-24T20:00:00+09:00"),
        ("2026-12-24 20:00 +0100", "2026-12-24T20:00:00+01:00"),
        ("2026-12-24T20:00Z", "2026-12-24T20:00:00+00:00"),
        ("2026-12-24T20:00:00+09", "2026-12-24T20:00:00+09:00"),
        ("2026-12-24 8:05 pm", "2026-12-24T20:05:00+09:00"),
        ("2026年12月24日 午後8時", "2026-12-24T20:00:00+09:00"),
        ("2026年12月24日 晚上8点30分", "2026-12-24T20:30:00+09:00"),
        ("2026-12-24 12:00 AM", "2026-12-24T00:00:00+09:00"),
    ],
)
def test_a_date_of_ones_own_is_rewritten(tmp_path: Path, value: str, meant: str) -> None:
    assert hint(tmp_path, f"publish: {value}") == f"write it as {{at: {meant}}}"


def test_a_word_that_stands_for_nothing_is_answered_with_all_there_is(tmp_path: Path) -> None:
    words = hint(tmp_path, "publish: tomorrow")
    assert all(each in words for each in ("true", "false", "draft", "at: "))


@pytest.mark.parametrize("value", ["2026-12-24", "2026/12/24", "2026年12月24日"])
def test_a_date_wants_a_time(tmp_path: Path, value: str) -> None:
    meant = "2026-12-24T20:00:00+09:00"
    assert hint(tmp_path, f"publish: {value}") == f"write the time as well: {{at: {meant}}}"
    assert hint(tmp_path, f"publish: {{at: {value}}}") == f"write the time as well: {meant}"


@pytest.mark.parametrize("value", ["2026/12/24 20:30", "2026-12-24 20:30:15 JST"])
def test_a_time_in_another_form_is_rewritten(tmp_path: Path, value: str) -> None:
    written = "2026-12-24T20:30:00+09:00"
    assert hint(tmp_path, f"publish: {{at: '{value}'}}") == f"write it as {written}"


@pytest.mark.parametrize("value", ["2026-13-45 20:00", "soon", "2026-12-24 25:00", "1" * 5000])
def test_what_is_no_date_gets_an_example(tmp_path: Path, value: str) -> None:
    assert hint(tmp_path, f"publish: {{at: '{value}'}}") == "write it as 2026-12-01T20:00:00+09:00"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("thumbnail: thumb.jpg", "write thumbnail: {file: …} for a picture"),
        ("thumbnail: {image: a.png}", "did you mean file?"),
    ],
)
def test_a_picture_of_ones_own(tmp_path: Path, line: str, said: str) -> None:
    assert said in hint(tmp_path, line)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("{file: a.png}", "name a moment of the video, such as timing: 20.263"),
        ("{file: a.png, timing: 1}", "move it into the block of a site that takes pictures"),
    ],
)
def test_niconico_takes_no_picture_that_is_known_of(tmp_path: Path, given: str, said: str) -> None:
    loaded = read(tmp_path, f"version: 1\nfile: v.mp4\ntitle: t\nthumbnail: {given}\n")
    [problem], [video] = loaded.problems, loaded.videos
    assert (problem.rule, problem.severity, problem.line) == ("picture-unused", "warning", 4)
    assert said in problem.hint
    assert video.thumbnail.file is None


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("privacy: private", "did you mean publish?"),
        ("scheduled: 2026-12-24", f"did you mean {AT}?"),
        ("playlist: 12345", "did you mean series?"),
        ("chapters: []", "niconico has no chapters"),
        ("language: ja", "leave it out"),
        ("Subtitles: a.srt", "leave it out"),
        ("include: other.yaml", "`defaults:`"),
    ],
)
def test_a_key_of_another_tool(tmp_path: Path, line: str, said: str) -> None:
    assert said in hint(tmp_path, line)


@pytest.mark.skipif(yaml12.LOADER is yaml.SafeLoader, reason="Python's own parser takes halves")
def test_an_escape_of_json(tmp_path: Path) -> None:
    said = hint(tmp_path, 'description: "a \\uD83D\\ude00"')
    assert said == "write the character itself: 😀"


def test_what_has_ended_is_not_offered(tmp_path: Path) -> None:
    known = hint(tmp_path, "zzzzzz: 1")
    assert "series" in known
    assert "community" not in known
