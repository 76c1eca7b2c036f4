"""Markdown whose structure is ours alone: hostile texts stay text, in a cell of one line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final
from urllib.parse import quote

_LONGEST: Final = 500
"""Characters of a cell."""
_SPECIAL: Final = re.compile(r"[!-/:-@\[-`{-~]")
_PLAIN: Final = frozenset("%,-./=;?'\"()")
"""Punctuation that means nothing within a cell, as long as what stands around it is escaped."""
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_BIDI: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")


def text(value: str) -> str:
    """Return text for a cell: shown as it is, on one line, cut where it is very long.

    A character that could begin something is written as its number, which begins nothing.
    """
    cut = value if len(value) <= _LONGEST else value[: _LONGEST - 1] + "…"
    line = _BIDI.sub("", _CONTROL.sub(" ", cut)).strip()
    return _autolinks(_SPECIAL.sub(_escaped, line))


def lines(*values: str) -> str:
    """Return texts for one cell, each on a line of its own."""
    return "<br>".join(map(text, values))


def link(words: str, url: str) -> str:
    """Return a link, or the words alone where the address is none of the web's."""
    if not url.startswith(("https://", "http://")):
        return text(words)
    return f"[{text(words)}](<{quote(url, safe=':/?#&=%~+@,;')}>)"


def row(cells: Sequence[str]) -> str:
    """Return a line of a table."""
    return f"| {' | '.join(cells)} |\n"


def table_head(names: Iterable[str]) -> str:
    """Return a table's first two lines."""
    cells = [text(name) for name in names]
    return row(cells) + row(["---"] * len(cells))


def _escaped(match: re.Match[str]) -> str:
    char = match[0]
    return char if char in _PLAIN else f"&#{ord(char)};"


def _autolinks(escaped: str) -> str:
    """Keep `www.` from becoming a link; where there is a scheme, its colon is escaped already."""
    return re.sub(r"(?i)\b(www)\.", r"\1&#46;", escaped)
