"""One site's part of manifests that are for several."""

from __future__ import annotations

from types import MappingProxyType

import pytest

from nicobatch import sites
from nicobatch.actions import checking
from nicobatch.actions.access import Access
from tests.unit.cli.conftest import Cli, Shelf


@pytest.mark.parametrize(
    ("only", "expected"),
    [
        ((), {"niconico", "bilibili"}),
        (("niconico",), {"niconico"}),
        (("bilibili",), {"bilibili"}),
        (("niconico", "bilibili"), {"niconico", "bilibili"}),
    ],
)
def test_one_sites_part_is_taken(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch, only: tuple[str, ...], expected: set[str]
) -> None:
    both = {name: f"nicobatch.sites.{name}" for name in ("niconico", "bilibili")}
    monkeypatch.setattr(sites, "SITES", MappingProxyType(both))
    shelf.series("a", more="sites: [niconico, bilibili]\ndefaults: {bilibili: {tags: [游戏]}}\n")
    found = checking.read(["m.yaml"], Access(sites=only), probe=False)
    assert {each.site for each in found.videos} == expected


@pytest.mark.parametrize("command", ["check", "plan", "status"])
def test_commands_take_the_site(cli: Cli, shelf: Shelf, command: str) -> None:
    shelf.series("a")
    assert cli(command, ".", "--site", "niconico").code == 0
    assert cli(command, ".", "--site", "youtube").code == 2
