"""How a user names a video: on the site by an id or an address, here by `MANIFEST#VIDEO`."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from nicobatch import disk
from nicobatch.errors import UsageError
from nicobatch.language import _

_ID: Final = re.compile(r"(?:sm)?([0-9]{1,18})", re.IGNORECASE)
_ADDRESS: Final = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)
"""What it begins with; a drive of Windows has one letter."""


def number(text: str) -> str:
    """Return the number of `sm9`, `9`, or the address of a watch or garage page; UsageError."""
    for word in _words(text):
        found = _ID.fullmatch(word)
        if found:
            return str(int(found[1]))
    raise UsageError(
        _("{text} names no video on niconico").format(text=text),
        _("write its id, like sm39130867, or the address of its page"),
    )


def _words(text: str) -> Iterator[str]:
    """Yield what may be the id: of an address its fragment, then its path, from the end."""
    try:
        parts = urlsplit(text)
    except ValueError:  # a bracket left open
        return
    if not parts.netloc:
        yield text
        return
    yield parts.fragment
    yield from reversed(parts.path.split("/"))


def check_local(text: str) -> None:
    """Raise UsageError where the text is an address, and no file or folder of this machine."""
    if _ADDRESS.match(text) and not os.path.lexists(text):
        raise UsageError(
            _("{path} is an address, and no file or folder of this machine").format(path=text),
            _("download the file, or mount the folder, and name what is here then"),
        )


@dataclass(frozen=True, slots=True)
class Named:
    """A manifest, and which of its videos is meant; None is its only one."""

    manifest: Path
    video: str | None


def named(text: str) -> Named:
    """Split `MANIFEST#VIDEO` where the longest manifest that exists ends; raise UsageError."""
    ends = [at for at, char in enumerate(text) if char == "#"]
    for end in reversed([*ends, len(text)]):
        for path in disk.spelled(Path(text[:end])):
            if os.path.isfile(path):  # noqa: PTH113 - Path.is_file raises for what is locked
                return Named(path, unicodedata.normalize("NFC", text[end + 1 :]) or None)
    check_local(text)
    raise UsageError(
        _("{text} names no manifest that is there").format(text=text),
        _("check the spelling, and write MANIFEST#VIDEO, such as m.yaml#episode-01"),
    )
