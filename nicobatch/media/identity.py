"""What tells one file from another: its bytes for ever, its stamp while a run lasts."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from nicobatch.errors import VideoFailed
from nicobatch.language import _
from nicobatch.model import FileIdentity


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """What the file system says of a file; any write to it changes some of this."""

    dev: int
    ino: int
    size: int
    mtime_ns: int
    ctime_ns: int


def stamp(path: Path) -> Stamp:
    """Return the file's stamp as of now. Raises `OSError`."""
    found = path.stat()
    return Stamp(
        dev=found.st_dev,
        ino=found.st_ino,
        size=found.st_size,
        mtime_ns=found.st_mtime_ns,
        ctime_ns=found.st_ctime_ns,
    )


def unchanged(path: Path, since: Stamp) -> bool:
    """Tell whether the file is there and was not written to since the stamp was taken."""
    try:
        return stamp(path) == since
    except OSError:
        return False


def identify(path: Path) -> FileIdentity:
    """Read the whole file, in constant memory, and return what makes it this file.

    Raises `OSError`, and `VideoFailed` if the file changed while it was read.
    """
    before = stamp(path)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if stamp(path) != before:
        raise VideoFailed(
            _("{name} changed while it was being read").format(name=path.name),
            _("run it again when the program that writes it has finished"),
        )
    return FileIdentity(path.name, before.size, digest)
