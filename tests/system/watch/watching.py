"""A folder that is watched by a real process, whose JSON lines are read as they come."""

from __future__ import annotations

import json
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

from nicobatch.sandbox import Sandbox
from tests.support.stages import sha256
from tests.system.watch.videos import different
from tests.unit.cli.running import MAIN, start

PATIENCE = 20.0
"""Seconds after which something that does not happen has failed to."""
QUICK = ("--settle", "0.3", "--rescan", "0.5", "--poll-interval", "0.05")
Event = dict[str, Any]


@dataclass(slots=True)
class Watching:
    """The process, and what it has told so far."""

    process: subprocess.Popen[str]
    told: list[Event] = field(default_factory=list)
    _lines: queue.SimpleQueue[str | None] = field(default_factory=queue.SimpleQueue)
    _readers: list[threading.Thread] = field(default_factory=list)
    _errors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        for target in (self._read, self._read_errors):
            reader = threading.Thread(target=target)
            reader.start()
            self._readers.append(reader)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.wait()

    def until(self, wanted: Callable[[Event], bool], patience: float = PATIENCE) -> Event:
        """Return the first event from here on that is wanted."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            try:
                line = self._lines.get(timeout=max(0.01, deadline - time.monotonic()))
            except queue.Empty:
                break
            assert line is not None, f"it ended: {self.told[-3:]}, {self.err}"
            self.told.append(json.loads(line))
            if wanted(self.told[-1]):
                return self.told[-1]
        raise AssertionError(f"nothing of the kind came: {self.told[-8:]}, {self.err}")

    def until_unit(self, name: str, state: str | None, patience: float = PATIENCE) -> Event:
        """Return the event by which the manifest comes to the state."""
        return self.until(
            lambda event: (
                event["event"] == "unit"
                and Path(event["path"]).name == name
                and event["state"] == state
            ),
            patience,
        )

    def until_done(self, *names: str, patience: float = PATIENCE) -> None:
        """Wait until all of the manifests are done, in whatever order."""
        left = set(names)
        for event in self.units("done"):
            left.discard(Path(event["path"]).name)
        while left:
            event = self.until(
                lambda each: each["event"] == "unit" and each["state"] == "done", patience
            )
            left.discard(Path(event["path"]).name)

    def units(self, state: str | None) -> list[Event]:
        """Return what was told so far of manifests that came to the state."""
        return [each for each in self.of("unit") if each["state"] == state]

    def of(self, kind: str) -> list[Event]:
        return [each for each in self.told if each["event"] == kind]

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def wait(self, patience: float = PATIENCE) -> int:
        """Return the exit code; take in all that was told until then."""
        code = self.process.wait(patience)
        for reader in self._readers:
            reader.join()
        while not self._lines.empty():
            line = self._lines.get()
            if line is not None:
                self.told.append(json.loads(line))
        for stream in (self.process.stdout, self.process.stderr):
            assert stream
            stream.close()
        return code

    def end(self) -> int:
        """Ask it to stop, and return the exit code."""
        self.send(signal.SIGTERM)
        return self.wait()

    @property
    def err(self) -> str:
        return "".join(self._errors)

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def _read_errors(self) -> None:
        assert self.process.stderr
        self._errors += self.process.stderr


@dataclass(slots=True)
class Inbox:
    """The watched folder, with the site that its videos go to."""

    folder: Path
    video: Path
    site: Sandbox
    options: tuple[str, ...] = ()

    def watch(self, *options: str, more: Mapping[str, str] | None = None) -> Watching:
        """Begin to watch; of an option that is given twice, the last one counts."""
        environment = {
            "NICOBATCH_API_ORIGIN": self.site.url,
            "NICOBATCH_USER_SESSION": MAIN.user_session,
            **(more or {}),
        }
        arguments = ("watch", str(self.folder), "--format", "json", *QUICK)
        return Watching(start(*arguments, *self.options, *options, environment=environment))

    def begin(self, *options: str, more: Mapping[str, str] | None = None) -> Watching:
        """Begin to watch, and wait until it has begun."""
        watching = self.watch(*options, more=more)
        watching.until(lambda event: event["event"] == "watch_started")
        return watching

    def data(self, name: str, at_least: int = 0) -> bytes:
        """Return a video whose bytes are nobody else's."""
        return different(self.video.read_bytes(), name, at_least)

    def add(self, name: str, at_least: int = 0) -> Path:
        """Put a video into the folder."""
        return self.put(name, self.data(name, at_least))

    def put(self, name: str, data: bytes) -> Path:
        path = self.folder / name
        path.write_bytes(data)
        return path

    def write(self, name: str, *files: str, more: str = "") -> Path:
        """Put a manifest of these files into the folder."""
        entries = "".join(f"  - {{file: {each}, title: 第1回 {each}}}\n" for each in files)
        return self.put(name, f"version: 1\n{more}videos:\n{entries}".encode())

    def unit(self, name: str) -> Path:
        """Put a manifest and its one video into the folder."""
        self.add(f"{name}.mp4")
        return self.write(f"{name}.yaml", f"{name}.mp4")

    def unit_in(self, folder: Path, name: str) -> None:
        """Put a manifest and its one video into another folder."""
        replace(self, folder=folder).unit(name)

    def entries(self) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = self.site.audit()["entries"]
        return entries

    def demand(self, *files: Path | str) -> None:
        """Assert that these files, and nothing else, were published by one call each."""
        paths = [self.folder / each for each in files]
        entries = self.entries()
        assert sorted(str(each["sha256"]) for each in entries) == sorted(map(sha256, paths))
        for entry in entries:
            assert entry["published"]
            assert entry["received"]["create"] == entry["received"]["metadata"] == 1
