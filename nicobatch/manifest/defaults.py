"""A video as it is meant for one site: `defaults`, the video and the site's blocks, merged.

A later layer wins: defaults, video, defaults.SITE, video.SITE. Every field keeps the place it came
from.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from nicobatch.manifest.document import WEIGHED, Document, Marks, Step, position
from nicobatch.manifest.rules import Fault, fault
from nicobatch.model import DEFAULT_SITE, Position
from nicobatch.sites.description import Site

MOST_MERGED = 300_000
"""Values that `defaults` may stand for, counted with every video of its manifest."""
ANNOUNCE = "announce"
"""The common key that counts for one site alone."""
SITES = "sites"
"""The key under which a manifest says where it goes."""

Sites: TypeAlias = Mapping[str, Site]
"""Every site there is, by its name."""
_Layer: TypeAlias = tuple[dict[str, Any], tuple[Step, ...]]
"""A mapping of the document, and the path to it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One video as its manifest asks for it: data as merged, and the place of each field."""

    data: dict[str, Any]
    places: dict[str, Position]
    keys: Mapping[str, Position]
    """Where the keys stand that the video itself has, not those that `defaults` adds."""
    site: str = DEFAULT_SITE
    """What it is meant for."""
    own: frozenset[str] = frozenset()
    """The keys that the site has in blocks of its own."""
    shared: tuple[str, ...] = ()
    """The files that its texts are taken from."""
    made: frozenset[str] = frozenset()
    """The fields whose values were made of what stands there."""
    neighbours: tuple[str, str] = ("", "")
    """The ids of the videos before and behind it, where a text names their addresses."""

    def place(self, name: str) -> Position:
        """Return where the field stands, or the nearest thing around it."""
        while name and name not in self.places:
            name = name.rpartition(".")[0]
        return self.places[name]


_Parts: TypeAlias = tuple[Entry, Entry | None]
"""Of a layer: what it has for all sites, and the block of one."""


def merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Return `over` on top of `base`: mappings are merged deeply, all else is replaced."""
    merged = dict(base)
    for key, value in over.items():
        below = merged.get(key)
        if isinstance(below, dict) and isinstance(value, dict):
            value = merge(below, value)  # noqa: PLW2901
        merged[key] = value
    return merged


def shared(document: Document, sites: Sites) -> Iterator[Entry]:
    """Yield `defaults` as if it were a video, if there is any, for each site that is named."""
    for base in _defaults(document):
        for site in destinations(document, sites):
            yield _joined([_parts(document, base, sites, site)])


def entries(document: Document, sites: Sites) -> Iterator[tuple[int, Entry]]:
    """Yield the videos of a manifest with their index, each once a site that it is meant for.

    What is no mapping is left out.
    """
    base, below = _defaults(document), dict[str, list[_Parts]]()
    top = _named(document.data, sites)
    for index, layer in layers(document):
        lists = (_named(data, sites) for data, _ in (layer, *base))
        names = next(filter(None, lists), top) or (DEFAULT_SITE,)
        for site in names:
            if site not in below:
                below[site] = [_parts(document, each, sites, site) for each in base]
            entry = _joined([*below[site], _parts(document, layer, sites, site)])
            yield index, entry if site == names[0] else _told_once(entry)


def destinations(document: Document, sites: Sites) -> tuple[str, ...]:
    """Return every site that a video may go to, in the order in which they are named."""
    layered = [document.data, *(data for data, _ in _defaults(document))]
    layered += [data for _, (data, _) in layers(document) if SITES in data]
    named = [_named(data, sites) for data in layered]
    whole = named[0] or (DEFAULT_SITE,)
    return tuple(dict.fromkeys([*whole, *(name for names in named for name in names)]))


def layers(document: Document) -> Iterator[tuple[int, _Layer]]:
    """Yield the mapping of each video with its index."""
    data: Any = document.data
    if form(data) == "single":
        yield 0, (data, ())
        return
    videos = data.get("videos")
    for index, video in enumerate(videos if isinstance(videos, list) else ()):
        if isinstance(video, dict):
            yield index, (video, ("videos", index))


def twice(document: Document, sites: Sites) -> Iterator[tuple[int | None, Fault]]:
    """Yield the keys that stand both at the top and in the block of the site at home there."""
    home = sites[DEFAULT_SITE]
    every = [(None, each) for each in _defaults(document)]
    for index, (data, path) in (*every, *layers(document)):
        block = data.get(home.name)
        for key in block if isinstance(block, dict) else ():
            if key in data and key in home.own:
                first = document.key_place(*path, key).line
                place = document.key_place(*path, home.name, key)
                yield index, fault("repeated-key", place, key=key, first=first)


def excess(document: Document) -> Iterator[Fault]:
    """Yield that `defaults` would unfold into more than there is memory for."""
    data: Any = document.data
    base, videos = data.get("defaults"), data.get("videos")
    if not isinstance(base, dict) or not isinstance(videos, list):
        return
    count = _size(base) * len(videos)
    if count > MOST_MERGED:
        said = {"count": f"{count:,}", "videos": f"{len(videos):,}", "limit": f"{MOST_MERGED:,}"}
        yield fault("defaults-too-many", document.key_place("defaults"), **said)


def _size(value: object) -> int:
    """Count values, of which a long text is several: each is looked at for every video."""
    if isinstance(value, str):
        return 1 + len(value) // WEIGHED
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(map(_size, inner))


def form(data: Mapping[str, Any]) -> str:
    """Tell a manifest with `videos` (`batch`) from one for a single video (`single`)."""
    return "batch" if "videos" in data or "defaults" in data else "single"


def _defaults(document: Document) -> list[_Layer]:
    data: Any = document.data
    base = data.get("defaults")
    return [(base, ("defaults",))] if isinstance(base, dict) else []


def _named(data: Any, sites: Sites) -> tuple[str, ...]:
    """Return the sites that a mapping names, as far as there are such."""
    given = data.get(SITES)
    known = (each for each in given if type(each) is str) if isinstance(given, list) else ()
    return tuple(dict.fromkeys(each for each in known if each in sites))


def _parts(document: Document, layer: _Layer, sites: Sites, site: str) -> _Parts:
    """Return what a layer has for all sites, and what it has for this one alone."""
    data, path = layer
    marks, block = document.marks[id(data)], data.get(site)
    name = "defaults" if path[:1] == ("defaults",) else "video"
    start = {"": document.place(*path)}
    common = _entry(document, _common(data, sites, site), marks, start, site, layer=name)
    if not isinstance(block, dict):
        return common, None
    marks = document.marks[id(block)]
    within = f"{name}.{site}"
    return common, _entry(document, block, marks, {}, site, layer=within, own=frozenset(block))


def _joined(parts: list[_Parts]) -> Entry:
    """Merge what all sites have in common, and then what this one has for itself."""
    (found, _), *others = parts
    for common, _ in others:
        found = _over(found, common, common.keys)
    for _, block in parts:
        if block:
            found = _over(found, block, {**found.keys, **block.keys})
    return found


def _common(data: dict[str, Any], sites: Sites, site: str) -> dict[str, Any]:
    """Leave out the blocks, and what is of another site than this one."""
    aside = {SITES, *sites}
    if site != DEFAULT_SITE:
        aside |= sites[DEFAULT_SITE].own.keys()
    if aside.isdisjoint(data):
        return data
    return {key: value for key, value in data.items() if key not in aside}


def _over(base: Entry, over: Entry, keys: Mapping[str, Position]) -> Entry:
    kept = {name: place for name, place in base.places.items() if not _given(name, over.data)}
    data = merge(base.data, over.data)
    return Entry(data, {**kept, **over.places}, keys, over.site, base.own | over.own)


def _told_once(entry: Entry) -> Entry:
    """Return the entry without what all sites announce: the first one does."""
    if ANNOUNCE not in entry.data or ANNOUNCE in entry.own:
        return entry
    data = {name: value for name, value in entry.data.items() if name != ANNOUNCE}
    return replace(entry, data=data)


def _given(name: str, video: Mapping[str, Any]) -> bool:
    """Tell whether the video itself has the field, or something else in its place."""
    value: object = video
    for step in name.split("."):
        if not isinstance(value, dict):
            return True
        if step not in value:
            return False
        value = value[step]
    return True


def _entry(  # noqa: PLR0913 - a mapping, and what it is part of
    document: Document,
    data: dict[str, Any],
    marks: Mapping[Step, Marks],
    places: dict[str, Position],
    site: str,
    *,
    layer: str,
    own: frozenset[str] = frozenset(),
) -> Entry:
    if len(marks) != len(data):
        marks = {key: marks[key] for key in data}
    _collect(document, marks, data, "", places, layer=layer)
    keys = {str(key): position(mark) for key, (mark, _, _) in marks.items()}
    return Entry(data, places, keys, site, own)


def _collect(  # noqa: PLR0913 - it calls itself with what is within
    document: Document,
    marks: Mapping[Step, Marks],
    value: Any,
    prefix: str,
    places: dict[str, Position],
    *,
    layer: str,
) -> None:
    for step, (_, mark, _) in marks.items():
        name = sys.intern(f"{prefix}{step}")  # each manifest has the same ones
        places[name] = position(mark, layer)
        inner = value[step]
        if type(inner) is dict or type(inner) is list:
            below = document.marks.get(id(inner), {})
            _collect(document, below, inner, f"{name}.", places, layer=layer)
