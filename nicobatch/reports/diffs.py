"""How two values differ, in a few lines: what went, what came, and what stands around it."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from rich.cells import cell_len, set_cell_size

from nicobatch.language import _, ngettext

WIDTH: Final = 96
"""Cells of a line, a full-width character taking two: what is longer is cut around the change."""
MOST_LINES: Final = 40
_AROUND: Final = 24
"""Characters that stay before a change when the line is cut."""
_CONTEXT: Final = 1
"""Unchanged lines around a change."""
_UNSEEN: Final = dict.fromkeys((0x00AD, 0x200B, 0x2060, 0xFEFF))
"""Characters that take no room by themselves."""


class Mark(StrEnum):
    """What a line tells of, by the sign before it."""

    OLD = "-"
    NEW = "+"
    NONE = " "


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a difference."""

    mark: Mark
    text: str


def of_lists(old: Sequence[str], new: Sequence[str]) -> list[Line]:
    """Return what went and what came; of the same members in another order, both orders."""
    gone = [Line(Mark.OLD, each) for each in old if each not in new]
    came = [Line(Mark.NEW, each) for each in new if each not in old]
    if gone or came:
        return gone + came
    return [Line(Mark.OLD, ", ".join(old)), Line(Mark.NEW, ", ".join(new))]


def of_texts(old: str, new: str) -> list[Line]:
    """Return the lines that differ, with those around them, each cut to what is worth reading."""
    if _looks(old) == _looks(new):
        words = _("only blanks, line breaks or the spelling in Unicode differ")
        return [Line(Mark.NONE, words)]
    lines = list(_changed(old.splitlines(), new.splitlines()))
    left_out = len(lines) - MOST_LINES
    if left_out <= 0:
        return lines
    words = ngettext("… and {number} more line", "… and {number} more lines", left_out)
    return [*lines[:MOST_LINES], Line(Mark.NONE, words.format(number=left_out))]


def _looks(text: str) -> list[str]:
    """Return the lines as a reader sees them."""
    seen = unicodedata.normalize("NFC", text).translate(_UNSEEN).rstrip()
    return [line.rstrip() for line in seen.splitlines()]


def _changed(old: Sequence[str], new: Sequence[str]) -> Iterator[Line]:
    groups = difflib.SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(_CONTEXT)
    for number, group in enumerate(groups):
        if number:
            yield Line(Mark.NONE, "…")
        for kind, first, end, new_first, new_end in group:
            if kind == "equal":
                yield from (Line(Mark.NONE, _cut(line)) for line in old[first:end])
            else:
                yield from _exchanged(old[first:end], new[new_first:new_end])


def _exchanged(old: Sequence[str], new: Sequence[str]) -> Iterator[Line]:
    """Yield both, lines that stand for one another cut around the place where they differ."""
    starts = [0] * max(len(old), len(new))
    if len(old) == len(new):
        starts = [_common(*pair) for pair in zip(old, new, strict=True)]
    for mark, lines in ((Mark.OLD, old), (Mark.NEW, new)):
        for line, start in zip(lines, starts, strict=False):
            yield Line(mark, _cut(line, start))


def _common(one: str, other: str) -> int:
    """Return how many characters both begin with."""
    pairs = enumerate(zip(one, other, strict=False))
    differing = (number for number, (a, b) in pairs if a != b)
    return next(differing, min(len(one), len(other)))


def _cut(line: str, start: int = 0) -> str:
    """Return as much of the line as is worth reading, from shortly before `start` on."""
    if cell_len(line) <= WIDTH:
        return line
    if start > _AROUND:
        line = "…" + line[start - _AROUND :]
    return line if cell_len(line) <= WIDTH else set_cell_size(line, WIDTH - 1).rstrip() + "…"
