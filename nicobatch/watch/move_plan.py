"""What a folder's files are to become: written down before the first moves, and kept as a result.

    {"version": 1, …what the caller tells…,
     "files": [{"from": "/inbox/a.mp4", "to": "a.mp4", "size": 1, "mtime_ns": 2},
               {"from": "/inbox/b.mp4", "to": null, "stays": "shared", "size": 3, "mtime_ns": 4},
               {"from": "/inbox/ep1.yaml", "to": "ep1.yaml", "size": 5, "mtime_ns": 6}]}

The manifest comes last.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import shutil
import stat
import tempfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePath
from typing import Any, Final, Self

from nicobatch import disk
from nicobatch.errors import NicobatchError
from nicobatch.journal import FOLDER
from nicobatch.language import _
from nicobatch.media import Stamp
from nicobatch.model import Json
from nicobatch.watch.folder import READY, is_manifest
from nicobatch.watch.judging import WatchJob

VERSION: Final = 1
RESULT: Final = "result.json"
COPY: Final = ".nicobatch.copy"
_BLOCK: Final = 1 << 20
"""Bytes that are copied at once."""
_SPARES: Final = (COPY, f".{RESULT}.")
"""How the names begin of what a crash may leave behind; `disk.replace` has the second."""


class NotMoved(NicobatchError):
    """A manifest's files could not all be moved; what was moved is whole, and is finished later."""


class Stays(StrEnum):
    """Why a file is not moved with its manifest."""

    SHARED = "shared"
    """Another manifest of the folder names it."""
    OUTSIDE = "outside"
    """It lies elsewhere."""
    LINK = "link"
    """It is, or lies behind, a link; the file itself may be others' as well."""
    NAME = "name"
    """Its place is the result's, or it is among the receipts."""
    CHANGED = "changed"
    """It was written to after the move had begun, so it is something new."""


@dataclass(frozen=True, slots=True)
class FileMove:
    """One file: where it lies, where it is to lie in the new folder, or why it stays."""

    source: Path
    place: str | None
    """Relative, with `/`."""
    size: int
    mtime_ns: int
    stays: Stays | None = None

    def fits(self, stamp: Stamp) -> bool:
        """Tell whether that is the file that was meant; other parts of a stamp outlive no mount."""
        return stamp.lasting == (self.size, self.mtime_ns)

    def is_in(self, folder: Path) -> bool:
        """Tell whether the file has come to its place there, which it does as a whole."""
        return self.place is not None and os.path.lexists(folder / self.place)

    def is_for(self, root: Path) -> bool:
        """Tell whether `MovePlan.of` could have said this of a file of the root."""
        if self.place is None:
            return self.stays is not None
        plain = self.stays is None and self.source == root / self.place
        return plain and not _is_reserved(self.place)

    def as_json(self) -> dict[str, Json]:
        """Return it as the result shows it."""
        why: dict[str, Json] = {"stays": str(self.stays)} if self.stays else {}
        known: dict[str, Json] = {"size": self.size, "mtime_ns": self.mtime_ns}
        return {"from": str(self.source), "to": self.place, **why, **known}

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> Self:
        """Take it from a result; raise ValueError, TypeError or LookupError."""
        place, stays = raw["to"], raw.get("stays")
        return cls(
            source=Path(raw["from"]),
            place=None if place is None else _inside(place),
            size=int(raw["size"]),
            mtime_ns=int(raw["mtime_ns"]),
            stays=stays and Stays(stays),
        )


@dataclass(frozen=True, slots=True)
class MovePlan:
    """All files of a manifest, which is the last of them, and what the caller tells of it."""

    result: Mapping[str, Json]
    files: tuple[FileMove, ...]

    @classmethod
    def of(
        cls, job: WatchJob, root: Path, keep: Collection[Path], result: Mapping[str, Json]
    ) -> Self:
        """Say what becomes of each file of a job of the root, which has no links in its path.

        Raise NotMoved where one that would be moved has changed since the job was read.
        """
        folder = _plain(job.manifest.parent)
        found = {_source(path, folder, root): stamp for path, stamp in job.signature.items()}
        manifest = root / job.manifest.name
        last = {manifest: found.pop(manifest)}
        kept = {disk.real(path) for path in keep}
        files = []
        for source, stamp in (found | _marker(manifest) | last).items():
            stays = None if source == manifest else _stays(source, root, kept)
            if not stays and Stamp.of(source) != stamp:
                words = _("{file} has changed since it was read, so {manifest} was not moved")
                message = words.format(file=source, manifest=manifest.name)
                raise NotMoved(message, _("it is looked at again"))
            place = None if stays else source.relative_to(root).as_posix()
            files.append(FileMove(source, place, stamp.size, stamp.mtime_ns, stays))
        return cls(result, tuple(files))

    @property
    def manifest(self) -> Path:
        """Return where the manifest lay."""
        return self.files[-1].source

    def is_for(self, root: Path) -> bool:
        """Tell whether `of` could have given them for the root: anybody may write such a file."""
        return is_manifest(self.manifest.name) and all(each.is_for(root) for each in self.files)

    def encode(self) -> bytes:
        """Return them as JSON, readable in any script."""
        files = [each.as_json() for each in self.files]
        content = {"version": VERSION, **self.result, "files": files}
        try:
            return json.dumps(content, ensure_ascii=False, indent=1).encode() + b"\n"
        except UnicodeEncodeError:  # a name that is no UTF-8
            return json.dumps(content, indent=1).encode() + b"\n"

    @classmethod
    def decode(cls, content: bytes) -> Self:
        """Raise ValueError for what this version did not write."""
        try:
            raw = json.loads(content)
            if raw.pop("version") != VERSION:
                raise ValueError(content)
            files = tuple(FileMove.read(each) for each in raw.pop("files"))
        except (TypeError, LookupError, AttributeError, RecursionError) as error:
            raise ValueError(content) from error
        if not files:
            raise ValueError(content)
        return cls(raw, files)


def is_spare(name: str) -> bool:
    """Tell whether a file of that name may be removed from an unfinished folder at any time."""
    return name.casefold().startswith(_SPARES)


def _is_reserved(place: str) -> bool:
    first = place.split("/", maxsplit=1)[0].casefold()
    return first in {RESULT, FOLDER} or is_spare(first)


def _inside(place: str) -> str:
    """Return the place if it lies in the folder that the result is in."""
    path = PurePath(place)
    if path.anchor or ".." in path.parts or path.as_posix() != place:
        raise ValueError(place)
    return place


def _source(path: Path, folder: Path, root: Path) -> Path:
    """Return the one name of a file that the folder's manifest names; the folder is the root."""
    plain = _plain(path)
    return root / plain.relative_to(folder) if plain.is_relative_to(folder) else plain


def _plain(path: Path) -> Path:
    return Path(os.path.abspath(path))  # noqa: PTH100 - without `..`, and links stay links


def _stays(source: Path, root: Path, kept: Collection[str | None]) -> Stays | None:
    if not source.is_relative_to(root):
        return Stays.OUTSIDE
    real = disk.real(source)
    if real is not None and real in kept:
        return Stays.SHARED
    if os.path.normcase(real or "") != os.path.normcase(source):
        return Stays.LINK
    return Stays.NAME if _is_reserved(source.relative_to(root).as_posix()) else None


def _marker(manifest: Path) -> dict[Path, Stamp]:
    """Return the mark of readiness, which is not to wait for the next manifest of this name."""
    marker = manifest.with_name(manifest.name + READY)
    stamp = Stamp.of(marker)
    return {marker: stamp} if stamp else {}


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


def _carry(source: Path, place: Path, spare: Path) -> None:
    try:
        before = _copy(source, spare)
        spare.rename(place)
    except OSError:
        with contextlib.suppress(OSError):
            spare.unlink()
        raise
    disk.sync_folder(place.parent)
    if Stamp.of(source) == before:
        source.unlink()


def _copy(source: Path, spare: Path) -> Stamp | None:
    """Copy the bytes to the disk itself; return the source's stamp, by which they are all of it.

    Raise OSError, also where the copy is another than what was read.
    """
    before, digest, size = Stamp.of(source), hashlib.sha256(), 0
    spare.unlink(missing_ok=True)
    with source.open("rb") as origin, spare.open("xb") as copy:  # "x" follows no link
        while block := origin.read(_BLOCK):
            digest.update(block)
            size += copy.write(block)
        with contextlib.suppress(OSError):  # not every file system keeps times and attributes
            shutil.copystat(source, spare)
        copy.flush()
        disk.sync(copy.fileno())
    if not (Stamp.of(source) == before and _digest(spare) == (size, digest.hexdigest())):
        raise OSError(errno.EIO, os.strerror(errno.EIO), str(source))
    return before


def _digest(path: Path) -> tuple[int, str]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return file.tell(), digest
