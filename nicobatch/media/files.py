"""Files on the disk: what tells one from another, and which was meant by a wrong name."""

from __future__ import annotations

import difflib
import functools
import os
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from nicobatch import disk
from nicobatch.errors import VideoFailed
from nicobatch.language import _
from nicobatch.media import rules
from nicobatch.model import FileIdentity


@dataclass(frozen=True, slots=True)
class Stamp:
    """What the file system says of a file, links followed; any write changes some of this."""

    device: int
    inode: int
    size: int
    mtime_ns: int
    ctime_ns: int

    @property
    def lasting(self) -> tuple[int, int]:
        """Return size and mtime_ns, which outlive a remount, a backup and a scanner."""
        return self.size, self.mtime_ns

    @classmethod
    def read(cls, found: os.stat_result) -> Self:
        """Take what matters from what the system told."""
        return cls(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)

    @classmethod
    def of(cls, path: Path) -> Self | None:
        """Look at the file; None where there is nothing to be seen."""
        try:
            return cls.read(path.stat())
        except (OSError, ValueError):  # ValueError: a NUL in the name
            return None


def identify(path: Path) -> FileIdentity:
    """Read the whole file, in constant memory, and return what makes it this file.

    Raises `OSError`, and `VideoFailed` if the file changed while it was read.
    """
    import hashlib  # with OpenSSL, which who only looks at files has no need of

    before = Stamp.read(path.stat())
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if Stamp.of(path) != before:
        raise VideoFailed(
            _("{name} changed while it was being read").format(name=path.name),
            _("run it again when the program that writes it has finished"),
        )
    return FileIdentity(path.name, before.size, digest)


_SUFFIXES: Final = (".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".flv", ".wmv")
"""What is offered. Not all of a folder: that would be its manifests, where videos lie elsewhere."""


def places(files: Iterable[Path]) -> frozenset[Path]:
    """Return where the files lie, links to their folders followed, in one spelling."""
    real = functools.cache(disk.real)
    return frozenset(_place(each.name, real(each.parent) or each.parent) for each in files)


def hint(path: Path, taken: Collection[Path] = frozenset()) -> str:
    """Return a hint at the video in the same folder that was probably meant, or nothing.

    What is `taken`, as `places` has it, is meant by another entry.
    """
    if target := _target(path):
        return _(rules.LEADS_NOWHERE).format(target=target)
    if len(disk.spelled(path)) > 1:
        return _(rules.SAME_LETTERS)
    folder = disk.real(path.parent) or path.parent
    names = [name for name in _videos(path.parent) if _place(name, folder) not in taken]
    for name in names:
        if _folded(name) == _folded(path.name):
            return _(rules.SAME_BUT_CASE).format(near=name)
    near = difflib.get_close_matches(path.name, names, n=1)
    return _(rules.NEAR_NAME).format(suggestion=near[0]) if near else ""


def _videos(folder: Path) -> list[str]:
    try:
        names = os.listdir(folder)  # noqa: PTH208 - a tenth of the time, a thousand times over
        return sorted(name for name in names if name.casefold().endswith(_SUFFIXES))
    except OSError:
        return []


def _place(name: str, folder: str | Path) -> Path:
    return Path(folder, unicodedata.normalize("NFC", name))


def _target(path: Path) -> str:
    try:
        return os.fspath(path.readlink())
    except OSError:  # no link, or none that may be looked at
        return ""


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
