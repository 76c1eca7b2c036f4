"""Workflow commands: how a runner is told things by lines of output, and how it is told none.

A runner reads both standard streams. It takes a line for a command that begins with `::`, blanks
before it aside, and one that has `##[` anywhere (actions/runner: ActionCommand.cs).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

ERROR: Final = "error"
WARNING: Final = "warning"
NOTICE: Final = "notice"

_DATA: Final = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY: Final = _DATA | {":": "%3A", ",": "%2C"}
_OPENING: Final = re.compile(r"^(\s*):(?=:)")
_OLD_OPENING: Final = re.compile(r"##(?=\[)")


def is_runner(environment: Mapping[str, str]) -> bool:
    """Tell whether a runner of GitHub's, or one of the same manners, reads what is written."""
    return environment.get("GITHUB_ACTIONS") == "true"


def command(name: str, message: str, **properties: str | int) -> str:
    """Return the line that is the command; properties that are empty are left out."""
    given = ",".join(
        f"{key}={_escaped(str(value), _PROPERTY)}" for key, value in properties.items() if value
    )
    return f"::{name}{given and ' '}{given}::{_escaped(message, _DATA)}"


def masks(secret: str) -> Iterator[str]:
    """Yield the commands by which the secret is never shown: one for each of its lines."""
    for line in filter(None, map(str.strip, secret.splitlines())):
        yield command("add-mask", line)


def defused(line: str) -> str:
    """Return a line of text that no runner takes for a command."""
    return _OLD_OPENING.sub("## ", _OPENING.sub(r"\1: ", line))


def _escaped(text: str, table: Mapping[str, str]) -> str:
    return "".join(table.get(char, char) for char in text)
