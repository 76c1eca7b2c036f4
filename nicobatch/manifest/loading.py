"""Manifests from disk to videos and problems, each stage going as far as the one before allows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from nicobatch import disk
from nicobatch.language import _
from nicobatch.manifest import (
    build,
    defaults,
    discover,
    expansion,
    identity,
    kinds,
    listing,
    semantics,
    shape,
    yaml12,
)
from nicobatch.manifest.document import Document
from nicobatch.manifest.encoding import decode, loosely
from nicobatch.manifest.evidence import is_manifest
from nicobatch.manifest.naming import typed
from nicobatch.manifest.rules import Fault, Findings, fault, problem
from nicobatch.model import Position, Problem, Video
from nicobatch.sites.base import Site

LARGEST = 1_000_000
"""Bytes of a manifest; one of 2,000 videos has fewer."""
START = Position(1, 1)
MISREAD = frozenset(("yaml-merge-key", "look-alike"))

Published = Callable[[Path, str, datetime], bool]
"""Tells whether the manifest's video of that id was published with that timer."""


@dataclass(slots=True)
class Loader:
    """Reads manifests one after the other, and remembers what they have in common."""

    site: Site
    now: datetime
    community: bool
    published: Published
    refused: Callable[[str], Path | None]
    videos: list[Video] = field(default_factory=list)
    flawed: list[Video] = field(default_factory=list)
    manifests: list[Path] = field(default_factory=list)
    patterns: list[str] = field(default_factory=list)
    problems: dict[Problem, None] = field(default_factory=dict)
    """A set in order: a fault of `defaults` is found with every video, and said once."""
    findings: Findings = field(init=False)
    """Those of the manifest that is being read."""
    looked_at: int = 0
    """Files and folders, for its patterns."""
    seen: identity.Seen = field(default_factory=identity.Seen)

    def read(self, found: discover.Found) -> None:
        """Add the videos and the problems of one manifest, or a note that the file is none."""
        path = found.path
        self.findings = Findings(path, self.problems)
        self.looked_at = 0
        try:
            data = disk.head(path, LARGEST + 1)
        except disk.NotRegular:
            self._report([fault("not-a-file", START, path=path)])
        except OSError as error:
            self.problems[discover.unreadable(path, error)] = None
        else:
            self._bytes(data, found)
            self.findings.end()
            return
        self.manifests.append(path)

    def close(self, paths: Sequence[str]) -> None:
        """Say, where all that was found under the paths is others', that no manifest is there."""
        if self.problems and not (self.manifests or any(each.stops() for each in self.problems)):
            folder = Path(paths[0])
            only = problem(fault("only-other-files", START, path=folder), folder)
            self.problems[only] = None

    def _bytes(self, data: bytes, given: discover.Found) -> None:
        path, document = given.path, None
        text = _text(data)
        if isinstance(text, Fault):
            found = [text]
        else:
            document, found = yaml12.parse(text)
        alien = _alien(data, document, given)
        if not alien and isinstance(text, str) and not _is_empty(found):
            alien = list(shape.other_file(text, document))
        if all(each.rule != "other-yaml" for each in alien):
            self.manifests.append(path)
        broken = self._report(alien or found)
        if alien:
            return
        # What << or a misread key would have brought is missing: further problems would mislead.
        if document is None or any(each.rule in MISREAD for each in found):
            return
        self._document(document, path, broken=broken)

    def _document(self, document: Document, path: Path, *, broken: bool) -> None:
        outline = shape.check(document, self.site)
        found = list(outline.common)
        data: Any = document.data
        if outline.readable:
            found += identity.account_faults(data.get("account"), document.place("account"))
            common = defaults.shared(document)
            found += self._fields(common) if common else ()
        broken |= self._report(found)
        for faults in outline.videos.values():
            self._report(faults)
        if not outline.readable or self._report(defaults.excess(document)):
            return
        count = 0
        for index, entry in defaults.entries(document):
            meant = self._meant(entry, path)
            count += len(meant.entries)
            if count > shape.MOST_VIDEOS:
                self._report([shape.too_many(entry.place("file"))])
                return
            spoiled = self._report([*outline.videos.get(index, ()), *meant.faults]) or broken
            self._add(meant, path, data.get("account"), spoiled=spoiled)

    def _add(
        self, meant: expansion.Expansion, path: Path, account: str | None, *, spoiled: bool
    ) -> None:
        for each in meant.entries:
            wrong = self._report(meant.about(found, each) for found in self._entry(each, path))
            if not spoiled and not wrong:
                self.videos.append(build.video(each, path, account, self.site))
            elif identity.names_file(each):
                self.flawed.append(build.sketch(each, path, self.site))

    def _meant(self, entry: defaults.Entry, path: Path) -> expansion.Expansion:
        """Return the entries that one stands for: more than one only for a pattern of files."""
        is_named = identity.names_file(entry)
        found = listing.look(path, entry.data["file"], self.looked_at) if is_named else None
        if found is None:
            return expansion.alone(self._spelled(entry, path), self.site.limits.tags)
        self.looked_at += found.seen
        self.patterns.append(entry.data["file"])
        meant = expansion.expand(entry, found, self.site.limits.tags)
        return replace(meant, faults=(*self._fields(entry), *meant.faults))

    def _spelled(self, entry: defaults.Entry, path: Path) -> defaults.Entry:
        if not identity.names_file(entry):
            return entry
        file = listing.spelled(path, entry.data["file"])
        return replace(entry, data={**entry.data, "file": file})

    def _fields(self, entry: defaults.Entry) -> Iterator[Fault]:
        for found in semantics.check(entry, self.now, self.site):
            is_unknown = found.rule == "unknown-genre"
            file = self.refused(entry.data["genre"]) if is_unknown else None
            yield semantics.refused(found, file) if file else found
        if not self.community:
            yield from semantics.ended(entry, self.site)

    def _entry(self, entry: defaults.Entry, path: Path) -> Iterator[Fault]:
        yield from self._fields(entry)
        yield from self._late(entry, path)
        yield from semantics.incomplete(entry)
        misnamed = list(identity.check(entry))
        yield from misnamed or self.seen.add(entry, path)

    def _late(self, entry: defaults.Entry, path: Path) -> Iterator[Fault]:
        """Yield a timer that has passed in vain.

        One that has done its work is no mistake: manifests stay in git, and are run again.
        """
        moment, name = semantics.moment_of(entry), identity.id_of(entry)
        if not (moment and name and self.published(path, name, moment)):
            yield from semantics.late(entry, self.now)

    def _report(self, found: Iterable[Fault]) -> bool:
        """Keep the problems; return whether there is an error among them."""
        return sum(map(self.findings.add, found)) > 0


def _is_empty(found: Iterable[Fault]) -> bool:
    return any(each.rule == "empty-manifest" for each in found)


def _text(data: bytes) -> str | Fault:
    if len(data) > LARGEST:
        return fault("manifest-too-large", START, limit=f"{LARGEST:,}")
    return decode(data)


def _alien(data: bytes, document: Document | None, given: discover.Found) -> list[Fault]:
    """Return what the file is if it is no manifest; nothing where it is meant as one.

    A search takes others' files for what they are. Of a file that was named, that has to be sure:
    else what is wrong with it as a manifest says more.
    """
    if is_manifest(document.data if document else None, loosely(data)):
        return []
    kind = kinds.of(data, given.path.name)
    if kind == kinds.POINTER:
        return [fault("lfs-pointer", START)]
    if not given.named:
        return [fault("other-yaml", START)]
    if kind == kinds.VIDEO:
        return [fault("is-video", START, command=f"nicobatch init {typed(given.path)}")]
    return [fault("other-file", START, kind=_(kind))] if kind else []
