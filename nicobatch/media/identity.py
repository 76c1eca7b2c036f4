"""What tells one file from another: its bytes for ever, its stamp while a run lasts."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from nicobatch.errors import VideoFailed
from nicobatch.language import _
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
    before = Stamp.read(path.stat())
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if Stamp.of(path) != before:
        raise VideoFailed(
            _("{name} changed while it was being read").format(name=path.name),
            _("run it again when the program that writes it has finished"),
        )
    return FileIdentity(path.name, before.size, digest)
