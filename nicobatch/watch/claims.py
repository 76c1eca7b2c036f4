"""What each manifest of the folder claims, how far it has come, and what no manifest claims."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from nicobatch.disk import leads_out
from nicobatch.language import _
from nicobatch.manifest import discover, patterns
from nicobatch.manifest.patterns import natural, original
from nicobatch.media import Stamp
from nicobatch.pipeline import Checked
from nicobatch.watch.folder import FolderListing, Stability, is_manifest, is_video
from nicobatch.watch.judging import Job, ManifestState, Notice, Signature
from nicobatch.watch.memory import Memory


@dataclass(frozen=True, slots=True)
class Claim:
    """Which files a manifest meant when it was read."""

    files: tuple[Path, ...]
    """The manifest itself, and every file that it names."""
    patterns: tuple[str, ...] = ()
    """What of it may come to stand for other files."""
    matched: tuple[Path, ...] = ()
    """The files that the patterns stood for."""
    away: frozenset[Path] = frozenset()
    """Those of the files that need not be here."""


NOTHING: Final = Claim(())


class Claims:
    """Tells what manifests claim, and whether that is still so, from look to look."""

    def __init__(self, within: Path | None) -> None:
        """Patterns that lead out of the folder `within` are not searched for."""
        self._within = within
        self._names: tuple[frozenset[str], tuple[str, ...]] | None = None
        self._differ = True

    def look(self, found: FolderListing) -> None:
        """Take in a listing of the folder: where no name changed, no pattern of names does."""
        names = (frozenset(found.files), found.links_out)
        self._differ, self._names = names != self._names, names

    def of(self, manifest: Path, found: Checked) -> Claim:
        """Return what a manifest claims that was just read."""
        named = (file for video in found.videos for file in (*video.named, *video.shared))
        files = dict.fromkeys([manifest, *named])
        away = frozenset(file for video in found.away for file in video.files)
        return Claim(tuple(files), found.patterns, self._matches(manifest, found.patterns), away)

    def remembered(self, manifest: Path, memory: Memory) -> Claim:
        """Return what a manifest claimed that is done, and what it would claim now besides."""
        written = memory.patterns(manifest)
        matched = self._matches(manifest, written)
        files = dict.fromkeys([manifest, *memory.files(manifest), *matched])
        return Claim(tuple(files), written, matched)

    def has_more(self, manifest: Path, claim: Claim) -> bool:
        """Tell whether there are files now that belong to the manifest by its patterns alone."""
        may_differ = self._differ or any("/" in each or "\\" in each for each in claim.patterns)
        if not (claim.patterns and may_differ):
            return False
        found = set(self._matches(manifest, claim.patterns))
        return not found <= {*claim.files, *claim.matched}

    def _matches(self, manifest: Path, written: Collection[str]) -> tuple[Path, ...]:
        found = (path for each in written for path in self._of_pattern(manifest, each))
        return tuple(dict.fromkeys(found))

    def _of_pattern(self, manifest: Path, pattern: str) -> Iterator[Path]:
        folder = manifest.parent / patterns.split(pattern)[0]
        if self._within and leads_out(folder, self._within):
            return
        found = discover.look(manifest, pattern)
        if found is None:  # a file has come whose very name this is
            yield manifest.parent / pattern
        else:
            names = patterns.select(found.steps, found.names)
            yield from (manifest.parent / found.folder / name for name in names)


@dataclass(slots=True)
class Entry:
    """What is known of a manifest between two looks; times are monotonic."""

    manifest: Path
    arrived: float
    stamp: Stamp | None = None
    state: ManifestState = ManifestState.SETTLING
    claim: Claim = NOTHING
    """Of when it was last read."""
    is_read: bool = False
    """Whether it is still the same since."""
    judged: Signature | None = None
    """What the state rests on; None as long as it rests on nothing."""
    due: float | None = None
    """When another look is worth it though nothing changes."""
    failures: int = 0
    told: Notice | None = None

    @property
    def paths(self) -> tuple[Path, ...]:
        """Return what the state has to rest on, as far as is known."""
        return self.claim.files if self.is_read else (self.manifest,)

    def edited(self, stamp: Stamp) -> None:
        """Forget what was said of it: the manifest is another one now."""
        self.stamp, self.told = stamp, None
        self.reopen()

    def reopen(self) -> None:
        """Take back what was read: the same words may mean something else now."""
        self.is_read = False
        self.unsettle(None)

    def read(self, claim: Claim) -> None:
        """Note which files the manifest claims."""
        self.claim, self.is_read = claim, True

    def unsettle(self, due: float | None) -> None:
        """Take back what was judged."""
        self.state, self.judged, self.due, self.failures = ManifestState.SETTLING, None, due, 0

    def conclude(self, state: ManifestState, signature: Signature) -> None:
        """Note what the manifest and its files have come to, as long as they stay as they are."""
        self.state, self.judged, self.due = state, signature, None

    def stands(self, signature: Signature, now: float) -> bool:
        """Tell whether the state still holds, for nothing changed and no pause is over."""
        return self.judged == signature and (self.due is None or now < self.due)

    def is_of(self, job: Job) -> bool:
        """Tell whether the job is what was judged last: neither it nor its files have changed."""
        judged = (self.judged or {}).items()
        return bool(judged) and {path: at for path, at in judged if at} == job.signature


Write: TypeAlias = Callable[[Path, Stamp], tuple[bool, Notice | None]]
"""Writes a video's manifest; tells whether it is done with, and what is to be told: without that,
the video is none of those that are meant."""
_SOON: Final = 0.1
"""Seconds until a manifest is found that was just written."""
_RETRY: Final = 60.0
"""Seconds until a manifest that could not be written is tried again."""


class Unclaimed:
    """Watches what belongs to no manifest: each is told once, none is guessed at.

    Where there is a template, `write` gives a video a manifest, in the order of their names.
    """

    def __init__(self, root: Path, stability: Stability, write: Write | None = None) -> None:
        self._root, self._stability, self._write = root, stability, write
        self._told: dict[Path, Stamp | str] = {}
        """What is told: a link or a conflict copy and of what, a video and how it looked."""
        self.videos: dict[Path, Stamp] = {}
        """Those that nobody names."""
        self.rests: dict[Path, float] = {}
        """Of these, the ones not told yet, and in how many seconds each settles."""
        self.written: list[Path] = []
        """The manifests that the last look has brought."""

    @property
    def paths(self) -> set[Path]:
        """Return the files that it goes on watching."""
        return {*self.videos, *self.written}

    def look(
        self, found: FolderListing, now: float, named: Container[Path], *, quiet: bool
    ) -> Iterator[Notice]:
        """Yield what has to be told; `now` is monotonic.

        `quiet` leaves the videos for later, when a manifest that is still to be read has been.
        """
        before, self._told = self._told, {**self._links(found, named), **self._copies(found, named)}
        files = ((self._root / name, stamp) for name, stamp in found.files.items())
        self.videos = {
            path: stamp
            for path, stamp in files
            if is_video(path.name) and not (path in named or path in self._told)
        }
        self.rests, self.written = {}, []
        for path in sorted(self.videos, key=natural):
            stamp = self.videos[path]
            rest = self._stability.remaining(path, stamp, now) if before.get(path) != stamp else 0.0
            is_behind = self._write is not None and any(self.rests.values())
            if before.get(path) == stamp or not (quiet or rest or not stamp.size or is_behind):
                self._told[path] = stamp
            else:
                self.rests[path] = rest
        for path, what in list(self._told.items()):
            if before.get(path) != what:
                yield from self._tell(path, what, now)

    def _tell(self, path: Path, what: Stamp | str, now: float) -> Iterator[Notice]:
        """Say what becomes of what was found; a video may get a manifest, or try again later."""
        if self._write is None or not isinstance(what, Stamp):
            yield _unclaimed(path, what)
            return
        is_done, notice = self._write(path, what)
        if not is_done:
            del self._told[path]
            self.rests[path] = _RETRY
        elif notice and (stamp := Stamp.of(notice.path)):
            self.written.append(notice.path)
            self.rests[path] = _SOON
            self._stability.trust(notice.path, stamp, now)  # it came in whole
        if notice or is_done:
            yield notice or _unclaimed(path, what)

    def _links(self, found: FolderListing, named: Container[Path]) -> dict[Path, str]:
        """Return links that look like manifests, or like videos that no manifest accounts for."""
        paths = (self._root / name for name in sorted(found.links_out))
        return {
            path: ""
            for path in paths
            if is_manifest(path.name) or (is_video(path.name) and path not in named)
        }

    def _copies(self, found: FolderListing, named: Container[Path]) -> dict[Path, str]:
        """Return the conflict copies of manifests, and of videos that no manifest names."""
        paths = (self._root / name for name in found.files if is_manifest(name) or is_video(name))
        return {path: of for path in paths if path not in named and (of := original(path))}


def _unclaimed(path: Path, what: Stamp | str) -> Notice:
    if isinstance(what, Stamp):
        words = _("no manifest names {file}: it stays where it is")
        hint = _("write a manifest for it, as `nicobatch init` does, and put it in the folder")
    elif what:
        words = _(
            "{file} is a conflict copy of {original}, which a program that syncs folders made:"
            " it is left alone"
        )
        hint = _("compare the two, keep the right one as {original}, and delete the other")
    else:
        words = _("{file} is a link out of the folder, and is not followed")
        hint = _("put the file itself into the folder")
    return Notice(None, path, words.format(file=path, original=what), hint.format(original=what))
