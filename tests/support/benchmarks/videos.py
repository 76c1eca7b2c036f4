"""Videos to measure with: a small one, many of them, and one of any size."""

from __future__ import annotations

import os
import shutil
import struct
import sys
from pathlib import Path
from typing import Final

from tests.support.benchmarks.measure import run

_MAKE: Final = (
    "import pathlib, sys; from examples.make_samples import make_video;"
    " make_video(pathlib.Path(sys.argv[1]), width=64, height=36)"
)
_BLOCK: Final = 1 << 20
_LONG_HEADER: Final = 16


def make_sample(path: Path) -> Path:
    """Write a real video of a few kilobytes, in a process of its own, and return its path."""
    root = Path(__file__).parents[3]
    run([sys.executable, "-c", _MAKE, path], env={"PYTHONPATH": str(root)})
    return path


def make_tiny(folder: Path, count: int) -> list[Path]:
    """Write so many small videos, no two of them alike, and return their paths."""
    sample = make_sample(folder / "sample.mp4")
    videos = [folder / f"video-{number:04}.mp4" for number in range(1, count + 1)]
    for number, video in enumerate(videos):
        shutil.copyfile(sample, video)
        _pad(video, _LONG_HEADER + number)
    return videos


def make_big(path: Path, size: int) -> Path:
    """Write a video of exactly `size` bytes, 100,000 at least, and return its path."""
    make_sample(path)
    _pad(path, size - path.stat().st_size)
    return path


def _pad(path: Path, size: int) -> None:
    """Append a box of `size` bytes, 16 at least, that players skip."""
    noise = os.urandom(_BLOCK)
    with path.open("ab") as file:
        file.write(struct.pack(">I4sQ", 1, b"free", size))
        left = size - _LONG_HEADER
        while left > 0:
            left -= file.write(noise[:left])
