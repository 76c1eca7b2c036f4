"""An entry of a manifest to the videos that it stands for, as the disk has their files."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from nicobatch.manifest import discover, expansion, identity, semantics
from nicobatch.manifest.defaults import Entry, Sites
from nicobatch.manifest.expansion import Expansion
from nicobatch.manifest.rules import Fault


@dataclass(slots=True)
class Unfolding:
    """Unfolds the entries of one manifest, each folder that its patterns search read once."""

    path: Path
    sites: Sites
    patterns: list[str]
    """Takes those that were searched for."""
    _looked_at: int = 0
    """Files and folders."""
    _listed: dict[str, discover.Listing | None] = field(default_factory=dict)
    """What patterns choose among, by what the manifest writes."""

    def __call__(self, entry: Entry) -> Expansion:
        """Return the entries that one stands for: more than one only for a pattern of files."""
        site = self.sites[entry.site]
        missing = tuple(semantics.incomplete(entry, site))
        if "pages" in entry.own:
            entry, lost = self._paged(entry)
            return Expansion((entry,), (*missing, *lost))
        found = self._look(entry, "file") if identity.names_file(entry) else None
        if found is None:
            meant = expansion.alone(self._spelled(entry), site.limits.tags)
        else:
            self.patterns.append(entry.data["file"])
            meant = expansion.expand(entry, found, site.limits.tags)
        return replace(meant, faults=(*missing, *meant.faults))

    def _look(self, entry: Entry, field: str) -> discover.Listing | None:
        file = entry.data[field]
        if file not in self._listed:
            self._listed[file] = found = discover.look(self.path, file, self._looked_at)
            self._looked_at += found.seen if found else 0
        return self._listed[file]

    def _paged(self, entry: Entry) -> tuple[Entry, tuple[Fault, ...]]:
        """Return the entry with each of its pages, the first of which names it."""
        pages, lost = entry.data["pages"], tuple[Fault, ...]()
        if isinstance(pages, str):
            found = self._look(entry, "pages")
            self.patterns += [pages] if found else []
            names, lost = expansion.chosen(entry, found) if found else ([pages], ())
            pages = [{"file": each} for each in names]
        first = pages[0].get("file") if isinstance(pages, list) and pages else None
        data = {**entry.data, "pages": pages, "file": first}
        places = {**entry.places, "file": entry.place("pages")}
        if not isinstance(first, str):
            del data["file"]
        return replace(entry, data=data, places=places), lost

    def _spelled(self, entry: Entry) -> Entry:
        if not identity.names_file(entry):
            return entry
        file = discover.spelled(self.path, entry.data["file"])
        return replace(entry, data={**entry.data, "file": file})
