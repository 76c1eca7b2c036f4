"""Moving one file so that, whenever the machine goes down, its bytes are whole in one place."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
from pathlib import Path
from typing import BinaryIO, Final, NoReturn

from nicobatch.media import Stamp

_BLOCK: Final = 1 << 20
"""Bytes that are copied at once."""
_NO_SUCH_THING: Final = frozenset({errno.EINVAL, errno.ENOTSUP, errno.ENOSYS, errno.EBADF})
"""How shares say that their folders can't be synced."""


def move(source: Path, place: Path, spare: Path) -> None:
    """Bring the file to its free place: by a rename, or by a copy that is held against it.

    `spare` is the copy's name until it is proven. Raise OSError, and leave the source as it was.
    """
    if source.is_symlink():  # its place would make another file of a relative link
        _carry(source, place, spare)
        return
    try:
        source.rename(place)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _carry(source, place, spare)


def leave(source: Path, place: Path) -> None:
    """Remove the source if its copy in the other place is the same to the last byte."""
    before = Stamp.of(source)
    if _digest(source) == _digest(place) and Stamp.of(source) == before:
        source.unlink()


def write(path: Path, content: bytes, spare: Path) -> None:
    """Write the file anew, durably; a crash leaves the old one or the new one."""
    with spare.open("wb") as file:
        file.write(content)
        _flush(file)
    spare.replace(path)
    sync(path.parent)


def sync(folder: Path) -> None:
    """Have the folder's names reach the disk."""
    if os.name == "nt":  # Windows opens no folders, and renames through its own journal
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in _NO_SUCH_THING:
            raise
    finally:
        os.close(handle)


def _carry(source: Path, place: Path, spare: Path) -> None:
    before = Stamp.of(source)
    try:
        digest = _copy(source, spare)
        if not (Stamp.of(source) == before and _digest(spare) == digest):
            _refuse(source)
        spare.rename(place)
    except OSError:
        with contextlib.suppress(OSError):
            spare.unlink()
        raise
    sync(place.parent)
    if Stamp.of(source) == before:
        source.unlink()


def _refuse(source: Path) -> NoReturn:
    raise OSError(errno.EIO, os.strerror(errno.EIO), str(source))


def _copy(source: Path, spare: Path) -> tuple[int, str]:
    """Copy the bytes to the disk itself, and return how many and which were read."""
    digest, size = hashlib.sha256(), 0
    with source.open("rb") as origin, spare.open("wb") as copy:
        while block := origin.read(_BLOCK):
            digest.update(block)
            size += copy.write(block)
        with contextlib.suppress(OSError):  # not every file system keeps times and attributes
            shutil.copystat(source, spare)
        _flush(copy)
    return size, digest.hexdigest()


def _digest(path: Path) -> tuple[int, str]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return file.tell(), digest


def _flush(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())
