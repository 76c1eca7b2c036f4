"""Which lines of a log are commands, by the rules that a runner of GitHub's reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

REGISTERED: Final = frozenset(
    {
        "add-mask",
        "add-matcher",
        "add-path",
        "debug",
        "echo",
        "endgroup",
        "error",
        "group",
        "notice",
        "remove-matcher",
        "save-state",
        "set-env",
        "set-output",
        "stop-commands",
        "warning",
    }
)
_DATA: Final = (("%0D", "\r"), ("%0A", "\n"), ("%25", "%"))
_PROPERTY: Final = (("%3A", ":"), ("%2C", ","), *_DATA)


@dataclass(frozen=True)
class Command:
    name: str
    message: str
    properties: dict[str, str] = field(default_factory=dict)


def commands_in(log: str) -> Iterator[Command]:
    """Yield the commands of a log; a runner's lines end with CR, LF or both."""
    for line in re.split("\r\n|\r|\n", log):
        if found := _today(line.lstrip()) or _of_old(line):
            yield found


def _today(line: str) -> Command | None:
    begun, _, message = line.removeprefix("::").partition("::")
    name, _, told = begun.partition(" ")
    if not line.startswith("::") or "::" not in line[2:] or name.lower() not in REGISTERED:
        return None
    pairs = (each.split("=", 1) for each in told.strip().split(",") if "=" in each)
    return Command(
        name.lower(), _read(message, _DATA), {key: _read(value, _PROPERTY) for key, value in pairs}
    )


def _of_old(line: str) -> Command | None:
    _, opening, rest = line.partition("##[")
    begun, closing, message = rest.partition("]")
    name = begun.partition(" ")[0].lower()
    return Command(name, message) if opening and closing and name in REGISTERED else None


def _read(text: str, table: tuple[tuple[str, str], ...]) -> str:
    for written, meant in table:
        text = text.replace(written, meant)
    return text
