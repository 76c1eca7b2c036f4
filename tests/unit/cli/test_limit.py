"""A backlog in portions, and a look at what a run would do."""

from __future__ import annotations

import pytest

from nicobatch import Workspace
from nicobatch.sandbox import Sandbox
from tests.unit.cli.conftest import Cli, Shelf

BOTH = """\
version: 1
sites: [niconico, bilibili]
defaults: {tags: [ゲーム], description: 村, bilibili: {partition: 游戏}}
videos:
  - {file: a.mp4, title: A}
  - {file: b.mp4, title: B}
"""


def test_a_backlog_goes_on_where_it_stood(cli: Cli, shelf: Shelf, site: Sandbox) -> None:
    shelf.series("a", "b", "c", "d")
    assert cli("publish", "m.yaml#a").code == 0
    shown = cli("plan", "m.yaml", "--limit", "2", "--format", "json")
    assert [each["video"] for each in shown.of("plan")] == ["m.yaml#a", "m.yaml#b", "m.yaml#c"]
    assert [each.get("left") for each in shown.of("result")] == [1]
    first = cli("publish", "m.yaml", "--limit", "2", "--format", "json")
    ends = {each["video"]: each["state"] for each in first.of("video_done")}
    assert ends == {"m.yaml#a": "unchanged", "m.yaml#b": "published", "m.yaml#c": "published"}
    assert [each.get("left") for each in first.of("result")] == [1]
    rest = cli("publish", "m.yaml", "--limit", "2")
    assert "--limit" not in rest.out
    assert len(site.audit()["entries"]) == 4
    assert cli("plan", "m.yaml", "--limit", "2", "--exit-code").code == 0
    assert cli("publish", "m.yaml", "--limit", "0").code == 2


def test_a_video_counts_once_on_all_of_its_sites(shelf: Shelf) -> None:
    shelf.add("a.mp4")
    shelf.add("b.mp4")
    shelf.write(BOTH)
    with Workspace(sandbox=True) as workspace:
        plans = workspace.plan(workspace.check("m.yaml"))
        some = plans.limited(1)
        assert [each.video for each in some] == ["m.yaml#a", "m.yaml#a@bilibili"]
        assert (some.left, plans.left, plans.limited(None)) == (1, 0, plans)
        assert len(plans.limited(2)) == 4


@pytest.mark.parametrize("options", [(), ("--limit", "1"), ("--format", "json"), ("--no-wait",)])
def test_a_dry_run_is_a_plan(
    cli: Cli, shelf: Shelf, site: Sandbox, options: tuple[str, ...]
) -> None:
    shelf.series("a", "b")
    shelf.write("version: 1\nfile: a.mp4\n", "bad.yaml")
    for names in (("m.yaml",), ("m.yaml", "bad.yaml"), ("gone.yaml",)):
        expected = cli("plan", *names, *options)
        assert cli("publish", *names, "--dry-run", *options) == expected
    assert site.audit()["requests"] == []
    assert not (shelf.folder / ".nicobatch").exists()
