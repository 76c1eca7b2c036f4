"""Which videos of a manifest are to be read, where not all of them are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from nicobatch.language import _
from nicobatch.manifest.defaults import Entry, Sites
from nicobatch.manifest.expansion import Expansion
from nicobatch.manifest.identity import id_of, id_place
from nicobatch.manifest.naming import Id, meant
from nicobatch.manifest.rules import Fault, fault, shown, typed
from nicobatch.manifest.schema import suggest
from nicobatch.model import Position

START: Final = Position(1, 1)
MOST_TOLD: Final = 10
"""Ids that a hint has."""


@dataclass(frozen=True, slots=True)
class Group:
    """An entry of a manifest on one site, and the videos that it stands for."""

    entry: Entry
    meant: Expansion
    faults: Sequence[Fault]
    """Of the entry as such; each of its videos is looked at for itself."""

    @property
    def ids(self) -> Iterator[tuple[Id, Entry]]:
        """Yield the id of each of its videos that has one."""
        named = ((id_of(each), each) for each in self.meant.entries)
        return (((name, self.entry.site), each) for name, each in named if name)

    def only(self, ids: set[Id]) -> Group:
        """Return the group with no more than the videos of these ids."""
        entries = tuple(each for id_, each in self.ids if id_ in ids)
        return replace(self, meant=replace(self.meant, entries=entries))


@dataclass(frozen=True, slots=True)
class Choice:
    """What was found of the videos that were named."""

    groups: list[Group]
    others: tuple[Entry, ...]
    """The manifest's other videos."""
    faults: tuple[Fault, ...]
    """The names that are nobody's."""


def choose(groups: Sequence[Group], names: Sequence[str], manifest: Path, sites: Sites) -> Choice:
    """Return the videos that the names mean, each `ID` or `ID@SITE`."""
    there = {id_: entry for group in groups for id_, entry in group.ids}
    found = {name: meant(name, there.keys()) for name in names}
    ids = set().union(*found.values())
    chosen = [group.only(ids) for group in groups]
    return Choice(
        groups=[group for group in chosen if group.meant.entries],
        others=tuple(each for group in groups for id_, each in group.ids if id_ not in ids),
        faults=tuple(unknown(name, there, manifest, sites) for name in names if not found[name]),
    )


def unknown(name: str, there: Mapping[Id, Entry], manifest: Path, known: Sites) -> Fault:
    """Say that there is no such video, at the place of the one that was probably meant."""
    if not name:
        return fault("video-unnamed", START)
    video, _at, site = name.rpartition("@")
    if sites := [other for each, other in there if each == video]:
        near = suggest(site, sites)
        return fault(
            "video-elsewhere",
            id_place(there[video, sites[0]]),
            advice="did-you-mean" if near else "" if site in known else "no-site",
            video=shown(video),
            site=shown(site),
            sites=", ".join(sites),
            suggestion=shown(f"{video}@{near}"),
        )
    by_name = {f"{each}@{site}": entry for (each, site), entry in there.items()}
    by_name |= {each: entry for (each, _site), entry in there.items()}
    if near := suggest(name, by_name):
        place, advice = id_place(by_name[near]), "did-you-mean"
    else:
        place, advice = START, "" if there else "video-none"
    return fault(
        "video-unknown",
        place,
        advice=advice,
        manifest=manifest,
        video=shown(name),
        ids=_listed(list(dict.fromkeys(each for each, _site in there))),
        suggestion=shown(near),
        command=f"nicobatch check {typed(manifest)}",
    )


def _listed(ids: Sequence[str]) -> str:
    told = ", ".join(map(shown, ids[:MOST_TOLD]))
    more = len(ids) - MOST_TOLD
    return _("{files} and {count} more").format(files=told, count=more) if more > 0 else told or "-"
