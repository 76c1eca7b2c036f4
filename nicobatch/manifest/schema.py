"""The published JSON Schema, where it lies, and its validators."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import jsonschema
import re
from difflib import get_close_matches
from types import MappingProxyType
from typing import Final, TypeAlias

from nicobatch.manifest import lookalikes
from nicobatch.manifest.rules import Fault, fault, shown
from nicobatch.model import DEFAULT_SITE, Position
from nicobatch.sites.description import Site

NAME = "manifest.schema.json"
REFERENCE = "#/definitions/"


def schema_path() -> Traversable:
    """Return the schema of the installed package, or the checkout's where there is no other."""
    packaged = files("nicobatch.manifest") / NAME
    return packaged if packaged.is_file() else Path(__file__).parents[2] / "schemas" / NAME


def schema_text() -> str:
    """Return the JSON Schema that manifests are held against."""
    return schema_path().read_text(encoding="utf-8")


@cache
def definitions() -> Mapping[str, Any]:
    """Return the schema's definitions with every reference resolved, which validates faster."""
    given: Mapping[str, Any] = json.loads(schema_text())["definitions"]
    found: dict[str, Any] = {}
    for name in given:
        _resolve(name, given, found)
    return found


@cache
def words() -> Collection[str]:
    """Return every key that a manifest may have somewhere."""
    return sorted(set(_keys(list(definitions().values()))))


def _keys(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        properties = part.get("properties", {})
        yield from properties
        yield from _keys([*properties.values(), *part.get("anyOf", ()), part.get("items")])
    elif isinstance(part, list):
        for each in part:
            yield from _keys(each)


@dataclass(frozen=True, slots=True)
class Violation:
    """A place where data breaks a keyword of the schema."""

    keyword: str
    path: tuple[str | int, ...]
    wanted: Any
    """The keyword's value."""
    instance: Any
    part: Mapping[str, Any]
    """The schema that the keyword stands in."""
    inner: tuple[Violation, ...]
    """Of alternatives: what keeps a mapping, or a list, from being the one that is such."""


def violations(form: str, data: object) -> Iterator[Violation]:
    """Yield what is wrong with a manifest of the form `batch` or `single`."""
    return (_violation(error) for error in validator(form).iter_errors(data))


def _violation(error: Any) -> Violation:
    kinds: Mapping[type, str] = {dict: "object", list: "array"}
    kind = kinds.get(type(error.instance))
    inner = (each for each in error.context if kind and _is_of(error, each, kind))
    return Violation(
        keyword=error.validator,
        path=tuple(error.absolute_path),
        wanted=error.validator_value,
        instance=error.instance,
        part=error.schema,
        inner=tuple(map(_violation, inner)),
    )


def _is_of(error: Any, inner: Any, kind: str) -> bool:
    """Tell whether an error is of the alternative that is of the value's own type."""
    return bool(error.validator_value[inner.schema_path[0]]["type"] == kind)


@cache
def validator(form: str) -> jsonschema.Draft7Validator:
    """Return what looks at each part by itself: whether a video is complete shows when merged."""
    from jsonschema import Draft7Validator

    video = {key: value for key, value in definitions()["video"].items() if key != "required"}
    whole = {key: value for key, value in definitions()[form].items() if key != "allOf"}
    properties = dict(whole["properties"])
    if "videos" in properties:
        properties["videos"] = {**properties["videos"], "items": video}
    return Draft7Validator({**whole, "properties": properties})


def _resolve(name: str, given: Mapping[str, Any], found: dict[str, Any]) -> Any:
    """Return the definition of that name, which is kept: others refer to it as well."""

    def resolved(node: Any) -> Any:
        if isinstance(node, list):
            return [resolved(each) for each in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            return _resolve(node["$ref"].removeprefix(REFERENCE), given, found)
        return {key: resolved(value) for key, value in node.items()}

    if name not in found:
        found[name] = resolved(given[name])
    return found[name]


LONGEST = 100
"""Characters of a word that another may be near to."""
PUBLISH_AT = "publish: {at: 2026-12-01T20:00:00+09:00}"

Habits: TypeAlias = Mapping[str, tuple[str, ...]]
"""By key, what else people call it."""
NO_HABITS: Final[Habits] = MappingProxyType({})
HABITS: Final[Habits] = {
    "file": ("path", "video", "filename", "filepath", "source", "movie"),
    "title": ("name", "caption"),
    "description": ("desc", "detail", "summary", "comment", "text"),
    "tags": ("keywords", "labels"),
    "thumbnail": ("thumb", "image", "cover"),
    "timing": ("time", "second", "seconds", "timestamp"),
    "publish": ("public", "visibility", "status", "private", "privacy"),
    PUBLISH_AT: (
        *("schedule", "scheduled", "schedule_at", "scheduled_at", "publish_at", "publishat"),
        *("publish_time", "timer", "date", "reserve", "start_at"),
    ),
    "account": ("user", "login", "profile"),
    "videos": ("items", "entries", "list"),
    "defaults": ("default", "common"),
    "at": ("on", "datetime"),
    "every": ("interval", "repeat", "weekdays", "each"),
    "zone": ("tz", "timezone", "time_zone"),
    "announce": ("announcement", "announcements", "notify", "notifications"),
    "page": ("url", "stream", "broadcast"),
    "url_env": ("url", "env", "webhook", "address", "variable"),
}
"""Those of the common keys; a site's own have theirs in its rows."""
NOT_HERE: Final[Habits] = {
    "no-include": ("include", "includes", "import", "extends"),
}
"""By advice, what other tools' manifests have and ours have not."""
DELAYS = ("in", "after", "delay", "wait")
"""What people give in `publish` for a time from now."""
PICTURES = ("image", "picture", "url", "src")
"""What else people call the file in a thumbnail."""


def known(form: str) -> Collection[str]:
    """Return the keys of a definition: `batch`, `single`, `video`, `defaults`."""
    properties: Mapping[str, object] = definitions()[form]["properties"]
    return properties.keys()


def is_free(key: str, part: Mapping[str, Any]) -> bool:
    """Tell whether the key is one of those that a manifest may have as it likes."""
    return any(re.search(each, key) for each in part.get("patternProperties", ()))


def unknown_key(  # noqa: PLR0913 - a key, and all that is around it
    key: str,
    allowed: Collection[str],
    place: Position,
    *,
    inside: str,
    sites: Mapping[str, Site],
    destinations: Collection[str],
) -> Fault:
    """Say of an unknown key what was meant, or where it belongs; `inside` names what it is in."""
    if advice := _elsewhere(key, inside, sites):
        return fault("misplaced-key", place, advice=advice, key=key)
    site = sites[inside if inside in sites else DEFAULT_SITE]
    others = (
        name
        for name in (*destinations, DEFAULT_SITE)
        if name != site.name and key in sites[name].own
    )
    if inside in {"batch", "single", "defaults", "video", *sites} and (other := next(others, "")):
        return fault("misplaced-key", place, advice="site", key=key, site=other)
    plain = key.casefold()
    if inside == "thumbnail" and plain in PICTURES:
        return fault("unknown-key", place, advice="did-you-mean", key=shown(key), suggestion="file")
    if inside == "publish" and plain in DELAYS:
        return fault("unknown-key", place, advice="not-in-time", key=shown(key))
    not_here = {**NOT_HERE, **site.absent}
    if advice := next((each for each, words in not_here.items() if plain in words), ""):
        return fault("unknown-key", place, advice=advice, key=shown(key))
    suggestion = suggest(key, allowed, {**HABITS, **site.habits}) or _translated(key, allowed)
    if found := lookalikes.in_key(key, allowed, suggestion):
        index, meant = found
        return lookalikes.named(key[index], Position(place.line, place.column + index), meant)
    return fault(
        "unknown-key",
        place,
        advice="did-you-mean" if suggestion else "",
        key=shown(key),
        suggestion=suggestion,
        known=", ".join(each for each in allowed if each not in site.ended),
    )


def _translated(key: str, allowed: Collection[str]) -> str:
    """Return the key that a table has under this name."""
    from nicobatch.manifest import columns

    name = columns.folded(key)
    meant = (each for each, names in columns.NAMES.items() if name in names)
    return next((each for each in meant if each in allowed), "")


def _elsewhere(key: str, inside: str, sites: Mapping[str, Site]) -> str:
    advice: Mapping[str, Mapping[str, Collection[str]]] = {
        "batch": {"each": ("file", "id"), "video": known("defaults")},
        "defaults": {"each": ("file", "id"), "top": known("batch")},
        "video": {"top": known("batch")},
        **{site: {"top": ("version", "sites", "defaults", "videos")} for site in sites},
    }
    return next((name for name, keys in advice.get(inside, {}).items() if key in keys), "")


def suggest(
    word: str,
    allowed: Collection[str],
    habits: Habits = NO_HABITS,
) -> str:
    """Return which of the words was probably meant; empty if none comes near.

    `habits` are, by word, what else it is called.
    """
    if len(word) > LONGEST:
        return ""
    plain = word.strip().casefold().replace("-", "_").replace(" ", "_")
    meant = (key for key, words in habits.items() if plain in words)
    fit = (key for key in meant if key.partition(":")[0] in allowed)
    return next(fit, "") or _nearest(plain, allowed)


def _nearest(plain: str, allowed: Collection[str]) -> str:
    by_plain = {each.casefold(): each for each in allowed}
    return next((by_plain[each] for each in get_close_matches(plain, by_plain, n=1)), "")
