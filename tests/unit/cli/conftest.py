"""A folder of manifests and videos, the command in this process, and a site to publish to."""

from __future__ import annotations

import logging
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pytest

from nicobatch.cli import run
from nicobatch.sandbox import Sandbox
from tests.unit.cli.running import MAIN, Result


class Cli(Protocol):
    def __call__(self, *arguments: str) -> Result: ...


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Cli:
    """Run the command line in this process."""

    def command(*arguments: str) -> Result:
        capsys.readouterr()
        code = run(arguments)
        return Result(code, *capsys.readouterr())

    return command


@pytest.fixture(autouse=True)
def _quiet_logs() -> Iterator[None]:
    yield
    logging.getLogger("nicobatch").setLevel(logging.NOTSET)


@dataclass(frozen=True)
class Shelf:
    """The current folder, with manifests and videos to publish."""

    folder: Path
    video: Path

    def add(self, name: str, *, at_least: int = 0) -> Path:
        """Put a video on the shelf whose bytes are nobody else's."""
        data = self.video.read_bytes() + _filler(name.encode())
        if at_least:
            data += _filler(bytes(at_least - len(data)))
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    def write(self, text: str, name: str = "m.yaml") -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def series(self, *ids: str, name: str = "m.yaml", more: str = "") -> Path:
        """Write a manifest of that many videos, and the videos."""
        entries = []
        for each in ids:
            file = f"{each}.mp4"
            self.add(str(Path(name).parent / file))
            entries.append(f"  - file: {file}\n    title: 【実況】{each} はじめての冒険\n")
        return self.write(f"version: 1\n{more}videos:\n{''.join(entries)}", name)

    def listing(self) -> set[str]:
        """Return everything below the folder."""
        return {str(path.relative_to(self.folder)) for path in self.folder.rglob("*")}


def _filler(data: bytes) -> bytes:
    """Return an MP4 box that players skip."""
    return struct.pack(">I4s", len(data) + 8, b"free") + data


@pytest.fixture
def shelf(tmp_path: Path, small_video: Path, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    folder = tmp_path / "棚"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return Shelf(folder, small_video)


@pytest.fixture
def site(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """A site that encodes at once, where the environment says to publish, signed in."""
    monkeypatch.setenv("NICOBATCH_API_ORIGIN", sandbox.url)
    monkeypatch.setenv("NICOBATCH_USER_SESSION", MAIN.user_session)
    return sandbox


@pytest.fixture
def audit(site: Sandbox) -> Callable[[], list[dict[str, Any]]]:
    """Return the entries that the site knows."""
    return lambda: list(site.audit()["entries"])
