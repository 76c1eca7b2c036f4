"""The order that people expect of numbered names."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePath


def natural(name: str | PurePath) -> tuple[list[tuple[int, int, str]], str]:
    """Return a sort key by which episode-2 comes before episode-10, also in full-width digits."""
    text = str(name)
    parts = re.split(r"(\d+)", unicodedata.normalize("NFKC", text).casefold())
    return [(1, int(part), "") if part.isdecimal() else (0, 0, part) for part in parts], text
