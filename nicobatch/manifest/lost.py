"""Text that YAML takes for something else: comments, anchors, tags, and lines that it joins."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from nicobatch.manifest.rules import Fault, fault, in_quotes, shown
from nicobatch.model import Position

LINES = frozenset(("description", "thanks_message"))
"""Texts of which each line counts."""
TEXTS = LINES | {"title", "tags"}
NAMES = frozenset(("file", "id"))

# A remark has a blank behind its `#`; a number of an episode and a hashtag have none.
HASH = re.compile(r"[ \t]+#(?=[^\W_])")
HASH_BELOW = re.compile(r"[ \t]*(?:\r\n?|\n)( +)#(?=[^\W_])")
# The first item of a list in brackets, and a later one.
HASH_IN_LIST = re.compile(r"[ \t]*#(?=[^\W_])")
HASH_BEHIND = re.compile(r"[ \t]*,[ \t]*#(?=[^\W_])")
ENDING = re.compile(r"\.\w{2,5}$")
END_OF_LINE = re.compile(r"[\r\n]|\Z")
END_IN_FLOW = re.compile(r"[\r\n,\[\]{}]|\Z")
# Blank lines are kept, and so is what ends in `\` or is written as `\n`.
JOINED = re.compile(r"(?<![\s\\])(?<!\\n)[ \t]*(?:\r\n?|\n)[ \t]*(?=\S)")


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a scalar stands: whose value it is, and what it is written in."""

    field: str
    """The key that it, or the list that it is in, belongs to; empty if there is none."""
    column: int
    """Of the block around it, counted from 0."""
    in_flow: bool
    in_list: bool = False


def losses(text: str, event: Any, spot: Spot) -> Iterator[Fault]:
    """Yield what of a scalar's text the creator meant and YAML leaves out."""
    if spot.field in TEXTS | NAMES:
        yield from _comment(text, event, spot)
    if spot.field in TEXTS and event.tag == "!" and not event.style:
        yield _word("text-as-tag", text, event, spot, "!")
    if spot.field in LINES and event.style not in {"|", ">"}:
        yield from _joined(text, event, spot)


def first_tag(text: str, event: Any, field: str) -> Iterator[Fault]:
    """Yield what is lost of `[#tag, ...]`, where the list's first item should be."""
    found = HASH_IN_LIST.match(text, event.end_mark.index)
    if found and field == "tags" and event.flow_style:
        yield _told(text, found.end() - 1, event.end_mark, "", Spot(field, 0, in_flow=True))


def anchor(text: str, event: Any, spot: Spot) -> Fault | None:
    """Return what is wrong with an anchor if no alias refers to it: it was meant as text."""
    if spot.field not in TEXTS | NAMES or event.style:
        return None
    return _word("text-as-anchor", text, event, spot, f"&{event.anchor}")


def _comment(text: str, event: Any, spot: Spot) -> Iterator[Fault]:
    first, last = event.start_mark.index, event.end_mark.index
    plain = "" if event.style else text[first:last]
    found = None if event.style else HASH.match(text, last) or _below(text, event, spot)
    if found:
        told = _told(text, found.end() - 1, event.end_mark, plain, spot)
        if not (spot.field in NAMES and plain) or ENDING.search(str(told.values["rest"])):
            yield told
    elif spot.in_flow and spot.field == "tags" and (found := HASH_BEHIND.match(text, last)):
        yield _told(text, found.end() - 1, event.end_mark, "", spot)


def _told(text: str, start: int, mark: Any, before: str, spot: Spot) -> Fault:
    rest = text[start : _end(text, start, spot)].rstrip()
    line = max(text.rfind("\n", mark.index, start), text.rfind("\r", mark.index, start))
    below = line >= 0
    column = start - line if below else mark.column + start - mark.index + 1
    whole = f"{before} {rest}".strip()
    return fault(
        "text-as-comment",
        Position(mark.line + 1 + below, column),
        advice="tags" if spot.field == "tags" else "",
        rest=shown(rest),
        quoted=in_quotes(whole),
        suggestion=shown(", ".join(whole.replace("#", " ").split())),
    )


def _below(text: str, event: Any, spot: Spot) -> re.Match[str] | None:
    """Find a text's next line if it begins with `#`, deeper than the keys: no one's remark."""
    if not event.value or spot.in_flow:
        return None
    found = HASH_BELOW.match(text, event.end_mark.index)
    return found if found and len(found[1]) > spot.column else None


def line_of(text: str, index: int) -> str:
    """Return the line that the index is in."""
    start = max(text.rfind("\n", 0, index), text.rfind("\r", 0, index)) + 1
    found = END_OF_LINE.search(text, index)
    return text[start : found.start() if found else None]


def _end(text: str, start: int, spot: Spot) -> int:
    match = (END_IN_FLOW if spot.in_flow else END_OF_LINE).search(text, start)
    return match.start() if match else len(text)


def _word(rule: str, text: str, event: Any, spot: Spot, word: str) -> Fault:
    mark = event.start_mark
    whole = text[mark.index : max(event.end_mark.index, _end(text, mark.index, spot))].strip()
    place = Position(mark.line + 1, mark.column + 1)
    return fault(rule, place, word=shown(word), quoted=in_quotes(whole))


def _joined(text: str, event: Any, spot: Spot) -> Iterator[Fault]:
    first, last = event.start_mark, event.end_mark
    if first.line != last.line and JOINED.search(text, first.index, last.index):
        yield fault("text-folded", Position(first.line + 1, first.column + 1), field=spot.field)
