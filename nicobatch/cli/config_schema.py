"""The JSON Schema of `config.yaml` as editors take it: what the sites allow, and every option."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import click

from nicobatch.cli import app, defaults
from nicobatch.cli.options import shared_options
from nicobatch.config.schema import schema
from nicobatch.sites import Described

URL: Final = "https://raw.githubusercontent.com/nicobatch/nicobatch/main/schemas/config.schema.json"
_HEAD: Final = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "$id": URL,
    "title": "nicobatch config.yaml",
}
_KINDS: Final = ((click.types.IntParamType, "integer"), (click.types.FloatParamType, "number"))


def text() -> str:
    """Return the schema's text."""
    given = _plain(schema(Described()))
    given["properties"]["options"] = _object(_options())
    return json.dumps({**_HEAD, **given}, ensure_ascii=False, indent=2) + "\n"


def _plain(part: Any) -> Any:
    """Return the part without its examples, which are lines of YAML for messages."""
    if isinstance(part, dict):
        return {key: _plain(each) for key, each in part.items() if key != "examples"}
    return [_plain(each) for each in part] if isinstance(part, list) else part


def _options() -> Mapping[str, Any]:
    """Return what `options` may hold: of every command, and of single ones by their names."""
    found: dict[str, Any] = {
        name: _option(each) for name, each in defaults.named(shared_options()).items()
    }
    for name in app.COMMANDS:
        command = app.command_of(name)
        if isinstance(command, click.Group):
            continue
        own = _object({key: _option(each) for key, each in defaults.options_of(command).items()})
        found[name] = {"anyOf": [found[name], own]} if name in found else own
    return found


def _object(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": dict(properties), "additionalProperties": False}


def _option(option: click.Option) -> dict[str, Any]:
    words = {"description": option.help} if option.help else {}
    if option.is_flag:
        return {"type": "boolean", **words}
    value = _value(option.type)
    return {**({"type": "array", "items": value} if option.multiple else value), **words}


def _value(kind: object) -> dict[str, Any]:
    """Return what YAML has for it; a duration or a rate may be a number as well."""
    if isinstance(kind, click.Choice):
        return {"enum": list(kind.choices)}
    return next(({"type": name} for each, name in _KINDS if isinstance(kind, each)), {})
