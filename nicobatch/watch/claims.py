"""What each manifest of the folder claims, how far it has come, and what no manifest claims."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nicobatch.disk import leads_out
from nicobatch.language import N_, _
from nicobatch.manifest import listing, patterns
from nicobatch.manifest.copies import original
from nicobatch.media import Stamp
from nicobatch.watch.folder import Listing, Stability, is_manifest, is_video
from nicobatch.watch.judging import Notice, Reading, Signature, State
from nicobatch.watch.memory import Memory


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a manifest meant when it was read."""

    files: tuple[Path, ...]
    """The manifest itself, and every file that it names."""
    patterns: tuple[str, ...] = ()
    """What of it may come to stand for other files."""
    matched: tuple[Path, ...] = ()
    """The files that the patterns stood for."""
    away: tuple[Path, ...] = ()
    """Those of the files that need not be here."""


NOTHING: Final = Meaning(())


class Meanings:
    """Tells what manifests mean, and whether that is still so, from look to look."""

    def __init__(self, within: Path | None) -> None:
        """Patterns that lead out of the folder `within` are not searched for."""
        self._within = within
        self._names: tuple[frozenset[str], tuple[str, ...]] | None = None
        self._differ = True

    def look(self, found: Listing) -> None:
        """Take in a listing of the folder: where no name changed, no pattern of names does."""
        names = (frozenset(found.files), found.links_out)
        self._differ, self._names = names != self._names, names

    def of(self, manifest: Path, reading: Reading) -> Meaning:
        """Return what a manifest means that was just read."""
        named = dict.fromkeys([manifest, *(video.file for video in reading.videos)])
        written = tuple(reading.patterns)
        away = tuple(video.file for video in reading.away)
        return Meaning(tuple(named), written, self._matches(manifest, written), away)

    def remembered(self, manifest: Path, memory: Memory) -> Meaning:
        """Return what a manifest meant that is done, and what it would mean now besides."""
        written = memory.patterns(manifest)
        matched = self._matches(manifest, written)
        files = dict.fromkeys([manifest, *memory.files(manifest), *matched])
        return Meaning(tuple(files), written, matched)

    def has_more(self, manifest: Path, meaning: Meaning) -> bool:
        """Tell whether there are files now that belong to the manifest by its patterns alone."""
        may_differ = self._differ or any("/" in each or "\\" in each for each in meaning.patterns)
        if not (meaning.patterns and may_differ):
            return False
        found = set(self._matches(manifest, meaning.patterns))
        return not found <= {*meaning.files, *meaning.matched}

    def _matches(self, manifest: Path, written: Collection[str]) -> tuple[Path, ...]:
        found = (path for each in written for path in self._of_pattern(manifest, each))
        return tuple(dict.fromkeys(found))

    def _of_pattern(self, manifest: Path, pattern: str) -> Iterator[Path]:
        folder = manifest.parent / patterns.split(pattern)[0]
        if self._within and leads_out(folder, self._within):
            return
        found = listing.look(manifest, pattern)
        if found is None:  # a file has come whose very name this is
            yield manifest.parent / pattern
        else:
            names = patterns.select(found.steps, found.names)
            yield from (manifest.parent / found.folder / name for name in names)


@dataclass(slots=True)
class Entry:
    """What is known of a manifest; times are monotonic."""

    manifest: Path
    arrived: float
    stamp: Stamp | None = None
    state: State = State.SETTLING
    meaning: Meaning = NOTHING
    """What it named when it was last read."""
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
        return self.meaning.files if self.is_read else (self.manifest,)

    def edited(self, stamp: Stamp) -> None:
        """Forget what was said of it: the manifest is another one now."""
        self.stamp, self.told = stamp, None
        self.reopen()

    def reopen(self) -> None:
        """Take back what was read: the same words may mean something else now."""
        self.is_read = False
        self.unsettle(None)

    def read(self, meaning: Meaning) -> None:
        """Note what the manifest names."""
        self.meaning, self.is_read = meaning, True

    def unsettle(self, due: float | None) -> None:
        """Take back what was judged."""
        self.state, self.judged, self.due, self.failures = State.SETTLING, None, due, 0

    def is_up_to_date(self, signature: Signature, now: float) -> bool:
        """Tell whether the state stands, for nothing changed and no pause is over."""
        return self.judged == signature and (self.due is None or now < self.due)


_UNNAMED: Final = N_("no manifest names {file}: it stays where it is")
_NAME_IT: Final = N_("write a manifest for it, as `nicobatch init` does, and put it in the folder")
_LEADS_OUT: Final = N_("{file} is a link out of the folder, and is not followed")
_PUT_IN: Final = N_("put the file itself into the folder")
_COPY: Final = N_(
    "{file} is a conflict copy of {original}, which a program that syncs folders made:"
    " it is left alone"
)
_COMPARE: Final = N_("compare the two, keep the right one as {original}, and delete the other")


class Unclaimed:
    """Watches the videos that nobody names, and the links that lead elsewhere."""

    def __init__(self, root: Path, settling: Stability) -> None:
        self._root, self._settling = root, settling
        self._told: dict[Path, Stamp] = {}
        self._links: frozenset[Path] = frozenset()
        self._copies: dict[Path, str] = {}
        """The conflict copies, and of what."""
        self.videos: dict[Path, Stamp] = {}
        """Those that nobody names."""
        self.samples: dict[Path, float] = {}
        """Of these, the ones not told yet, and in how many seconds each settles."""

    def look(
        self, listing: Listing, now: float, named: Collection[Path], *, quiet: bool
    ) -> Iterator[Notice]:
        """Yield what has to be told; `now` is monotonic.

        `quiet` leaves the videos for later, when a manifest that is still to be read has been.
        """
        yield from self._new_links(listing, named)
        yield from self._new_copies(listing, named)
        self.videos = videos = {
            path: stamp
            for name, stamp in listing.files.items()
            if is_video(name) and (path := self._root / name) not in {*named, *self._copies}
        }
        self._told = {path: stamp for path, stamp in self._told.items() if path in videos}
        self.samples = {
            path: self._settling.remaining(path, stamp, now)
            for path, stamp in videos.items()
            if self._told.get(path) != stamp
        }
        for path, rest in list(self.samples.items()):
            if not (quiet or rest) and videos[path].size:
                del self.samples[path]
                self._told[path] = videos[path]
                yield Notice(None, path, _(_UNNAMED).format(file=path), _(_NAME_IT))

    def _new_copies(self, listing: Listing, named: Collection[Path]) -> Iterator[Notice]:
        """Yield the conflict copies of manifests, and of videos that no manifest names."""
        paths = (self._root / name for name in listing.files if is_manifest(name) or is_video(name))
        before, self._copies = (
            self._copies,
            {path: of for path in paths if path not in named and (of := original(path))},
        )
        for path, of in self._copies.items():
            if path not in before:
                yield Notice(
                    None,
                    path,
                    _(_COPY).format(file=path, original=of),
                    _(_COMPARE).format(original=of),
                )

    def _new_links(self, listing: Listing, named: Collection[Path]) -> Iterator[Notice]:
        """Yield links that look like manifests, or like videos that no manifest accounts for."""
        paths = (self._root / name for name in listing.links_out)
        links = frozenset(
            each
            for each in paths
            if is_manifest(each.name) or (is_video(each.name) and each not in named)
        )
        for path in sorted(links - self._links):
            yield Notice(None, path, _(_LEADS_OUT).format(file=path), _(_PUT_IN))
        self._links = links
