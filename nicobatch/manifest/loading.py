"""Manifests from disk to videos and problems, each stage going as far as the one before allows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from nicobatch import disk
from nicobatch.language import _
from nicobatch.manifest import (
    addresses,
    build,
    defaults,
    discover,
    expansion,
    filling,
    identity,
    kinds,
    semantics,
    series,
    shape,
    texts,
    yaml12,
)
from nicobatch.manifest.document import Document
from nicobatch.manifest.encoding import decode, loosely
from nicobatch.manifest.kinds import is_manifest
from nicobatch.manifest.rules import Fault, Findings, fault, problem, typed
from nicobatch.model import DEFAULT_SITE, Position, Problem, Publish, Video
from nicobatch.sites.base import Site

LARGEST = 1_000_000
"""Bytes of a manifest; one of 2,000 videos has fewer."""
START = Position(1, 1)
MISREAD = frozenset(("yaml-merge-key", "look-alike"))

Published = Callable[[str, Path, str, datetime], bool]
"""Tells of a site whether the manifest's video of that id was published there with that timer."""
Sent = Callable[[str, Path], series.Sent]
"""Returns of a site which times it was sent for a manifest's videos."""
Refused = Callable[[str, str], Path | None]
"""Returns of a site the file that remembers of an unknown value that the site has refused it."""


@dataclass(slots=True)
class Loader:
    """Reads manifests one after the other, and remembers what they have in common."""

    sites: defaults.Sites
    now: datetime
    published: Published
    sent: Sent
    refused: Refused
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
    listed: dict[str, discover.Listing | None] = field(default_factory=dict)
    """What its patterns choose among, by what the manifest writes."""
    is_plain: bool = True
    """Whether it has no site but the one of manifests that name none."""
    timers: dict[tuple[str, Path, str, datetime], bool] = field(default_factory=dict)
    """Whether videos were published with their timers, as far as that was asked."""
    seen: identity.Seen = field(default_factory=identity.Seen)

    def read(self, found: discover.Found) -> None:
        """Add the videos and the problems of one manifest, or a note that the file is none."""
        path = found.path
        self.findings = Findings(path, self.problems)
        self.looked_at, self.listed = 0, {}
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
        alien, is_empty = _alien(data, document, given), "empty-manifest" in {x.rule for x in found}
        if not alien and isinstance(text, str) and not is_empty:
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
        outline = shape.check(document, self.sites)
        found = list(outline.of(None))
        if outline.readable:
            found += identity.account_faults(document)
        broken |= self._report(found)
        for (index, _site), faults in outline.faults.items():
            if index is not None:
                self._report(faults)
        if not outline.readable or self._report(defaults.excess(document)):
            return
        names = defaults.destinations(document, self.sites)
        self.is_plain = names == (DEFAULT_SITE,)
        spoiled = {name: self._report(outline.of(None, name)) | broken for name in self.sites}
        for common in defaults.shared(document, self.sites):
            spoiled[common.site] |= self._report(self._fields(common))
        self._entries(document, path, outline, spoiled)

    def _entries(
        self, document: Document, path: Path, outline: shape.Shape, spoiled: Mapping[str, bool]
    ) -> None:
        data: Any = document.data
        whole = texts.Texts(path, document)
        found = [(n, whole.whole(entry)) for n, entry in defaults.entries(document, self.sites)]
        lost: dict[tuple[int, str], list[Fault]] = {}
        if whole.has(addresses.SIGN):
            every = ((number, entry) for number, (entry, _faults) in found)
            for number, site, unknown in addresses.check(every, self.sites):
                lost.setdefault((number, site), []).append(unknown)
        meant = self._all_meant([entry for _number, (entry, _faults) in found], path)
        own = filling.filled(meant, lambda site: self.sent(site, path))
        for (index, (entry, faults)), each in zip(found, own, strict=False):
            known = [*outline.of(index), *outline.of(index, entry.site), *faults, *each.faults]
            known += lost.get((index, entry.site), ())
            wrong = self._report(known) or spoiled[entry.site]
            self._add(each, path, data.get("account"), spoiled=wrong)

    def _all_meant(
        self, entries: Sequence[defaults.Entry], path: Path
    ) -> list[expansion.Expansion]:
        """Return what each entry stands for, as far as there are not too many videos."""
        counts, found = Counter[str](), list[expansion.Expansion]()
        for entry in entries:
            found.append(self._meant(entry, path))
            counts[entry.site] += len(found[-1].entries)
            if counts[entry.site] > shape.MOST_VIDEOS:
                self._report([shape.too_many(entry.place("file"))])
                return found[:-1]
        return found

    def _add(
        self, meant: expansion.Expansion, path: Path, account: object, *, spoiled: bool
    ) -> None:
        for each in meant.entries:
            site = self.sites[each.site]
            wrong = self._report(meant.about(found, each) for found in self._entry(each, path))
            video = None if spoiled or wrong else build.video(each, path, account, site)
            if video and self._is_taken(video, path, site):
                self.videos.append(video)
            elif identity.names_file(each):
                self.flawed.append(build.sketch(each, path, site))

    def _is_taken(self, video: Video, path: Path, site: Site) -> bool:
        """Tell whether the site itself has nothing against the video, nor its timer if it waits."""
        at = video.publish.at
        if at and self._is_out(site.name, path, video.id, at):
            video = replace(video, publish=Publish())
        longest = dict.fromkeys(video.named_addresses, semantics.ANY_ADDRESS)
        found = tuple(site.check(video.naming(longest), self.now))
        self.problems.update(dict.fromkeys(found))
        return not any(each.stops() for each in found)

    def _meant(self, entry: defaults.Entry, path: Path) -> expansion.Expansion:
        """Return the entries that one stands for: more than one only for a pattern of files."""
        site = self.sites[entry.site]
        missing = tuple(semantics.incomplete(entry, site))
        if "pages" in entry.own:
            entry, lost = self._paged(entry, path)
            return expansion.Expansion((entry,), (*missing, *lost))
        found = self._look(entry, path, "file") if identity.names_file(entry) else None
        if found is None:
            meant = expansion.alone(self._spelled(entry, path), site.limits.tags)
            return replace(meant, faults=(*missing, *meant.faults))
        self.patterns.append(entry.data["file"])
        meant = expansion.expand(entry, found, site.limits.tags)
        common = self._fields(filling.in_common(entry))
        return replace(meant, faults=(*common, *missing, *meant.faults))

    def _look(self, entry: defaults.Entry, path: Path, field: str) -> discover.Listing | None:
        file = entry.data[field]
        if file not in self.listed:
            self.listed[file] = found = discover.look(path, file, self.looked_at)
            self.looked_at += found.seen if found else 0
        return self.listed[file]

    def _paged(self, entry: defaults.Entry, path: Path) -> tuple[defaults.Entry, tuple[Fault, ...]]:
        """Return the entry with each of its pages, the first of which names it."""
        pages, lost = entry.data["pages"], tuple[Fault, ...]()
        if isinstance(pages, str):
            found = self._look(entry, path, "pages")
            self.patterns += [pages] if found else []
            names, lost = expansion.chosen(entry, found) if found else ([pages], ())
            pages = [{"file": each} for each in names]
        first = pages[0].get("file") if isinstance(pages, list) and pages else None
        data = {**entry.data, "pages": pages, "file": first}
        places = {**entry.places, "file": entry.place("pages")}
        if not isinstance(first, str):
            del data["file"]
        return replace(entry, data=data, places=places), lost

    def _spelled(self, entry: defaults.Entry, path: Path) -> defaults.Entry:
        if not identity.names_file(entry):
            return entry
        file = discover.spelled(path, entry.data["file"])
        return replace(entry, data={**entry.data, "file": file})

    def _fields(self, entry: defaults.Entry) -> Iterator[Fault]:
        site = self.sites[entry.site]
        for found in semantics.check(entry, self.now, site):
            is_unknown = found.rule == "unknown-genre"
            file = self.refused(site.name, entry.data["genre"]) if is_unknown else None
            yield self._told(semantics.refused(found, file) if file else found, entry)
        yield from semantics.ended(entry, site)

    def _told(self, found: Fault, entry: defaults.Entry) -> Fault:
        """Say of which of several sites a fault is, and which key would be that site's alone."""
        if self.is_plain or not found.limited:
            return found
        limited = "" if found.limited in entry.own else found.limited
        return replace(found, site=entry.site, limited=limited)

    def _entry(self, entry: defaults.Entry, path: Path) -> Iterator[Fault]:
        yield from self._fields(entry)
        yield from self._late(entry, path)
        misnamed = list(identity.check(entry))
        yield from misnamed or self.seen.add(entry, path)

    def _late(self, entry: defaults.Entry, path: Path) -> Iterator[Fault]:
        """Yield a timer that has passed in vain.

        One that has done its work is no mistake: manifests stay in git, and are run again.
        """
        moment, name = semantics.moment_of(entry), identity.id_of(entry)
        if not (moment and name and self._is_out(entry.site, path, name, moment)):
            yield from semantics.late(entry, self.now)

    def _is_out(self, site: str, path: Path, name: str, at: datetime) -> bool:
        """Tell whether the video was published with that timer; each is asked for once."""
        key = (site, path, name, at)
        if key not in self.timers:
            self.timers[key] = self.published(*key)
        return self.timers[key]

    def _report(self, found: Iterable[Fault]) -> bool:
        """Keep the problems; return whether there is an error among them."""
        return sum(map(self.findings.add, found)) > 0


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
