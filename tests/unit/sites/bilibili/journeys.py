"""A video of two pages and a cover, into its season: what crashes and faults meet on its way."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from nicobatch.model import Thumbnail, Video
from nicobatch.pipeline.outcome import Outcome, State
from nicobatch.receipt import Receipt
from nicobatch.sandbox import Sandbox
from nicobatch.settings import Settings
from nicobatch.sites.bilibili.fields import Options
from tests.support.faults import Faults
from tests.unit.sites.bilibili.making import Stage, credentials, utc
from tests.unit.sites.bilibili.sandbox.client import Client
from tests.unit.sites.niconico.sandbox.conftest import Clock

PART: Final = 1_200
"""Bytes, of which the pages take three and two."""
NAMES: Final = ("第1集.mp4", "第2集.mp4")
SEASON: Final = 7
SUBMISSION: Final = "POST /bilibili/x/vu/web/add/v3"


@dataclass
class Journey:
    """One video on its way to a site that is its own."""

    stage: Stage
    site: Sandbox
    client: Client
    faults: Faults = field(default_factory=Faults)

    @property
    def video(self) -> Video:
        files = (self.stage.folder / name for name in NAMES)
        thumbnail = Thumbnail(timing=500)
        return self.stage.video(*files, thumbnail=thumbnail, options=Options(season=SEASON))

    def run(self, parallel: int = 1) -> Outcome:
        return self.stage.run(self.video, Settings(parallel_chunks=parallel))

    def receipt(self) -> Receipt | None:
        return self.stage.journal.read(self.video)

    def requests(self) -> list[str]:
        lines = self.site.audit()["requests"]
        names = (f"{line['method']} {line['path']}" for line in lines)
        return [name for name in names if "/sandbox/" not in name]

    def parts(self) -> Mapping[tuple[str, int], int]:
        """Return how often each part was taken, by the site's name of the file and its number."""
        return parts(self.client.state())

    def demand_published(self, where: str) -> None:
        """Assert that the site has the pages in their order, once, in their season, and no more."""
        demand_published(self.client.state(), self.stage.folder, where)


@contextlib.contextmanager
def journey(folder: Path, *contents: bytes) -> Iterator[Journey]:
    """Set out from a new folder."""
    clock, faults = Clock(), Faults()
    videos = folder / "videos"
    videos.mkdir(parents=True)
    for name, content in zip(NAMES, contents, strict=True):
        (videos / name).write_bytes(content)

    def advance(seconds: float) -> None:
        clock.now += seconds

    site = Sandbox(folder / "site", encode_seconds=10, clock=clock, wrap=faults.wrap)
    with site, Client(site.url) as client:
        client.set(chunk_size=PART, chunk_retry_delay=0)
        stage = Stage(
            videos,
            site.url,
            lambda: utc(clock.now),
            advance,
            credentials=credentials(buvid=""),  # which is asked for, as in a person's first run
        )
        yield Journey(stage, site, client, faults)
    assert site.audit()["crashes"] == []


def saved_parts(receipt: Receipt | None) -> set[tuple[str, int]]:
    """Return the parts that the receipt calls received, as `parts` names them."""
    uploads = receipt.uploads.values() if receipt else ()
    return {(each.state["filename"], index + 1) for each in uploads for index in each.done_parts}


def parts(state: Mapping[str, Any]) -> Mapping[tuple[str, int], int]:
    """Return how often each part was taken, by the site's name of the file and its number."""
    return {
        (upload["filename"], number): upload["accepted"].count(number)
        for upload in state["uploads"]
        for number in upload["accepted"]
    }


def demand_published(state: Mapping[str, Any], folder: Path, where: str) -> None:
    """Assert that the site has the folder's pages in their order, once, in their season."""
    assert len(state["archives"]) == 1, where
    (archive,) = state["archives"]
    arrived = {upload["filename"]: upload["sha256"] for upload in state["uploads"]}
    wanted = [hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in NAMES]
    assert [arrived[page["filename"]] for page in archive["pages"]] == wanted, where
    assert archive["edits"] == 0, where
    assert archive["body"]["cover"], where
    (season,) = state["seasons"]
    assert [each["aid"] for each in season["episodes"]] == [archive["id"]], where


def demand_done(outcome: Outcome, where: str, state: State = State.PUBLISHED) -> None:
    """Assert that the run came to this end."""
    assert outcome.error is None, f"{where}: {outcome.error!r}"
    assert outcome.state is state, where
