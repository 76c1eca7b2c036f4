"""A watched folder of real files and an inbox over it, with a clock that is put forward by hand."""

from __future__ import annotations

import json
import struct
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from nicobatch.actions import checking
from nicobatch.cli.options import Common
from nicobatch.pipeline import Checked
from nicobatch.watch.folder import Folder
from nicobatch.watch.judging import ManifestState, Notice, WatchJob
from nicobatch.watch.memory import Memory
from nicobatch.watch.scanning import Looked, Scanner
from nicobatch.watch.worker import Pauses

SETTLE: Final = 10.0
PAUSE: Final = 60.0


def nothing(manifest: Path, probe: bool) -> None:
    """Happens."""


@dataclass
class Place:
    """The folder, and what is known of it; `now` is seconds of a clock that stands still."""

    root: Path
    video: Path
    """Some real video to copy from."""
    allow_outside: bool = False
    strict: bool = False
    now: float = 1000.0
    reads: list[tuple[str, bool]] = field(default_factory=list)
    """Which manifests' videos were checked, and whether they were looked into."""
    loads: list[str] = field(default_factory=list)
    """Which manifests were read."""
    before: Callable[[Path, bool], None] = nothing
    """What happens before each check of a manifest's videos."""

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        """Begin as a new process would."""
        self.memory = Memory(self.root, purpose="test")
        self.folder = Folder(self.root, sentinel=self.memory.path)
        self.scanner = Scanner(
            self.root,
            self.memory,
            self.read,
            settle=SETTLE,
            pauses=Pauses(PAUSE, 60 * PAUSE, lambda: 0.5),
            strict=self.strict,
            allow_outside=self.allow_outside,
            clock=lambda: time.time() + self.now,
        )
        self.inbox = self.scanner.inbox

    def read(self, manifest: Path) -> Callable[[bool], Checked]:
        self.loads.append(manifest.name)
        loaded = checking.load([str(manifest)], Common())

        def check(probe: bool) -> Checked:
            self.reads.append((manifest.name, probe))
            self.before(manifest, probe)
            return checking.check(loaded, Common(), probe=probe)

        return check

    def look(
        self, after: float = 0.0, renamed: Collection[str] = (), aside: Collection[Path] = ()
    ) -> Looked:
        """Look at the folder when so many seconds have passed."""
        self.now += after
        paths = {self.root / name for name in renamed}
        return self.scanner.look(self.folder.look(), self.now, paths, aside=aside)

    def settle(self) -> Looked:
        """Look twice, so far apart that everything settles, and return all that was found."""
        first, second = self.look(), self.look(SETTLE)
        third = self.look(SETTLE) if second.again == SETTLE else second
        looks = [first, second] if third is second else [first, second, third]
        return Looked(
            tuple(job for each in looks for job in each.jobs),
            tuple(notice for each in looks for notice in each.notices),
            looks[-1].again,
        )

    def waits(self) -> bool:
        """Tell whether time alone may bring something."""
        return self.inbox.unsettled

    def state(self) -> ManifestState:
        """Return the state that the only manifest is in."""
        (found,) = [state for state, count in self.inbox.counts().items() if count]
        return found

    def film(self, name: str = "a.mp4", *, part: float = 1.0) -> Path:
        """Put a video into the folder whose bytes are nobody else's; or the first part of it."""
        data = self.video.read_bytes() + filler(name.encode())
        return self.put(name, data[: int(len(data) * part)])

    def manifest(
        self, name: str = "m.yaml", *files: str, title: str = "第1回", more: str = ""
    ) -> Path:
        """Write a manifest of those files."""
        entries = [
            f"  - file: {json.dumps(each)}\n    title: {json.dumps(f'{title} {each}')}\n"
            for each in files or ["a.mp4"]
        ]
        return self.put(name, f"version: 1\n{more}videos:\n{''.join(entries)}".encode())

    def put(self, name: str, data: bytes) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path


def names(jobs: Collection[WatchJob]) -> list[str]:
    return [job.manifest.name for job in jobs]


def rules(notice: Notice) -> list[str]:
    return [each.rule for each in notice.problems]


def filler(data: bytes) -> bytes:
    """Return an MP4 box that players skip."""
    return struct.pack(">I4s", len(data) + 8, b"free") + data
