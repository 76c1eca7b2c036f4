"""Texts that several manifests or videos share: `{text: …, file: …, before: …, after: …}`.

Files lie in the manifest's folder or below. What they hold counts as if it stood in the manifest.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, Final

from nicobatch import disk
from nicobatch.language import reason
from nicobatch.manifest import announcing, encoding, identity, placeholders
from nicobatch.manifest.defaults import Entry
from nicobatch.manifest.discover import spelled
from nicobatch.manifest.document import Document
from nicobatch.manifest.rules import Fault, fault, shown
from nicobatch.model import Position

FIELD: Final = "description"
"""The text that may be put together."""
PARTS: Final = ("before", "text", "file", "after")
"""In the order in which they stand in the text."""
LARGEST: Final = 100_000
"""Bytes of a file: no site takes a text that is nearly as long."""


@dataclass(slots=True)
class Texts:
    """The texts of one manifest; each of its files is read once."""

    manifest: Path
    document: Document
    _read: dict[str, str | Fault] = field(default_factory=dict)
    """Of each file its text, or what is wrong with it, in the file's own place."""
    _ends: dict[Position, tuple[int, int]] = field(default_factory=dict)
    """Where in the manifest the values begin and end that stand at a place."""

    def whole(self, entry: Entry) -> tuple[Entry, tuple[Fault, ...]]:
        """Return the entry with its text in one piece, and what is wrong with its texts."""
        whole, faults = self._description(entry)
        return whole, (*faults, *self._announced(entry))

    def _announced(self, entry: Entry) -> Iterator[Fault]:
        for text, place in announcing.texts(entry):
            at = self._within(place)
            yield from placeholders.flaws(text, "text", at, strict=False)

    def _description(self, entry: Entry) -> tuple[Entry, tuple[Fault, ...]]:
        given: Any = entry.data.get(FIELD)
        if isinstance(given, str):
            at = entry.place(FIELD)
            return entry, tuple(placeholders.flaws(given, FIELD, self._within(at), strict=False))
        if not isinstance(given, dict):
            return entry, ()
        found: list[Fault] = []
        if not given:
            found.append(fault("empty-value", entry.place(FIELD), field=FIELD))
        texts = [self._part(entry, name, given[name], found) for name in PARTS if name in given]
        text = "\n".join(each.rstrip("\n") for each in texts if each is not None)
        file = given.get("file")
        named = (file,) if isinstance(file, str) and not _is_outside(file) else ()
        shared = tuple(spelled(self.manifest, each) for each in named)
        return replace(entry, data={**entry.data, FIELD: text}, shared=shared), tuple(found)

    def has(self, sign: str) -> bool:
        """Tell whether the manifest, or a file that was read for it, holds the sign."""
        files = (each for each in self._read.values() if isinstance(each, str))
        return any(sign in text for text in (self.document.text, *files))

    def _part(self, entry: Entry, name: str, value: object, found: list[Fault]) -> str | None:
        """Return the text of a part, None where there is none; note what is wrong with it."""
        place = entry.place(f"{FIELD}.{name}")
        if not isinstance(value, str):  # the schema says so
            return None
        if name != "file":
            at = self._within(place)
            found += placeholders.flaws(value, FIELD, at, strict=False)
            return value
        if wrong := next(_misnamed(value, place), None):
            found.append(wrong)
            return None
        if value not in self._read:
            self._read[value] = self._file(value)
        text = self._read[value]
        flaws = [text] if isinstance(text, Fault) else list(_flaws(text))
        found += (_told(each, value, place) for each in flaws)
        return text if isinstance(text, str) else None

    def _file(self, file: str) -> str | Fault:
        start, folder = Position(1, 1), self.manifest.parent
        path = folder / spelled(self.manifest, file)
        if disk.leads_out(path, folder):
            return fault("text-file-outside", start, file=shown(file))
        try:
            data = disk.read(path, LARGEST)
        except FileNotFoundError:
            return fault("text-file-missing", start, file=shown(file))
        except disk.TooLarge:
            return fault("text-file-too-large", start, file=shown(file), limit=f"{LARGEST:,}")
        except OSError as error:
            return fault("unreadable", start, file=shown(file), reason=reason(error))
        text = encoding.decode(data)
        return text if isinstance(text, Fault) else encoding.BREAK.sub("\n", text)

    def _within(self, place: Position) -> Callable[[re.Match[str]], Position]:
        """Return what tells where a part of the value stands that begins at the place."""

        def at(found: re.Match[str]) -> Position:
            self._ends = self._ends or dict(_spans(self.document))
            here, end = self._ends.get(place, (0, 0))
            here -= 1
            for _ in range(found.string.count(found[0], 0, found.start()) + 1):
                here = self.document.text.find(found[0], here + 1, end)
            return encoding.locate(self.document.text, here) if here >= 0 else place

        return at


def _spans(document: Document) -> Iterator[tuple[Position, tuple[int, int]]]:
    for marks in document.marks.values():
        for _, mark, end in marks.values():
            yield Position(mark.line + 1, mark.column + 1), (mark.index, end)


def _misnamed(file: str, place: Position) -> Iterator[Fault]:
    yield from identity.file_faults(file, place)
    if _is_outside(file):
        yield fault("text-file-outside", place, file=shown(file))


def _is_outside(file: str) -> bool:
    windows = PureWindowsPath(file)
    return bool(windows.anchor) or PurePosixPath(file).is_absolute() or ".." in windows.parts


def _flaws(text: str) -> Iterator[Fault]:
    def at(found: re.Match[str]) -> Position:
        return encoding.locate(text, found.start())

    return placeholders.flaws(text, FIELD, at, strict=False)


def _told(found: Fault, file: str, place: Position) -> Fault:
    """Return what is wrong in a file at the place that names it; its own place is told."""
    is_of_whole = "file" in found.values
    here = "" if is_of_whole else f"{shown(file)}:{found.place.line}:{found.place.column}"
    return replace(found, place=place, of=here)
