"""Moving files so that, whenever the machine goes down, each is whole in one place."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import itertools
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NoReturn

from nicobatch import disk
from nicobatch.media import Stamp

_LONGEST: Final = 200
"""Bytes of a folder's name: file systems take 255, and a number and our own words come to it."""
_BLOCK: Final = 1 << 20
"""Bytes that are copied at once."""


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


def is_own(folder: Path) -> bool:
    """Tell whether it is a folder of this user's, and no link to one; raise OSError.

    A share may have an owner of its own for us: that is shown by what is made there.
    """
    found = folder.lstat()
    with tempfile.TemporaryFile(dir=folder.parent) as file:
        owner = os.fstat(file.fileno()).st_uid
    return stat.S_ISDIR(found.st_mode) and found.st_uid == owner and not is_behind_link(folder)


def is_behind_link(path: Path) -> bool:
    """Tell whether the path, or what leads to it, is a link; it need not exist."""
    real = disk.real(path)
    return real is None or os.path.normcase(real) != os.path.normcase(path)


def make_hidden(folder: Path, stem: str) -> Path:
    """Make the folder to be filled, under the first hidden name that is free."""
    for name in _names(stem):
        with contextlib.suppress(FileExistsError):
            partial = folder / f".{name}.partial"
            partial.mkdir()
            return partial
    raise AssertionError(stem)


def reveal(partial: Path, stem: str) -> Path:
    """Give the folder that is filled the first name that is free."""
    for name in _names(stem):
        final = partial.with_name(name)
        if os.path.lexists(final):  # a rename would take the place of an empty folder
            continue
        try:
            return partial.rename(final)
        except OSError:
            if not os.path.lexists(final):
                raise
    raise AssertionError(stem)


def _names(stem: str) -> Iterator[str]:
    """Yield the name of the folder, then those it takes where that is taken."""
    while len(os.fsencode(stem)) > _LONGEST:
        stem = stem[:-1]
    yield stem
    for number in itertools.count(2):
        yield f"{stem} ({number})"


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
    disk.sync_folder(place.parent)
    if Stamp.of(source) == before:
        source.unlink()


def _refuse(source: Path) -> NoReturn:
    raise OSError(errno.EIO, os.strerror(errno.EIO), str(source))


def _copy(source: Path, spare: Path) -> tuple[int, str]:
    """Copy the bytes to the disk itself, and return how many and which were read."""
    digest, size = hashlib.sha256(), 0
    spare.unlink(missing_ok=True)
    with source.open("rb") as origin, spare.open("xb") as copy:  # "x" follows no link
        while block := origin.read(_BLOCK):
            digest.update(block)
            size += copy.write(block)
        with contextlib.suppress(OSError):  # not every file system keeps times and attributes
            shutil.copystat(source, spare)
        copy.flush()
        disk.sync(copy.fileno())
    return size, digest.hexdigest()


def _digest(path: Path) -> tuple[int, str]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return file.tell(), digest
