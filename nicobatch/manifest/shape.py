"""The shape of a manifest: JSON Schema's errors, put in the user's words and in their place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from nicobatch.installation import upgrade
from nicobatch.language import N_, _
from nicobatch.manifest import keys, lookalikes, scalars, schema, semantics
from nicobatch.manifest.defaults import SITES, Sites, destinations, form, layers, twice
from nicobatch.manifest.document import Document, Step
from nicobatch.manifest.rules import MORE, Fault, fault, in_quotes, quoted, shown
from nicobatch.manifest.schema import Violation
from nicobatch.model import DEFAULT_SITE, Position

Trail: TypeAlias = tuple[Step, ...]

VERSION = 1
MOST_VIDEOS = 10_000
"""Of one manifest, those that its patterns stand for included."""
MOST_WORDED = 200
"""Violations, and unknown keys of one mapping, that are looked at for what was meant."""
SERIES = re.compile(r"\bseries/([0-9]{1,12})\b")
KEY_LINE = re.compile(
    rf"^[^\w\n#]*(?:version|videos|defaults|file|title|tags|description)[\"']?\s*[:{lookalikes.COLONS}]",
    re.IGNORECASE | re.MULTILINE,
)
"""What begins no other line than a manifest's, of which any has one."""
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
    "timing": "bad-timing",
    "pages": "not-list",
}

KINDS: tuple[tuple[type, str], ...] = (
    (dict, N_("none of its keys is a manifest's")),
    (list, N_("it is a list")),
    (str, N_("it is mere text")),
    (type(None), N_("there is nothing in it")),
    (object, N_("it is a single value")),
)
"""What else a file may hold; never the value itself, which may be a secret."""


_AT = keys.PUBLISH_AT.partition(": ")[2]
_MEANT: Mapping[tuple[str, str], str] = {
    ("publish", word): meant
    for meant, words in {
        "true": ("public", "yes", "on", "now", "open", "公開", "全体公開"),
        "false": ("private", "no", "off", "closed", "hidden", "非公開"),
        "draft": ("drafts", "save", "下書き"),
        _AT: (
            "scheduled",
            "schedule",
            "reserved",
            "timer",
            "later",
            "予約",
            "予約投稿",
            "公開予約",
        ),
    }.items()
    for word in words
}
"""What people write for a value, beside what it is called here."""


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


@dataclass(frozen=True, slots=True)
class _Context:
    """What the wording of a violation rests on beside it."""

    document: Document
    sites: Sites
    destinations: Sequence[str]


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
    context = _Context(document, sites, destinations(document, sites))
    shape = Shape({(None, ""): version})
    for number, found in enumerate(schema.violations(form(data), data)):
        told = number < MOST_WORDED
        owner = shape.faults.setdefault(_owner(found.path, sites), [])
        owner += _said(found, context) if told else [_unsaid(found, document)]
    for index, each in twice(document, sites):
        shape.faults.setdefault((index, DEFAULT_SITE), []).append(each)
    for each in _idle(context):
        shape.of(None).append(each)
    return shape


def _unreadable(*faults: Fault) -> Shape:
    return Shape({(None, ""): [*faults]}, readable=False)


def _owner(path: Trail, sites: Sites) -> tuple[int | None, str]:
    """Return whose the value at the path is: which video's, and which site's."""
    index, rest = None, path
    if len(path) > 1 and path[0] == "videos":
        index, rest = int(path[1]), path[VIDEO_DEPTH:]
    elif path and path[0] == "defaults":
        rest = path[1:]
    first = str(rest[0]) if rest else ""
    site = DEFAULT_SITE if first in sites[DEFAULT_SITE].own else first
    return index, site if site in sites else ""


def _idle(context: _Context) -> Iterator[Fault]:
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
    return not data.keys().isdisjoint({*keys.known("batch"), *keys.known("single")} - {SITES})


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


def _said(found: Violation, context: _Context) -> Iterator[Fault]:
    say = KEYWORDS.get(found.keyword)
    return say(found, context) if say else iter(())


def _type(found: Violation, context: _Context) -> Iterator[Fault]:
    yield _mistyped(TYPE_RULES[found.wanted], found, context.document)


def _mistyped(rule: str, found: Violation, document: Document) -> Fault:
    value, path = found.instance, found.path
    written = document.written(*path)
    if value is None and not (rule == "not-text" and written):
        return fault("empty-value", document.key_place(*path), field=field_name(path))
    written = written if written and type(value) is not str else quoted(value)
    advice, moment = semantics.meant_moment(value) if "publish" in path else ("", "")
    suggestion = _MEANT.get((str(path[-1]), str(value).casefold()), "")
    advice = advice or ("did-you-mean" if suggestion else _advice(rule, value, written))
    if rule == "not-mapping" and path[-1] == "thumbnail" and type(value) is str:
        advice = "picture"
    return fault(
        rule,
        document.place(*path),
        **{"advice": advice, **({} if advice else lookalikes.hint(value))},
        field=field_name(path),
        value=shown(written),
        quoted=in_quotes(written),
        bare=shown(value),
        moment=moment if path[-1] == "at" else f"{{at: {moment}}}",
        suggestion=suggestion,
        example=_meant_series(value, path) or _example(found.part, path),
    )


def _advice(rule: str, value: object, written: str) -> str:
    """Name what would make the value right: quotes that are missing, or those that are there."""
    if rule == "not-text":
        is_one = type(value) not in {list, dict} or written.startswith(("[", "{"))
        return "quote" if is_one else ""
    wanted = {"not-boolean": bool, "not-integer": int}.get(rule)
    unquoted = type(value) is str and wanted and type(scalars.resolve(value)) is wanted
    return "unquoted" if unquoted else ""


def _meant_series(value: object, path: Trail) -> str:
    """Return how to write a series that is given by its address."""
    found = SERIES.search(value) if "series" in path and type(value) is str else None
    if found is None:
        return ""
    number = int(found[1])
    meant: Any = number if path[-1] == "id" else {"id": number}
    return _example({"examples": [meant]}, path)


def _any_of(found: Violation, context: _Context) -> Iterator[Fault]:
    rule = CHOICE_RULES.get(str(found.path[-1]), "not-text")
    if not found.inner and not (rule == "not-text" and isinstance(found.instance, str)):
        yield _mistyped(rule, found, context.document)
    for each in found.inner:
        yield from _said(each, context)


def _required(found: Violation, context: _Context) -> Iterator[Fault]:
    for key in found.wanted:
        if key not in found.instance:
            yield _missing(key, found.path, context.document)


def _missing(key: str, path: Trail, document: Document) -> Fault:
    parent = "" if _inside(path) in {"", "video"} else f"{field_name(path)}."
    example = _example(schema.definitions()[key], (key,))
    return fault("missing-key", document.place(*path), key=parent + key, example=example)


def _additional(found: Violation, context: _Context) -> Iterator[Fault]:
    document, sites = context.document, context.sites
    allowed = found.part["properties"]
    inside = _inside(found.path) or form(found.instance)
    unknown = [k for k in found.instance if k not in allowed and not keys.is_free(k, found.part)]
    for number, key in enumerate(unknown):
        place = document.key_place(*found.path, key)
        if number < MOST_WORDED:
            yield keys.unknown_key(
                key,
                allowed,
                place,
                inside=inside,
                sites=sites,
                destinations=context.destinations,
            )
        else:
            yield fault(MORE, place)


def _inside(path: Trail) -> str:
    """Name the mapping at the path: empty at the top, `video`, `thumbnail` and so on."""
    if not path:
        return ""
    return "video" if path[0] == "videos" and len(path) == VIDEO_DEPTH else str(path[-1])


def _enum(found: Violation, context: _Context) -> Iterator[Fault]:
    if not isinstance(found.instance, str):
        return  # its type is said already
    suggestion = keys.suggest(found.instance, found.wanted)
    yield fault(
        "unknown-value",
        context.document.place(*found.path),
        advice="did-you-mean" if suggestion else "",
        field=field_name(found.path),
        value=shown(found.instance),
        suggestion=suggestion,
        known=", ".join(found.wanted),
    )


def _minimum(found: Violation, context: _Context) -> Iterator[Fault]:
    yield fault(
        "too-small",
        context.document.place(*found.path),
        field=field_name(found.path),
        limit=found.wanted,
        value=shown(found.instance),
        example=_example(found.part, found.path),
    )


def _no_items(found: Violation, context: _Context) -> Iterator[Fault]:
    place = context.document.place(*found.path)
    if found.path == ("videos",):
        yield fault("no-videos", place)
    else:
        yield fault("empty-value", place, field=field_name(found.path))


# Lengths, patterns and counts are left to `semantics`, which says more about them.
KEYWORDS: Mapping[str, Callable[[Violation, _Context], Iterator[Fault]]] = {
    "additionalProperties": _additional,
    "anyOf": _any_of,
    "type": _type,
    "required": _required,
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
