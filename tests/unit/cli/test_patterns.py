"""Patterns of file names, from the command line to the site."""

from __future__ import annotations

from nicobatch.sandbox import Sandbox
from tests.unit.cli.conftest import Cli, Shelf

PATTERN = "version: 1\nfile: clips/*.mp4\ntitle: '第{index}回 {stem}'\n"


def test_each_file_is_published_once_and_new_ones_are_added(
    cli: Cli, shelf: Shelf, site: Sandbox
) -> None:
    shelf.write(PATTERN)
    for name in ("10", "2"):
        shelf.add(f"clips/{name}.mp4")
    assert cli("publish", "m.yaml").code == 0
    assert [entry["metadata"]["title"] for entry in site.audit()["entries"]] == [
        "第1回 2",
        "第2回 10",
    ]
    assert "2 unchanged" in cli("plan", "m.yaml").out
    shelf.add("clips/1.mp4")
    planned = cli("plan", "m.yaml").out
    for words in ("m.yaml#1: create", "m.yaml#2: update", "m.yaml#10: update"):
        assert words in planned
    assert cli("publish", "m.yaml").code == 0
    entries = {entry["metadata"]["title"] for entry in site.audit()["entries"]}
    assert entries == {"第1回 1", "第2回 2", "第3回 10"}


def test_an_id_by_index_that_moved_is_refused_and_never_posted_again(
    cli: Cli, shelf: Shelf, site: Sandbox
) -> None:
    shelf.write(f"{PATTERN}id: clip-{{index:02}}\n")
    shelf.add("clips/2.mp4")
    assert cli("publish", "m.yaml").code == 0
    shelf.add("clips/1.mp4")
    assert cli("publish", "m.yaml").code == 1
    assert len(site.audit()["entries"]) == 1


def test_what_is_wrong_with_one_file_is_said_of_it(cli: Cli, shelf: Shelf) -> None:
    shelf.write(PATTERN)
    shelf.add("clips/1.mp4")
    shelf.write("no video", "clips/2.mp4")
    result = cli("check", "m.yaml")
    assert result.code == 1
    assert "m.yaml:2:7: error: " in result.out
    assert "2.mp4 is not a video" in result.out
