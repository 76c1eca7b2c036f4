from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from nicobatch.journal import Journal
from nicobatch.model import Json, Video
from nicobatch.receipt import StepRecord, StepState
from tests.unit.cli.conftest import Cli, Shelf
from tests.unit.cli.running import Result
from tests.unit.reports.happenings import BLANK

BAD = """\
version: 1
videos:
  - file: a.mp4
    tilte: 第1回
  - file: none.mp4
    title: 第2回
    genre: gmae
"""


def test_good_manifests(cli: Cli, shelf: Shelf) -> None:
    shelf.series("a", "b")
    shelf.series("c", name="deep/er/n.yml")
    before = shelf.listing()
    assert cli("check", ".") == Result(0, "2 manifests checked, no problems\n", "")
    assert cli("check", ".", "-q") == Result(0, "", "")
    assert cli("check", "*.yaml", "--format", "json").events == [
        {"event": "checked", "manifests": 1, "errors": 0, "warnings": 0}
    ]
    assert shelf.listing() == before


def test_every_problem_at_once(cli: Cli, shelf: Shelf) -> None:
    shelf.add("a.mp4")
    shelf.write(BAD)
    result = cli("check", "m.yaml")
    assert result.code == 1
    assert result.err == ""
    places = [line for line in result.out.splitlines() if not line.startswith(" ")]
    expected = [
        ("m.yaml:3:5: error: ", "title", " [missing-key]"),
        ("m.yaml:4:5: error: ", "tilte", " [unknown-key]"),
        ("m.yaml:5:11: error: ", "none.mp4", " [file-not-found]"),
        ("m.yaml:7:12: warning: ", "gmae", " [unknown-genre]"),
    ]
    for line, (start, middle, end) in zip(places[:-1], expected, strict=True):
        assert line.startswith(start)
        assert middle in line
        assert line.endswith(end)
    assert places[-1] == "3 errors and 1 warning in 1 manifest"
    assert re.search(r"^    did you mean game", result.out, re.MULTILINE | re.IGNORECASE)


def test_a_file_for_several_sites_is_missed_once(cli: Cli, shelf: Shelf) -> None:
    text = "version: 1\nsites: [niconico, bilibili]\nfile: none.mp4\ntitle: 第1回\nid: a\n"
    shelf.write(f"{text}bilibili: {{partition: 游戏}}\n")
    lines = [each for each in cli("check", "m.yaml").out.splitlines() if "none.mp4" in each]
    assert lines == ["m.yaml:3:7: error: there is no file none.mp4 [file-not-found]"]


def test_problems_for_programs(cli: Cli, shelf: Shelf) -> None:
    shelf.add("a.mp4")
    shelf.write(BAD)
    result = cli("check", ".", "--format", "json")
    assert result.code == 1
    assert result.err == ""
    *problems, last = result.events
    assert [(each["rule"], each["line"], each["column"]) for each in problems] == [
        ("missing-key", 3, 5),
        ("unknown-key", 4, 5),
        ("file-not-found", 5, 11),
        ("unknown-genre", 7, 12),
    ]
    assert last == {"event": "checked", "manifests": 1, "errors": 3, "warnings": 1}


@pytest.mark.parametrize(
    ("path", "rule"), [("gone.yaml", "path-not-found"), (".", "no-manifest"), ("x*", "no-manifest")]
)
def test_paths_without_a_manifest(cli: Cli, shelf: Shelf, path: str, rule: str) -> None:
    result = cli("check", path)
    assert result.code == 1
    assert f"{Path(path)}:1:1: error: " in result.out
    assert f"[{rule}]" in result.out


def test_strict_lets_warnings_count(cli: Cli, shelf: Shelf) -> None:
    shelf.series("a", more="defaults: {genre: gmae}\n")
    assert cli("check", ".").code == 0
    assert cli("check", ".", "--strict").code == 1
    assert "warning" in cli("check", ".", "-q").out


def test_videos_are_looked_into_unless_told_otherwise(cli: Cli, shelf: Shelf) -> None:
    shelf.write("version: 1\nfile: a.mp4\ntitle: 第1回\n")
    (shelf.folder / "a.mp4").write_bytes(b"no video at all" * 99)
    result = cli("check", ".")
    assert result.code == 1
    assert "m.yaml:2:7: error: " in result.out
    assert cli("check", ".", "--no-media").code == 0


TIMED = """\
version: 1
file: a.mp4
title: 第1回
publish: {at: 2020-01-02T20:00:00+09:00}
"""


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (None, 1),
        ("2020-01-02T20:00:00+09:00", 0),
        ("2020-01-02T11:00:00+00:00", 0),
        ("2020-01-02T20:00:00+00:00", 1),
        (7, 1),
    ],
)
def test_a_timer_may_lie_in_the_past_once_it_was_sent(
    cli: Cli, shelf: Shelf, sent: Json, code: int
) -> None:
    shelf.add("a.mp4")
    shelf.write(TIMED)
    record = StepRecord(
        state=StepState.DONE, digest="0" * 64, at="2020-01-01", inputs={"publish.at": sent}
    )
    receipt = replace(BLANK, steps={"metadata": record})
    Journal().write(Video(manifest=Path("m.yaml"), id="a", file=Path("a.mp4"), title=""), receipt)
    result = cli("check", ".")
    assert result.code == code, result.out
    assert ("[publish-at-past]" in result.out) is bool(code)


def test_no_other_entrys_file_is_suggested(cli: Cli, shelf: Shelf) -> None:
    shelf.series("ep1", "ep3")
    both = "version: 1\nvideos:\n  - {file: ep2.mp4, title: B}\n  - {file: ./ep3.mp4, title: C}\n"
    shelf.write(both, "n.yaml")
    assert "did you mean" not in cli("check", "m.yaml", "n.yaml").out
    shelf.add("epp2.mp4")
    assert "did you mean epp2.mp4?" in cli("check", "m.yaml", "n.yaml").out


def test_no_other_entrys_file_in_other_letters_is_suggested(cli: Cli, shelf: Shelf) -> None:
    shelf.add("EP1.mp4")
    if (shelf.folder / "ep1.mp4").exists():
        pytest.skip("this file system takes both spellings")
    entry = "  - {{file: {name}, title: {name}, id: {id}}}\n"
    entries = entry.format(name="ep1.mp4", id="a"), entry.format(name="EP1.mp4", id="b")
    shelf.write(f"version: 1\nvideos:\n{''.join(entries)}")
    assert "the folder has" not in cli("check", "m.yaml").out


def test_a_check_loads_nothing_that_draws_sends_or_plans(shelf: Shelf) -> None:
    shelf.series("a")
    code = (
        "import sys; from nicobatch.cli import run; run(['check', '.']);"
        "print({'nicobatch.plan', 'nicobatch.locks', 'requests', 'rich', 'tenacity',"
        " 'nicobatch.receipt', 'nicobatch.sites.service', 'nicobatch.sites.bilibili.fields',"
        " 'nicobatch.manifest.mojibake', '_hashlib', 'zoneinfo'} & set(sys.modules))"
    )
    told = subprocess.check_output([sys.executable, "-c", code], text=True, cwd=shelf.folder)
    assert told == "1 manifest checked, no problems\nset()\n"
