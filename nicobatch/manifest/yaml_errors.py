"""PyYAML's syntax errors in a creator's words, at the place that needs the change."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

import yaml

from nicobatch.manifest import lookalikes
from nicobatch.manifest.rules import Fault, fault, in_quotes, shown
from nicobatch.model import Position


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read an error: words in its message and context, the rule, and which mark counts."""

    words: str
    rule: str
    mark: Literal["problem", "context"] = "problem"


# The first whose words all occur wins. libyaml and PyYAML's own parser word things differently.
READINGS = (
    Reading("found a tab character", "yaml-tab"),
    Reading("character '\\t' that cannot start", "yaml-tab"),
    Reading("cannot start any token", "yaml-special-character"),
    Reading("mapping values are not allowed", "yaml-colon-in-text"),
    Reading("scanning a quoted scalar; unexpected end of stream", "yaml-unclosed-quote", "context"),
    Reading("quoted scalar; unexpected document", "yaml-unclosed-quote", "context"),
    Reading("quoted scalar; escape", "yaml-escape"),
    Reading("quoted scalar; hexdecimal", "yaml-escape"),
    Reading("scanning a simple key", "yaml-no-colon", "context"),
    Reading("flow sequence; did not find", "yaml-unclosed-bracket", "context"),
    Reading("flow sequence; expected", "yaml-unclosed-bracket", "context"),
    Reading("flow mapping; did not find", "yaml-unclosed-bracket", "context"),
    Reading("flow mapping; expected", "yaml-unclosed-bracket", "context"),
    Reading("node content", "yaml-unexpected"),
    Reading("sequence entries are not allowed", "yaml-dash"),
    Reading("scanning a block scalar", "yaml-block-text"),
    Reading("scanning an alias", "yaml-special-character", "context"),
    Reading("scanning an anchor", "yaml-special-character", "context"),
    Reading("block mapping; did not find", "yaml-indentation"),
    Reading("block mapping; expected", "yaml-indentation"),
    Reading("block collection", "yaml-indentation"),
    Reading("<document start>", "yaml-indentation"),
    Reading("tag handle", "yaml-tag"),
    Reading("scanning a tag", "yaml-tag", "context"),
    Reading("parsing a tag", "yaml-tag", "context"),
)
FALLBACK = Reading("", "yaml-syntax")

# What quotes make right where a text is meant; a text behind | is right on the next line.
QUOTABLE = {
    *("yaml-special-character", "yaml-colon-in-text", "yaml-unexpected", "yaml-dash", "yaml-tag"),
    *("yaml-trailing-text", "yaml-syntax", "yaml-block-text"),
}
TEXT_LINE = re.compile(
    r"\s*(?:- +)*(?:(?:title|description|thanks_message|file|id):[ \t]+|(?<=- )(?!\w+:(?:\s|$)))"
    r"(?P<text>(?![|>][-+0-9]*[ \t])[^\s'].*)"
)


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
    return _worded(reading.rule, Position(mark.line + 1, mark.column + 1), lines[mark.line])


def too_deep(error: yaml.YAMLError) -> int | None:
    """Return where libyaml's own limit on depth was met; None for any other error.

    It looks ahead, and so meets its limit before the events of what is less deep have come.
    """
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return None
    return error.problem_mark.index if "nesting depth" in str(error.problem) else None


def text_of(line: str) -> str:
    """Return the text that a line gives to a key or an item, as it stands; empty if it is none."""
    found = TEXT_LINE.match(line)
    return found["text"].rstrip() if found else ""


def _reading(error: yaml.MarkedYAMLError) -> Reading:
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
    if told := lookalikes.at_error(rule, line, place):
        return told
    text = text_of(line) if rule in QUOTABLE else ""
    return fault(
        rule,
        place,
        advice="quote" if text else "",
        tag=shown(rest.partition(" ")[0]),
        character=rest[:1],
        quoted=in_quotes(text),
    )
