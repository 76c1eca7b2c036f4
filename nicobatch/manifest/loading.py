"""Manifests from disk to videos and problems, each stage going as far as the one before allows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from nicobatch import disk
from nicobatch.manifest import (
    addresses,
    announcing,
    build,
    choosing,
    defaults,
    discover,
    expansion,
    filling,
    identity,
    semantics,
    series,
    shape,
    texts,
    times,
    yaml12,
)
from nicobatch.manifest.choosing import Group
from nicobatch.manifest.document import Document
from nicobatch.manifest.encoding import decode
from nicobatch.manifest.rules import RULES, Fault, Findings, fault, problem
from nicobatch.manifest.unfolding import Unfolding
from nicobatch.model import DEFAULT_SITE, Inputs, Position, Problem, Publish, Severity, Video
from nicobatch.sites.description import Site

LARGEST = 1_000_000
"""Bytes of a manifest; one of 2,000 videos has fewer."""
START = Position(1, 1)
MISREAD = frozenset(("yaml-merge-key", "look-alike"))

Stands = Callable[[str, Path, str], Inputs]
"""Returns of a site what the manifest's video of that id was published with there, if it was."""
Sent = Callable[[str, Path], series.Sent]
"""Returns of a site which times it was sent for a manifest's videos."""
Refused = Callable[[str, str], Path | None]
"""Returns of a site the file that remembers of an unknown value that the site has refused it."""


@dataclass(slots=True)
class Loader:
    """Reads manifests one after the other, and remembers what they have in common."""

    sites: defaults.Sites
    now: datetime
    means: Callable[[str], bool]
    """Tells whether what is for the site is read."""
    stands: Stands
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
    is_plain: bool = True
    """Whether it has no site but the one of manifests that name none."""
    there: dict[tuple[str, Path, str], Inputs] = field(default_factory=dict)
    """What videos were published with, as far as that was asked."""
    seen: identity.Seen = field(default_factory=identity.Seen)
    aside: identity.Seen | None = None
    """Those of the manifest that are not to be read, where only some are."""

    def read(self, found: discover.Found) -> None:
        """Add the videos and the problems of one manifest, or a note that the file is none."""
        path = found.path
        self.findings = Findings(path, self.problems)
        self.aside = None
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
        alien, is_empty = (
            shape.alien(data, document, given),
            "empty-manifest" in {x.rule for x in found},
        )
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
        self._document(document, given, broken=broken)

    def _document(self, document: Document, given: discover.Found, *, broken: bool) -> None:
        outline, path = shape.check(document, self.sites), given.path
        broken |= self._report(outline.of(None))
        self._report(self._shape(document, outline, given))
        if not outline.readable or self._report(defaults.excess(document)):
            return
        names = defaults.destinations(document, self.sites)
        self.is_plain = names == (DEFAULT_SITE,)
        groups, concerned = self._groups(document, outline, path), set(self.sites)
        if given.videos is not None:
            groups = self._chosen(groups, path, given.videos)
            concerned = {each.entry.site for each in groups}
        concerned = {*filter(self.means, concerned)}
        broken |= self._report(identity.account_faults(document, concerned))
        spoiled = {name: self._report(outline.of(None, name)) | broken for name in concerned}
        for common in defaults.shared(document, self.sites):
            if common.site in concerned:
                spoiled[common.site] |= self._report(self._fields(common))
        data: Any = document.data
        top = build.Top.of(document, data)
        for each in groups:
            if each.entry.site in concerned:
                wrong = self._report(each.faults) or spoiled[each.entry.site]
                self._add(each.meant, path, top, spoiled=wrong)

    def _shape(
        self, document: Document, outline: shape.Shape, given: discover.Found
    ) -> Iterator[Fault]:
        """Yield what is wrong with the shape of videos; where not all are read, of what is none."""
        if given.videos is not None:
            return
        whole = all(map(self.means, self.sites))
        videos = set() if whole else {index for index, _ in defaults.layers(document)}
        for (index, _site), faults in outline.faults.items():
            if index is not None and index not in videos:
                yield from faults

    def _groups(self, document: Document, outline: shape.Shape, path: Path) -> list[Group]:
        """Return what each entry stands for on each of its sites, and what is wrong with it."""
        whole = texts.Texts(path, document)
        found = [(n, *whole.whole(entry)) for n, entry in defaults.entries(document, self.sites)]
        lost: dict[tuple[int, str], list[Fault]] = {}
        if whole.has(addresses.SIGN):
            every = ((index, entry) for index, entry, _faults in found)
            for index, site, unknown in addresses.check(every, self.sites):
                lost.setdefault((index, site), []).append(unknown)
        meant = self._meant([entry for _index, entry, _faults in found], path)
        own = filling.filled(meant, lambda site: self.sent(site, path))
        groups = []
        for (index, entry, faults), each in zip(found, own, strict=False):
            known = [*outline.of(index), *outline.of(index, entry.site), *faults, *each.faults]
            known += lost.get((index, entry.site), ())
            groups.append(Group(entry, each, known))
        return groups

    def _meant(self, entries: Sequence[defaults.Entry], path: Path) -> list[expansion.Expansion]:
        """Return what each entry stands for, as far as there are not too many videos."""
        counts, found = Counter[str](), list[expansion.Expansion]()
        unfold = Unfolding(path, self.sites, self.patterns)
        for entry in entries:
            meant = unfold(entry)
            if meant.of_pattern:
                common = self._fields(filling.in_common(entry))
                meant = replace(meant, faults=(*common, *meant.faults))
            counts[entry.site] += len(meant.entries)
            if counts[entry.site] > shape.MOST_VIDEOS:
                self._report([shape.too_many(entry.place("file"))])
                break
            found.append(meant)
        return found

    def _chosen(self, groups: Sequence[Group], path: Path, names: Sequence[str]) -> list[Group]:
        """Return those of the videos that are named, and have the others in mind as others."""
        choice = choosing.choose(groups, names, path, self.sites)
        self._report(choice.faults)
        self.aside = identity.Seen()
        for each in choice.others:
            if not any(identity.check(each)):
                list(self.aside.add(each, path))
        return choice.groups

    def _add(
        self, meant: expansion.Expansion, path: Path, top: build.Top, *, spoiled: bool
    ) -> None:
        for each in meant.entries:
            site = self.sites[each.site]
            wrong = self._report(meant.about(found, each) for found in self._entry(each, path))
            video = None if spoiled or wrong else build.video(each, path, top, site)
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

    def _fields(self, entry: defaults.Entry) -> Iterator[Fault]:
        site = self.sites[entry.site]
        for found in semantics.check(entry, self.now, site):
            is_unknown = found.rule == "unknown-genre"
            file = self.refused(site.name, entry.data["genre"]) if is_unknown else None
            yield self._told(semantics.refused(found, file) if file else found, entry)
        yield from semantics.ended(entry, site)
        yield from announcing.check(entry)

    def _told(self, found: Fault, entry: defaults.Entry) -> Fault:
        """Say of which of several sites a fault is, and which key would be that site's alone."""
        if self.is_plain or not found.limited:
            return found
        limited = "" if found.limited in entry.own else found.limited
        return replace(found, site=entry.site, limited=limited)

    def _entry(self, entry: defaults.Entry, path: Path) -> Iterator[Fault]:
        misnamed = list(identity.check(entry))
        name = None if misnamed else identity.id_of(entry)  # no receipt has an impossible name
        for each in self._fields(entry):
            if not self._stays(each, entry, path, name):
                yield each
        yield from self._late(entry, path, name)
        yield from misnamed or (*self.seen.add(entry, path), *identity.unportable(entry))
        if self.aside and not misnamed:
            yield from self.aside.add(entry, path)

    def _late(self, entry: defaults.Entry, path: Path, name: str | None) -> Iterator[Fault]:
        """Yield a timer that has passed in vain.

        One that has done its work is no mistake: manifests stay in git, and are run again.
        """
        moment = times.moment_of(entry)
        if not (moment and name and self._is_out(entry.site, path, name, moment)):
            yield from times.late(entry, self.now)

    def _is_out(self, site: str, path: Path, name: str, at: datetime) -> bool:
        """Tell whether the video was published with that timer."""
        sent = self._there(site, path, name).get("publish.at")
        if sent is None:
            return False
        from nicobatch.receipt import read_moment  # where there is a receipt to be read

        return read_moment(sent) == at

    def _there(self, site: str, path: Path, name: str) -> Inputs:
        """Return what the video was published with; each is asked for once."""
        key = (site, path, name)
        if key not in self.there:
            self.there[key] = self.stands(*key)
        return self.there[key]

    def _stays(self, found: Fault, entry: defaults.Entry, path: Path, name: str | None) -> bool:
        """Tell whether the fault is of a text that the site has so already: nobody sends it."""
        field = semantics.text_of(found)
        if not field or not name or RULES[found.rule][0] is not Severity.ERROR:
            return False
        return semantics.is_as_sent(entry, field, self._there(entry.site, path, name))

    def _report(self, found: Iterable[Fault]) -> bool:
        """Keep the problems; return whether there is an error among them."""
        return sum(map(self.findings.add, found)) > 0


def _text(data: bytes) -> str | Fault:
    if len(data) > LARGEST:
        return fault("manifest-too-large", START, limit=f"{LARGEST:,}")
    return decode(data)
