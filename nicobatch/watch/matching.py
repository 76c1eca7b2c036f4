"""Which files manifests mean: those they name, and those their patterns stand for now."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nicobatch.disk import leads_out
from nicobatch.manifest import listing, patterns
from nicobatch.watch.folder import Listing
from nicobatch.watch.memory import Memory
from nicobatch.watch.unit import Reading


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
