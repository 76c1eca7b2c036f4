"""A manifest's `defaults` merged under its videos, every field keeping the place it came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from nicobatch.manifest.document import WEIGHED, Document, Step, position
from nicobatch.manifest.rules import Fault, fault
from nicobatch.model import Position

MOST_MERGED = 300_000
"""Values that `defaults` may stand for, counted with every video of its manifest."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One video as its manifest asks for it: data as merged, and the place of each field."""

    data: dict[str, Any]
    places: dict[str, Position]
    keys: Mapping[str, Position]
    """Where the keys stand that the video itself has, not those that `defaults` adds."""

    def place(self, name: str) -> Position:
        """Return where the field stands, or the nearest thing around it."""
        while name and name not in self.places:
            name = name.rpartition(".")[0]
        return self.places[name]


def merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Return `over` on top of `base`: mappings are merged deeply, all else is replaced."""
    merged = dict(base)
    for key, value in over.items():
        below = merged.get(key)
        if isinstance(below, dict) and isinstance(value, dict):
            value = merge(below, value)  # noqa: PLW2901
        merged[key] = value
    return merged


def shared(document: Document) -> Entry | None:
    """Return `defaults` as if it were a video, if there is any."""
    data: Any = document.data
    base = data.get("defaults")
    if not isinstance(base, dict):
        return None
    return _entry(document, base, ("defaults",))


def entries(document: Document) -> Iterator[tuple[int, Entry]]:
    """Yield the videos of a manifest with their index; what is no mapping is left out."""
    data: Any = document.data
    if form(data) == "single":
        yield 0, _entry(document, data, ())
        return
    base = shared(document)
    videos = data.get("videos")
    for index, video in enumerate(videos if isinstance(videos, list) else ()):
        if isinstance(video, dict):
            own = _entry(document, video, ("videos", index))
            yield index, _merged(base, own) if base else own


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


def _merged(base: Entry, own: Entry) -> Entry:
    kept = {name: place for name, place in base.places.items() if not _given(name, own.data)}
    return Entry(merge(base.data, own.data), {**kept, **own.places}, own.keys)


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


def _entry(document: Document, data: dict[str, Any], path: tuple[Step, ...]) -> Entry:
    places = {"": document.place(*path)}
    _collect(document, data, "", places)
    marks = document.marks[id(data)]
    return Entry(data, places, {str(key): position(mark) for key, (mark, _, _) in marks.items()})


def _collect(document: Document, value: object, prefix: str, places: dict[str, Position]) -> None:
    for step, (_, mark, _) in document.marks.get(id(value), {}).items():
        name = f"{prefix}{step}"
        places[name] = position(mark)
        inner = value[step]  # type: ignore[index]
        if type(inner) is dict or type(inner) is list:
            _collect(document, inner, f"{name}.", places)
