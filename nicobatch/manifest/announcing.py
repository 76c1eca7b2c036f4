"""Announcements: where others are to be told of a video, and in which words.

What is wrong with one is told without what it holds: an address for apprise may be a secret.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from nicobatch.manifest.defaults import Entry
from nicobatch.manifest.rules import Fault, fault
from nicobatch.model import Announcement, Position

FIELD: Final = "announce"
PLACES: Final[Mapping[str, str]] = {"livetube": "page", "apprise": "url_env"}
"""By kind, the key that says where an announcement goes to."""
_SHAPES: Final = {
    "page": re.compile(r"https?://[^\s/]+/\S+"),
    "url_env": re.compile(r"[A-Za-z_][A-Za-z0-9_]*"),
}
_RULES: Final = {"page": "announce-page", "url_env": "announce-variable"}
# A tab and a newline may stand in a text; the halves of surrogate pairs are no characters.
_INVISIBLE: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def texts(entry: Entry) -> Iterator[tuple[str, Position]]:
    """Yield what is to be said, with its place."""
    for number, item in _items(entry):
        for kind, given in item.items():
            text = given.get("text") if isinstance(given, dict) else None
            if isinstance(text, str):
                yield text, entry.place(f"{FIELD}.{number}.{kind}.text")


def filled(entry: Entry, fill: Callable[[str], str]) -> list[Any]:
    """Return the entry's announcements with their texts filled; what is none stays as it is."""

    def done(given: Any) -> Any:
        text = given.get("text") if isinstance(given, dict) else None
        return {**given, "text": fill(text)} if isinstance(text, str) else given

    return [
        {kind: done(given) for kind, given in item.items()} if isinstance(item, dict) else item
        for item in entry.data[FIELD]
    ]


def check(entry: Entry) -> Iterator[Fault]:
    """Yield what a schema says worse, or not at all."""
    seen = set[tuple[str, str]]()
    for number, item in _items(entry):
        name = f"{FIELD}.{number}"
        if len(item) != 1:
            yield fault("announce-kind", entry.place(name))
        for kind, given in item.items():
            if kind in PLACES and isinstance(given, dict):
                yield from _one(entry, f"{name}.{kind}", given, PLACES[kind])
                to = (kind, str(given.get(PLACES[kind])))
                if to in seen:
                    yield fault("announce-repeated", entry.place(f"{name}.{kind}"))
                seen.add(to)


def _one(entry: Entry, name: str, given: Mapping[str, Any], key: str) -> Iterator[Fault]:
    to, text = given.get(key), given.get("text")
    if isinstance(to, str) and not _SHAPES[key].fullmatch(to):
        yield fault(_RULES[key], entry.place(f"{name}.{key}"))
    if not isinstance(text, str):
        return
    field, place = f"{name}.text", entry.place(f"{name}.text")
    if not text.strip():
        yield fault("empty-value", place, field=field)
    if found := _INVISIBLE.search(text):
        character = f"U+{ord(found[0]):04X}"
        yield fault("text-control-character", place, field=field, character=character)


def of(data: Mapping[str, Any]) -> tuple[Announcement, ...]:
    """Return the announcements of a video that passed every check."""
    return tuple(
        Announcement(kind=kind, to=given[PLACES[kind]], text=given["text"].rstrip("\n"))
        for item in data.get(FIELD, ())
        for kind, given in item.items()
    )


def _items(entry: Entry) -> Iterator[tuple[int, dict[str, Any]]]:
    given = entry.data.get(FIELD)
    for number, item in enumerate(given if isinstance(given, list) else ()):
        if isinstance(item, dict):
            yield number, item
