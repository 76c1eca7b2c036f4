"""What a deletion leaves behind: a tombstone, for publish, status, adopt and people."""

from __future__ import annotations

from typing import Final
from xml.etree import ElementTree as ET

import pytest

from nicobatch.sandbox import Sandbox
from tests.support.faults import (
    Faults,
    refused,
)
from tests.unit.cli.conftest import Cli, Shelf
from tests.unit.cli.delete.looking import (
    FIRST,
    LIST,
    SECOND_ID,
    after,
    deletions,
    left,
    receipt,
)
from tests.unit.cli.running import MAIN, process
from tests.unit.sites.niconico.making import says
from tests.unit.sites.niconico.sandbox.client import Client

# Afterwards


HINT: Final = "remove its entry from the manifest; to publish it again, give the video another id"


@pytest.mark.parametrize("is_there", [True, False])
def test_publish_leaves_it_alone(
    cli: Cli, published: Shelf, site: Sandbox, *, is_there: bool
) -> None:
    assert cli("delete", FIRST, "--yes").code == 0
    [deleted, kept] = cli("status", "m.yaml").out.splitlines()[1:]
    assert (deleted.split()[1], kept.split()[1]) == ("deleted", "published")
    if not is_there:
        (published.folder / "a.mp4").unlink()
    before = len(site.audit()["requests"])
    planned = cli("plan", "m.yaml", "--exit-code")
    assert planned.code == 0
    assert planned.out.splitlines()[0].startswith(". m.yaml#a: leave, it was deleted on 20")
    assert planned.out.endswith("1 unchanged, 1 left alone\n")
    result = cli("publish", "m.yaml", "--fail-fast")
    assert result.code == 0
    assert "a: left alone, it was deleted on 20" in result.err
    assert HINT in result.err
    assert HINT in planned.out
    assert cli("preview", "m.yaml").code == 0
    assert len(site.audit()["requests"]) == before


@pytest.mark.parametrize("command", ["plan", "publish"])
def test_reports_take_it_for_skipped(
    cli: Cli, published: Shelf, site: Sandbox, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cli("delete", FIRST, "--yes").code == 0
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert cli(command, "m.yaml", "--junit", "r.xml").out.count("::error") == 0
    suite = ET.parse("r.xml").getroot()[0]
    assert [suite.get(name) for name in ("tests", "failures", "errors", "skipped")] == list("2001")
    skipped = suite.find("testcase/skipped")
    assert skipped is not None
    assert "it was deleted on" in str(skipped.get("message"))


@pytest.mark.parametrize("options", [(), ("--done", "../done")])
def test_a_watcher_leaves_it_alone(
    cli: Cli, published: Shelf, site: Sandbox, options: tuple[str, ...]
) -> None:
    assert cli("delete", FIRST, "--yes").code == 0
    result = cli("watch", ".", "--once", "--settle", "0.1", "--poll-interval", "0.05", *options)
    assert result.code == 0, result.err
    assert left(site) == [SECOND_ID]


def test_a_second_deletion_changes_nothing(cli: Cli, published: Shelf, site: Sandbox) -> None:
    assert cli("delete", FIRST, "--yes").code == 0
    path = published.folder / ".nicobatch/m.yaml/a.json"
    before = path.read_bytes()
    for name in (FIRST, "m.yaml#a"):
        result = cli("delete", name, "--yes")
        assert (result.code, result.out) == (0, f"{FIRST} is not there any more; {after()}\n")
    assert path.read_bytes() == before
    assert deletions(site) == 1


def test_the_hints_bring_it_back(cli: Cli, published: Shelf, site: Sandbox) -> None:
    assert cli("delete", "m.yaml", "--yes").code == 0
    (published.folder / ".nicobatch/m.yaml/a.json").unlink()
    manifest = published.folder / "m.yaml"
    manifest.write_text(
        manifest.read_text("utf-8").replace("file: b.mp4", "file: b.mp4\n    id: b2"), "utf-8"
    )
    assert cli("publish", ".").code == 0
    assert left(site) == ["sm39130869", "sm39130870"]
    assert receipt(published, "b").is_deleted
    assert cli("plan", ".").code == 0


def test_another_video_is_adopted_over_a_tombstone(
    cli: Cli, published: Shelf, site: Sandbox
) -> None:
    assert cli("delete", FIRST, "--yes").code == 0
    with Client(site.url) as client:
        entry = client.upload((published.folder / "a.mp4").read_bytes())
        assert client.publish(entry, title="【実況】a はじめての冒険", detail="").ok
    assert cli("adopt", str(entry), "m.yaml#a").code == 0
    assert receipt(published).remote.id == str(entry)  # type: ignore[union-attr]
    assert cli("plan", ".").out.startswith("= m.yaml#a: unchanged")


def hide(faults: Faults) -> None:
    """Have the next questions answered as if there were no video."""
    faults.at(LIST, says({"meta": {}, "data": {"items": [], "totalCount": 0}}))
    faults.at("GET .*/status.*", refused("404 Not Found"))
    faults.at("GET /watch/.*", refused("404 Not Found"))


def test_a_tombstone_of_what_is_there_after_all(
    cli: Cli, published: Shelf, site: Sandbox, faults: Faults
) -> None:
    hide(faults)
    assert cli("delete", "m.yaml#a", "--yes").code == 0
    assert receipt(published).is_deleted
    assert cli("status", "--remote").out.splitlines()[1].split()[1:3] == ["deleted", "public"]
    copy = published.folder / ".nicobatch/n.yaml/a.json"
    copy.parent.mkdir()
    copy.write_bytes((published.folder / ".nicobatch/m.yaml/a.json").read_bytes())
    assert cli("adopt", FIRST, "m.yaml#a").code == 0
    assert not receipt(published).is_deleted
    assert cli("delete", FIRST, "--yes").out == f"{FIRST} is deleted; {after()}\n"
    assert left(site) == [SECOND_ID]


def test_a_tombstone_is_deleted_again_where_the_video_is_there(
    cli: Cli, published: Shelf, site: Sandbox, faults: Faults
) -> None:
    hide(faults)
    assert cli("delete", "m.yaml#a", "--yes").code == 0
    assert cli("delete", "m.yaml#a", "--yes").out == f"{FIRST} is deleted; {after()}\n"
    assert receipt(published).is_deleted


def test_nothing_secret_is_told(cli: Cli, published: Shelf, site: Sandbox) -> None:
    result = cli("delete", FIRST, "--yes", "-v")
    assert MAIN.user_session not in result.out + result.err
    assert site.audit()["leaks"] == []


def test_a_rehearsal(shelf: Shelf) -> None:
    shelf.series("a")
    assert process("publish", ".", "--sandbox", "--poll-interval", "0.2").code == 0
    assert "m.yaml#a has no receipt" in process("delete", "m.yaml#a", "--yes").err
    result = process("delete", FIRST, "--sandbox", "--yes")
    assert result.code == 0, result.err
    assert "m.yaml#a alone from now on" in result.out
    assert "it was deleted on" in process("plan", ".", "--sandbox").out
