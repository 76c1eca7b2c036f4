"""What lies in the watched folder, manifest by manifest, and how far each has come."""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from nicobatch import disk
from nicobatch.errors import JournalError
from nicobatch.language import N_, _, reason
from nicobatch.manifest.copies import original
from nicobatch.manifest.order import natural
from nicobatch.media import Stamp
from nicobatch.watch import judging
from nicobatch.watch.claims import Entry, Meaning, Meanings, Unclaimed
from nicobatch.watch.folder import READY, Listing, Stability, is_manifest
from nicobatch.watch.judging import Job, Judge, Notice, Read, Signature, State, Verdict
from nicobatch.watch.memory import Memory
from nicobatch.watch.worker import Pauses

__all__ = ["Inbox", "Looked", "Notice", "State"]

_FORGETS: Final = N_("{file} can't be written: {reason}")
_READ_AGAIN: Final = N_("it only saves a restart from reading again what is done")


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look came to."""

    jobs: tuple[Job, ...]
    """Newly ready, in the order of their arrival; none is ever handed out twice unasked."""
    notices: tuple[Notice, ...]
    again: float | None
    """Seconds until another look could find more; None: nothing will, unless something changes."""


@dataclass(slots=True)
class _Look:
    """One look at the folder: what goes in, and what comes of it."""

    listing: Listing
    now: float
    aside: Collection[Path]
    jobs: list[Job] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)


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
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`settle` is in seconds; `clock` is the wall's; `strict`: warnings count as errors."""
        self._root, self._settle, self._read = root, settle, read
        self._memory, self._pauses = memory, pauses
        self._judge = Judge(root=root, allow_outside=allow_outside, strict=strict)
        self._settling = Stability(settle, clock)
        self._meanings = Meanings(None if allow_outside else root)
        self._strays = Unclaimed(root, self._settling)
        self._entries: dict[str, Entry] = {}
        """By name, in the order of arrival."""
        self._is_forgetful = False
        """Whether the memory could not be written, which was told."""

    def look(
        self,
        listing: Listing,
        now: float,
        renamed: Collection[Path] = (),
        *,
        aside: Collection[Path] = (),
    ) -> Looked:
        """Take in a listing of the folder; `now` is monotonic, `renamed` came in whole by rename.

        What is `aside` comes and goes by our own doing: nothing follows from that. What `read`
        raises passes through, but for a JournalError.
        """
        look = _Look(listing, now, aside)
        self._meanings.look(listing)
        self._memory.refresh()
        self._come_and_go(look)
        for path in renamed:
            if stamp := listing.files.get(path.name):
                self._settling.trust(self._root / path.name, stamp, now)
        for entry in self._entries.values():
            if entry.manifest not in aside:
                self._follow(entry, look)
        named = {path for entry in self._entries.values() for path in entry.meaning.files}
        named |= set(aside)
        look.notices += self._strays.look(listing, now, named, quiet=self._is_reading(now))
        manifests = {entry.manifest for entry in self._entries.values()}
        self._settling.keep(named | manifests | self._strays.videos.keys())
        look.notices += self._remember(listing)
        return Looked(tuple(look.jobs), tuple(look.notices), self._again(now))

    def done(self, job: Job) -> None:
        """Note that all of the job is published."""
        self._memory.done(job.manifest, job.signature, job.patterns)
        entry = self._entries.get(job.manifest.name)
        if entry and entry.judged and self._memory.is_done(entry.manifest, entry.judged):
            entry.state, entry.due, entry.failures = State.DONE, None, 0

    def failed(self, job: Job, now: float) -> float:
        """Offer the job again after a pause, or once it changes; return the pause in seconds."""
        entry = self._entry(job)
        if entry is None:
            return 0.0
        entry.state = State.FAILED
        return self._put_off(entry, now)

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
        return {path for entry in others for path in entry.meaning.files if path in job.signature}

    def leave(self) -> None:
        """Keep what is done for the next start, as far as that can be written."""
        with contextlib.suppress(OSError):
            if any(entry.manifest.exists() for entry in self._entries.values()):  # it is there
                self._memory.save()

    def counts(self) -> Mapping[State, int]:
        """Return how many manifests are in each state."""
        found = Counter(entry.state for entry in self._entries.values())
        return {state: found[state] for state in State}

    @property
    def unsettled(self) -> bool:
        """Whether time alone may make something ready, or tell more; a failure's pause apart."""
        settling = any(entry.state is State.SETTLING for entry in self._entries.values())
        return settling or any(self._strays.samples.values())

    def _come_and_go(self, look: _Look) -> None:
        manifests = (name for name in look.listing.files if is_manifest(name))
        names = {name for name in manifests if not original(self._root / name)}
        for name in self._entries.keys() - names:
            if self._entries[name].manifest not in look.aside:
                del self._entries[name]
        for name in sorted(names - self._entries.keys(), key=natural):
            self._entries[name] = Entry(self._root / name, look.now)

    def _follow(self, entry: Entry, look: _Look) -> None:
        """Bring one manifest up to date with the look."""
        stamp = look.listing.files[entry.manifest.name]
        if stamp != entry.stamp:
            entry.edited(stamp)
        elif entry.is_read and self._meanings.has_more(entry.manifest, entry.meaning):
            entry.reopen()
        meant = Meaning(entry.paths)
        if not (entry.is_read or entry.judged):
            meant = self._meanings.remembered(entry.manifest, self._memory)
        signature = self._signature(meant.files, look)
        if entry.is_up_to_date(signature, look.now):
            return
        if entry.judged != signature:
            entry.unsettle(None)
        if self._memory.is_done(entry.manifest, signature):
            entry.read(meant)
            entry.state, entry.judged = State.DONE, signature
            return
        if not entry.is_read:  # what it named before is of no interest now
            signature = self._signature(entry.paths, look)
        if rest := self._rest(entry, signature, look):
            entry.due = look.now + rest
        else:
            self._consider(entry, look)

    def _signature(self, files: Collection[Path], look: _Look) -> Signature:
        return {path: self._stamp(path, look) for path in files}

    def _stamp(self, path: Path, look: _Look) -> Stamp | None:
        """Return the file's stamp as it was listed; what the listing lacks is looked at."""
        stamp = look.listing.files.get(path.name) if path.parent == self._root else None
        if stamp or path.name.isascii():
            return stamp or Stamp.of(path)
        there = disk.spelled(path)  # may have come in another spelling
        return Stamp.of(there[0]) if len(there) == 1 else None

    def _rest(self, entry: Entry, signature: Signature, look: _Look) -> float:
        """Return how many seconds have to pass before the manifest is worth reading.

        Where a file is missing or empty, that can be told as soon as the manifest has settled.
        """
        vouched = look.listing.files.get(entry.manifest.name + READY)
        rests = {}
        for path, stamp in signature.items():
            if stamp and vouched and vouched.mtime_ns >= stamp.mtime_ns:
                self._settling.trust(path, stamp, look.now)
            if stamp:
                rests[path] = self._settling.remaining(path, stamp, look.now)
        away = entry.meaning.away
        whole = all((stamp and stamp.size) or path in away for path, stamp in signature.items())
        return max(rests.values()) if whole else rests[entry.manifest]

    def _consider(self, entry: Entry, look: _Look) -> None:
        """Read a manifest that has settled, and its videos once they have."""
        try:
            verdict = self._verdict(entry, look)
        except JournalError as error:
            words = str(error), error.hint
            verdict = Verdict.against(State.FAILED, entry.manifest, words, passes=True)
        signature = self._signature(entry.paths, look)
        if verdict is None:
            entry.unsettle(look.now + self._rest(entry, signature, look))
        elif any(Stamp.of(path) != stamp for path, stamp in signature.items()):
            entry.unsettle(look.now + self._settle)  # it was written to, or went, in the meantime
        else:
            self._conclude(entry, verdict, signature, look)

    def _verdict(self, entry: Entry, look: _Look) -> Verdict | None:
        """Judge the manifest; None where its files have not settled."""
        manifest = entry.manifest
        if not (entry.stamp and entry.stamp.size):
            return judging.empty(manifest)
        reading = self._read(manifest, False)  # noqa: FBT003 - a callable knows no names
        entry.read(self._meanings.of(manifest, reading))
        signature = self._signature(entry.paths, look)
        verdict = self._judge.unopened(manifest, reading, signature)
        if verdict or self._rest(entry, signature, look):
            return verdict
        reading = self._read(manifest, True)  # noqa: FBT003
        same = self._meanings.of(manifest, reading).files == entry.paths
        return self._judge.opened(manifest, reading) if same else None

    def _conclude(self, entry: Entry, verdict: Verdict, signature: Signature, look: _Look) -> None:
        entry.state, entry.judged, entry.due = verdict.state, signature, None
        if verdict.passes:
            self._put_off(entry, look.now)
        if verdict.state is State.READY:
            stamps = {path: stamp for path, stamp in signature.items() if stamp}
            patterns = entry.meaning.patterns
            look.jobs.append(Job(entry.manifest, verdict.ready, stamps, patterns))
        if verdict.notice and verdict.notice != entry.told:
            look.notices.append(verdict.notice)
        entry.told = verdict.notice

    def _put_off(self, entry: Entry, now: float) -> float:
        entry.failures += 1
        pause = self._pauses.after(entry.failures)
        entry.due = now + pause
        return pause

    def _entry(self, job: Job) -> Entry | None:
        """Return the job's manifest, unless it or its files have changed since."""
        entry = self._entries.get(job.manifest.name)
        there = entry and entry.judged and {path: at for path, at in entry.judged.items() if at}
        return entry if there == job.signature else None

    def _again(self, now: float) -> float | None:
        """Return in how many seconds another look could find more; None: never by time alone."""
        dues = [entry.due - now for entry in self._entries.values() if entry.due is not None]
        dues += filter(None, self._strays.samples.values())
        return max(0.0, min(dues)) if dues else None

    def _is_reading(self, now: float) -> bool:
        """Tell whether a manifest that came lately is still to be read."""
        return any(
            not entry.is_read and now - entry.arrived < 2 * self._settle
            for entry in self._entries.values()
        )

    def _remember(self, listing: Listing) -> Iterator[Notice]:
        self._memory.keep(self._entries.keys())
        try:
            if listing.files:  # an empty place may be where a share is to be mounted
                self._memory.save()
            self._is_forgetful = False
        except OSError as error:
            if not self._is_forgetful:
                path = self._memory.path
                message = _(_FORGETS).format(file=path, reason=reason(error))
                yield Notice(None, path, message, _(_READ_AGAIN))
            self._is_forgetful = True
