"""A video's address on another site, `{SITE.url}` in a text: whether it can ever be had."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

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
        named = {entry.site: list(_named(entry)) for _, entry in group}
        for site, found in named.items():
            for name, place in found:
                if told := _fault(name, place, site, named, sites):
                    yield index, site, told


def _named(entry: Entry) -> Iterator[tuple[str, Position]]:
    for field in TEXTS:
        value = entry.data.get(field)
        for number, text in enumerate(value if isinstance(value, list) else [value]):
            place = entry.place(f"{field}.{number}")
            for name in ADDRESS.findall(text) if isinstance(text, str) else ():
                if field == "tags" or name not in NEIGHBOURS:
                    yield name, place


def _fault(
    name: str,
    place: Position,
    site: str,
    named: Mapping[str, list[tuple[str, Position]]],
    sites: Sites,
) -> Fault | None:
    written = f"{{{name}.url}}"
    if name not in sites:
        suggestion = suggest(name, [*sites, *NEIGHBOURS])
        values = {"suggestion": f"{{{suggestion}.url}}", "known": ", ".join(sites)}
        advice = "did-you-mean" if suggestion else ""
        return fault("address-unknown", place, advice=advice, written=written, **values)
    if name == site:
        return fault("address-own", place, written=written, site=site)
    if name not in named:
        return fault("address-elsewhere", place, written=written, site=name)
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
