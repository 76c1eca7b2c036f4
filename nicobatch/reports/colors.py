"""What the environment says of the standard streams: terminals, and whether there are colors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TextIO


def is_terminal(stream: TextIO, environment: Mapping[str, str]) -> bool:
    """Tell whether the stream is a terminal, or TTY_COMPATIBLE says that it is as good as one."""
    said = {"1": True, "0": False}.get(environment.get("TTY_COMPATIBLE", ""))
    return stream.isatty() if said is None else said


def is_painted(environment: Mapping[str, str], *, terminal: bool) -> bool:
    """Tell whether there are to be colors: no-color.org comes before force-color.org.

    Else a terminal that knows them shows some, as long as it is not CI that reads along.
    """
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR"):
        return True
    return terminal and not is_set("CI", environment) and not is_dumb(environment)


def is_set(name: str, environment: Mapping[str, str]) -> bool:
    """Tell whether the variable says yes."""
    return environment.get(name, "").casefold() not in {"", "0", "false"}


def is_dumb(environment: Mapping[str, str]) -> bool:
    """Tell whether TERM names a terminal that can do nothing but show letters."""
    return environment.get("TERM", "").casefold() in {"dumb", "unknown"}
