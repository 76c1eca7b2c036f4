"""What the manifest reader can find: a table of rules, and faults that become `Problem`s."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nicobatch.manifest.rules_content import CONTENT
from nicobatch.manifest.rules_text import TEXT
from nicobatch.model import Position, Problem, Severity

RULES: Mapping[str, tuple[Severity, str, str]] = {**TEXT, **CONTENT}
"""Rule id to severity, message template and hint template; the ids are a promise (SARIF, JSON)."""

ADVICE: Mapping[str, str] = {
    "did-you-mean": "did you mean {suggestion}?",
    "quote": "put it in quotes: '{value}'",
    "video": "put {key} under a video of `videos:`, or under `defaults:` for all of them",
    "top": "put {key} at the top of the manifest, beside version",
    "each": "every video has its own {key}: put it under videos",
    "give-id": "the id is the file's name without its ending; give the video an id of its own",
}
"""Hints that take the place of a rule's own where more is known."""

SHOWN_LENGTH = 60


@dataclass(frozen=True, slots=True)
class Fault:
    """A rule broken at a place; `advice` names the hint to give instead of the rule's own."""

    rule: str
    place: Position
    values: Mapping[str, object] = field(default_factory=dict)
    advice: str = ""


def fault(rule: str, place: Position, *, advice: str = "", **values: object) -> Fault:
    """Say that `rule` is broken at `place`; `values` fill the placeholders of its templates."""
    return Fault(rule, place, values, advice)


def problem(found: Fault, path: Path) -> Problem:
    """Word a fault for the user."""
    severity, message, hint = RULES[found.rule]
    template = ADVICE[found.advice] if found.advice else hint
    return Problem(
        rule=found.rule,
        message=message.format_map(found.values),
        hint=template.format_map(found.values),
        path=path,
        line=found.place.line,
        column=found.place.column,
        severity=severity,
    )


def shown(value: object) -> str:
    """Show a value as one would write it in YAML, on one line and not too long."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    line = "".join(_visible(char) for char in text[: SHOWN_LENGTH + 1])
    return line if len(line) <= SHOWN_LENGTH else line[: SHOWN_LENGTH - 1] + "…"


def quoted(value: object) -> str:
    """Show a value where its type matters: text in quotes."""
    return f"'{shown(value)}'" if isinstance(value, str) else shown(value)


def _visible(char: str) -> str:
    if char.isprintable() or char == "\u3000":  # the blank of Japanese text
        return char
    return " " if char.isspace() else "�"
