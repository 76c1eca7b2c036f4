"""One entry with a pattern of file names to an entry for each file that matches."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath, PurePosixPath
from typing import Any

from nicobatch.language import reason
from nicobatch.manifest import discover, patterns, placeholders
from nicobatch.manifest.defaults import Entry
from nicobatch.manifest.discover import Listing
from nicobatch.manifest.identity import ID_BYTES, ID_LENGTH
from nicobatch.manifest.rules import Fault, fault, shown

TEMPLATES = ("title", "id")
"""The fields that are templates beside a pattern."""
PLAIN = ("thanks_message", "tags")
"""Texts in which a placeholder stays as it is."""
STEM = "{stem}"
"""The id's default."""
TELLING = ("stem", "index", "date")
"""The placeholders by which videos can be told apart."""
ADVICE = {
    **dict.fromkeys(("id-character", "id-edge", "id-reserved", "id-too-long"), "pattern-id"),
    "id-empty": "pattern-id",
    "id-repeated": "pattern-id",
    "file-repeated": "pattern-file",
}


@dataclass(frozen=True, slots=True)
class Expansion:
    """The entries that an entry stands for; `faults` concern all of them."""

    entries: tuple[Entry, ...] = ()
    faults: tuple[Fault, ...] = ()
    of_pattern: bool = False
    varying: frozenset[str] = frozenset()
    """The fields beside those that are other ones for each file."""

    def about(self, found: Fault, entry: Entry) -> Fault:
        """Say which of the files a fault is about, unless it says so or concerns all of them."""
        if not self.of_pattern or found in self.faults:
            return found
        here = {entry.place(name) for name in ("file", *TEMPLATES, *self.varying)}
        told = "file" in found.values or found.place not in here
        of = "" if told else shown(entry.data["file"])
        return replace(found, of=of, advice=ADVICE.get(found.rule, found.advice))


def expand(entry: Entry, found: Listing, tags: int) -> Expansion:
    """Return an entry for each file that matches, in natural order; a site takes so many tags."""
    file: str = entry.data["file"]
    names = patterns.select(found.steps, found.names)
    if not names and not found.failed and not patterns.is_surely_pattern(file):
        return alone(entry, tags)
    wrong = list(_texts(entry))
    alike = [] if wrong else list(_alike(entry, len(names)))
    template = _templates(entry).get("id", "")
    if wrong or any(each.rule == "id-of-several" for each in alike):
        template = STEM  # what is wrong is said once, and not of every file again
    entries = (
        _entry(entry, template, PurePath(found.folder, name).as_posix(), index)
        for index, name in enumerate(names, start=1)
    )
    faults = (*_search(entry, "file", found, names), *wrong, *alike, *_idle(entry, tags))
    return Expansion(tuple(entries), faults, of_pattern=True)


def chosen(entry: Entry, found: Listing) -> tuple[list[str], tuple[Fault, ...]]:
    """Return the files that a pattern of pages stands for, in natural order, and what is wrong."""
    names = patterns.select(found.steps, found.names)
    faults = _search(entry, "pages", found, names)
    return [PurePath(found.folder, name).as_posix() for name in names], tuple(faults)


def alone(entry: Entry, tags: int) -> Expansion:
    """Return the entry itself, as its file is no pattern."""
    return Expansion((entry,), (*_unfilled(entry), *_idle(entry, tags)))


def _unfilled(entry: Entry) -> Iterator[Fault]:
    """Yield what can't be filled in its title and id, unless the file has such a name itself."""
    for name in TEMPLATES:
        text = entry.data.get(name)
        if not isinstance(text, str) or is_of_file(entry, text):
            continue
        place, written = entry.place(name), placeholders.first(text)
        if name == "title":
            yield from placeholders.flaws(text, name, placeholders.at(place), strict=False)
        elif written:
            yield fault("placeholder-unfilled", place, written=shown(written))


def is_of_file(entry: Entry, text: str) -> bool:
    """Tell whether what looks like a placeholder is a part of the file's own name."""
    written = placeholders.first(text)
    return bool(written) and written in str(entry.data.get("file"))


def _idle(entry: Entry, tags: int) -> Iterator[Fault]:
    """Yield the placeholders in texts that have none, whatever the file is; of so many tags."""
    for field in PLAIN:
        value = entry.data.get(field)
        items = value[:tags] if isinstance(value, list) else [value]
        for index, text in enumerate(items):
            written = placeholders.first(text) if isinstance(text, str) else ""
            if written:
                place = entry.place(f"{field}.{index}")
                yield fault("placeholder-idle", place, written=shown(written), field=field)


def _search(entry: Entry, field: str, found: Listing, names: Sequence[str]) -> Iterator[Fault]:
    place, pattern = entry.place(field), shown(entry.data[field])
    for path, error in found.failed:
        yield fault("pattern-unreadable", place, path=shown(path), reason=reason(error))
    if found.is_cut:
        yield fault("pattern-too-wide", place, pattern=pattern, limit=f"{discover.MOST:,}")
        return
    for copy in patterns.left_out(found.steps, found.names):
        yield fault("pattern-conflict-copy", place, pattern=pattern, file=shown(copy))
    near = [shown(each) for each in patterns.all_but(found.steps, found.names, names)]
    if names:
        yield from (fault("pattern-case", place, file=each, pattern=pattern) for each in near)
    elif not found.failed:
        advice = "pattern-folder" if not found.is_there else "pattern-near" if near else ""
        values = {"folder": shown(found.folder), "near": "".join(near[:1])}
        yield fault("pattern-unmatched", place, advice=advice, pattern=pattern, **values)


def _templates(entry: Entry) -> dict[str, str]:
    """Return the fields with placeholders, the id's default among them."""
    texts = {"id": STEM, **entry.data}
    return {name: texts[name] for name in TEMPLATES if isinstance(texts.get(name), str)}


def _texts(entry: Entry) -> Iterator[Fault]:
    """Yield what is wrong with the templates, whatever they are filled with."""
    for name in TEMPLATES:
        text = entry.data.get(name)
        if isinstance(text, str):
            yield from placeholders.flaws(text, name, placeholders.at(entry.place(name)))
    given = entry.data.get("id")
    if isinstance(given, str) and len(given) > ID_LENGTH:
        most: Mapping[str, Any] = {"limit": ID_LENGTH, "bytes": ID_BYTES}
        yield fault("id-too-long", entry.place("id"), id=shown(given), **most)


def _alike(entry: Entry, count: int) -> Iterator[Fault]:
    """Yield what keeps the videos from being told apart, now or later."""
    for name, text in _templates(entry).items():
        if count > 1 and not placeholders.uses(text, *TELLING):
            yield fault(f"{name}-of-several", entry.place(name), count=count, **{name: shown(text)})
        elif name == "id" and placeholders.uses(text, "index"):
            yield fault("id-by-index", entry.place(name))


def _entry(entry: Entry, template: str, file: str, index: int) -> Entry:
    values: placeholders.Values = {"stem": stem_of(file), "index": index}
    data = {**entry.data, "file": file}
    if template:
        data["id"] = placeholders.fill(template, values)
    places = {"id": entry.place("file"), **entry.places}
    return replace(entry, data=data, places=places, made=entry.made | {"file", "id"})


def stem_of(file: str) -> str:
    """Return the file's name without its ending, spelled as ids are: one everywhere."""
    return unicodedata.normalize("NFC", PurePosixPath(file).stem)
