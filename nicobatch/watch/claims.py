"""What each manifest of the folder claims, how far it has come, and what no manifest claims.

As all that `inbox` decides by, it looks at nothing itself, and knows no clock.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from nicobatch.disk import fold
from nicobatch.language import _
from nicobatch.manifest.patterns import natural
from nicobatch.media import Stamp
from nicobatch.watch.folder import FolderListing, Stability, is_manifest, is_video
from nicobatch.watch.judging import Claim, ManifestState, Notice, Signature, WatchJob
from nicobatch.watch.memory import DoneManifests

NOTHING: Final = Claim(())
Matches: TypeAlias = Mapping[str, tuple[Path, ...]]
"""What each pattern stands for by now."""


def matched(patterns: Collection[str], matches: Matches) -> dict[Path, None]:
    """Return the files that the patterns stand for, each once."""
    return dict.fromkeys(path for each in patterns for path in matches.get(each, ()))


def recalled(manifest: Path, done: DoneManifests, matches: Matches) -> Claim:
    """Return what a manifest claimed that is done, and what it would claim now besides."""
    patterns = done.patterns(manifest)
    found = matched(patterns, matches)
    files = dict.fromkeys([manifest, *done.files(manifest), *found])
    return Claim(tuple(files), patterns, tuple(found))


@dataclass(slots=True)
class WatchedManifest:
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

    def has_more(self, matches: Matches) -> bool:
        """Tell whether there are files now that belong to it by its patterns alone."""
        claim = self.claim
        return not matched(claim.patterns, matches).keys() <= {*claim.files, *claim.matched}

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

    def is_of(self, job: WatchJob) -> bool:
        """Tell whether the job is what was judged last: neither it nor its files have changed."""
        judged = (self.judged or {}).items()
        return bool(judged) and {path: at for path, at in judged if at} == job.signature


class Claimed:
    """The files that manifests claim, by any name that the disk takes for one of them."""

    def __init__(self, files: Iterable[Path], stamps: Signature) -> None:
        self._files = set(files)
        self._alike = {_file(each, at) for each in self._files if (at := stamps.get(each))}

    def has(self, path: Path, stamp: Stamp | None = None) -> bool:
        """Tell whether somebody claims the file, which looks so."""
        return path in self._files or (stamp is not None and _file(path, stamp) in self._alike)


def _file(path: Path, stamp: Stamp) -> tuple[str, int, int]:
    """Return what names of one file have in common; hard links are files of their own."""
    return fold(str(path)), stamp.device, stamp.inode


@dataclass(frozen=True, slots=True)
class Write:
    """To be done: give a video that came without a manifest one, by the template."""

    video: Path
    stamp: Stamp


_SOON: Final = 0.1
"""Seconds until a manifest is found that was just written."""
_RETRY: Final = 60.0
"""Seconds until a manifest that could not be written is tried again."""


class Unclaimed:
    """Watches what belongs to no manifest: each is told once, none is guessed at.

    Where there is a template, videos are given a manifest, in the order of their names.
    """

    def __init__(self, root: Path, stability: Stability, *, has_template: bool) -> None:
        self._root, self._stability, self._has_template = root, stability, has_template
        self._told: dict[Path, Stamp | str] = {}
        """What is told: a link or a conflict copy and of what, a video and how it looked."""
        self.videos: dict[Path, Stamp] = {}
        """Those that nobody names."""
        self.rests: dict[Path, float] = {}
        """Of these, the ones not told yet, and in how many seconds each settles."""
        self.grown: list[Path] = []
        """The manifests that the last look has brought."""

    @property
    def paths(self) -> set[Path]:
        """Return the files that it goes on watching."""
        return {*self.videos, *self.grown}

    def look(
        self, found: FolderListing, now: float, wall: float, claimed: Claimed, *, quiet: bool
    ) -> Iterator[Notice | Write]:
        """Yield what has to be told or done; `now` is monotonic.

        `quiet` leaves the videos for later, when a manifest that is still to be read has been.
        """
        before, self._told = self._told, dict(self._strangers(found, claimed))
        files = ((self._root / name, stamp) for name, stamp in found.files.items())
        self.videos = {
            path: stamp
            for path, stamp in files
            if is_video(path.name) and path not in self._told and not claimed.has(path, stamp)
        }
        self.rests, self.grown = {}, []
        for path in sorted(self.videos, key=natural):
            stamp, is_told = self.videos[path], before.get(path) == self.videos[path]
            rest = 0.0 if is_told else self._stability.remaining(path, stamp, now, wall)
            is_behind = self._has_template and any(self.rests.values())
            if is_told or not (quiet or rest or not stamp.size or is_behind):
                self._told[path] = stamp
            else:
                self.rests[path] = rest
        for path, what in self._told.items():
            if before.get(path) == what:
                continue
            if self._has_template and isinstance(what, Stamp):
                yield Write(path, what)
            else:
                yield _unclaimed(path, what)

    def written(
        self, write: Write, notice: Notice | None, stamp: Stamp | None, now: float, *, is_done: bool
    ) -> Notice | None:
        """Take note of what came of it, as `Inbox.written` does; return what has to be told."""
        if not is_done:
            del self._told[write.video]
            self.rests[write.video] = _RETRY
            return notice
        if notice and stamp:
            self.grown.append(notice.path)
            self.rests[write.video] = _SOON
            self._stability.trust(notice.path, stamp, now)  # it came in whole
        return notice or _unclaimed(write.video, write.stamp)

    def _strangers(
        self, found: FolderListing, claimed: Claimed
    ) -> Iterator[tuple[Path, Stamp | str]]:
        """Yield links and conflict copies that look like manifests, or like videos of nobody's."""
        for name in found.links_out:
            path = self._root / name
            if is_manifest(name) or (is_video(name) and not claimed.has(path)):
                yield path, ""
        for name, of in found.copies.items():
            path = self._root / name
            if not claimed.has(path, found.files[name]):
                yield path, of


def _unclaimed(path: Path, what: Stamp | str) -> Notice:
    if isinstance(what, Stamp):
        words = _("no manifest names {file}: it stays where it is")
        hint = _("write a manifest for it, as `nicobatch init` does, and put it in the folder")
    elif what:
        words = _(
            "{file} is a copy of {original}, as programs that sync folders, and file managers,"
            " name them: it is left alone"
        )
        hint = _("compare the two, keep the right one as {original}, and delete the other")
    else:
        words = _("{file} is a link out of the folder, and is not followed")
        hint = _("put the file itself into the folder")
    return Notice(None, path, words.format(file=path, original=what), hint.format(original=what))
