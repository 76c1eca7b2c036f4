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
    return {name: _resolved(given[name], given) for name in given}


@cache
def words() -> Collection[str]:
    """Return every key that a manifest may have somewhere."""
    parts = definitions().values()
    return sorted({key for each in parts for key in each.get("properties", ())})


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
    return (_violation(error) for error in _validator(form).iter_errors(data))


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
def _validator(form: str) -> jsonschema.Draft7Validator:
    """Return what looks at each part by itself: whether a video is complete shows when merged."""
    from jsonschema import Draft7Validator

    video = {key: value for key, value in definitions()["video"].items() if key != "required"}
    whole = {key: value for key, value in definitions()[form].items() if key != "allOf"}
    properties = dict(whole["properties"])
    if "videos" in properties:
        properties["videos"] = {**properties["videos"], "items": video}
    return Draft7Validator({**whole, "properties": properties})


def _resolved(node: Any, given: Mapping[str, Any]) -> Any:
    if isinstance(node, list):
        return [_resolved(each, given) for each in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _resolved(given[node["$ref"].removeprefix(REFERENCE)], given)
    return {key: _resolved(value, given) for key, value in node.items()}
