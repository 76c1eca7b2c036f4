"""One entry with a pattern of file names to an entry for each file that matches."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import PurePath, PurePosixPath
from typing import Any

from nicobatch.language import reason
from nicobatch.manifest import discover, patterns
from nicobatch.manifest.defaults import Entry
from nicobatch.manifest.discover import Listing
from nicobatch.manifest.identity import ID_BYTES, ID_LENGTH
from nicobatch.manifest.rules import Fault, fault, shown
from nicobatch.model import ADDRESS, Position

PLACEHOLDERS = ("stem", "index")
MOST_FLAWS = 20
LONGEST_NAME = 100
"""Characters of a name that a placeholder's may be near to."""
FORMAT = re.compile(r"0[1-9]")
TOKEN = re.compile(r"\{\{|\}\}|\{(?P<name>[^{}:]*)(?P<colon>:(?P<format>[^{}]*))?\}|[{}]")

# What is shorter, such as {x}, is as likely a part of the text.
LIKE_ONE = re.compile(r"[A-Za-z_][\w.]{2,}", re.ASCII)

HABITS: Mapping[str, tuple[str, ...]] = {
    "stem": ("name", "file", "filename", "basename", "title", "file_name", "ファイル名", "名前"),
    "index": ("number", "num", "no", "nr", "n", "i", "count", "counter", "番号", "連番"),
}
MEANT: Mapping[str, str] = {habit: key for key, habits in HABITS.items() for habit in habits}


def flaws(template: str, field: str, place: Position) -> Iterator[Fault]:
    """Yield what is wrong with the placeholders of a field, up to some number."""
    return islice(_flaws(template, field, place), MOST_FLAWS)


def _flaws(template: str, field: str, place: Position) -> Iterator[Fault]:
    for token in TOKEN.finditer(template):
        if token["name"] is not None:
            yield from _flaw(token, place)
        elif len(token[0]) == 1:
            yield fault("placeholder-brace", place, field=field, brace=token[0])


def _flaw(token: re.Match[str], place: Position) -> Iterator[Fault]:
    name, written = token["name"], shown(token[0])
    if ADDRESS.fullmatch(token[0]):
        return
    if name not in PLACEHOLDERS:
        meant = _placeholder(name)
        advice = "did-you-mean" if meant else ""
        yield fault(
            "placeholder-unknown", place, advice=advice, written=written, suggestion=f"{{{meant}}}"
        )
    elif token["colon"] and (name != "index" or not FORMAT.fullmatch(token["format"])):
        yield fault("placeholder-format", place, written=written, placeholder=f"{{{name}}}")


def _placeholder(name: str) -> str:
    plain = name.strip().casefold()
    if len(plain) > LONGEST_NAME:
        return ""
    near = difflib.get_close_matches(plain, [*PLACEHOLDERS, *MEANT], n=1)
    return MEANT.get(near[0], near[0]) if near else ""


def uses(template: str, *names: str) -> bool:
    """Tell whether the text has one of these placeholders."""
    return any(token["name"] in names for token in TOKEN.finditer(template))


def first(template: str) -> str:
    """Return the first that looks like a placeholder, as it is written; empty if there is none."""
    named = (each for each in TOKEN.finditer(template) if each["name"] is not None)
    words = (each[0] for each in named if _is_word(each["name"]))
    return next((each for each in words if not ADDRESS.fullmatch(each)), "")


def _is_word(name: str) -> bool:
    return name in {*PLACEHOLDERS, *MEANT} or bool(LIKE_ONE.fullmatch(name))


def fill(template: str, *, stem: str, index: int) -> str:
    """Return the text for one file; it must have no flaws."""

    def put(token: re.Match[str]) -> str:
        if token["name"] is None:
            return token[0][0]
        if ADDRESS.fullmatch(token[0]):
            return token[0]
        return stem if token["name"] == "stem" else format(index, token["format"] or "")

    return TOKEN.sub(put, template)


TEMPLATES = ("title", "id")
"""The fields whose placeholders are filled."""
PLAIN = ("description", "thanks_message", "tags")
"""Texts in which a placeholder stays as it is."""
STEM = "{stem}"
"""The id's default."""
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

    def about(self, found: Fault, entry: Entry) -> Fault:
        """Say which of the files a fault is about, unless it says so or concerns all of them."""
        if not self.of_pattern or found in self.faults:
            return found
        here = {entry.place(name) for name in ("file", *TEMPLATES)}
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
    given = {} if wrong else _templates(entry)
    if wrong or any(each.rule == "id-of-several" for each in alike):
        given["id"] = STEM  # what is wrong is said once, and not of every file again
    entries = (
        _entry(entry, given, PurePath(found.folder, name).as_posix(), index)
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
    """Return the entry itself, as its file is no pattern: its texts stay as they are."""
    return Expansion((entry,), (*_unfilled(entry), *_idle(entry, tags)))


def _unfilled(entry: Entry) -> Iterator[Fault]:
    """Yield the placeholders, unless the file has such a name itself."""
    for name in TEMPLATES:
        text = entry.data.get(name)
        written = first(text) if isinstance(text, str) else ""
        if written and written not in str(entry.data.get("file")):
            yield fault("placeholder-unfilled", entry.place(name), written=shown(written))


def _idle(entry: Entry, tags: int) -> Iterator[Fault]:
    """Yield the placeholders in texts that have none, whatever the file is; of so many tags."""
    for field in PLAIN:
        value = entry.data.get(field)
        items = value[:tags] if isinstance(value, list) else [value]
        for index, text in enumerate(items):
            written = first(text) if isinstance(text, str) else ""
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
            yield from flaws(text, name, entry.place(name))
    given = entry.data.get("id")
    if isinstance(given, str) and len(given) > ID_LENGTH:
        most: Mapping[str, Any] = {"limit": ID_LENGTH, "bytes": ID_BYTES}
        yield fault("id-too-long", entry.place("id"), id=shown(given), **most)


def _alike(entry: Entry, count: int) -> Iterator[Fault]:
    """Yield what keeps the videos from being told apart, now or later."""
    for name, text in _templates(entry).items():
        if count > 1 and not uses(text, *PLACEHOLDERS):
            yield fault(f"{name}-of-several", entry.place(name), count=count, **{name: shown(text)})
        elif name == "id" and uses(text, "index"):
            yield fault("id-by-index", entry.place(name))


def _entry(entry: Entry, given: Mapping[str, str], file: str, index: int) -> Entry:
    stem = unicodedata.normalize("NFC", PurePosixPath(file).stem)  # an id is one everywhere
    texts = {name: fill(text, stem=stem, index=index) for name, text in given.items()}
    places = {"id": entry.place("file"), **entry.places}
    return replace(entry, data={**entry.data, "file": file, **texts}, places=places)
