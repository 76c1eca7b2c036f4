"""Placeholders, such as `{index}`: what they may be in each field, and what is wrong with one.

Titles and ids beside a pattern of files are templates: every brace counts. Other texts are prose: a
brace that belongs to no placeholder stays as it is, and a doubled one is a single one only where
the text has a placeholder.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import islice
from typing import Final, TypeAlias

from nicobatch.manifest.rules import Fault, fault, shown
from nicobatch.model import ADDRESS, NEXT, PREVIOUS, Position

NUMBERS: Final = ("index", "count")
IN_TITLES: Final = ("stem", *NUMBERS, "date")
TAKES: Final[Mapping[str, Collection[str]]] = {
    "id": ("stem", "index"),
    "title": IN_TITLES,
    "description": (
        *IN_TITLES,
        "title",
        *(f"{which}.{what}" for which in (PREVIOUS, NEXT) for what in ("title", "url")),
    ),
    "text": ("title", "url", "stem", *NUMBERS),
}
"""By field, the placeholders that may stand in it."""
EVERY: Final = TAKES["description"]
MOST_FLAWS: Final = 20
LONGEST_NAME: Final = 100
"""Characters of a name that a placeholder's may be near to."""
FORMAT: Final = re.compile(r"0[1-9]")
TOKEN: Final = re.compile(r"\{\{|\}\}|\{(?P<name>[^{}:]*)(?P<colon>:(?P<format>[^{}]*))?\}|[{}]")
DOUBLED: Final = re.compile(rf"\{{\{{(?:{'|'.join(map(re.escape, EVERY))})(?::[^{{}}]*)?\}}\}}")
"""A placeholder's name to be read as it stands."""

# What Python would reach into a value by, or convert it.
REACHING: Final = re.compile(r"[\w.]*(?:\.__.*|\[.*|![rsa])|[0-9]+\..*", re.ASCII | re.DOTALL)
# What is shorter, such as {x}, is as likely a part of the text.
LIKE_ONE: Final = re.compile(r"[A-Za-z_][\w.]{2,}", re.ASCII)

HABITS: Final[Mapping[str, tuple[str, ...]]] = {
    "stem": ("name", "file", "filename", "basename", "file_name", "ファイル名", "名前"),
    "index": ("number", "num", "no", "nr", "n", "i", "counter", "番号", "連番"),
    "count": ("total", "合計", "本数"),
    "date": ("day", "日付"),
    "previous.url": ("prev.url",),
    "previous.title": ("prev.title",),
}
MEANT: Final[Mapping[str, str]] = {habit: key for key, habits in HABITS.items() for habit in habits}

Place: TypeAlias = Callable[[re.Match[str]], Position]
"""Returns where a placeholder that was found in a text stands in the file."""
Values: TypeAlias = Mapping[str, str | int | None]
"""What placeholders stand for, by their names; None where there is no such thing."""


def at(place: Position) -> Place:
    """Return what takes all that is found in a text for what stands at the place."""
    return lambda _found: place


def flaws(text: str, field: str, place: Place, *, strict: bool = True) -> Iterator[Fault]:
    """Yield what is wrong with the placeholders of a field, up to some number.

    `strict` says that the text is a template.
    """
    found = TOKEN.finditer(text) if "{" in text or "}" in text else iter(())
    return islice(_flaws(found, field, place, strict=strict), MOST_FLAWS)


def _flaws(
    found: Iterator[re.Match[str]], field: str, place: Place, *, strict: bool
) -> Iterator[Fault]:
    for token in found:
        if token["name"] is not None:
            yield from _flaw(token, field, place(token), strict=strict)
        elif strict and len(token[0]) == 1:
            yield fault("placeholder-brace", place(token), field=field, brace=token[0])


def _flaw(token: re.Match[str], field: str, place: Position, *, strict: bool) -> Iterator[Fault]:
    name, written, takes = token["name"], shown(token[0]), TAKES[field]
    if ADDRESS.fullmatch(token[0]) and name not in EVERY:
        return
    if name in takes:
        if token["colon"] and (name not in NUMBERS or not FORMAT.fullmatch(token["format"])):
            yield fault("placeholder-format", place, written=written, placeholder=f"{{{name}}}")
        return
    known = ", ".join(f"{{{each}}}" for each in takes)
    if name in EVERY:
        yield fault("placeholder-misplaced", place, written=written, field=field, known=known)
    elif strict or REACHING.fullmatch(name) or _is_word(name):
        unknown = "placeholder-unknown" if strict or REACHING.fullmatch(name) else ""
        meant = _placeholder(name, takes)
        yield fault(
            unknown or "placeholder-idle",
            place,
            advice="did-you-mean" if meant else "",
            written=written,
            field=field,
            suggestion=f"{{{meant}}}",
            known=known,
        )


def _placeholder(name: str, takes: Collection[str]) -> str:
    """Return which of the placeholders was probably meant; empty if none comes near."""
    plain = name.strip().casefold()
    if len(plain) > LONGEST_NAME:
        return ""
    fit = [habit for habit, meant in MEANT.items() if meant in takes]
    near = difflib.get_close_matches(plain, [*takes, *fit], n=1)
    return MEANT.get(near[0], near[0]) if near else ""


def uses(text: str, *names: str) -> bool:
    """Tell whether the text has one of these placeholders."""
    return "{" in text and any(token["name"] in names for token in TOKEN.finditer(text))


def first(text: str) -> str:
    """Return the first that looks like a placeholder, as it is written; empty if there is none."""
    named = (each for each in TOKEN.finditer(text) if each["name"] is not None)
    words = (each[0] for each in named if _is_word(each["name"]))
    return next((each for each in words if not ADDRESS.fullmatch(each)), "")


def _is_word(name: str) -> bool:
    return name in {*EVERY, *MEANT} or bool(LIKE_ONE.fullmatch(name))


def is_template(text: str) -> bool:
    """Tell whether prose has a placeholder, or one that is to be read as it stands."""
    return "{" in text and (uses(text, *EVERY) or bool(DOUBLED.search(text)))


def literal(text: str) -> str:
    """Return the prose that stands for the very text, be there what looks like a placeholder."""
    return text.replace("{", "{{").replace("}", "}}") if is_template(text) else text


def fill(text: str, values: Values) -> str:
    """Return the text with the values in place of their placeholders; others stay as they are."""

    def put(token: re.Match[str]) -> str:
        name = token["name"]
        if name is None:
            return token[0][0]
        value, form = values.get(name), token["format"] or ""
        if isinstance(value, int) and (not token["colon"] or FORMAT.fullmatch(form)):
            return format(value, form)
        return token[0] if token["colon"] or not isinstance(value, str) else value

    return TOKEN.sub(put, text)


def numbered(text: str, index: int) -> str:
    """Return prose with its number filled in, and all else left to be filled later."""
    if not uses(text, "index"):
        return text

    def put(token: re.Match[str]) -> str:
        return fill(token[0], {"index": index}) if token["name"] == "index" else token[0]

    done = TOKEN.sub(put, text)
    return done if is_template(done) else fill(done, {})


def filled_lines(text: str, values: Values) -> str:
    """Return prose filled, without the lines that name what there is not."""
    if not is_template(text):
        return text
    lines = (line for line in text.split("\n") if not uses(line, *_lacking(values)))
    return fill("\n".join(lines), values)


def _lacking(values: Values) -> Iterator[str]:
    return (name for name, value in values.items() if value is None)
