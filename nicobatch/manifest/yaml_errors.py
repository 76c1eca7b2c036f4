"""What YAML reads otherwise than it was meant.

PyYAML's syntax errors are put in a creator's words, at the place that needs the change; and there
is text that YAML takes for comments, anchors and tags, or for one line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import yaml

from nicobatch.manifest import lookalikes
from nicobatch.manifest.document import LINES, Spot
from nicobatch.manifest.rules import Fault, fault, in_quotes, shown
from nicobatch.model import Position


@dataclass(frozen=True, slots=True)
class Explanation:
    """How to read an error: words in its message and context, the rule, and which mark counts."""

    words: str
    rule: str
    mark: Literal["problem", "context"] = "problem"


# The first whose words all occur wins. libyaml and PyYAML's own parser word things differently.
READINGS = (
    Explanation("found a tab character", "yaml-tab"),
    Explanation("character '\\t' that cannot start", "yaml-tab"),
    Explanation("cannot start any token", "yaml-special-character"),
    Explanation("mapping values are not allowed", "yaml-colon-in-text"),
    Explanation(
        "scanning a quoted scalar; unexpected end of stream", "yaml-unclosed-quote", "context"
    ),
    Explanation("quoted scalar; unexpected document", "yaml-unclosed-quote", "context"),
    Explanation("quoted scalar; escape", "yaml-escape"),
    Explanation("quoted scalar; hexdecimal", "yaml-escape"),
    Explanation("scanning a simple key", "yaml-no-colon", "context"),
    Explanation("flow sequence; did not find", "yaml-unclosed-bracket", "context"),
    Explanation("flow sequence; expected", "yaml-unclosed-bracket", "context"),
    Explanation("flow mapping; did not find", "yaml-unclosed-bracket", "context"),
    Explanation("flow mapping; expected", "yaml-unclosed-bracket", "context"),
    Explanation("node content", "yaml-unexpected"),
    Explanation("sequence entries are not allowed", "yaml-dash"),
    Explanation("scanning a block scalar", "yaml-block-text"),
    Explanation("scanning an alias", "yaml-special-character", "context"),
    Explanation("scanning an anchor", "yaml-special-character", "context"),
    Explanation("block mapping; did not find", "yaml-indentation"),
    Explanation("block mapping; expected", "yaml-indentation"),
    Explanation("block collection", "yaml-indentation"),
    Explanation("<document start>", "yaml-indentation"),
    Explanation("tag handle", "yaml-tag"),
    Explanation("scanning a tag", "yaml-tag", "context"),
    Explanation("parsing a tag", "yaml-tag", "context"),
)
FALLBACK = Explanation("", "yaml-syntax")

# What quotes make right where a text is meant; a text behind | is right on the next line.
QUOTABLE = {
    *("yaml-special-character", "yaml-colon-in-text", "yaml-unexpected", "yaml-dash", "yaml-tag"),
    *("yaml-trailing-text", "yaml-syntax", "yaml-block-text"),
}
TEXT_LINE = re.compile(
    r"\s*(?:- +)*(?:(?:title|description|thanks_message|file|id):[ \t]+|(?<=- )(?!\w+:(?:\s|$)))"
    r"(?P<text>(?![|>][-+0-9]*[ \t])\S.*)"
)
SIDE = re.compile(r"<{7}( |$)")
"""What git writes above both sides of a merge."""
PAIR = re.compile(r"\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")
"""A character beyond U+FFFF, as JSON escapes it."""
GLUED = re.compile(r"[ \t]*-(?=\w+:(?:\s|$))")


def syntax_fault(error: yaml.YAMLError, text: str, opened: Position) -> Fault:
    """Say what is wrong, where, and what would be right; `opened` is where the last block began."""
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return fault(FALLBACK.rule, Position(1, 1))
    reading = _reading(error)
    mark = (error.context_mark if reading.mark == "context" else None) or error.problem_mark
    lines = text.splitlines() or [""]
    if mark.line >= len(lines) and reading.rule == "yaml-unexpected":
        return fault("yaml-unclosed-bracket", opened)
    if mark.line >= len(lines):
        return fault(reading.rule, Position(len(lines), len(lines[-1]) + 1), character="")
    if told := _around(lines[: mark.line + 1]):
        return told
    return _worded(reading.rule, Position(mark.line + 1, mark.column + 1), lines[mark.line])


def _around(lines: Sequence[str]) -> Fault | None:
    """Return what an error goes back to that stands in lines above the one where it shows."""
    if side := next((n for n, line in enumerate(lines, 1) if SIDE.match(line)), 0):
        return fault("yaml-merge-conflict", Position(side, 1))
    for number in range(max(len(lines) - 2, 0), len(lines)):
        if glued := GLUED.match(lines[number]):
            return fault("yaml-dash-glued", Position(number + 1, glued.end()))
    return None


def too_deep(error: yaml.YAMLError) -> int | None:
    """Return where libyaml's own limit on depth was met; None for any other error.

    It looks ahead, and so meets its limit before the events of what is less deep have come.
    """
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return None
    return error.problem_mark.index if "nesting depth" in str(error.problem) else None


def text_of(line: str) -> str:
    """Return the text that a line gives to a key or an item, without quotes that go around it."""
    found = TEXT_LINE.match(line)
    text = found["text"].rstrip() if found else ""
    quote, inner = text[:1], text[1:-1]
    around = quote in {"'", '"'} and len(text) > 1 and text[-1] == quote
    return inner if around and not re.search(rf"(?<=[^\s{quote}]){quote}(?=\s)", inner) else text


def _reading(error: yaml.MarkedYAMLError) -> Explanation:
    said = f"{error.context}; {error.problem}"
    return next((each for each in READINGS if _occurs(each.words, said)), FALLBACK)


def _occurs(words: str, said: str) -> bool:
    return all(part in said for part in words.split("; "))


def _worded(rule: str, place: Position, line: str) -> Fault:
    before, rest = line[: place.column - 1], line[place.column - 1 :]
    if rule == "yaml-colon-in-text" and ": " not in before:
        # It is the line's first colon: the line above was text, and this one seems to go on.
        return fault("yaml-indentation", Position(place.line, len(line) - len(line.lstrip()) + 1))
    if rule == "yaml-indentation" and before.strip():
        rule = "yaml-trailing-text"
    if rule == "yaml-special-character" and rest.startswith("\t"):
        rule = "yaml-tab"
    if rule == "yaml-escape" and (pair := PAIR.match(line, place.column - 3)):
        meant = bytes.fromhex(pair[1] + pair[2]).decode("utf-16-be")
        return fault(rule, place, advice="character", meant=meant)
    if told := lookalikes.at_error(rule, line, place):
        return told
    text = text_of(line) if rule in QUOTABLE else ""
    is_item = rest.startswith("* ") and not before.strip()
    return fault(
        rule,
        place,
        advice="item" if is_item else "quote" if text else "",
        tag=shown(rest.partition(" ")[0]),
        character=rest[:1],
        quoted=in_quotes(text),
    )


TEXTS = LINES | {"title", "tags"}
NAMES = frozenset(("file", "id"))

# A remark has a blank behind its `#`; a number of an episode and a hashtag have none.
HASH = re.compile(r"[ \t]+#(?=[^\W_]|\{)")
HASH_BELOW = re.compile(r"[ \t]*(?:\r\n?|\n)( +)#(?=[^\W_]|\{)")
# The first item of a list in brackets, and a later one.
HASH_IN_LIST = re.compile(r"[ \t]*#(?=[^\W_])")
HASH_BEHIND = re.compile(r"[ \t]*,[ \t]*#(?=[^\W_])")
# What parts tags, or begins one.
APART = re.compile("[#＃,、，]")
ENDING = re.compile(r"\.\w{2,5}$")
END_OF_LINE = re.compile(r"[\r\n]|\Z")
END_IN_FLOW = re.compile(r"[\r\n,\[\]{}]|\Z")
# Blank lines are kept, and so is what ends in `\` or is written as `\n`.
JOINED = re.compile(r"(?<![\s\\])(?<!\\n)[ \t]*(?:\r\n?|\n)[ \t]*(?=\S)")


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
        suggestion=shown(", ".join(APART.sub(" ", whole).split())),
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
    is_folded = first.line != last.line and not lookalikes.BARS.match(text, first.index)
    if is_folded and JOINED.search(text, first.index, last.index):
        yield fault("text-folded", Position(first.line + 1, first.column + 1), field=spot.field)
