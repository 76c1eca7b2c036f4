"""Videos that are made once for all tests; whoever changes one takes a copy."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import pytest

from examples.make_samples import make_video
from nicobatch.model import Position, Thumbnail, Video

FILE_AT = Position(3, 9)
TIMING_AT = Position(6, 15)


class MakeEntry(Protocol):
    def __call__(self, file: Path, *, timing: int | None = None) -> Video: ...


@pytest.fixture(scope="session")
def entry() -> MakeEntry:
    def make(file: Path, *, timing: int | None = None) -> Video:
        return Video(
            manifest=Path("m.yaml"),
            id="episode",
            file=file,
            title="第1回",
            thumbnail=Thumbnail(timing=timing),
            places={"": Position(2, 3), "file": FILE_AT, "thumbnail.timing": TIMING_AT},
        )

    return make


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("videos")


@pytest.fixture(scope="session")
def mp4(folder: Path) -> Path:
    return make_video(folder / "sound.mp4", width=64, height=36)


@pytest.fixture(scope="session")
def silent(folder: Path) -> Path:
    return make_video(folder / "silent.mp4", width=64, height=36, audio=False)


@pytest.fixture(scope="session")
def webm(folder: Path) -> Path:
    return make_video(folder / "picture.webm", width=64, height=36)
