"""What the file system says of a file; two that are equal mean that nothing was written between."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Stamp:
    """One look at a regular file."""

    device: int
    inode: int
    size: int
    mtime_ns: int
    ctime_ns: int

    @classmethod
    def of(cls, path: Path) -> Stamp | None:
        """Look at the file, links followed; None where there is nothing to be seen."""
        try:
            return cls.read(path.stat())
        except (OSError, ValueError):  # ValueError: a NUL in the name
            return None

    @classmethod
    def read(cls, found: os.stat_result) -> Stamp:
        """Take what matters from what the system told."""
        return cls(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
