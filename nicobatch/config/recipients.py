"""Who is told how runs went: `notify` in `config.yaml`, which says where each address is kept."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from nicobatch.language import N_, _
from nicobatch.manifest.document import Document
from nicobatch.manifest.rules import fault, problem, quoted
from nicobatch.model import Problem

SECTION: Final = "notify"
RULE: Final = "notify-how"
VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
"""A name of an environment variable."""
_HOW: Final[Mapping[str, Mapping[str, Any]]] = {
    "url_env": {
        "type": "string",
        "pattern": f"^{VARIABLE.pattern}$",
        "examples": ["DISCORD_URL"],
    },
    "keyring": {
        "type": "string",
        "minLength": 1,
        "examples": ["mail"],
    },
    "desktop": {
        "type": "boolean",
        "const": True,
        "examples": ["true"],
    },
    "command": {
        "type": "array",
        "items": {"type": "string", "minLength": 1, "examples": ["tell"]},
        "minItems": 1,
        "examples": ["[tell, --loud]"],
    },
}
"""By key, what it says of how somebody is reached."""
SCHEMA: Final[Mapping[str, Any]] = {
    "type": "object",
    "additionalProperties": {
        "type": "object",
        "properties": _HOW,
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
        "examples": ["{url_env: DISCORD_URL}"],
    },
    "examples": ["{discord: {url_env: DISCORD_URL}}"],
}
_ONE: Final = N_("{field} names {count} ways to reach it: one is needed")
_ONE_HINT: Final = N_("write one of: {ways}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Who is told, and by what: one of the others is set."""

    name: str
    url_env: str = ""
    keyring: str = ""
    desktop: bool = False
    command: tuple[str, ...] = ()


def members(told: Mapping[str, Any]) -> Iterator[tuple[str, Recipient]]:
    """Yield each name with who is meant, of what passed every check."""
    for name, how in told.items():
        yield name, Recipient(**{**how, "name": name, "command": tuple(how.get("command", ()))})


def violations(document: Document, path: Path) -> Iterator[Problem]:
    """Yield what the schema says worse; an address that stands here is never repeated."""
    data: Any = document.data
    told = (data.get(SECTION) or {}) if isinstance(data, dict) else {}
    for name, how in told.items():
        trail = (SECTION, name)
        if len(how) != 1:
            at = document.key_place(*trail)
            message = _(_ONE).format(field=".".join(trail), count=len(how))
            hint = _(_ONE_HINT).format(ways=", ".join(_HOW))
            yield Problem(
                rule=RULE, message=message, hint=hint, path=path, line=at.line, column=at.column
            )
        for key, value in how.items():
            at = document.place(*trail, key)
            if key == "url_env" and not VARIABLE.fullmatch(value):
                yield problem(fault("announce-variable", at), path)
            elif not value or "" in (value if key == "command" else ()):
                example = f"{key}: {_HOW[key]['examples'][0]}"
                words = {"field": ".".join((*trail, key)), "value": quoted(value)}
                yield problem(fault("unfit-value", at, **words, example=example), path)
