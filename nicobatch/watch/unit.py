"""The unit of work: one manifest with every file that it names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from nicobatch.media import Stamp
from nicobatch.model import Problem, Video
from nicobatch.pipeline import CheckedVideo


class Reading(Protocol):
    """What a manifest holds; `actions.checking.Checked` is one."""

    @property
    def ready(self) -> Sequence[CheckedVideo]:
        """Return the videos that can be published; none unless their files were looked into."""
        ...

    @property
    def problems(self) -> Sequence[Problem]:
        """Return every finding."""
        ...

    @property
    def videos(self) -> Sequence[Video]:
        """Return every video that names a file, sound or not, each knowing its place."""
        ...

    @property
    def away(self) -> Sequence[Video]:
        """Return those of the videos that need no file, which is not here."""
        ...

    @property
    def patterns(self) -> Sequence[str]:
        """Return what the manifest's folder was searched for, as the manifest writes it."""
        ...


Read = Callable[[Path, bool], Reading]
"""Reads a manifest; looks into its videos only if the second argument says so."""


@dataclass(frozen=True, slots=True, eq=False)
class Unit:
    """A manifest that is valid and whole, ready to be published. Two are equal if they are one."""

    manifest: Path
    ready: tuple[CheckedVideo, ...]
    signature: Mapping[Path, Stamp]
    """The manifest and every file it names, as they were when it was read."""
    patterns: tuple[str, ...] = ()
    """What of the manifest may come to mean other files."""

    def is_current(self) -> bool:
        """Look again: whether nothing was written to any of the files since."""
        return all(Stamp.of(path) == stamp for path, stamp in self.signature.items())
