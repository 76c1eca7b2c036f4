from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from nicobatch.events import Event
from nicobatch.journal import Journal
from nicobatch.locks import Locks
from nicobatch.model import DEFAULT_SITE, MediaInfo, Video
from nicobatch.pipeline import CheckedVideo, Owner
from nicobatch.pipeline.addresses import Addresses
from nicobatch.pipeline.batch import Batch
from nicobatch.pipeline.deciding import PlannedVideo, decide, identify
from nicobatch.pipeline.outcome import Outcome
from nicobatch.pipeline.retry import Retry
from nicobatch.pipeline.session import Run
from nicobatch.plan import KnownFiles
from nicobatch.receipt import Receipt
from nicobatch.settings import Settings
from nicobatch.sites.base import Step, Target
from tests.unit.pipeline.scripted import TABLE

MEDIA = MediaInfo(container="mp4", size=10, duration=2.0, width=320, height=180)
Around: TypeAlias = Callable[
    [Sequence[CheckedVideo], Run],
    contextlib.AbstractContextManager[tuple[Sequence[CheckedVideo], Run]],
]
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@dataclass
class Bench:
    """A folder of videos and what it takes to run a batch over them, without waiting."""

    folder: Path
    events: list[Event] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)
    now: datetime = NOW
    locks: Locks = field(default_factory=lambda: Locks("publish"))
    announcements: Callable[[Video], Sequence[Step]] = lambda video: ()
    around: Around = lambda videos, run: contextlib.nullcontext((videos, run))
    """What a batch is run within."""

    def __post_init__(self) -> None:
        self.journal = Journal()

    def ready(
        self, name: str = "a", *, account: str = "main", title: str = "A title", **more: Any
    ) -> CheckedVideo:
        file = self.folder / f"{name}.mp4"
        if not file.exists():
            file.write_bytes(name.encode().ljust(10, b"."))
        manifest = self.folder / "m.yaml"
        video = Video(manifest=manifest, id=name, file=file, title=title, account=account, **more)
        return CheckedVideo(video, (MEDIA,))

    def run(
        self,
        target: Target | Mapping[str, Target] | Mapping[Owner, Target],
        videos: Sequence[CheckedVideo] | None = None,
        settings: Settings | None = None,
        on_pause: Callable[[], None] = lambda: None,
        plans: Mapping[str, PlannedVideo] | None = None,
    ) -> list[Outcome]:
        settings = settings or Settings()
        targets = target if isinstance(target, Mapping) else {"main": target}

        def pause(seconds: float, /) -> bool:
            self.pauses.append(seconds)
            on_pause()
            return self.stop.is_set()

        run = Run(
            journal=self.journal,
            known_files=self.known_files,
            settings=settings,
            retry=Retry(settings=settings, stop=self.stop, sleep=pause, now=lambda: self.now),
            locks=self.locks,
            lock_folder=self.folder / "locks",
            stop=self.stop,
            listen=self.events.append,
            now=lambda: self.now,
            addresses=Addresses(self.journal, self.stop, lambda site: TABLE, lambda: self.now),
            announcements=self.announcements,
        )
        owners = {
            name if isinstance(name, Owner) else Owner(DEFAULT_SITE, name): each
            for name, each in targets.items()
        }
        with self.around([self.ready()] if videos is None else videos, run) as (given, within):
            return Batch(within, owners, plans or {}).publish(given)

    def plan(self, target: Target, ready: CheckedVideo) -> PlannedVideo:
        return decide(
            ready,
            identify(ready),
            target,
            self.journal,
            self.known_files(),
            announcements=self.announcements(ready.video),
        )

    def known_files(self) -> KnownFiles:
        return KnownFiles.of(
            (str(path.resolve()), receipt)
            for path, receipt in self.journal.receipts(self.folder / "m.yaml")
        )

    def receipt(self, name: str = "a") -> Receipt:
        found = self.journal.read(self.ready(name).video)
        assert found
        return found

    def kinds(self, *kinds: type[Event]) -> list[type[Event]]:
        return [type(event) for event in self.events if not kinds or isinstance(event, kinds)]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)
