"""What lies in the watched folder, manifest by manifest, and how far each has come."""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from nicobatch import disk
from nicobatch.errors import JournalError
from nicobatch.language import _, reason
from nicobatch.manifest.patterns import natural, original
from nicobatch.media import Stamp
from nicobatch.pipeline import Checked
from nicobatch.watch import judging
from nicobatch.watch.claims import Claims, Entry, Unclaimed, Write
from nicobatch.watch.folder import READY, FolderListing, Stability, is_manifest
from nicobatch.watch.judging import Job, Judge, ManifestState, Notice, Signature
from nicobatch.watch.memory import Memory
from nicobatch.watch.worker import Pauses

Read: TypeAlias = Callable[[Path], Callable[[bool], Checked]]
"""Reads a manifest, and returns what checks its videos: by their files' content, or without."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look came to."""

    jobs: tuple[Job, ...]
    """Newly ready, in the order of their arrival; none is ever handed out twice unasked."""
    notices: tuple[Notice, ...]
    again: float | None
    """Seconds until another look could find more; None: nothing will, unless something changes."""


class Inbox:
    """Follows the manifests of a folder from look to look. For one thread."""

    def __init__(  # noqa: PLR0913 - all of a command's options that concern it
        self,
        root: Path,
        *,
        settle: float,
        read: Read,
        memory: Memory,
        pauses: Pauses,
        allow_outside: bool = False,
        strict: bool = False,
        write: Write | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`settle` is in seconds; `clock` is the wall's; `strict`: warnings count as errors."""
        self.root, self._settle, self._read = root, settle, read
        self._memory, self._pauses = memory, pauses
        self._judge = Judge(root=root, allow_outside=allow_outside, strict=strict)
        self._stability = Stability(settle, clock)
        self._claims = Claims(None if allow_outside else root)
        self._unclaimed = Unclaimed(root, self._stability, write)
        self._entries: dict[str, Entry] = {}
        """By name, in the order of arrival."""
        self._listing, self._now = FolderListing({}), 0.0
        """Of the look that is under way."""
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
        """Take in a listing of the folder; `now` is monotonic, `renamed` came in whole by rename.

        What is `aside` comes and goes by our own doing: nothing follows from that. What `read`
        raises passes through, but for a JournalError.
        """
        self._listing, self._now = listing, now
        self._claims.look(listing)
        self._memory.refresh()
        self._come_and_go(aside)
        for path in renamed:
            if stamp := listing.files.get(path.name):
                self._stability.trust(self.root / path.name, stamp, now)
        found: list[Job | Notice] = []
        for entry in self._entries.values():
            if entry.manifest not in aside:
                found += self._follow(entry)
        named = set(aside).union(*(entry.claim.files for entry in self._entries.values()))
        found += self._unclaimed.look(listing, now, disk.Names(named), quiet=self._is_reading())
        named |= {entry.manifest for entry in self._entries.values()}
        self._stability.keep(named | self._unclaimed.paths)
        found += self._remember()
        return Looked(
            tuple(each for each in found if isinstance(each, Job)),
            tuple(each for each in found if isinstance(each, Notice)),
            self._again(),
        )

    def done(self, job: Job) -> None:
        """Note that all of the job is published."""
        self._memory.done(job.manifest, job.signature, job.patterns)
        entry = self._entries.get(job.manifest.name)
        if entry and entry.judged and self._memory.is_done(entry.manifest, entry.judged):
            entry.conclude(ManifestState.DONE, entry.judged)
            entry.failures = 0

    def failed(self, job: Job, now: float, rest: float = 0.0) -> float:
        """Offer the job again after a pause of `rest` s or more, or once it changes; return it."""
        if (entry := self._entry(job)) is None:
            return 0.0
        entry.state = ManifestState.FAILED
        return self._put_off(entry, now, rest)

    def dropped(self, job: Job) -> None:
        """Note that the job was not tried, being stale: it is offered anew when it has settled."""
        if entry := self._entry(job):
            entry.unsettle(0.0)

    def moved(self, job: Job) -> None:
        """Note that the job lies elsewhere now: what comes in its place is something new."""
        self._entries.pop(job.manifest.name, None)

    def shared(self, job: Job) -> set[Path]:
        """Return the job's files that other manifests of the folder name, too."""
        others = (entry for entry in self._entries.values() if entry.manifest != job.manifest)
        return disk.Names(job.signature).of(path for each in others for path in each.claim.files)

    def leave(self) -> None:
        """Keep what is done for the next start, as far as that can be written."""
        with contextlib.suppress(OSError):
            if any(entry.manifest.exists() for entry in self._entries.values()):  # it is there
                self._memory.save()

    def counts(self) -> Mapping[ManifestState, int]:
        """Return how many manifests are in each state."""
        found = Counter(entry.state for entry in self._entries.values())
        return {state: found[state] for state in ManifestState}

    @property
    def unsettled(self) -> bool:
        """Whether time alone may make something ready, or tell more; a failure's pause apart."""
        settling = any(entry.state is ManifestState.SETTLING for entry in self._entries.values())
        return settling or any(self._unclaimed.rests.values())

    @property
    def has_grown(self) -> bool:
        """Whether manifests were written at the last look, which the next one finds."""
        return bool(self._unclaimed.written)

    def _come_and_go(self, aside: Collection[Path]) -> None:
        manifests = (name for name in self._listing.files if is_manifest(name))
        names = {name for name in manifests if not original(self.root / name)}
        for name in self._entries.keys() - names:
            if self._entries[name].manifest not in aside:
                del self._entries[name]
        for name in sorted(names - self._entries.keys(), key=natural):
            self._entries[name] = Entry(self.root / name, self._now)

    def _follow(self, entry: Entry) -> Iterator[Job | Notice]:
        """Bring one manifest up to date with the look; yield what follows."""
        stamp = self._listing.files[entry.manifest.name]
        if stamp != entry.stamp:
            entry.edited(stamp)
        elif entry.is_read and self._claims.has_more(entry.manifest, entry.claim):
            entry.reopen()
        files, remembered = entry.paths, None
        if not (entry.is_read or entry.judged):
            remembered = self._claims.remembered(entry.manifest, self._memory)
            files = remembered.files
        signature = self._signature(files)
        if entry.stands(signature, self._now):
            return
        if entry.judged != signature:
            entry.unsettle(None)
        if self._memory.is_done(entry.manifest, signature):
            if remembered:
                entry.read(remembered)
            entry.conclude(ManifestState.DONE, signature)
        elif rest := self._rest(entry, self._signature(entry.paths) if remembered else signature):
            entry.due = self._now + rest
        else:
            yield from self._consider(entry)

    def _signature(self, files: Collection[Path]) -> Signature:
        return {path: self._stamp(path) for path in files}

    def _stamp(self, path: Path) -> Stamp | None:
        """Return the file's stamp as it was listed; what the listing lacks is looked at."""
        stamp = self._listing.files.get(path.name) if path.parent == self.root else None
        if stamp or path.name.isascii():
            return stamp or Stamp.of(path)
        there = disk.spelled(path)  # may have come in another spelling
        return Stamp.of(there[0]) if len(there) == 1 else None

    def _rest(self, entry: Entry, signature: Signature) -> float:
        """Return how many seconds have to pass before the manifest is worth reading.

        Where a file is missing or empty, that can be told as soon as the manifest has settled.
        """
        vouched = self._listing.files.get(entry.manifest.name + READY)
        rests = {}
        for path, stamp in signature.items():
            if stamp and vouched and vouched.mtime_ns >= stamp.mtime_ns:
                self._stability.trust(path, stamp, self._now)
            if stamp:
                rests[path] = self._stability.remaining(path, stamp, self._now)
        away = entry.claim.away
        whole = all((stamp and stamp.size) or path in away for path, stamp in signature.items())
        return max(rests.values()) if whole else rests[entry.manifest]

    def _consider(self, entry: Entry) -> Iterator[Job | Notice]:
        """Read a manifest that has settled, and its videos once they have."""
        notice: Notice | None
        try:
            notice, found = self._judged(entry)
        except JournalError as error:
            notice = Notice(
                ManifestState.FAILED, entry.manifest, str(error), error.hint, passes=True
            )
            found = None
        signature = self._signature(entry.paths)
        if notice is None:
            entry.unsettle(self._now + self._rest(entry, signature))
        elif any(Stamp.of(path) != stamp for path, stamp in signature.items()):
            entry.unsettle(self._now + self._settle)  # it was written to, or went, in the meantime
        else:
            yield from self._conclude(entry, notice, signature, found)

    def _judged(self, entry: Entry) -> tuple[Notice | None, Checked | None]:
        """Judge the manifest; None where its files have not settled. Return what is ready, too."""
        manifest = entry.manifest
        if not (entry.stamp and entry.stamp.size):
            return judging.empty(manifest), None
        check = self._read(manifest)
        found = check(False)  # noqa: FBT003 - a callable knows no names
        entry.read(self._claims.of(manifest, found))
        signature = self._signature(entry.paths)
        notice = self._judge.unopened(manifest, found, signature)
        if notice or self._rest(entry, signature):
            return notice, None
        found = check(True)  # noqa: FBT003
        return self._judge.opened(manifest, found), found

    def _conclude(
        self, entry: Entry, notice: Notice, signature: Signature, found: Checked | None
    ) -> Iterator[Job | Notice]:
        entry.conclude(notice.state or entry.state, signature)
        if notice.passes:
            self._put_off(entry, self._now)
        if found and entry.state is ManifestState.READY:
            stamps = {path: stamp for path, stamp in signature.items() if stamp}
            yield Job(entry.manifest, found.ready, stamps, entry.claim.patterns)
        if notice != entry.told and (notice.message or notice.problems):
            yield notice
        entry.told = notice

    def _put_off(self, entry: Entry, now: float, rest: float = 0.0) -> float:
        entry.failures += 1
        pause = max(rest, self._pauses.after(entry.failures))
        entry.due = now + pause
        return pause

    def _entry(self, job: Job) -> Entry | None:
        """Return the job's manifest, unless it or its files have changed since."""
        entry = self._entries.get(job.manifest.name)
        return entry if entry and entry.is_of(job) else None

    def _again(self) -> float | None:
        """Return in how many seconds another look could find more; None: never by time alone."""
        dues = [each.due - self._now for each in self._entries.values() if each.due is not None]
        dues += filter(None, self._unclaimed.rests.values())
        return max(0.0, min(dues)) if dues else None

    def _is_reading(self) -> bool:
        """Tell whether a manifest that came lately is still to be read."""
        return any(
            not entry.is_read and self._now - entry.arrived < 2 * self._settle
            for entry in self._entries.values()
        )

    def _remember(self) -> Iterator[Notice]:
        self._memory.keep(self._entries.keys())
        try:
            if self._listing.files:  # an empty place may be where a share is to be mounted
                self._memory.save()
            self._is_forgetful = False
        except OSError as error:
            if not self._is_forgetful:
                path = self._memory.path
                message = _("{file} can't be written: {reason}")
                hint = _("it only saves a restart from reading again what is done")
                yield Notice(None, path, message.format(file=path, reason=reason(error)), hint)
            self._is_forgetful = True
