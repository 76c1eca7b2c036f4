"""Looking at the watched folder: what its inbox wants to know, and what is to be read and written.

Jobs and notices are for others. What is read in one look is read once, and what it rests on is
looked at before and after.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from nicobatch import disk
from nicobatch.errors import JournalError
from nicobatch.language import _, cant_write
from nicobatch.manifest import discover, patterns
from nicobatch.media import Stamp
from nicobatch.model import Video
from nicobatch.pipeline import Checked
from nicobatch.watch.claims import Write, matched
from nicobatch.watch.folder import FolderListing
from nicobatch.watch.inbox import Action, Inbox, Probe, Read, Snapshot
from nicobatch.watch.judging import Claim, ManifestRead, Notice, Signature, WatchJob
from nicobatch.watch.memory import Memory
from nicobatch.watch.worker import Pauses

Check: TypeAlias = Callable[[bool], Checked]
"""Checks the videos of a manifest that was read: by their files' content, or without."""
Writer: TypeAlias = Callable[[Path, Stamp], tuple[bool, Notice | None]]
"""Writes a video's manifest; tells whether it is done with, and what is to be told: without that,
the video is none of those that are meant."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look came to."""

    jobs: tuple[WatchJob, ...]
    """Newly ready, in the order of their arrival; none is ever handed out twice unasked."""
    notices: tuple[Notice, ...]
    again: float | None
    """Seconds until another look could find more; None: nothing will, unless something changes."""


class Scanner:
    """Looks at a folder for its inbox, and does what that decides. For one thread."""

    def __init__(  # noqa: PLR0913 - what a look needs, and what tests put in its place
        self,
        root: Path,
        memory: Memory,
        read: Callable[[Path], Check],
        *,
        settle: float,
        pauses: Pauses,
        beat: Callable[[], None] = lambda: None,
        write: Writer | None = None,
        strict: bool = False,
        allow_outside: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`settle` is in seconds; `beat` is called before each read; `clock` is the wall's."""
        self.inbox = Inbox(
            root,
            settle=settle,
            done=memory,
            pauses=pauses,
            strict=strict,
            has_template=write is not None,
        )
        self._memory, self._open, self._writer = memory, read, write
        self._beat, self._clock = beat, clock
        self._within = None if allow_outside else root
        self._listing = FolderListing({})
        self._matches: dict[str, tuple[Path, ...]] = {}
        self._checks: dict[Path, Check] = {}
        """Of the manifest that was read last."""
        self._is_forgetful = False
        """Whether the memory could not be written, which was told."""

    def look(
        self,
        listing: FolderListing,
        now: float,
        renamed: Collection[Path] = (),
        *,
        aside: Collection[Path] = (),
    ) -> Looked:
        """Have the inbox take in a listing of the folder; `now` is monotonic.

        `renamed` came in whole by rename. What is `aside` comes and goes by our own doing: nothing
        follows from that. What reading raises passes through, but for a JournalError.
        """
        self._memory.refresh()
        matches, wall = self._search(listing), self._clock()
        sight = Snapshot(listing, matches, now, wall, renamed, aside)
        stamps = self._stamps(self.inbox.look(sight))
        found = [*self._through(self.inbox.see(stamps)), *self._through(self.inbox.leftovers())]
        found += self._remember()
        return Looked(
            tuple(each for each in found if isinstance(each, WatchJob)),
            tuple(each for each in found if isinstance(each, Notice)),
            self.inbox.again,
        )

    def leave(self) -> None:
        """Keep what is done for the next start, as far as that can be written."""
        with contextlib.suppress(OSError):
            if any((self.inbox.root / each).exists() for each in self.inbox.manifests):
                self._memory.save()

    def _through(self, actions: Iterable[Action]) -> Iterator[WatchJob | Notice]:
        """Read and write what is to be, and what follows from it; yield what is left."""
        for action in actions:
            self._beat()
            if isinstance(action, Read):
                yield from self._through(self.inbox.take(self._read(action.manifest)))
            elif isinstance(action, Probe):
                yield from self._through(self.inbox.take(self._probe(action.reading)))
            elif isinstance(action, Write):
                yield from self._through(self._write(action))
            else:
                yield action

    def _search(self, listing: FolderListing) -> Mapping[str, tuple[Path, ...]]:
        """Look for what the manifests' patterns stand for.

        Where no name of the folder changed, no pattern of names does.
        """
        before, self._listing = self._listing, listing
        is_same = (before.files.keys(), before.links_out) == (
            listing.files.keys(),
            listing.links_out,
        )
        known = self._matches if is_same else {}
        self._matches = {
            each: known[each] if each in known and not _leads_on(each) else self._matching(each)
            for each in self.inbox.patterns
        }
        return self._matches

    def _matching(self, pattern: str) -> tuple[Path, ...]:
        root = self.inbox.root
        if self._within and disk.leads_out(root / patterns.split(pattern)[0], self._within):
            return ()
        found = discover.look(root / "any.yaml", pattern)
        if found is None:  # a file has come whose very name this is
            return (root / pattern,)
        names = patterns.select(found.steps, found.names)
        return tuple(root / found.folder / name for name in names)

    def _stamps(self, paths: Iterable[Path]) -> Signature:
        """Return how files look: as they were listed, and what the listing lacks as it is now."""
        files, root = self._listing.files, self.inbox.root
        listed = ((each, files.get(each.name) if each.parent == root else None) for each in paths)
        return {path: stamp or _stamp(path) for path, stamp in listed}

    def _read(self, manifest: Path) -> ManifestRead:
        """Read a manifest, and look at the files that it names."""
        claim, outside = Claim((manifest,)), dict[Path, str | None]()
        found: Checked | JournalError
        try:
            self._checks = {manifest: self._open(manifest)}
            found = self._checks[manifest](False)  # noqa: FBT003 - a callable knows no names
            claim, outside = self._claim(manifest, found), dict(self._outside(found.videos))
        except JournalError as error:
            found = error
        stamps = self._stamps(claim.files)
        return ManifestRead(
            manifest=manifest,
            found=found,
            claim=claim,
            outside=outside,
            stamps=stamps,
            is_current=_are_current(stamps),
        )

    def _probe(self, reading: ManifestRead) -> ManifestRead:
        """Look into the videos of the manifest that was just read."""
        found: Checked | JournalError
        try:
            found = self._checks[reading.manifest](True)  # noqa: FBT003
        except JournalError as error:
            found = error
        is_current = _are_current(reading.stamps)
        return replace(reading, probed=True, found=found, is_current=is_current)

    def _claim(self, manifest: Path, found: Checked) -> Claim:
        named = (file for video in found.videos for file in (*video.named, *video.shared))
        stand_for = {each: self._matching(each) for each in found.patterns}
        return Claim(
            files=tuple(dict.fromkeys([manifest, *named])),
            patterns=found.patterns,
            matched=tuple(matched(found.patterns, stand_for)),
            away=frozenset(file for video in found.away for file in video.files),
        )

    def _outside(self, videos: Iterable[Video]) -> Iterator[tuple[Path, str | None]]:
        """Yield files that lie outside the folder, and where."""
        for file in dict.fromkeys(file for video in videos for file in video.named):
            if self._within and disk.leads_out(file, self._within):
                yield file, disk.real(file)

    def _write(self, write: Write) -> list[Action]:
        """Have the video's manifest written; return what follows."""
        if self._writer is None:
            raise AssertionError(write)
        is_done, notice = self._writer(write.video, write.stamp)
        stamp = Stamp.of(notice.path) if notice else None
        return self.inbox.written(write, notice, stamp, is_done=is_done)

    def _remember(self) -> Iterator[Notice]:
        self._memory.keep(self.inbox.manifests)
        try:
            if self._listing.files:  # an empty place may be where a share is to be mounted
                self._memory.save()
            self._is_forgetful = False
        except OSError as error:
            if not self._is_forgetful:
                path = self._memory.path
                hint = _("it only saves a restart from reading again what is done")
                yield Notice(None, path, cant_write(path, error), hint)
            self._is_forgetful = True


def _stamp(path: Path) -> Stamp | None:
    """Look at the file, which may have come in another spelling."""
    if (stamp := Stamp.of(path)) or path.name.isascii():
        return stamp
    there = disk.spelled(path)
    return Stamp.of(there[0]) if len(there) == 1 else None


def _are_current(stamps: Signature) -> bool:
    return all(_stamp(path) == stamp for path, stamp in stamps.items())


def _leads_on(pattern: str) -> bool:
    """Tell whether the pattern may match what lies in other folders."""
    return "/" in pattern or "\\" in pattern
