from __future__ import annotations

import pytest

from nicobatch.sandbox import Sandbox
from tests.cli.conftest import Cli, Shelf
from tests.cli.running import Result


def test_before_and_after(cli: Cli, shelf: Shelf, site: Sandbox) -> None:
    shelf.series("a", "b")
    before = shelf.listing()
    assert cli("plan", ".") == Result(
        0,
        "+ m.yaml#a: create, not published before\n"
        "+ m.yaml#b: create, not published before\n"
        "2 to create\n",
        "",
    )
    assert site.audit()["requests"] == []
    assert shelf.listing() == before

    assert cli("publish", ".").code == 0
    manifest = shelf.folder / "m.yaml"
    manifest.write_text(manifest.read_text("utf-8").replace("【実況】b", "【朗読】b"), "utf-8")
    assert cli("plan", ".").out.splitlines() == [
        "= m.yaml#a: unchanged, published as the manifest asks",
        "~ m.yaml#b: update, changed: title",
        "    title: 【実況】b はじめての冒険 -> 【朗読】b はじめての冒険",
        "1 to update, 1 unchanged",
    ]


def test_for_programs(cli: Cli, shelf: Shelf) -> None:
    shelf.series("a")
    (event,) = cli("plan", ".", "--format", "json").events
    assert (event["event"], event["video"], event["verdict"]) == ("plan", "m.yaml#a", "create")
    assert event["steps"][0] == "create"


def test_a_changed_file_is_refused(cli: Cli, shelf: Shelf, site: Sandbox) -> None:
    shelf.series("a")
    cli("publish", ".")
    shelf.add("a.mp4", at_least=50_000)
    result = cli("plan", ".")
    assert result.code == 1
    assert result.out.startswith("! m.yaml#a: refuse, a.mp4 is not the file that was uploaded")
    assert "an id of its own" in result.out


def test_a_rehearsal_and_the_site_know_nothing_of_each_other(
    cli: Cli, shelf: Shelf, site: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.series("a")
    cli("publish", ".")
    assert "1 unchanged" in cli("plan", ".").out
    monkeypatch.delenv("NICOBATCH_API_ORIGIN")
    assert "1 to create" in cli("plan", ".", "--sandbox").out


def test_problems_come_first(cli: Cli, shelf: Shelf) -> None:
    shelf.series("a", more="defaults: {genre: gmae}\n")
    warned = cli("plan", ".")
    assert warned.code == 0
    assert "[unknown-genre]" in warned.out
    assert "+ m.yaml#a: create" in warned.out
    strict = cli("plan", ".", "--strict")
    assert strict.code == 1
    assert "create" not in strict.out
