"""What the tests of bilibili are about: videos, a target in the sandbox, and whole runs of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nicobatch.events import Event, ProblemFound
from nicobatch.journal import Journal
from nicobatch.locks import Locks
from nicobatch.media import probe
from nicobatch.model import Page, Secret, Video
from nicobatch.pipeline import CheckedVideo, Owner
from nicobatch.pipeline.addresses import Addresses
from nicobatch.pipeline.batch import Batch
from nicobatch.pipeline.outcome import Outcome
from nicobatch.pipeline.retry import Retry
from nicobatch.pipeline.session import Run
from nicobatch.plan import KnownFiles
from nicobatch.receipt import Receipt
from nicobatch.sandbox import Account
from nicobatch.settings import Settings
from nicobatch.sites.bilibili.profiles import WEB_2026, at_origin
from nicobatch.sites.bilibili.steps import TABLE
from nicobatch.sites.bilibili.target import Bilibili
from nicobatch.sites.session import Credentials
from tests.unit.sites.bilibili.sandbox.client import MAIN, PREFIX

CHUNK = 1_000
"""Bytes of a part, so that a small video has several."""


def credentials(account: Account = MAIN, *, buvid: str = "B", **changes: Any) -> Credentials:
    csrf = account.user_session[-32:]
    text = f"SESSDATA={account.user_session}; bili_jct={csrf}; buvid3={buvid}"
    return Credentials(user_session=Secret(text), **changes)


@dataclass
class Stage:
    """A folder of videos, and the target that brings them to the sandbox, without waiting."""

    folder: Path
    url: str
    now: Callable[[], datetime]
    advance: Callable[[float], None] = lambda seconds: None
    """Lets the sandbox's time, and ours, pass."""
    events: list[Event] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)
    listen: Callable[[Event], None] = lambda event: None
    credentials: Credentials = field(default_factory=credentials)

    def __post_init__(self) -> None:
        self.journal = Journal()

    def target(self) -> Bilibili:
        profile = at_origin(WEB_2026, self.url + PREFIX)
        who = self.credentials
        return Bilibili(profile, who, stop=self.stop, origin="sandbox", now=self.now)

    def video(self, *files: Path, **changes: Any) -> Video:
        named: dict[str, Any] = {"title": "第1集", "description": "出村", "tags": ("游戏",)}
        if len(files) > 1:
            named["pages"] = tuple(Page(file=file) for file in files)
        manifest = self.folder / "m.yaml"
        whole = {**named, **changes}
        return Video(manifest=manifest, id="v", site="bilibili", file=files[0], **whole)

    def run(self, video: Video, settings: Settings | None = None) -> Outcome:
        settings = settings or Settings()
        medias = tuple(map(probe, video.files))

        def pause(seconds: float, /) -> bool:
            self.pauses.append(seconds)
            self.advance(max(seconds, 1.0))
            return self.stop.is_set()

        def listen(event: Event) -> None:
            self.events.append(event)
            self.listen(event)

        run = Run(
            journal=self.journal,
            known_files=self.known,
            settings=settings,
            retry=Retry(settings=settings, stop=self.stop, sleep=pause, now=self.now),
            locks=Locks("publish"),
            lock_folder=self.folder / "locks",
            stop=self.stop,
            listen=listen,
            now=self.now,
            addresses=Addresses(self.journal, self.stop, lambda site: TABLE, self.now),
        )
        batch = Batch(run, {Owner.of(video): self.target()})
        (outcome,) = batch.publish([CheckedVideo(video, medias)])
        return outcome

    def known(self) -> KnownFiles:
        return KnownFiles.of(
            (str(path.resolve()), receipt)
            for path, receipt in self.journal.receipts(self.folder / "m.yaml")
        )

    def receipt(self, video: Video) -> Receipt:
        found = self.journal.read(video)
        assert found
        return found

    def problems(self) -> Sequence[str]:
        return [each.problem.rule for each in self.events if isinstance(each, ProblemFound)]


def utc(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
