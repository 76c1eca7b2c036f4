"""What lies in the watched folder, manifest by manifest, how far each has come, and what is next.

It decides, and does nothing: it looks at no file, and knows no clock. What was seen comes in, and
what is to be done goes out; `scanning` brings the one, does the other, and tells what came of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from nicobatch.errors import JournalError
from nicobatch.manifest.patterns import natural
from nicobatch.media import Stamp
from nicobatch.pipeline import Checked
from nicobatch.watch import claims, judging
from nicobatch.watch.claims import Claimed, Matches, Unclaimed, WatchedManifest, Write
from nicobatch.watch.folder import READY, FolderListing, Stability
from nicobatch.watch.judging import Claim, ManifestRead, ManifestState, Notice, Signature, WatchJob
from nicobatch.watch.memory import DoneManifests
from nicobatch.watch.worker import Pauses


@dataclass(frozen=True, slots=True)
class Read:
    """To be done: read a manifest, without looking into its videos."""

    manifest: Path


@dataclass(frozen=True, slots=True)
class Probe:
    """To be done: look into the videos of the manifest that was read last."""

    reading: ManifestRead


Action: TypeAlias = Read | Probe | Write | WatchJob | Notice
"""What is to be done: a job is to be published, a notice is to be told."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What is there at one moment."""

    listing: FolderListing
    matches: Matches
    """Of `Inbox.patterns`."""
    now: float
    """In seconds, monotonic."""
    wall: float
    """In seconds, by the clock that files have their times from."""
    renamed: Collection[Path] = ()
    """What came in whole, by a rename."""
    aside: Collection[Path] = ()
    """What comes and goes by our own doing: nothing follows from that."""


class Inbox:
    """Follows the manifests of a folder from look to look. For one thread.

    A look is `look`, then `see`, then `take` for each reading, then `leftovers`.
    """

    def __init__(  # noqa: PLR0913 - all of a command's options that concern it
        self,
        root: Path,
        *,
        settle: float,
        done: DoneManifests,
        pauses: Pauses,
        strict: bool = False,
        has_template: bool = False,
    ) -> None:
        """`settle` is in seconds; `strict`: warnings count as errors."""
        self.root, self._settle, self._strict = root, settle, strict
        self._done, self._pauses = done, pauses
        self._stability = Stability(settle)
        self._unclaimed = Unclaimed(root, self._stability, has_template=has_template)
        self._entries: dict[str, WatchedManifest] = {}
        """By name, in the order of arrival."""
        self._sight = Snapshot(FolderListing({}), {}, 0.0, 0.0)
        self._claims: list[tuple[WatchedManifest, Claim]] = []
        """What each manifest's state has to rest on."""
        self._stamps: dict[Path, Stamp | None] = {}

    @property
    def manifests(self) -> Collection[str]:
        """Return the names of the manifests that are there."""
        return self._entries.keys()

    @property
    def patterns(self) -> set[str]:
        """Return what the folder has to be searched for before the next look."""
        claims = {each for entry in self._entries.values() for each in entry.claim.patterns}
        return claims | self._done.all_patterns

    def look(self, sight: Snapshot) -> set[Path]:
        """Take in what is there; return the files whose stamps `see` needs."""
        self._sight = sight
        self._come_and_go()
        self._claims = [
            (entry, self._claim(entry))
            for entry in self._entries.values()
            if entry.manifest not in sight.aside
        ]
        files = {path for _entry, claim in self._claims for path in claim.files}
        unread = (entry for entry, _claim in self._claims if not entry.is_read)
        return files.union(*(entry.claim.files for entry in unread))  # what they claim until then

    def see(self, stamps: Signature) -> list[Action]:
        """Take in the stamps, None for what isn't there; return what follows."""
        self._stamps = dict(stamps)
        for path in self._sight.renamed:
            if stamp := self._sight.listing.files.get(path.name):
                self._stability.trust(self.root / path.name, stamp, self._sight.now)
        return [action for entry, claim in self._claims for action in self._follow(entry, claim)]

    def take(self, reading: ManifestRead) -> list[Action]:
        """Take in what came of a `Read` or a `Probe`; return what follows."""
        entry = self._entries[reading.manifest.name]
        signature = reading.stamps
        self._stamps.update(signature)
        found = None if isinstance(reading.found, JournalError) else reading.found
        if found and not reading.probed:
            entry.read(reading.claim)
        notice = judging.judge(reading, strict=self._strict)
        if notice is None and (rest := self._rest(entry, signature)):
            entry.unsettle(self._sight.now + rest)
        elif notice is None:
            return [Probe(reading)]
        elif not reading.is_current:  # it was written to, or went, in the meantime
            entry.unsettle(self._sight.now + self._settle)
        else:
            return list(self._conclude(entry, notice, signature, found))
        return []

    def leftovers(self) -> list[Action]:
        """Return what follows from what no manifest claims, once every `Read` is done."""
        entries = self._entries.values()
        files = set(self._sight.aside).union(*(entry.claim.files for entry in entries))
        claimed = Claimed(files, self._stamps)
        now, wall = self._sight.now, self._sight.wall
        quiet = any(not each.is_read and now - each.arrived < 2 * self._settle for each in entries)
        listing, found = self._sight.listing, list[Action]()
        found += self._unclaimed.look(listing, now, wall, claimed, quiet=quiet)
        files |= {entry.manifest for entry in entries}
        self._stability.keep(files | self._unclaimed.paths)
        return found

    def written(
        self, write: Write, notice: Notice | None, stamp: Stamp | None, *, is_done: bool
    ) -> list[Action]:
        """Take in what came of a `Write`: what is to be told, and the manifest's stamp, if any.

        Without a word, the template doesn't mean the video. Where it `is_done`, nothing is left to
        be done for it. Return what follows.
        """
        told = self._unclaimed.written(write, notice, stamp, self._sight.now, is_done=is_done)
        return [told] if told else []

    def done(self, job: WatchJob) -> None:
        """Note that all of the job is published."""
        self._done.done(job.manifest, job.signature, job.patterns)
        entry = self._entries.get(job.manifest.name)
        if entry and entry.judged and self._done.is_done(entry.manifest, entry.judged):
            entry.conclude(ManifestState.DONE, entry.judged)
            entry.failures = 0

    def failed(self, job: WatchJob, now: float, rest: float = 0.0) -> float:
        """Offer the job again after a pause of `rest` s or more, or once it changes; return it."""
        if (entry := self._entry(job)) is None:
            return 0.0
        entry.state = ManifestState.FAILED
        return self._put_off(entry, now, rest)

    def dropped(self, job: WatchJob) -> None:
        """Note that the job was not tried, being stale: it is offered anew when it has settled."""
        if entry := self._entry(job):
            entry.unsettle(0.0)

    def moved(self, job: WatchJob) -> None:
        """Note that the job lies elsewhere now: what comes in its place is something new."""
        self._entries.pop(job.manifest.name, None)

    def named_beside(self, job: WatchJob) -> Iterator[Path]:
        """Yield the files that other manifests of the folder name."""
        for entry in self._entries.values():
            if entry.manifest != job.manifest:
                yield from entry.claim.files

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
        return bool(self._unclaimed.grown)

    @property
    def again(self) -> float | None:
        """In how many seconds another look could find more; None: never by time alone."""
        now = self._sight.now
        dues = [each.due - now for each in self._entries.values() if each.due is not None]
        dues += filter(None, self._unclaimed.rests.values())
        return max(0.0, min(dues)) if dues else None

    def _come_and_go(self) -> None:
        names = self._sight.listing.manifests
        for name in self._entries.keys() - names:
            if self._entries[name].manifest not in self._sight.aside:
                del self._entries[name]
        for name in sorted(names - self._entries.keys(), key=natural):
            self._entries[name] = WatchedManifest(self.root / name, self._sight.now)

    def _claim(self, entry: WatchedManifest) -> Claim:
        """Take back what was read of a manifest that means something else now; return its claim."""
        stamp, matches = self._sight.listing.files[entry.manifest.name], self._sight.matches
        if stamp != entry.stamp:
            entry.edited(stamp)
        elif entry.is_read and entry.has_more(matches):
            entry.reopen()
        if entry.is_read or entry.judged:
            return entry.claim if entry.is_read else Claim((entry.manifest,))
        return claims.recalled(entry.manifest, self._done, matches)

    def _follow(self, entry: WatchedManifest, claim: Claim) -> Iterator[Action]:
        """Bring one manifest up to date with what was seen; yield what follows."""
        signature, is_new = self._signature(claim.files), not entry.judged
        if entry.stands(signature, self._sight.now):
            return
        if entry.judged != signature:
            entry.unsettle(None)
        if self._done.is_done(entry.manifest, signature):
            if is_new:
                entry.read(claim)
            entry.conclude(ManifestState.DONE, signature)
            return
        signature = self._signature(entry.paths)
        if rest := self._rest(entry, signature):
            entry.due = self._sight.now + rest
        elif entry.stamp and entry.stamp.size:
            yield Read(entry.manifest)
        else:
            yield from self._conclude(entry, judging.empty(entry.manifest), signature, None)

    def _signature(self, files: Collection[Path]) -> Signature:
        return {path: self._stamps.get(path) for path in files}

    def _rest(self, entry: WatchedManifest, signature: Signature) -> float:
        """Return how many seconds have to pass before the manifest is worth reading.

        Where a file is missing or empty, that can be told as soon as the manifest has settled.
        """
        vouched = self._sight.listing.files.get(entry.manifest.name + READY)
        now, rests = self._sight.now, {}
        for path, stamp in signature.items():
            if stamp and vouched and vouched.mtime_ns >= stamp.mtime_ns:
                self._stability.trust(path, stamp, now)
            if stamp:
                rests[path] = self._stability.remaining(path, stamp, now, self._sight.wall)
        away = entry.claim.away
        whole = all((stamp and stamp.size) or path in away for path, stamp in signature.items())
        return max(rests.values()) if whole else rests[entry.manifest]

    def _conclude(
        self, entry: WatchedManifest, notice: Notice, signature: Signature, found: Checked | None
    ) -> Iterator[Action]:
        entry.conclude(notice.state or entry.state, signature)
        if notice.passes:
            self._put_off(entry, self._sight.now)
        if found and entry.state is ManifestState.READY:
            stamps = {path: stamp for path, stamp in signature.items() if stamp}
            yield WatchJob(entry.manifest, found.ready, stamps, entry.claim.patterns)
        if notice != entry.told and (notice.message or notice.problems):
            yield notice
        entry.told = notice

    def _put_off(self, entry: WatchedManifest, now: float, rest: float = 0.0) -> float:
        entry.failures += 1
        pause = max(rest, self._pauses.after(entry.failures))
        entry.due = now + pause
        return pause

    def _entry(self, job: WatchJob) -> WatchedManifest | None:
        """Return the job's manifest, unless it or its files have changed since."""
        entry = self._entries.get(job.manifest.name)
        return entry if entry and entry.is_of(job) else None
