"""Videos on their way by real processes, which signals meet, to one site that takes them all."""

from __future__ import annotations

import contextlib
import itertools
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nicobatch.journal import Journal
from nicobatch.sandbox import Sandbox
from tests.support.stages import COMMAND, Forks
from tests.unit.cli.running import Result
from tests.unit.sites.bilibili.journeys import NAMES, PART, demand_published, saved_parts
from tests.unit.sites.bilibili.sandbox.client import MAIN, Client

NEVER, TO_THE_END = "-1", "0"
"""Points at which no signal comes; at the second, the run tells of all points."""
MANIFEST = """\
version: 1
sites: [bilibili]
file: 第1集.mp4
title: 第1集 初次冒险 {number}
description: 出村
tags: [游戏]
thumbnail: {{timing: 0.5}}
bilibili:
  partition: 游戏
  season: 7
  pages: [{{file: 第1集.mp4}}, {{file: 第2集.mp4, title: 后篇}}]
"""


@dataclass(frozen=True)
class Way:
    """One video of two pages, in a folder of its own; the site has others of other titles."""

    folder: Path
    site: Sandbox
    client: Client
    forks: Forks
    before: set[int] = field(default_factory=set)
    """Ids of what the site had when it set out."""

    def run(self, at: int | str = NEVER, *options: str, parallel: int = 1) -> Result:
        """Publish it by a process, which is killed at the point."""
        command = (*options, str(at), *COMMAND, "--parallel-chunks", str(parallel))
        return self.forks.run(self.folder, self._environment(), *command)

    def asleep(self, at: int, *options: str) -> int:
        """Publish it by a process, and return its id once it has stopped itself at the point."""
        command = (*options, "--signal", "STOP", str(at), *COMMAND, "--parallel-chunks", "1")
        return self.forks.asleep(self.folder, self._environment(), *command)

    def _environment(self) -> dict[str, str]:
        return {
            "NICOBATCH_API_ORIGIN": self.site.url,
            "NICOBATCH_BILIBILI_SESSDATA": MAIN.cookie("SESSDATA"),
            "NICOBATCH_BILIBILI_BILI_JCT": MAIN.cookie("bili_jct"),
            "XDG_STATE_HOME": str(self.folder / ".state"),
        }

    def requests(self) -> list[str]:
        lines = self.site.audit()["requests"]
        names = (f"{line['method']} {line['path']}" for line in lines)
        return [name for name in names if "/sandbox/" not in name]

    def state(self) -> Mapping[str, Any]:
        """Return what has come to the site since it set out."""
        whole = self.client.state()
        (season,) = whole["seasons"] or [{"episodes": ()}]
        joined = [each for each in season["episodes"] if each["aid"] not in self.before]
        return {
            "archives": [each for each in whole["archives"] if each["id"] not in self.before],
            "uploads": [each for each in whole["uploads"] if each["id"] not in self.before],
            "seasons": [{**season, "episodes": joined}],
        }

    def saved(self) -> set[tuple[str, int]]:
        """Return the parts that the receipt on the disk calls received."""
        found = [receipt for _, receipt in Journal().receipts(self.folder / "m.yaml")]
        return saved_parts(found[0] if found else None)

    def demand_published(self, where: str) -> None:
        """Assert that the site has its pages in their order, once, in their season."""
        demand_published(self.state(), self.folder, where)


Begin = Callable[[], Way]
"""Makes a new folder, with a title that no other has."""


@contextlib.contextmanager
def ways(root: Path, forks: Forks, *contents: bytes) -> Iterator[Begin]:
    """Serve a site, and give what makes ways to it."""
    numbers, site = itertools.count(), Sandbox(root / "site", encode_seconds=0)
    with site, Client(site.url) as client:
        client.set(chunk_size=PART, chunk_retry_delay=0)

        def begin() -> Way:
            folder = root / f"{next(numbers)}"
            folder.mkdir()
            (folder / "m.yaml").write_text(MANIFEST.format(number=folder.name), "utf-8")
            for name, content in zip(NAMES, contents, strict=True):
                (folder / name).write_bytes(content)
            state = client.state()
            before = {each["id"] for each in (*state["archives"], *state["uploads"])}
            return Way(folder, site, client, forks, before)

        yield begin
    assert site.audit()["crashes"] == []


def points_of(way: Way) -> Sequence[str]:
    """Return the names of all points that an undisturbed run passes."""
    result = way.run(TO_THE_END)
    assert result.code == 0, result.err
    way.demand_published("undisturbed")
    names: list[str] = json.loads(result.out.splitlines()[-1])
    return names
