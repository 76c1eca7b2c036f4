"""One video of a manifest, on one site of two, through every command that takes a path."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from nicobatch import Workspace
from tests.unit.cli.conftest import Cli, Shelf

MANIFEST = """\
version: 1
sites: [niconico, bilibili]
defaults:
  tags: [ゲーム]
  description: 村を出るまで。
  bilibili: {partition: 游戏}
videos:
  - file: a.mp4
    title: 第1回 冒険
    bilibili: {description: 'niconico: {niconico.url}'}
  - file: b.mp4
    titel: 書き間違い
"""


@pytest.fixture
def both(shelf: Shelf) -> Shelf:
    shelf.add("a.mp4")
    shelf.write(MANIFEST)
    return shelf


def receipts(folder: Path) -> set[str]:
    found = (folder / ".nicobatch/sandbox/m.yaml").rglob("*.json")
    return {path.relative_to(folder / ".nicobatch/sandbox/m.yaml").as_posix() for path in found}


def test_one_sites_part_goes_its_whole_way(cli: Cli, both: Shelf) -> None:
    one = "m.yaml#a@bilibili"
    assert cli("check", "m.yaml").code == 1
    assert cli("check", one, "--strict").code == 0
    planned = cli("plan", one, "--sandbox")
    assert [line[:20] for line in planned.out.splitlines()[:1]] == ["+ m.yaml#a@bilibili:"]
    assert "it waits for its address on niconico" in planned.out
    waits = cli("publish", one, "--sandbox")
    assert waits.code == 5
    assert "its text names the address on niconico, where it is not published" in waits.err
    assert receipts(both.folder) == set()
    assert cli("publish", "m.yaml#a", "--site", "niconico", "--sandbox").code == 0
    assert receipts(both.folder) == {"a.json"}
    assert cli("publish", one, "--sandbox", "--junit", "junit.xml").code == 0
    cases = ET.parse("junit.xml").findall(".//testcase")
    assert [each.get("name") for each in cases] == ["a@bilibili"]
    assert receipts(both.folder) == {"a.json", "bilibili/a.json"}
    assert cli("preview", one, "--sandbox").code == 0
    assert Path("preview.html").read_text(encoding="utf-8").count("<article") == 1

    told = cli("status", one, "--sandbox", "--format", "json").of("receipt")
    assert [each["path"] for each in told] == [".nicobatch/sandbox/m.yaml/bilibili/a.json"]
    assert [(each["key"], each["destination"]) for each in told] == [(one, "bilibili")]
    video = told[0]["id"]
    Path("m.yaml").rename("gone.txt")
    assert len(cli("status", one, "--sandbox", "--format", "json").of("receipt")) == 1
    Path("gone.txt").rename("m.yaml")

    person = cli("delete", one, "--yes", "--sandbox")
    assert person.code == 3
    assert "bilibili deletes a video only after a human check" in person.err
    for name in (video, "m.yaml#a"):
        assert cli("delete", name, "--site", "bilibili", "--yes", "--sandbox").code == 3
    gone = cli("delete", "m.yaml", "--site", "niconico", "--yes", "--sandbox")
    assert (gone.code, "m.yaml#a alone" in gone.out) == (0, True)
    assert cli("delete", "m.yaml#", "--yes", "--sandbox").code == 2
    assert cli("delete", "m.yaml#b@bilibili", "--yes", "--sandbox").code == 1

    (both.folder / ".nicobatch/sandbox/m.yaml/bilibili/a.json").unlink()
    adopted = cli("adopt", video, "m.yaml#a", "--sandbox", "--format", "json").of("result")
    assert [each["video"] for each in adopted] == ["m.yaml#a@bilibili"]
    assert cli("move", "m.yaml#a", "m.yaml#z").code == 0
    assert receipts(both.folder) == {"z.json", "bilibili/z.json"}
    one = "m.yaml#z@bilibili"
    with Workspace(sandbox=True) as workspace:
        assert [each.video for each in workspace.plan(workspace.check(one))] == [one]
        assert [each.site for each in workspace.status(one).values()] == ["bilibili"]
