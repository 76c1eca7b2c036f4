"""The shape of a manifest: JSON Schema's errors, put in the user's words and in their place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from nicobatch.language import _
from nicobatch.manifest import keys, schema
from nicobatch.manifest.defaults import form
from nicobatch.manifest.rules import Fault, fault, quoted, shown
from nicobatch.manifest.schema import Violation
from nicobatch.manifest.yaml12 import Document, Step

Trail: TypeAlias = tuple[Step, ...]

VERSION = 1
VIDEO_DEPTH = 2
"""A video's path is `videos` and its number."""

TYPE_RULES: Mapping[str, str] = {
    "string": "not-text",
    "boolean": "not-boolean",
    "integer": "not-integer",
    "array": "not-list",
    "object": "not-mapping",
}
CHOICE_RULES: Mapping[str, str] = {
    "publish": "publish-unknown",
    "genre": "not-text",
    "timing": "bad-timing",
}


@dataclass(frozen=True, slots=True)
class Shape:
    """What is wrong with a manifest's shape, told apart by whom it concerns."""

    common: list[Fault] = field(default_factory=list)
    """Of the manifest as a whole, or of its `defaults`."""
    videos: dict[int, list[Fault]] = field(default_factory=dict)
    """Of single videos, by their index."""
    readable: bool = True
    """Whether there is a point in looking at its fields."""


def check(document: Document) -> Shape:
    """Hold a manifest against the version that it names and against the schema."""
    data = document.data
    if not isinstance(data, dict) or not _alike(data):
        value = shown(data) if data else _("there is nothing in it")
        return Shape([fault("not-a-manifest", document.place(), value=value)], readable=False)
    version = list(_version(document, data))
    if version and "version" in data:
        return Shape(version, readable=False)
    shape = Shape(version)
    for found in schema.violations(form(data), data):
        path = found.path
        single = len(path) > 1 and path[0] == "videos"
        owner = shape.videos.setdefault(int(path[1]), []) if single else shape.common
        owner.extend(_said(found, document))
    return shape


def _alike(data: Mapping[str, Any]) -> bool:
    return not data.keys().isdisjoint({*keys.known("batch"), *keys.known("single")})


def _version(document: Document, data: Mapping[str, Any]) -> Iterator[Fault]:
    value = data.get("version")
    if "version" not in data:
        yield fault("version-missing", document.place())
    elif isinstance(value, int) and value > VERSION:
        yield fault("version-newer", document.place("version"), value=value)
    elif value != VERSION or value is True:
        yield fault("version-unknown", document.place("version"), value=quoted(value))


def _said(found: Violation, document: Document) -> Iterator[Fault]:
    say = KEYWORDS.get(found.keyword)
    return say(found, document) if say else iter(())


def _type(found: Violation, document: Document) -> Iterator[Fault]:
    yield _mistyped(TYPE_RULES[found.wanted], found, document)


def _mistyped(rule: str, found: Violation, document: Document) -> Fault:
    value, path = found.instance, found.path
    if value is None:
        return fault("empty-value", document.key_place(*path), field=field_name(path))
    quotable = rule == "not-text" and (isinstance(value, int | float) or _braced(value))
    return fault(
        rule,
        document.place(*path),
        advice="quote" if quotable else "",
        field=field_name(path),
        value=_braced(value) or quoted(value),
        example=_example(found.part, path),
    )


def _braced(value: object) -> str:
    """Return what was meant as text but stands in bare braces: `title: {stem}`."""
    if isinstance(value, dict) and list(value.values()) == [None]:
        return shown(f"{{{next(iter(value))}}}")
    return ""


def _choice(found: Violation, document: Document) -> Iterator[Fault]:
    if not found.inner:
        yield _mistyped(CHOICE_RULES[str(found.path[-1])], found, document)
    for each in found.inner:
        yield from _said(each, document)


def _required(found: Violation, document: Document) -> Iterator[Fault]:
    for key in found.wanted:
        if key not in found.instance:
            yield _missing(key, found.path, document)


def _missing(key: str, path: Trail, document: Document) -> Fault:
    parent = "" if _inside(path) in {"", "video"} else f"{field_name(path)}."
    # An id that must be there is a series' or a community's; a video's has a default.
    example = "id: 12345" if key == "id" else _example(schema.definitions()[key], (key,))
    return fault("missing-key", document.place(*path), key=parent + key, example=example)


def _additional(found: Violation, document: Document) -> Iterator[Fault]:
    allowed = found.part["properties"]
    inside = _inside(found.path) or form(found.instance)
    for key in found.instance:
        if key not in allowed:
            place = document.key_place(*found.path, key)
            yield keys.unknown_key(key, allowed, place, inside)


def _inside(path: Trail) -> str:
    """Name the mapping at the path: empty at the top, `video`, `thumbnail` and so on."""
    if not path:
        return ""
    return "video" if path[0] == "videos" and len(path) == VIDEO_DEPTH else str(path[-1])


def _enum(found: Violation, document: Document) -> Iterator[Fault]:
    if not isinstance(found.instance, str):
        return  # its type is said already
    suggestion = keys.suggest(found.instance, found.wanted)
    yield fault(
        "unknown-value",
        document.place(*found.path),
        advice="did-you-mean" if suggestion else "",
        field=field_name(found.path),
        value=shown(found.instance),
        suggestion=suggestion,
        known=", ".join(found.wanted),
    )


def _minimum(found: Violation, document: Document) -> Iterator[Fault]:
    yield fault(
        "too-small",
        document.place(*found.path),
        field=field_name(found.path),
        limit=found.wanted,
        value=shown(found.instance),
        example=_example(found.part, found.path),
    )


def _no_items(found: Violation, document: Document) -> Iterator[Fault]:
    yield fault("no-videos", document.place(*found.path))


# Lengths, patterns and counts are left to `semantics`, which says more about them.
KEYWORDS: Mapping[str, Callable[[Violation, Document], Iterator[Fault]]] = {
    "type": _type,
    "anyOf": _choice,
    "required": _required,
    "additionalProperties": _additional,
    "enum": _enum,
    "minimum": _minimum,
    "minItems": _no_items,
}


def field_name(path: Trail) -> str:
    """Name a field as people do, without the video it is in: `publish.at`, `tags #2`."""
    around = {"videos": VIDEO_DEPTH, "defaults": 1}.get(str(path[0]), 0) if path else 0
    name = ""
    for step in path[around:] or path:
        if isinstance(step, int):
            name += f" #{step + 1}"
        else:
            name += f".{step}" if name else step
    return name


def _example(part: Mapping[str, Any], path: Trail) -> str:
    example = shown(part["examples"][0]) if "examples" in part else ""
    name = path[-1] if path else ""
    return example if isinstance(name, int) else f"{name}: {example}"
