"""Receipts: those of paths and folders, and what they have taken for a run that asks all year."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeAlias

from nicobatch import disk, sites
from nicobatch.errors import JournalError, UsageError
from nicobatch.journal import FOLDER, Journal
from nicobatch.language import N_, _, cant_read
from nicobatch.manifest import load, naming
from nicobatch.manifest.discover import ManifestSearch, discover
from nicobatch.manifest.naming import Named
from nicobatch.plan import KnownFiles, Taker
from nicobatch.receipt import Receipt, ReceiptPlace

_HINT: Final = N_("check that the file may be read, and that no other program holds it")
_NOBODYS: Final = frozenset({"video-unknown", "video-elsewhere", "video-unnamed"})
"""Rules of names that no video of the manifest has."""
_Stamp: TypeAlias = tuple[int, int, int]
"""Inode, size and time of the last write: a receipt is only ever replaced by another file."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """A receipt that was read, and all that is kept of it."""

    stamp: _Stamp
    taker: Taker | None


@dataclass(slots=True)
class Known:
    """Reads a receipt again only where it was written since; may be called by several threads."""

    journal: Journal
    manifest: Path
    """Any that lies, or would lie, in the folder."""
    _seen: dict[str, _Seen] = field(default_factory=dict)
    _steps: dict[frozenset[str], frozenset[str]] = field(default_factory=dict)
    """Every set of steps that is done by some: of tens of thousands, nearly all have the same."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self) -> KnownFiles:
        """Return what is taken as of now; raise JournalError."""
        with self._lock:
            self._seen = dict(self._look())
            return KnownFiles.taken(each.taker for each in self._seen.values())

    def _look(self) -> Iterator[tuple[str, _Seen]]:
        for path in self.journal.paths(self.manifest):
            with contextlib.suppress(FileNotFoundError):  # it was there a moment ago
                found = path.stat()
                stamp = (found.st_ino, found.st_size, found.st_mtime_ns)
                before = self._seen.get(str(path))
                is_known = before is not None and before.stamp == stamp
                yield str(path), before if before and is_known else self._read(path, stamp)

    def _read(self, path: Path, stamp: _Stamp) -> _Seen:
        taker = Taker.of(str(path.resolve()), self.journal.at(path))
        return _Seen(stamp, taker and self._shared(taker))

    def _shared(self, taker: Taker) -> Taker:
        """Return the taker with what others have as well being the very same object."""
        return replace(
            taker,
            origin=sys.intern(taker.origin),
            account=sys.intern(taker.account),
            done=self._steps.setdefault(taker.done, taker.done),
        )


def below(
    folder: Path, journal: Journal, exclude: Sequence[str] = ()
) -> Iterator[tuple[Path, Receipt]]:
    """Yield every receipt in the folder and below, also of manifests that are gone.

    Folders that match a glob of `exclude` are passed over. Raise JournalError where a receipt can't
    be read, or may be lying unseen.
    """
    if journal.root:
        yield from journal.receipts(folder)
        return
    search = ManifestSearch(folder, exclude)
    for root, folders, _files in os.walk(folder, onerror=_unseen):
        if FOLDER in folders:
            yield from journal.receipts(Path(root, FOLDER))
        folders[:] = sorted(name for name in folders if search.is_open(Path(root, name)))


def _unseen(error: OSError) -> None:
    """Say that a folder can't be looked into, which may hold receipts; one that is gone can't."""
    if not isinstance(error, FileNotFoundError):
        raise JournalError(cant_read(error.filename, error), _(_HINT))


def of(
    paths: Sequence[str], journal: Journal, exclude: Sequence[str] = (), *, around: bool = False
) -> dict[Path, Receipt]:
    """Return the receipts of manifests, and all below folders; of this folder, where none is named.

    `around` has those of other manifests too that lie with them. Raise UsageError where there is
    nothing of a name, JournalError where one can't be read.
    """
    return dict(pair for each in paths or (".",) for pair in _of(each, journal, exclude, around))


def _of(
    path: str,
    journal: Journal,
    exclude: Sequence[str],
    around: bool,  # noqa: FBT001 - as `of`
) -> Iterator[tuple[Path, Receipt]]:
    if os.path.isdir(path):  # noqa: PTH112 - Path.is_dir raises for what may not be looked at
        yield from below(Path(path), journal, exclude)
        return
    found, problems = discover((path,), exclude)
    named = [Named(each.path, each.videos[0] if each.videos else None) for each in found]
    receipts = [
        pair
        for each in named or [naming.gone(path)]  # only its receipts may be left
        for pair in (journal.receipts(each.manifest) if around else of_video(each, journal))
    ]
    if problems and not receipts and not around:
        raise UsageError(problems[0].message, problems[0].hint)
    if not receipts and any(each.video is not None for each in named):
        _demand_named(path)
    yield from receipts


def _demand_named(path: str) -> None:
    """Raise UsageError where the manifest has no such video as is named."""
    now = datetime.now(UTC).astimezone()
    for each in load([path], sites=sites.Described(), now=now).problems:
        if each.rule in _NOBODYS:
            raise UsageError(each.message, each.hint)


def of_video(name: Named, journal: Journal) -> list[tuple[Path, Receipt]]:
    """Return the receipts of the video that is named, or of its whole manifest; JournalError."""
    every = {
        path: (receipt, ReceiptPlace.of(path, receipt.site))
        for path, receipt in journal.receipts(name.manifest)
    }
    ids = {
        path: (unicodedata.normalize("NFC", place.video), place.site)
        for path, (_receipt, place) in every.items()
        if disk.is_same_name(place.manifest, name.manifest.name)
    }
    chosen = set(ids.values()) if name.video is None else naming.meant(name.video, ids.values())
    return [(path, every[path][0]) for path, id_ in ids.items() if id_ in chosen]
