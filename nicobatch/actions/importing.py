"""Importing: what an account has on a site, as manifests with their receipts; nothing is sent.

A manifest is written before the receipts of its videos, and never touched again: a run that was cut
off leaves videos without a receipt in one, and the next run gives them theirs.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import count, groupby
from pathlib import Path
from typing import Final

from nicobatch import disk, sites
from nicobatch.actions.access import Site
from nicobatch.actions.checking import load
from nicobatch.actions.comparing import differences
from nicobatch.actions.patience import Hold, asked, lock_folder, telling
from nicobatch.actions.receipts import below
from nicobatch.errors import VideoFailed, unwritable
from nicobatch.events import Event
from nicobatch.journal import Journal
from nicobatch.language import N_, _
from nicobatch.locks import Locks
from nicobatch.manifest import build, placeholders, writing
from nicobatch.manifest.defaults import Entry
from nicobatch.model import DEFAULT_ACCOUNT, FileIdentity, Json, Problem, Video
from nicobatch.pipeline import CheckedVideo, Owner
from nicobatch.pipeline.deciding import new_receipt, unseen, wanted
from nicobatch.pipeline.locking import AccountLocks
from nicobatch.pipeline.receipt_writer import ReceiptWriter
from nicobatch.receipt import READING, Receipt
from nicobatch.sites.abilities import Imports, OwnVideo, Reading

MOST: Final = 100
"""Videos of one manifest: as many as one looks through, and are read again after a crash."""
_UNDATED: Final = "undated"
_HEAD: Final = (
    N_(
        "Read from {site} on {day}: what is changed here, `nicobatch publish` changes there."
        " The files are not needed."
    ),
    N_(
        "{site} does not tell these, and takes all fields at once: a change sends what stands here,"
        " or their defaults: {keys}"
    ),
)
_UNREAD: Final = N_("could not be read, and must stand here before a change is sent: {keys}")


@dataclass(slots=True, kw_only=True)
class Imported:
    """What a run of it came to."""

    manifests: list[Path] = field(default_factory=list)
    """Those that were written."""
    videos: list[str] = field(default_factory=list)
    """The keys of the videos that are known from now on."""
    known: int = 0
    """Videos of the account that have receipts here already."""
    deleted: int = 0
    """Videos that the list has, and that are deleted."""
    problems: list[Problem] = field(default_factory=list)
    """What the site has otherwise by now, in its places in the manifests."""
    left_out: list[str] = field(default_factory=list)
    """Why some of the videos could not be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """The reading of what an account has on a site into manifests in a folder."""

    site: Site
    account: str
    folder: Path
    journal: Journal
    listen: Callable[[Event], None]
    told: Callable[[int, int], None] = lambda done, total: None  # noqa: ARG005 - nobody looks on
    """Is told how many videos have been read, of how many."""
    rest: Callable[[float], None] = time.sleep

    def run(self) -> Imported:
        """Read what is new, and compare what is known; signs in.

        Raise JournalError, UsageError where a manifest can't be written, and what asking raises.
        """
        with (
            contextlib.closing(self.site.target(self.account)) as target,
            AccountLocks(
                lock_folder(), target.origin, Owner(self.site.name, self.account)
            ) as locks,
        ):
            take = Hold(locks=Locks("import"), waiting=telling(self.listen, str(self.folder)))
            locks.hold(take)
            asked(target.sign_in)
            return _Run(self, target, locks, take).of(self._listed(target))

    def _listed(self, target: Imports) -> list[OwnVideo]:
        def gently() -> Iterator[OwnVideo]:
            for number, own in enumerate(target.listed()):
                if number and number % target.page_size == 0:
                    self.rest(target.pause)
                yield own

        return asked(lambda: list(gently()))


@dataclass(frozen=True, slots=True)
class _Read:
    """A video as it was read, and as its manifest has it."""

    own: OwnVideo
    reading: Reading
    entry: Mapping[str, Json]
    """With its id and its file; flat."""


@dataclass(slots=True)
class _Run:
    """One run, which holds the account."""

    ask: Import
    target: Imports
    locks: AccountLocks
    take: Hold
    result: Imported = field(default_factory=Imported)
    done: int = 0
    total: int = 0

    def of(self, listed: Sequence[OwnVideo]) -> Imported:
        """Take in the list, the newest first."""
        known = self._known()
        self.result.known = sum(own.id in known for own in listed)
        self.result.deleted = sum(own.deleted and own.id not in known for own in listed)
        there = {own.id: own for own in listed}
        self.result.problems += differences(
            known, there, self.target, self.ask.journal, self.ask.site.access
        )
        new = [own for own in reversed(listed) if own.id not in known and not own.deleted]
        self.total = len(new)
        begun = self._begun() if new else {}
        for own in new:
            if own.video_id in begun and (read := self._read(own)):
                self._take_in(begun[own.video_id], read)
        fresh = [own for own in new if own.video_id not in begun]
        for year, group in groupby(sorted(fresh, key=_year), key=_year):
            videos = list(group)
            for start in range(0, len(videos), MOST):
                self._write(year, videos[start : start + MOST])
        return self.result

    def _known(self) -> dict[str, tuple[Path, Receipt]]:
        """Return the receipts here, below, and in the folder, by what they name on the site."""
        folders = [Path(), self.ask.folder]
        if self.ask.folder.resolve().is_relative_to(Path.cwd()):
            del folders[1]
        site, origin = self.ask.site.name, self.target.origin
        found = (pair for folder in folders for pair in below(folder, self.ask.journal))
        return {
            receipt.remote.id: (path, receipt)
            for path, receipt in found
            if receipt.remote and (receipt.site, receipt.origin) == (site, origin)
        }

    # What is new

    def _begun(self) -> dict[str, Path]:
        """Return the manifest in which a video stands already, by its id for viewers."""
        if not os.path.isdir(self.ask.folder):  # noqa: PTH112 - Path.is_dir raises where it's locked
            return {}
        found = load([str(self.ask.folder)], self.ask.site.access, chosen=False)
        videos = (*found.videos, *found.flawed)
        return {_stand_in(each.file.stem): each.manifest for each in videos}

    def _write(self, year: str, part: Sequence[OwnVideo]) -> None:
        """Write a manifest, and the receipts of its videos, be it of those before a failure."""
        read: list[_Read] = []
        try:
            for own in part:
                read += filter(None, [self._read(own)])
        finally:
            if read:
                path = self._manifest(year, read)
                self.result.manifests.append(path)
                self._take_all_in(path, read)

    def _read(self, own: OwnVideo) -> _Read | None:
        if self.done:
            self.ask.rest(self.target.pause)
        self.done += 1
        self.ask.told(self.done, self.total)
        try:
            reading = asked(lambda: self.target.read(own))
        except VideoFailed as error:
            self.result.left_out.append(str(error))
            return None
        file = {} if "pages" in reading.data else {"file": f"{own.video_id}.mp4"}
        return _Read(own, reading, {**file, "id": own.video_id, **reading.data})

    def _manifest(self, year: str, read: Sequence[_Read]) -> Path:
        """Write a manifest of its own for the videos; return where."""
        site = sites.site(self.ask.site.name)
        assumed = dict.fromkeys(key for each in read for key in each.reading.assumed)
        head, untold = (_(each) for each in _HEAD)
        remarks = [head.format(site=site.label, day=date.today().isoformat())]  # noqa: DTZ011 - for people
        if assumed:
            remarks.append(untold.format(site=site.label, keys=", ".join(assumed)))
        pieces = [
            writing.Piece(writing.of_site(_prose(each.entry), site), tuple(_remarks(each.reading)))
            for each in read
        ]
        account = "" if self.ask.account == DEFAULT_ACCOUNT else self.ask.account
        text = writing.manifest(pieces, sites=[site.name], account=account, remarks=remarks)
        return _new_file(self.ask.folder, year, text)

    def _take_all_in(self, path: Path, read: Sequence[_Read]) -> None:
        """Write the receipts of a manifest's videos."""
        first = _video(path, read[0], self.ask.site.name, self.ask.account)
        with self.locks.of_receipts(self.ask.journal, first, self.take):
            for each in read:
                self._take_in(path, each)

    def _take_in(self, path: Path, read: _Read) -> None:
        """Write the receipt by which all that was read is done."""
        target, journal = self.target, self.ask.journal
        video = _video(path, read, self.ask.site.name, self.ask.account)
        files = tuple(FileIdentity(each.name, 0, _stands_for(target, each)) for each in video.files)
        ready = CheckedVideo(video, tuple(map(unseen, files)), files)
        steps = dict(wanted(ready, files, target, journal, wait=True).steps)
        untold = {"unread": read.reading.unread, "assumed": read.reading.assumed}
        if any(untold.values()):
            steps[READING] = untold
        with self.locks.of_receipt(journal, video, self.take) as guards:
            before = journal.read(video)
            start = before or new_receipt(video, files, target)
            writer = ReceiptWriter(video=video, receipt=start, journal=journal, guards=guards)
            if before is None or before.remote is None:
                fresh = new_receipt(video, files, target)
                fresh = replace(fresh, attempt=start.attempt + 1, remote=target.remote(read.own))
                writer.finish_all(steps, lambda _before: fresh)
                writer.save()
        self.result.videos.append(video.key)


def _video(path: Path, read: _Read, site: str, account: str) -> Video:
    """Return the video as the manifest has it that was written."""
    data = dict(read.entry)
    pages = data.get("pages")
    if isinstance(pages, list):
        data["file"] = pages[0]["file"]
    entry = Entry(data, places={}, keys={}, site=site)
    return build.video(entry, path, build.Top(account), sites.site(site))


def _prose(entry: Mapping[str, Json]) -> dict[str, Json]:
    """Return the entry with its texts as a manifest has them, where placeholders are filled in."""
    texts = {name: entry[name] for name in ("title", "description") if name in entry}
    return {**entry, **{name: placeholders.literal(str(text)) for name, text in texts.items()}}


def _stands_for(target: Imports, file: Path) -> str:
    """Return what stands for the hash of bytes that were never seen: no other file has it."""
    return hashlib.sha256(f"{target.origin} {file.name}".encode()).hexdigest()


def _stand_in(stem: str) -> str:
    """Return the id for viewers by which a file that stands for the bytes is called."""
    return stem.partition("-")[0]


def _year(own: OwnVideo) -> str:
    return f"{own.registered_at:%Y}" if own.registered_at else _UNDATED


def _remarks(reading: Reading) -> Iterator[str]:
    yield from reading.remarks
    if reading.unread:
        yield _(_UNREAD).format(keys=", ".join(reading.unread))


def _new_file(folder: Path, year: str, text: str) -> Path:
    """Write a file that was not there before, whole or not at all; return where."""
    names = (f"{year}.yaml" if number == 1 else f"{year}-{number}.yaml" for number in count(1))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path = next(folder / name for name in names if not os.path.lexists(folder / name))
        disk.replace(path, text.encode())
    except OSError as error:
        raise unwritable(error.filename or folder, error) from None
    return path
