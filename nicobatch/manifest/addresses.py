"""A video's address on another site, `{SITE.url}` in a text: whether it can ever be had."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import groupby

from nicobatch.manifest import announcing
from nicobatch.manifest.defaults import Entry, Sites
from nicobatch.manifest.rules import Fault, fault
from nicobatch.manifest.schema import suggest
from nicobatch.model import ADDRESS, NEXT, PREVIOUS, Position

TEXTS = ("title", "description", "tags")
SIGN = ".url}"
NEIGHBOURS = (PREVIOUS, NEXT)
"""Whose addresses are placeholders of titles and descriptions."""


def check(entries: Iterable[tuple[int, Entry]], sites: Sites) -> Iterator[tuple[int, str, Fault]]:
    """Yield what is wrong with the addresses that texts name, with the video's index and site.

    `entries` are all of a manifest, their texts whole.
    """
    for index, group in groupby(entries, key=lambda each: each[0]):
        entries_of = [entry for _, entry in group]
        named = {entry.site: list(_named(entry)) for entry in entries_of}
        for site, found in named.items():
            for name, place in found:
                if told := _fault(name, place, site, named, sites):
                    yield index, site, told
        for entry in entries_of:
            for each in _announced(entry, named, sites):
                yield index, entry.site, each


def _named(entry: Entry) -> Iterator[tuple[str, Position]]:
    for field in TEXTS:
        value = entry.data.get(field)
        for number, text in enumerate(value if isinstance(value, list) else [value]):
            place = entry.place(f"{field}.{number}")
            for name in ADDRESS.findall(text) if isinstance(text, str) else ():
                if field == "tags" or name not in NEIGHBOURS:
                    yield name, place


def _announced(entry: Entry, named: Collection[str], sites: Sites) -> Iterator[Fault]:
    """Yield what is wrong in announcements, which come last: they may name any site's address."""
    for text, place in announcing.texts(entry):
        for name in ADDRESS.findall(text):
            if name not in (*named, *NEIGHBOURS):
                yield _unheard(name, place, sites) or _elsewhere(name, place)


def _unheard(name: str, place: Position, sites: Sites) -> Fault | None:
    """Say that there is no such site."""
    if name in sites:
        return None
    suggestion = suggest(name, [*sites, *NEIGHBOURS])
    values = {"suggestion": f"{{{suggestion}.url}}", "known": ", ".join(sites)}
    advice = "did-you-mean" if suggestion else ""
    return fault("address-unknown", place, advice=advice, written=f"{{{name}.url}}", **values)


def _elsewhere(name: str, place: Position) -> Fault:
    return fault("address-elsewhere", place, written=f"{{{name}.url}}", site=name)


def _fault(
    name: str,
    place: Position,
    site: str,
    named: Mapping[str, list[tuple[str, Position]]],
    sites: Sites,
) -> Fault | None:
    written = f"{{{name}.url}}"
    if unheard := _unheard(name, place, sites):
        return unheard
    if name == site:
        return fault("address-own", place, written=written, site=site)
    if name not in named:
        return _elsewhere(name, place)
    if _leads_to(site, name, named):
        return fault("address-circle", place, written=written, site=site)
    return None


def _leads_to(site: str, name: str, named: Mapping[str, list[tuple[str, Position]]]) -> bool:
    """Tell whether what the one site's texts name comes back to the other, over any of them."""
    seen, todo = set[str](), [name]
    while todo:
        here = todo.pop()
        seen.add(here)
        todo += (each for each, _ in named.get(here, ()) if each not in seen)
    return site in seen
