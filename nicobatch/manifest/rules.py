"""What the manifest reader can find: a table of rules, and faults that become `Problem`s."""

from __future__ import annotations

import json
import math
import os
import shlex
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nicobatch.language import N_, _
from nicobatch.manifest.rules_content import CONTENT
from nicobatch.manifest.rules_filled import FILLED
from nicobatch.manifest.rules_text import TEXT
from nicobatch.model import Position, Problem, Severity

RULES: Mapping[str, tuple[Severity, str, str]] = {
    rule: (severity[0] if severity else Severity.ERROR, message, hint)
    for rule, (message, hint, *severity) in {**TEXT, **CONTENT, **FILLED}.items()
}
"""Rule id to severity, message template and hint template; the ids are a promise (SARIF, JSON)."""

ADVICE: Mapping[str, str] = {
    "did-you-mean": N_("did you mean {suggestion}?"),
    "one-of": N_("it can be: {known}"),
    "quote": N_("put it in quotes: {quoted}"),
    "unquoted": N_("write it without quotes: {bare}"),
    "item": N_("an item of a list begins with - and a blank"),
    "character": N_("write the character itself: {meant}"),
    "delete": N_("delete it"),
    "shorten": N_("shorten it by {excess}"),
    "look-alike": N_("{character} only looks right: type {typed} in its place"),
    "epoch": N_("write the date that it stands for: {moment}"),
    "moment": N_("write it as {moment}"),
    "moment-of-day": N_("write the time as well: {moment}"),
    "picture": N_(
        "write thumbnail: {{file: …}} for a picture, or name a moment of the video,"
        " such as thumbnail: {{timing: 20.263}}"
    ),
    "picture-idle": N_("delete it, or move it into the block of a site that takes pictures"),
    "no-chapters": N_("niconico has no chapters: write them into the description"),
    "no-include": N_(
        "a manifest takes nothing from another file: name several manifests on the command line,"
        " or share values by `defaults:`"
    ),
    "no-field": N_("niconico has nothing of this kind: leave it out"),
    "tags": N_("write each tag by itself, without the #: {suggestion}"),
    "video": N_("put {key} under a video of `videos:`, or under `defaults:` for all of them"),
    "top": N_("put {key} at the top of the manifest, beside version"),
    "site": N_("it is of {site} alone: put {key} under `{site}:`"),
    "each": N_("every video has its own {key}: put it under videos"),
    "give-id": N_("the id is the file's name without its ending; give the video an id of its own"),
    "no-site": N_("leave @{site} out"),
    "no-zones": N_("this system knows none: install the Python package tzdata"),
    "not-in-time": N_(
        "a manifest is read again and again, and each time it would be another moment:"
        " write the moment itself, as publish: {{at: 2026-12-01T20:00:00+09:00}}"
    ),
    "video-none": N_("`{command}` tells what is wrong with its videos"),
    "init-folder": N_("`{command}` writes one for its videos"),
    "tilde": N_("a shell fills in ~ only outside of quotes: write the folder out"),
    "pattern-folder": N_("there is no folder {folder}; write it as seen from the manifest's"),
    "pattern-near": N_("{near} would match, but for capital and small letters"),
    "pattern-id": N_("rename the file, narrow the pattern, or give ids with {{index}}"),
    "pattern-file": N_("it is in {first} already; narrow the pattern so that it is left out"),
    "windows-device": N_(
        "{part} is the name of a device there, whatever its ending: rename the file"
    ),
    "windows-stream": N_("in {part}, a colon begins the name of a stream there: rename the file"),
    "windows-drive": N_(
        "there it is {part} in whatever folder the drive {drive} is at: rename the file, or write"
        " the path as seen from the manifest's folder"
    ),
    "windows-edge": N_("the blank or dot at the end of {part} is dropped there: rename the file"),
}
"""Hints that take the place of a rule's own where more is known."""

SHOWN_LENGTH = 60
MORE = "more-problems"
MOST_TOLD = 50
"""Faults of one rule that are told of a manifest; the others are counted."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A rule broken at a place; `advice` names the hint to give instead of the rule's own."""

    rule: str
    place: Position
    values: Mapping[str, object] = field(default_factory=dict)
    advice: str = ""
    of: str = ""
    """Which of several files it is about, where its place doesn't tell."""
    limited: str = ""
    """The common key whose value is fine but for what a site takes."""
    site: str = ""
    """Which of several sites it is about."""


def fault(rule: str, place: Position, *, advice: str = "", **values: object) -> Fault:
    """Say that `rule` is broken at `place`; `values` fill the placeholders of its templates."""
    return Fault(rule, place, values, advice)


def problem(found: Fault, path: Path) -> Problem:
    """Word a fault for the user."""
    severity, template, advice = RULES[found.rule]
    message = _(template).format_map(found.values)
    hint = _(ADVICE[found.advice] if found.advice else advice).format_map(found.values)
    if found.site and found.limited:
        hint = _("{hint}; or give {key}").format(hint=hint, key=f"{found.site}.{found.limited}")
    return Problem(
        rule=found.rule,
        message=_of(found.site, _of(found.of, message)),
        hint=hint,
        path=path,
        line=found.place.line,
        column=found.place.column,
        severity=severity,
        site=found.site,
    )


class Findings:
    """What is wrong with one manifest: so much of each rule, and how much more there is."""

    def __init__(self, path: Path, problems: dict[Problem, None]) -> None:
        self._path = path
        self._problems = problems
        self._seen: set[tuple[object, ...]] = set()
        self._told: Counter[str] = Counter()
        self._left: list[Position] = []

    def add(self, found: Fault) -> bool:
        """Keep a fault, each once; return whether it is an error."""
        values = map(str, found.values.values())
        key = (found.rule, found.place, found.advice, found.of, *values)
        if key not in self._seen:
            self._seen.add(key)
            self._told[found.rule] += 1
            if found.rule == MORE or self._told[found.rule] > MOST_TOLD:
                self._left.append(found.place)
            else:
                self._problems[problem(found, self._path)] = None
        return found.rule == MORE or RULES[found.rule][0] is Severity.ERROR

    def end(self) -> None:
        """Say how much was left out, where that begins."""
        if self._left:
            count = f"{len(self._left):,}"
            rest = fault(MORE, min(self._left), count=count, limit=MOST_TOLD)
            self._problems[problem(rest, self._path)] = None


def _of(file: str, message: str) -> str:
    return _("{file}: {message}").format(file=file, message=message) if file else message


def shown(value: object) -> str:
    """Show a value as one would write it in YAML, on one line and not too long."""
    text = value if isinstance(value, str) else _start(value)
    line = "".join(_visible(char) for char in text[: SHOWN_LENGTH + 1])
    return line if len(line) <= SHOWN_LENGTH else line[: SHOWN_LENGTH - 1] + "…"


def _start(value: object) -> str:
    """Return as much of the JSON as is shown, and no more: a value may have a million items."""
    if isinstance(value, float) and not math.isfinite(value):
        return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
    text = ""
    for part in json.JSONEncoder(ensure_ascii=False).iterencode(value):
        text += part
        if len(text) > SHOWN_LENGTH:
            break
    return text


def quoted(value: object) -> str:
    """Show a value where its type matters: text in quotes."""
    return f"'{shown(value)}'" if isinstance(value, str) else shown(value)


def in_quotes(text: str) -> str:
    """Write text as it stands in a file as one that YAML takes for nothing but text."""
    return "'" + shown(text).replace("'", "''") + "'"


def typed(path: Path) -> str:
    """Return the path as a shell takes it."""
    return f'"{path}"' if os.name == "nt" else shlex.quote(str(path))


def _visible(char: str) -> str:
    if char.isprintable() or char == "\u3000":  # the blank of Japanese text
        return char
    return " " if char.isspace() else "�"
