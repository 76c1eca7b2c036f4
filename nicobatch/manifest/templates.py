"""Texts with placeholders, for the videos of a pattern: `{stem}`, `{index}`, `{index:02}`."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from itertools import islice

from nicobatch.manifest.rules import Fault, fault, shown
from nicobatch.model import Position

PLACEHOLDERS = ("stem", "index")
MOST_FLAWS = 20
LONGEST = 100
"""Characters of a name that a placeholder's may be near to."""
FORMAT = re.compile(r"0[1-9]")
TOKEN = re.compile(r"\{\{|\}\}|\{(?P<name>[^{}:]*)(?P<colon>:(?P<format>[^{}]*))?\}|[{}]")

# What is shorter, such as {x}, is as likely a part of the text.
WORD = re.compile(r"[A-Za-z_][\w.]{2,}", re.ASCII)

HABITS: Mapping[str, tuple[str, ...]] = {
    "stem": ("name", "file", "filename", "basename", "title", "file_name", "ファイル名", "名前"),
    "index": ("number", "num", "no", "nr", "n", "i", "count", "counter", "番号", "連番"),
}
MEANT: Mapping[str, str] = {habit: key for key, habits in HABITS.items() for habit in habits}


def flaws(template: str, field: str, place: Position) -> Iterator[Fault]:
    """Yield what is wrong with the placeholders of a field, up to some number."""
    return islice(_flaws(template, field, place), MOST_FLAWS)


def _flaws(template: str, field: str, place: Position) -> Iterator[Fault]:
    for token in TOKEN.finditer(template):
        if token["name"] is not None:
            yield from _flaw(token, place)
        elif len(token[0]) == 1:
            yield fault("placeholder-brace", place, field=field, brace=token[0])


def _flaw(token: re.Match[str], place: Position) -> Iterator[Fault]:
    name, written = token["name"], shown(token[0])
    if name not in PLACEHOLDERS:
        meant = _meant(name)
        advice = "did-you-mean" if meant else ""
        yield fault(
            "placeholder-unknown", place, advice=advice, written=written, suggestion=f"{{{meant}}}"
        )
    elif token["colon"] and (name != "index" or not FORMAT.fullmatch(token["format"])):
        yield fault("placeholder-format", place, written=written, placeholder=f"{{{name}}}")


def _meant(name: str) -> str:
    plain = name.strip().casefold()
    if len(plain) > LONGEST:
        return ""
    near = difflib.get_close_matches(plain, [*PLACEHOLDERS, *MEANT], n=1)
    return MEANT.get(near[0], near[0]) if near else ""


def uses(template: str, *names: str) -> bool:
    """Tell whether the text has one of these placeholders."""
    return any(token["name"] in names for token in TOKEN.finditer(template))


def first(template: str) -> str:
    """Return the first that looks like a placeholder, as it is written; empty if there is none."""
    named = (each for each in TOKEN.finditer(template) if each["name"] is not None)
    return next((each[0] for each in named if _is_word(each["name"])), "")


def _is_word(name: str) -> bool:
    return name in {*PLACEHOLDERS, *MEANT} or bool(WORD.fullmatch(name))


def fill(template: str, *, stem: str, index: int) -> str:
    """Return the text for one file; it must have no flaws."""

    def put(token: re.Match[str]) -> str:
        if token["name"] is None:
            return token[0][0]
        return stem if token["name"] == "stem" else format(index, token["format"] or "")

    return TOKEN.sub(put, template)
