"""When a file has settled: nobody has written to it for a while, as far as stamps can tell."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nicobatch.media import Stamp

_NANO: Final = 1_000_000_000


@dataclass(slots=True)
class _Sample:
    stamp: Stamp
    since: float
    """When this very stamp was seen for the first time."""
    trusted: bool = False
    """Whether it came in whole, so that time need not prove it."""


class Settling:
    """Compares samples of files over time.

    A file has settled when two samples at least `settle` seconds apart have one stamp, its age is
    `settle` too, and it is not empty. Files from the future have no age to go by.
    """

    def __init__(self, settle: float, clock: Callable[[], float] = time.time) -> None:
        """`clock` is the wall's, by which files have their age."""
        self._settle, self._clock = settle, clock
        self._samples: dict[Path, _Sample] = {}

    def trust(self, path: Path, stamp: Stamp, now: float) -> None:
        """Take the file for whole as long as it has this stamp."""
        self._take(path, stamp, now).trusted = True

    def remaining(self, path: Path, stamp: Stamp, now: float) -> float:
        """Take a sample; return in how many seconds the file settles if it stays as it is.

        `now` is monotonic. Emptiness doesn't count here: no time cures it.
        """
        sample = self._take(path, stamp, now)
        if sample.trusted:
            return 0.0
        age = self._clock() - stamp.mtime_ns / _NANO
        young = self._settle - age if age >= 0 else 0.0
        return max(0.0, self._settle - (now - sample.since), young)

    def settled(self, path: Path, stamp: Stamp, now: float) -> bool:
        """Take a sample; tell whether the file has settled."""
        return self.remaining(path, stamp, now) <= 0 and stamp.size > 0

    def keep(self, paths: Collection[Path]) -> None:
        """Forget every other file."""
        self._samples = {path: each for path, each in self._samples.items() if path in paths}

    def _take(self, path: Path, stamp: Stamp, now: float) -> _Sample:
        sample = self._samples.get(path)
        if sample is None or sample.stamp != stamp:
            sample = self._samples[path] = _Sample(stamp, now)
        return sample
