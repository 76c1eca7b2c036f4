"""Markdown as the site's builder reads it, and what its pages say in each language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import yaml

from nicobatch import language

WORDS: Final[dict[str, Any]] = yaml.safe_load(
    Path(__file__).with_name("words.yaml").read_text("utf-8")
)
"""By page and by name, what is said in each of `language.LANGUAGES`."""
_SPECIAL: Final = re.compile(r"[\\`*_{}\[\]#|]")
_CODE: Final = re.compile(r"(`[^`]+`)")


def said(page: str, name: str) -> str:
    """Return what the page says by that name, in the chosen language."""
    return str(WORDS[page][name][language.LANGUAGES.index(language.chosen())])


def plain(text: str) -> str:
    """Return the text as Markdown that shows it as it is, on one line; code stays code."""
    pieces = _CODE.split(" ".join(text.split()))
    return "".join(code(each[1:-1]) if _CODE.fullmatch(each) else _escaped(each) for each in pieces)


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\g<0>", text).replace("&", "&amp;").replace("<", "&lt;")


def code(text: str) -> str:
    """Return the text as code within a line; a cell of a table is not ended by a bar in it."""
    ticks = "``" if "`" in text else "`"
    return f"{ticks}{text}{ticks}"


def fence(kind: str, text: str) -> str:
    """Return a block of code."""
    return f"```{kind}\n{text.strip()}\n```"


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; cells are Markdown."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def page(*blocks: str) -> str:
    """Return the page of these blocks."""
    return "\n\n".join(filter(None, blocks)) + "\n"
