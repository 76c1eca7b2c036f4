"""The shape of a manifest: held against the version that it names and against the schema."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from nicobatch.installation import upgrade
from nicobatch.language import N_, _
from nicobatch.manifest import kinds, lookalikes, schema, violations
from nicobatch.manifest.defaults import SITES, Sites, destinations, form, layers, twice
from nicobatch.manifest.discover import START, Found
from nicobatch.manifest.document import Document
from nicobatch.manifest.encoding import loosely
from nicobatch.manifest.rules import MORE, Fault, fault, quoted, shown, typed
from nicobatch.manifest.schema import Violation
from nicobatch.manifest.violations import Context
from nicobatch.model import DEFAULT_SITE, Position

VERSION = 1
MOST_VIDEOS = 10_000
"""Of one manifest, those that its patterns stand for included."""
KEY_LINE = re.compile(
    rf"^[^\w\n#]*(?:version|videos|defaults|file|title|tags|description)[\"']?\s*[:{lookalikes.COLONS}]",
    re.IGNORECASE | re.MULTILINE,
)
"""What begins no other line than a manifest's, of which any has one."""
KINDS: tuple[tuple[type, str], ...] = (
    (dict, N_("none of its keys is a manifest's")),
    (list, N_("it is a list")),
    (str, N_("it is mere text")),
    (type(None), N_("there is nothing in it")),
    (object, N_("it is a single value")),
)
"""What else a file may hold; never the value itself, which may be a secret."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What is wrong with a manifest's shape, told apart by whom it concerns."""

    faults: dict[tuple[int | None, str], list[Fault]] = field(default_factory=dict)
    """By the index of the video, None for the manifest or its `defaults`, and by the site, which is
    empty where it concerns all."""
    readable: bool = True
    """Whether there is a point in looking at its fields."""

    def of(self, video: int | None, site: str = "") -> list[Fault]:
        """Return what concerns the video on the site, and nothing that concerns more."""
        return self.faults.get((video, site), [])


def check(document: Document, sites: Sites) -> Shape:
    """Hold a manifest against the version that it names and against the schema."""
    data = document.data
    if not isinstance(data, dict) or not _alike(data):
        return _unreadable(_foreign(data, document.place()))
    version = list(_version(document, data))
    if version and "version" in data:
        return _unreadable(*version)
    videos = data.get("videos")
    if isinstance(videos, list) and len(videos) > MOST_VIDEOS:
        return _unreadable(too_many(document.key_place("videos")))
    context = Context(document, sites, destinations(document, sites))
    shape = Shape({(None, ""): version})
    for number, found in enumerate(schema.violations(form(data), data)):
        told = number < violations.MOST_WORDED
        owner = shape.faults.setdefault(_owner(found.path, sites), [])
        owner += violations.said(found, context) if told else [_unsaid(found, document)]
    for index, each in twice(document, sites):
        shape.faults.setdefault((index, DEFAULT_SITE), []).append(each)
    for each in _idle(context):
        shape.of(None).append(each)
    return shape


def _unreadable(*faults: Fault) -> Shape:
    return Shape({(None, ""): [*faults]}, readable=False)


def _owner(path: violations.Trail, sites: Sites) -> tuple[int | None, str]:
    """Return whose the value at the path is: which video's, and which site's."""
    index, rest = None, path
    if len(path) > 1 and path[0] == "videos":
        index, rest = int(path[1]), path[violations.VIDEO_DEPTH :]
    elif path and path[0] == "defaults":
        rest = path[1:]
    first = str(rest[0]) if rest else ""
    site = DEFAULT_SITE if first in sites[DEFAULT_SITE].own else first
    return index, site if site in sites else ""


def _idle(context: Context) -> Iterator[Fault]:
    """Yield the blocks of sites to which no video goes."""
    document, names = context.document, context.destinations
    data: Any = document.data
    every = [(each, path) for _, (each, path) in layers(document)]
    if isinstance(data.get("defaults"), dict):
        every.append((data["defaults"], ("defaults",)))
    for each, path in every:
        for site in each.keys() & (context.sites.keys() - {*names}):
            place = document.key_place(*path, site)
            yield fault("site-idle", place, site=site, sites=", ".join((*names, site)))


def too_many(place: Position) -> Fault:
    """Say that there are more videos than a manifest may stand for."""
    return fault("too-many-videos", place, limit=f"{MOST_VIDEOS:,}")


def _unsaid(found: Violation, document: Document) -> Fault:
    return fault(MORE, document.place(*found.path), keyword=found.keyword)


def _foreign(data: object, place: Position) -> Fault:
    """Say that it is no manifest, and nothing of what it holds: it may be a secret."""
    value = _(next(words for kind, words in KINDS if isinstance(data, kind)))
    return fault("not-a-manifest", place, value=value)


def other_file(text: str, document: Document | None) -> Iterator[Fault]:
    """Yield that the text is no manifest, not even one that is full of mistakes."""
    data = document.data if document else text
    if not (KEY_LINE.search(text) or (isinstance(data, dict) and _alike(data))):
        yield _foreign(data, document.place() if document else Position(1, 1))


def _alike(data: Mapping[str, Any]) -> bool:
    """Tell whether there is a key that hardly another kind of file has."""
    return not data.keys().isdisjoint({*schema.known("batch"), *schema.known("single")} - {SITES})


def _version(document: Document, data: Mapping[str, Any]) -> Iterator[Fault]:
    value = data.get("version")
    if "version" not in data:
        yield fault("version-missing", document.place())
    elif isinstance(value, int) and value > VERSION:
        yield fault(
            "version-newer", document.place("version"), value=shown(value), command=upgrade()
        )
    elif value != VERSION or value is True:
        values = {"value": quoted(value), **lookalikes.hint(value)}
        yield fault("version-unknown", document.place("version"), **values)


def alien(data: bytes, document: Document | None, given: Found) -> list[Fault]:
    """Return what the file is if it is no manifest; nothing where it is meant as one.

    A search takes others' files for what they are. Of a file that was named, that has to be sure:
    else what is wrong with it as a manifest says more.
    """
    if kinds.is_manifest(document.data if document else None, loosely(data)):
        return []
    kind = kinds.of(data, given.path.name)
    if kind == kinds.POINTER:
        return [fault("lfs-pointer", START)]
    if not given.named:
        return [fault("other-yaml", START)]
    if kind == kinds.VIDEO:
        return [fault("is-video", START, command=f"nicobatch init {typed(given.path)}")]
    return [fault("other-file", START, kind=_(kind))] if kind else []
