"""The id of a video to another one in its manifest: all else stays as it is, to the byte."""

from __future__ import annotations

import codecs
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

from nicobatch import disk
from nicobatch.errors import UsageError
from nicobatch.language import N_, _
from nicobatch.manifest import defaults, identity, patterns, shape, yaml12
from nicobatch.manifest.choosing import Group, unknown
from nicobatch.manifest.defaults import Entry, Sites
from nicobatch.manifest.document import PROPERTIES, Document, Step
from nicobatch.manifest.encoding import decode
from nicobatch.manifest.rules import Fault, problem
from nicobatch.manifest.unfolding import Unfolding

_FIXED: Final = N_("{place}: the id {id} can't be made another one here")
_BY_HAND: Final = N_(
    "change it by hand, or the name of its file if it is taken from that, and run this again:"
    " its receipts are moved then"
)
_QUOTES: Final = ("'", '"')
_Edit: TypeAlias = tuple[int, int, str]
"""From and to which index of the text something else is to stand."""


@dataclass(frozen=True, slots=True)
class Ids:
    """A manifest's text, and the ids that its videos have."""

    path: Path
    data: bytes
    document: Document
    groups: tuple[tuple[int, Group], ...]
    """With each entry's index in the manifest."""
    sites: Sites

    @classmethod
    def of(cls, path: Path, data: bytes, sites: Sites) -> Ids:
        """Read a manifest, whatever else is wrong with it; UsageError where that is in vain."""
        text = decode(data)
        if isinstance(text, Fault):
            raise _error(text, path)
        document, faults = yaml12.parse(text)
        if document is None:
            raise _error(faults[0], path)
        outline = shape.check(document, sites)
        if not outline.readable:
            raise _error(outline.of(None)[0], path)
        unfold, entries = Unfolding(path, sites, []), defaults.entries(document, sites)
        groups = tuple((index, Group(entry, unfold(entry), ())) for index, entry in entries)
        return cls(path, data, document, groups, sites)

    def __contains__(self, name: str) -> bool:
        return bool(self._entries(name))

    def has_like(self, name: str, *, but: str) -> bool:
        """Tell whether another video has the id, or one that some disk takes for the same."""
        others = (each for _site, each, _rest in self.told if each != but)
        return any(disk.fold(each) == disk.fold(name) for each in others)

    def demand(self, name: str) -> None:
        """Raise UsageError where there is no such video."""
        if name not in self:
            there = {id_: entry for _index, group in self.groups for id_, entry in group.ids}
            raise _error(unknown(name, there, self.path, self.sites), self.path)

    def renamed(self, old: str, new: str) -> bytes:
        """Return the manifest with the other id; UsageError where no edit brings that alone."""
        wanted = [(site, new if id_ == old else id_, rest) for site, id_, rest in self.told]
        for quote in ("", "'"):
            data = self._text(old, new, quote).encode("utf-8")
            if self.data.startswith(codecs.BOM_UTF8):
                data = codecs.BOM_UTF8 + data
            try:
                found = Ids.of(self.path, data, self.sites)
            except UsageError:
                continue
            if found.told == wanted:
                return data
        at = identity.id_place(self._entries(old)[0][1])
        place = f"{self.path}:{at.line}:{at.column}"
        raise UsageError(_(_FIXED).format(place=place, id=old), _(_BY_HAND))

    @property
    def told(self) -> list[tuple[str, str, dict[str, Any]]]:
        """Return the site and the id of each video, and all else that is said of it."""
        return [
            (site, name, {key: value for key, value in entry.data.items() if key != "id"})
            for _index, group in self.groups
            for (name, site), entry in group.ids
        ]

    def _entries(self, name: str) -> list[tuple[int, Entry]]:
        """Return each entry of that id, with its index in the manifest."""
        return [
            (index, entry)
            for index, group in self.groups
            for (each, _site), entry in group.ids
            if each == name
        ]

    def _text(self, old: str, new: str, quote: str) -> str:
        """Return the text with the new id, in these quotes where the old one has none."""
        text, videos = self.document.text, {index for index, _entry in self._entries(old)}
        layers = [layer for index, layer in defaults.layers(self.document) if index in videos]
        edits = [edit for layer in layers for edit in self._edits(*layer, old, new, quote)]
        for start, end, put in sorted(edits, reverse=True):
            text = f"{text[:start]}{put}{text[end:]}"
        return text

    def _edits(
        self, video: dict[str, Any], path: tuple[Step, ...], old: str, new: str, quote: str
    ) -> Iterator[_Edit]:
        """Yield what gives the video the new id: in place of the old one, or before its file."""
        blocks = [video, *(video[site] for site in self.sites if type(video.get(site)) is dict)]
        given = [each for each in blocks if _is(each.get("id"), old)]
        for each in given:
            _key, mark, end = self.document.marks[id(each)]["id"]
            yield self._replaced(mark.index, end, new, quote)
        is_pattern = patterns.is_pattern(str(video.get("file")))  # an id would be all of its files'
        if not (given or "id" in video or is_pattern):
            yield self._inserted(video, path, _quoted(new, quote))

    def _replaced(self, start: int, end: int, new: str, quote: str) -> _Edit:
        written = self.document.text[start:end].rstrip()
        if properties := PROPERTIES.match(written):
            start, written = start + properties.end(), written[properties.end() :]
        own = written[:1] if written.startswith(_QUOTES) else quote
        return start, start + len(written), _quoted(new, own)

    def _inserted(self, video: dict[str, Any], path: tuple[Step, ...], new: str) -> _Edit:
        document = self.document
        mark = document.marks[id(video)]["file" if "file" in video else next(iter(video))][0]
        around: Any = document.data
        for step in path[:-1]:
            around = around[step]
        start = document.marks[id(around)][path[-1]][1] if path else document.root
        line = "\r\n" if "\r\n" in document.text else "\n"
        is_flow = document.text.startswith("{", start.index)
        after = ", " if is_flow else line + " " * mark.column
        return mark.index, mark.index, f"id: {new}{after}"


def _is(value: object, name: str) -> bool:
    return isinstance(value, str) and unicodedata.normalize("NFC", value) == name


def _quoted(name: str, quote: str) -> str:
    """Write an id, which has no control characters, double quotes or backslashes."""
    return f"{quote}{name.replace(quote, quote * 2) if quote else name}{quote}"


def _error(found: Fault, path: Path) -> UsageError:
    told = problem(found, path)
    return UsageError(f"{path}:{told.line}:{told.column}: {told.message}", told.hint)
