"""The file's JSON Schema, made of what the sites let a person set, and its violations in words.

What the options take is the command line's to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from nicobatch.config import recipients
from nicobatch.language import LANGUAGES
from nicobatch.manifest.document import Document
from nicobatch.manifest.rules import Fault, fault, in_quotes, problem, quoted, shown
from nicobatch.manifest.schema import suggest
from nicobatch.model import Problem
from nicobatch.sites.description import Site

_TYPES: Final[Mapping[str, str]] = {
    "string": "not-text",
    "boolean": "not-boolean",
    "integer": "not-integer",
    "array": "not-list",
    "object": "not-mapping",
}
_BASE: Final = {"type": "string", "examples": ["https://example.com"]}
_PAGE: Final = {"type": "string", "examples": ["https://example.com/watch/{video_id}"]}
_TEXT: Final = {"type": "string", "examples": ["1.0.0"]}


def schema(sites: Mapping[str, Site]) -> dict[str, Any]:
    """Return the JSON Schema (draft-07) of the file."""
    profiles = {name: _profile(site) for site in sites.values() for name in site.profiles}
    budgets = {name: _budget(site) for name, site in sites.items() if site.allowances}
    return _mapping(
        {
            "language": {"type": "string", "enum": list(LANGUAGES), "examples": ["ja"]},
            "options": {"type": "object", "examples": ["{publish: {limit-rate: 5M}}"]},
            "budgets": _of_members(budgets),
            "profiles": _of_members(profiles),
            "notify": recipients.SCHEMA,
        },
        "ja",
    )


def violations(document: Document, path: Path, sites: Mapping[str, Site]) -> Iterator[Problem]:
    """Yield what in the file is not as the schema has it, each at its place."""
    from jsonschema import Draft7Validator

    for error in Draft7Validator(schema(sites)).iter_errors(document.data):
        if say := _SAID.get(error.validator):  # what the others mean, a later stage says better
            yield from (problem(each, path) for each in say(error, document))


def _mapping(properties: Mapping[str, Any], example: str = "") -> dict[str, Any]:
    examples = {"examples": [example]} if example else {}
    return {
        "type": "object",
        "properties": dict(properties),
        "additionalProperties": False,
        **examples,
    }


def _of_members(members: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of the mapping, whose example is its first member's."""
    examples = (f"{{{name}: {each['examples'][0]}}}" for name, each in members.items())
    return _mapping(members, next(examples, ""))


def _profile(site: Site) -> dict[str, Any]:
    may = site.mendable
    members = {
        **dict.fromkeys(may.bases, _BASE),
        **dict.fromkeys(may.pages, _PAGE),
        **dict.fromkeys(may.texts, _TEXT),
    }
    texts = {"type": "object", "additionalProperties": {"type": "string"}}
    more = {
        "paths": {**texts, "examples": ["{/v2/videos: /v3/videos}"]},
        "headers": {**texts, "examples": ["{X-Frontend-Version: 1.0.0}"]},
        "trust": {"type": "array", "items": {"type": "string"}, "examples": ["[example.com]"]},
    }
    name = next(iter(members))
    return _mapping({**members, **more}, f"{{{name}: {members[name]['examples'][0]}}}")


def _budget(site: Site) -> dict[str, Any]:
    numbers = {
        each.name: {
            "type": "integer",
            "minimum": 0 if each.seconds is None else 1,
            "examples": [each.default],
        }
        for each in site.allowances
    }
    first = site.allowances[0]
    return _mapping(
        {**numbers, "at_loopback": {"type": "boolean"}}, f"{{{first.name}: {first.default}}}"
    )


def _unknown(error: Any, document: Document) -> Iterator[Fault]:
    allowed = error.schema["properties"]
    for key in error.instance.keys() - allowed.keys():
        suggestion = suggest(key, allowed)
        yield fault(
            "unknown-key",
            document.key_place(*error.absolute_path, key),
            advice="did-you-mean" if suggestion else "",
            key=shown(key),
            suggestion=suggestion,
            known=", ".join(allowed),
        )


def _mistyped(error: Any, document: Document) -> Iterator[Fault]:
    path, value, part = tuple(error.absolute_path), error.instance, error.schema
    name = field(path)
    if value is None:
        yield fault("empty-value", document.key_place(*path), field=name)
        return
    is_text = error.validator_value == "string" and not isinstance(value, dict | list)
    example = part.get("examples", [""])[0]
    yield fault(
        _TYPES[error.validator_value],
        document.place(*path),
        advice="quote" if is_text else "",
        field=name or "config.yaml",
        value=quoted(value),
        quoted=in_quotes(document.written(*path) if is_text else ""),
        example=f"{path[-1] if path else 'language'}: {example}",
    )


def _unlisted(error: Any, document: Document) -> Iterator[Fault]:
    if not isinstance(error.instance, str):
        return  # its type is said already
    suggestion = suggest(error.instance, error.validator_value)
    yield fault(
        "unknown-value",
        document.place(*error.absolute_path),
        advice="did-you-mean" if suggestion else "",
        field=field(tuple(error.absolute_path)),
        value=shown(error.instance),
        suggestion=suggestion,
        known=", ".join(error.validator_value),
    )


def _too_small(error: Any, document: Document) -> Iterator[Fault]:
    path = tuple(error.absolute_path)
    yield fault(
        "too-small",
        document.place(*path),
        field=field(path),
        limit=error.validator_value,
        value=shown(error.instance),
        example=f"{path[-1]}: {error.schema['examples'][0]}",
    )


_SAID: Final[Mapping[str, Callable[[Any, Document], Iterator[Fault]]]] = {
    "additionalProperties": _unknown,
    "type": _mistyped,
    "enum": _unlisted,
    "minimum": _too_small,
}


def field(path: tuple[str | int, ...]) -> str:
    """Name a place as people do: `budgets.bilibili.submissions_per_day`."""
    return ".".join(map(str, path))
