"""`watch --template`: videos that come without a manifest, published by one for all."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from nicobatch.sandbox import Sandbox
from tests.unit.cli.conftest import Cli, Shelf

ONCE = ("watch", "in", "--once", "--settle", "0.1", "--rescan", "0.2", "--poll-interval", "0.05")
BY = (*ONCE, "--template", "series.yaml")
TEMPLATE = """\
version: 1
file: '*.mp4'
title: '第{index:02}回 {stem}'
description: {text: '{title} {{x}}', file: footer.txt}
tags: [実況]
"""


PAGES = """
sites: [bilibili]
title: a
description: d
tags: [t]
bilibili: {tid: 17, pages: [{file: a.mp4}]}
"""


@pytest.fixture
def folder(shelf: Shelf) -> Path:
    shelf.write(TEMPLATE, "series.yaml")
    shelf.write("第{index}回でした", "footer.txt")
    (shelf.folder / "in").mkdir()
    return shelf.folder / "in"


def sent(site: Sandbox, key: str = "title") -> list[object]:
    return [entry["metadata"].get(key) for entry in site.audit()["entries"]]


def written(manifest: Path) -> Any:
    """Return the manifest, which is JSON behind a remark."""
    return json.loads(manifest.read_text("utf-8").partition("\n")[2])


def test_numbers_go_on_from_run_to_run_and_past_what_is_moved_away(
    cli: Cli, shelf: Shelf, site: Sandbox, folder: Path
) -> None:
    shelf.add("in/10 海.mp4")
    shelf.add("in/2 森.mp4")
    first = cli(*BY, "--done", "done")
    assert (first.code, first.out) == (0, "2 done\n")
    assert "2 森.yaml was written for 2 森.mp4 by the template, as number 1" in first.err
    assert sent(site) == ["第01回 2 森", "第02回 10 海"]
    assert sent(site, "detail")[1] == "第02回 10 海 {x}<br>第2回でした"
    moved = shelf.folder / "done" / "2 森"
    assert {each.name for each in moved.iterdir()} == {"2 森.mp4", "2 森.yaml", "result.json"}
    shelf.add("in/0 序.mp4")  # whatever its name, it comes third
    assert cli(*BY, "--done", "done").code == 0
    assert sent(site)[2:] == ["第03回 0 序"]


def test_the_same_file_again_and_a_renamed_one_are_never_posted_twice(
    cli: Cli, shelf: Shelf, site: Sandbox, folder: Path
) -> None:
    video = shelf.add("in/a.mp4")
    assert cli(*BY).code == 0
    again = cli(*BY)
    assert (again.code, again.out) == (0, "1 done\n")
    (folder / "a.yaml").unlink()  # without it the video comes once more, as the same number
    assert "a.yaml was written for a.mp4 by the template, as number 1" in cli(*BY).err
    assert (
        json.loads((folder / "a.yaml").read_text().partition("\n")[2])["title"] == "第01回 {stem}"
    )
    video.rename(folder / "b.mp4")
    result = cli(*BY)
    assert result.code == 1
    assert "b.mp4" in result.err
    assert "is taken by" in result.err
    shelf.add("in/c.mp4")
    cli(*BY)
    assert sent(site) == ["第01回 a", "第02回 c"]  # the renamed one has used up no number


def test_times_of_a_series_go_on_and_none_is_past(
    cli: Cli, shelf: Shelf, site: Sandbox, folder: Path
) -> None:
    begun = (datetime.now(UTC) - timedelta(days=10)).replace(microsecond=0)
    publish = f"publish: {{at: {begun.isoformat()}, every: 7d}}\n"
    shelf.write(TEMPLATE + publish, "series.yaml")
    for name in "ab":
        shelf.add(f"in/{name}.mp4")
        assert cli(*BY).code == 0
    every = [entry["metadata"]["publishTimer"]["registeredAt"] for entry in site.audit()["entries"]]
    timers = list(map(datetime.fromisoformat, every))
    assert timers == [begun + timedelta(days=14), begun + timedelta(days=21)]


def test_what_has_a_manifest_is_published_by_that(
    cli: Cli, shelf: Shelf, site: Sandbox, folder: Path
) -> None:
    shelf.series("x", name="in/x.yaml")
    shelf.add("in/a.mp4")
    shelf.write("left alone", "in/notes.txt")
    (folder / "a.mkv").write_bytes(b"not meant by the pattern")
    result = cli(*BY)
    assert "no manifest names" in result.err
    assert sorted(map(str, sent(site))) == ["【実況】x はじめての冒険", "第01回 a"]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (TEMPLATE + "genre: []\n", "not-text"),
        (TEMPLATE.replace("*.mp4", "a.mp4"), "template-file"),
        (TEMPLATE.replace("{title}", "{previous.url} {count}"), "template-others"),
        ("version: 1\ntitle: '{indx}'\n", "placeholder-idle"),
        ("version: 1\nvideos: [{title: a}, {title: b}]\n", "template-several"),
        (
            TEMPLATE.partition("\n")[0] + PAGES,
            "template-pages",
        ),
    ],
)
def test_a_template_is_checked_before_anything_begins(
    cli: Cli, shelf: Shelf, site: Sandbox, folder: Path, text: str, rule: str
) -> None:
    shelf.write(text, "series.yaml")
    shelf.add("in/a.mp4")
    result = cli(*BY, "--strict")
    assert result.code == 1
    assert f"[{rule}]" in result.err + result.out
    assert sent(site) == []


def test_a_template_lies_elsewhere(cli: Cli, shelf: Shelf, site: Sandbox, folder: Path) -> None:
    shelf.write(TEMPLATE.replace("footer.txt", "f.txt"), "in/series.yaml")
    shelf.write("f", "in/f.txt")
    result = cli(*ONCE, "--template", "in/series.yaml")
    assert result.code == 2
    assert "lies in the watched folder, where it is read as a manifest" in result.err


def test_numbers_that_are_damaged_are_not_begun_anew(
    cli: Cli, shelf: Shelf, site: Sandbox, folder: Path
) -> None:
    shelf.add("in/a.mp4")
    assert cli(*BY).code == 0
    [numbers] = (folder / ".nicobatch").glob(".template-series.json")
    numbers.write_text("{")
    shelf.add("in/b.mp4")
    result = cli(*BY)
    assert "is damaged: put it back, or delete it to begin with number 1" in result.err
    assert len(sent(site)) == 1


def test_a_template_for_two_sites(cli: Cli, shelf: Shelf, site: Sandbox, folder: Path) -> None:
    text = "sites: [niconico, bilibili]\nbilibili: {title: '第{index}集', tid: 17}\naccount: main\n"
    shelf.write(TEMPLATE + text, "series.yaml")
    shelf.add("in/a.mp4")
    assert cli(*BY).code == 3  # as nobody is signed in at bilibili
    found = written(folder / "a.yaml")
    assert list(found) == ["version", "account", "sites", "file", "niconico", "bilibili"]
    assert found["bilibili"]["title"] == "第1集"
    assert found["niconico"]["title"] == "第01回 {stem}"
    assert cli("check", "in/a.yaml").code == 0
