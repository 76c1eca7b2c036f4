"""Texts with placeholders, for the videos of a pattern: `{stem}`, `{index}`, `{index:02}`."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping

from nicobatch.manifest.rules import Fault, fault, shown
from nicobatch.model import Position

PLACEHOLDERS = ("stem", "index")
FORMAT = re.compile(r"0[1-9]")
TOKEN = re.compile(r"\{\{|\}\}|\{(?P<name>[^{}:]*)(?P<colon>:(?P<format>[^{}]*))?\}|[{}]")

HABITS: Mapping[str, tuple[str, ...]] = {
    "stem": ("name", "file", "filename", "basename", "title", "file_name", "ファイル名", "名前"),
    "index": ("number", "num", "no", "nr", "n", "i", "count", "counter", "番号", "連番"),
}
MEANT: Mapping[str, str] = {habit: key for key, habits in HABITS.items() for habit in habits}


def flaws(template: str, field: str, place: Position) -> Iterator[Fault]:
    """Yield what is wrong with the placeholders of a field."""
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
    near = difflib.get_close_matches(plain, [*PLACEHOLDERS, *MEANT], n=1)
    return MEANT.get(near[0], near[0]) if near else ""


def uses(template: str, *names: str) -> bool:
    """Tell whether the text has one of these placeholders."""
    return any(token["name"] in names for token in TOKEN.finditer(template))


def first(template: str) -> str:
    """Return the first of the placeholders as it is written, empty where there is none."""
    tokens = (each[0] for each in TOKEN.finditer(template) if each["name"] in PLACEHOLDERS)
    return next(tokens, "")


def fill(template: str, *, stem: str, index: int) -> str:
    """Return the text for one file; it must have no flaws."""

    def put(token: re.Match[str]) -> str:
        if token["name"] is None:
            return token[0][0]
        return stem if token["name"] == "stem" else format(index, token["format"] or "")

    return TOKEN.sub(put, template)
