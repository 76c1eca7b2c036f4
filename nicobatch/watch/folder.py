"""The watched folder: what names in it mean, what one look finds, and which files have settled."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from nicobatch.disk import leads_out
from nicobatch.errors import NicobatchError
from nicobatch.language import N_, _, cant_read
from nicobatch.manifest.kinds import VIDEOS
from nicobatch.manifest.naming import SUFFIXES
from nicobatch.manifest.patterns import is_ignored, original
from nicobatch.media import Stamp

READY: Final = ".ready"
"""`NAME.yaml.ready` says that the manifest and its videos are completely written."""

_NANO: Final = 1_000_000_000


def is_manifest(name: str) -> bool:
    """Tell whether the name is one that manifests have."""
    return _suffix(name) in SUFFIXES and not is_ignored(name)


def is_video(name: str) -> bool:
    """Tell whether the name is one that videos have."""
    return _suffix(name) in VIDEOS and not is_ignored(name)


def _suffix(name: str) -> str:
    return os.path.splitext(name)[1].lower()  # noqa: PTH122 - 20,000 need no paths


_ANOTHER: Final = N_("another folder is in the place of {folder}")
_EMPTIED: Final = N_("everything in {folder} is gone at once, {file} included")
_COMES_BACK: Final = N_("nothing is done until it comes back, as a network share may")
_MEANT: Final = N_(
    "nothing is done until it comes back, as a network share may;"
    " if the folder was replaced on purpose, start `nicobatch watch` again"
)


class Unavailable(NicobatchError):
    """The folder can't be seen, or another one is in its place: nothing follows from that."""


@dataclass(frozen=True, slots=True)
class FolderListing:
    """What one look found directly in the folder."""

    files: Mapping[str, Stamp]
    """By name: regular files, and links to such within the folder; ignored names are left out."""
    links_out: tuple[str, ...] = ()
    """Names of links that lead out of the folder, to whatever."""
    copies: Mapping[str, str] = field(default_factory=dict)
    """Of which manifest or video each conflict copy of one is."""

    @property
    def manifests(self) -> set[str]:
        """Return the names of the manifests, conflict copies left out."""
        return {name for name in self.files if is_manifest(name) and name not in self.copies}


@dataclass(frozen=True, slots=True)
class _Anchor:
    """By what the folder is known again once something was in it."""

    identity: tuple[int, int]
    """Device and inode."""
    marked: bool
    """Whether the sentinel was there."""
    files: Mapping[str, Stamp]

    def resembles(self, files: Mapping[str, Stamp]) -> bool:
        """Tell whether a file is still there: how a share that can't be written to is known."""
        alike = self.files.keys() & files.keys()
        return any(self.files[name].lasting == files[name].lasting for name in alike)


class Folder:
    """A folder that may come and go, as shares do."""

    def __init__(self, root: Path, *, sentinel: Path | None = None) -> None:
        """`sentinel` is the file by which the folder is known again: `Memory.path`."""
        self.root = root
        self._sentinel = sentinel
        self._anchor: _Anchor | None = None

    def look(self) -> FolderListing:
        """Return what is there now, at one look at each file; raise Unavailable."""
        try:
            identity, listing, marked = self.identity(), self._list(), self._is_marked()
            if self.identity() != identity:  # swapped while it was being listed
                raise self._unavailable(_ANOTHER)
        except OSError as error:
            raise self._failed(error) from error
        self._recognise(identity, listing, marked=marked)
        return listing

    def identity(self) -> tuple[int, int]:
        """Return what tells this folder from another in its place; raise OSError, Unavailable."""
        found = self.root.stat()
        if not stat.S_ISDIR(found.st_mode):
            raise self._unavailable(N_("{folder} is no folder"))
        return found.st_dev, found.st_ino

    def _is_marked(self) -> bool:
        try:
            return self._sentinel is not None and bool(self._sentinel.lstat())
        except (FileNotFoundError, NotADirectoryError):
            return False

    def _list(self) -> FolderListing:
        before = self._anchor.files if self._anchor else {}
        files: dict[str, Stamp] = {}
        links_out: list[str] = []
        with os.scandir(self.root) as entries:
            for entry in entries:
                if is_ignored(entry.name) or entry.is_dir(follow_symlinks=False):
                    continue
                found = _lstat(entry)
                if found and stat.S_ISLNK(found.st_mode):
                    if leads_out(entry.path, self.root):
                        links_out.append(entry.name)
                        continue
                    found = _followed(entry)
                if found and stat.S_ISREG(found.st_mode):
                    stamp = Stamp.read(found)
                    known = before.get(entry.name)  # what rests on a stamp is to share it
                    files[entry.name] = known if known == stamp else stamp
        meant = (name for name in files if is_manifest(name) or is_video(name))
        copies = {name: of for name in meant if (of := original(self.root / name))}
        return FolderListing(files, tuple(sorted(links_out)), copies)

    def _recognise(
        self, identity: tuple[int, int], listing: FolderListing, *, marked: bool
    ) -> None:
        """Raise Unavailable where this can't be the folder that was looked at before.

        An empty place without a sentinel may be a mount point before its share comes: it is taken
        as it is, but not as what the next look must find.
        """
        anchor, empty = self._anchor, not (listing.files or listing.links_out)
        if anchor and not marked:
            if identity != anchor.identity and (
                anchor.marked or not anchor.resembles(listing.files)
            ):
                raise self._unavailable(_ANOTHER, _MEANT)
            if anchor.marked and empty:
                raise self._unavailable(_EMPTIED, _MEANT)
        if marked or not empty:
            self._anchor = _Anchor(identity, marked, listing.files)

    def _failed(self, error: OSError) -> Unavailable:
        if isinstance(error, FileNotFoundError | NotADirectoryError):
            return self._unavailable(N_("the folder {folder} is not there"))
        return Unavailable(cant_read(error.filename or self.root, error), _(_COMES_BACK))

    def _unavailable(self, message: str, hint: str = _COMES_BACK) -> Unavailable:
        return Unavailable(_(message).format(folder=self.root, file=self._sentinel), _(hint))


def _lstat(entry: os.DirEntry[str]) -> os.stat_result | None:
    """Look at what bears the name; None where it has just gone. May raise OSError.

    Not by `entry.stat`: what Windows keeps in a folder for it lags behind and lacks the inode.
    """
    try:
        return os.stat(entry.path, follow_symlinks=False)  # noqa: PTH116 - 20,000 need no paths
    except FileNotFoundError:
        return None


def _followed(entry: os.DirEntry[str]) -> os.stat_result | None:
    """Look at what a link leads to; None where that is not to be seen."""
    try:
        return os.stat(entry.path)  # noqa: PTH116
    except OSError:
        return None


@dataclass(slots=True)
class _Sample:
    stamp: Stamp
    since: float
    """When this very stamp was seen for the first time."""
    trusted: bool = False
    """Whether it came in whole, so that time need not prove it."""


class Stability:
    """Compares samples of files over time.

    A file has settled when two samples at least `settle` seconds apart have one stamp, its age is
    `settle` too, and it is not empty. Files from the future have no age to go by.
    """

    def __init__(self, settle: float) -> None:
        self._settle = settle
        self._samples: dict[Path, _Sample] = {}

    def trust(self, path: Path, stamp: Stamp, now: float) -> None:
        """Take the file for whole as long as it has this stamp."""
        self._take(path, stamp, now).trusted = True

    def remaining(self, path: Path, stamp: Stamp, now: float, wall: float) -> float:
        """Take a sample; return in how many seconds the file settles if it stays as it is.

        `now` is monotonic, and by the `wall`'s clock files have their age. Emptiness doesn't count
        here: no time cures it.
        """
        sample = self._take(path, stamp, now)
        if sample.trusted:
            return 0.0
        age = wall - stamp.mtime_ns / _NANO
        young = self._settle - age if age >= 0 else 0.0
        return max(0.0, self._settle - (now - sample.since), young)

    def keep(self, paths: Collection[Path]) -> None:
        """Forget every other file."""
        self._samples = {path: each for path, each in self._samples.items() if path in paths}

    def _take(self, path: Path, stamp: Stamp, now: float) -> _Sample:
        sample = self._samples.get(path)
        if sample is None or sample.stamp != stamp:
            sample = self._samples[path] = _Sample(stamp, now)
        return sample
