"""A folder to publish, a site of its own for it, and the command as real processes in between."""

from __future__ import annotations

import hashlib
import json
import shutil
import struct
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from nicobatch.sandbox import Sandbox
from tests.support.faults import Faults
from tests.support.warm import launch
from tests.unit.cli.running import MAIN, SECOND, Result, environment_with

COMMAND = ("publish", ".", "--poll-interval", "0.05", "--format", "json")
THREE_PARTS = 20_000_001
"""Bytes; the last part is one of them."""
LONG = "long.mp4"
SHORT = "short.mp4"
TWO_VIDEOS = f"""\
version: 1
videos:
  - file: {LONG}
    title: 第1回 はじめての冒険
  - file: {SHORT}
    title: 第2回 二度目の冒険
    thumbnail: {{timing: 0.5}}
"""


class Forks:
    """Runs the command in processes that are forked from one that has imported it."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.crashing"],
            env=environment_with(None),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def run(self, folder: Path, environment: dict[str, str], *arguments: str) -> Result:
        """Run `tests.support.crashing` with the arguments."""
        code, *said = self._told(self._order(folder, environment, arguments))
        return Result(code, *said)

    def asleep(self, folder: Path, environment: dict[str, str], *arguments: str) -> int:
        """Run it until it has stopped itself, and return the process's id."""
        code, *said = self._told(self._order(folder, environment, arguments))
        assert code is None, (code, said)
        (pid,) = said
        return int(pid)

    def wake(self, pid: int) -> Result:
        """Let such a process go on, to its end."""
        return Result(*self._told({"wake": pid}))

    def _order(
        self, folder: Path, environment: dict[str, str], arguments: Sequence[str]
    ) -> dict[str, Any]:
        return {
            "arguments": arguments,
            "folder": str(folder),
            "environment": environment_with(environment),
        }

    def _told(self, order: dict[str, Any]) -> Any:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()


@dataclass
class Stage:
    """A manifest and its videos, one of three parts and a short one, before a site."""

    folder: Path
    video: Path
    manifest: str = TWO_VIDEOS
    faults: Faults = field(default_factory=Faults)

    def __enter__(self) -> Self:
        self.folder.mkdir()
        self.write(self.manifest)
        padded(self.video, self.folder / LONG)
        shutil.copy(self.video, self.folder / SHORT)
        self.site = Sandbox(self.folder / ".site", encode_seconds=0, wrap=self.faults.wrap)
        self.site.start()
        self.environment = {
            "NICOBATCH_API_ORIGIN": self.site.url,
            "NICOBATCH_USER_SESSION": MAIN.user_session,
            "NICOBATCH_SECOND_USER_SESSION": SECOND.user_session,
            "XDG_STATE_HOME": str(self.folder / ".state"),
        }
        return self

    def __exit__(self, *_: object) -> None:
        self.site.stop()
        assert self.site.audit()["crashes"] == []
        shutil.rmtree(self.folder)

    def write(self, manifest: str, name: str = "m.yaml") -> Path:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(manifest, "utf-8")
        return path

    def start(
        self, *arguments: str, module: str = "nicobatch", folder: Path | None = None
    ) -> subprocess.Popen[str]:
        """Begin a process of its own."""
        return launch(
            module,
            *arguments,
            cwd=folder or self.folder,
            env=environment_with(self.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def entries(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.site.audit()["entries"]
        return found

    def requests(self) -> list[str]:
        lines = self.site.audit()["requests"]
        return [f"{line['method']} {line['path']}" for line in lines]

    def parts(self) -> dict[str, dict[str, int]]:
        """Return how often each part was accepted, by entry."""
        return {entry["videoId"]: dict(entry["parts"]) for entry in self.entries()}

    def receipts(self) -> dict[str, dict[str, Any]]:
        """Return the receipts on the disk, by file name."""
        paths = self.folder.glob(".nicobatch/*/[!.]*.json")
        return {path.name: json.loads(path.read_text("utf-8")) for path in paths}

    def demand_published(self, *files: str, where: str = "") -> None:
        """Assert that the site has these files, published by one call each, and nothing else."""
        entries = self.entries()
        wanted = sorted(sha256(self.folder / name) for name in files)
        assert sorted(str(entry["sha256"]) for entry in entries) == wanted, where
        for entry in entries:
            assert entry["published"], where
            calls = {name: entry["received"][name] for name in ("create", "done", "metadata")}
            assert calls == {"create": 1, "done": 1, "metadata": 1}, where


def padded(video: Path, copy: Path) -> Path:
    """Copy the video and fill it up, to three parts, by a box that players skip; return it."""
    shutil.copy(video, copy)
    with copy.open("ab") as file:
        file.write(struct.pack(">I4s", THREE_PARTS - file.tell(), b"free"))
        file.truncate(THREE_PARTS)
    return copy


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
