"""Characters that look like those of YAML and are none: full-width ones, odd blanks, dashes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from typing import Any

from nicobatch.language import N_, _
from nicobatch.manifest.document import LINES, Spot
from nicobatch.manifest.rules import Fault, fault
from nicobatch.model import Position

BLANK, NOTHING = " ", ""

WIDTHS = (0x1680, *range(0x2000, 0x200B), 0x205F)
DIRECTIONS = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))

NAMES: Mapping[str, tuple[str, str]] = {
    "：": (": ", N_("full-width colon")),
    "∶": (": ", N_("ratio sign")),
    "﹕": (": ", N_("small colon")),
    "︓": (": ", N_("vertical colon")),
    **dict.fromkeys("꞉ː։", (": ", N_("letter that looks like a colon"))),
    "\u3000": (BLANK, N_("full-width blank")),
    "\u00a0": (BLANK, N_("no-break blank")),
    "\u202f": (BLANK, N_("narrow no-break blank")),
    **dict.fromkeys(map(chr, WIDTHS), (BLANK, N_("blank of another width"))),
    **dict.fromkeys("\u2800\u3164\uffa0", (BLANK, N_("letter that looks like a blank"))),
    **dict.fromkeys("\u200c\u200d", (NOTHING, N_("invisible joiner"))),
    **dict.fromkeys(map(chr, DIRECTIONS), (NOTHING, N_("invisible mark of the direction"))),
    "\u180e": (NOTHING, N_("invisible separator of vowels")),
    "\u2028": (NOTHING, N_("line separator")),
    "\u2029": (NOTHING, N_("paragraph separator")),
    "\u0085": (NOTHING, N_("next line")),
    "\ufeff": (NOTHING, N_("byte order mark")),
    "\u200b": (NOTHING, N_("zero-width blank")),
    "\u2060": (NOTHING, N_("word joiner")),
    "\u00ad": (NOTHING, N_("soft hyphen")),
    "“": ('"', N_("left double quotation mark")),
    "”": ('"', N_("right double quotation mark")),
    "„": ('"', N_("low double quotation mark")),
    "＂": ('"', N_("full-width quotation mark")),
    "‟": ('"', N_("reversed quotation mark")),
    "″": ('"', N_("double prime")),
    "〝": ('"', N_("left double prime quotation mark")),
    "〟": ('"', N_("right double prime quotation mark")),
    "´": ("'", N_("acute accent")),
    "‘": ("'", N_("left single quotation mark")),
    "’": ("'", N_("right single quotation mark")),
    "＇": ("'", N_("full-width apostrophe")),
    "「": ('"', N_("left corner bracket")),
    "」": ('"', N_("right corner bracket")),
    "『": ('"', N_("left white corner bracket")),
    "』": ('"', N_("right white corner bracket")),
    "［": ("[", N_("full-width left square bracket")),
    "］": ("]", N_("full-width right square bracket")),
    "｛": ("{", N_("full-width left curly bracket")),
    "｝": ("}", N_("full-width right curly bracket")),
    "【": ("[", N_("left lenticular bracket")),
    "】": ("]", N_("right lenticular bracket")),
    **dict.fromkeys("〔〈《«", ("[", N_("left bracket of another kind"))),
    **dict.fromkeys("〕〉》»", ("]", N_("right bracket of another kind"))),
    "（": ("[", N_("full-width left parenthesis")),
    "）": ("]", N_("full-width right parenthesis")),
    "，": (", ", N_("full-width comma")),
    "、": (", ", N_("ideographic comma")),
    "､": (", ", N_("half-width ideographic comma")),
    **dict.fromkeys("﹐﹑،", (", ", N_("comma of another kind"))),
    "－": ("- ", N_("full-width hyphen-minus")),
    "–": ("- ", N_("en dash")),
    "—": ("- ", N_("em dash")),
    "‐": ("- ", N_("hyphen")),
    "‑": ("- ", N_("non-breaking hyphen")),
    "−": ("- ", N_("minus sign")),
    "―": ("- ", N_("horizontal bar")),
    "ー": ("- ", N_("mark of a long vowel")),
    "ｰ": ("- ", N_("half-width mark of a long vowel")),
    "・": ("- ", N_("middle dot")),
    **dict.fromkeys("‒﹣", ("- ", N_("dash of another kind"))),
    **dict.fromkeys("•‣⁃◦●○◆◇■□▪▫∙⋅·･", ("- ", N_("bullet"))),
    "＊": ("- ", N_("full-width asterisk")),
}
"""By the character: what is to be typed in its place, and its name."""


def _typed(meant: str) -> str:
    """Return the characters in whose place that is to be typed."""
    return "".join(char for char, (typed, _name) in NAMES.items() if typed == meant)


WIDE = range(0xFF01, 0xFF5F)
"""Full-width forms of ASCII."""
QUOTES = {
    "“": "”",
    "”": "”",
    "„": "“",
    "‟": "”",
    "″": "″",
    "＂": "＂",
    "‘": "’",
    "´": "´",
    "＇": "＇",
}
CORNERS = {"「": "」", "『": "』", "〝": "〟"}
BRACKETS = frozenset("［｛【（〔〈《«")
COMMAS = re.compile(f"[{_typed(', ')}]")
DASHES = _typed("- ")
BLANKS = (
    "\u3000\u00a0\u061c\u1680\u180e\u2000-\u200f\u202a-\u202f\u205f\u2060\u2066-\u2069"
    "\u2800\u3164\ufeff\uffa0"
)
COLONS = _typed(": ")
BARS = re.compile(r"[｜＞][ \t]*[\r\n]")
"""What is meant to say that the text stands in the lines below."""
# A value that begins with one: `tags: ［`, `title: “`.
OPENED = re.compile(r"\s*(?:(?:- +)*\w+:[ \t]+([“‘＂＇]|(?<!title: )[［｛])|(?:- +)*([｛]))")
CLOSED: Mapping[str, re.Pattern[str]] = {
    "yaml-unclosed-bracket": re.compile("[］｝](?=[ \\t]*(?:$|,))|(?<=[\"'])[、，：]"),
    "yaml-unclosed-quote": re.compile("[”’＂＇](?=[ \\t]*$)"),
}
BEGUN = re.compile(f"[ \\t]*([{BLANKS}{DASHES}＃])")
KEYED = re.compile(f"[ \\t]*(?:- +)*[\"']?[A-Za-z_][\\w-]*[\"']?[ \\t]*([{COLONS}])", re.ASCII)
NARROW = {code: code - 0xFEE0 for code in range(0xFF21, 0xFF5B)}
"""Full-width letters, by which a key is known as well."""
ODD = re.compile(f"[\uff01-\uff5e{BLANKS}“”„‘’‐‑‒–—−∶]|^[{''.join(BRACKETS)}{DASHES}]|(?![0-9])\\d")
SYNTAX = {'"', "'", BLANK, NOTHING, ": "}
STRIPPED = {ord(char): typed for char, (typed, _name) in NAMES.items() if typed in SYNTAX}
# What may stand for one of these, in front of it or behind it, on a line that gives a key.
BREAK = re.compile(r"\r\n?|\n")
SUSPECT = re.compile(f"[{BLANKS}{COLONS}{DASHES}]")
LISTS = frozenset(("tags", "parent_works", "videos", "sites", "announce"))
TYPED: Mapping[str, str] = {
    BLANK: N_("an ordinary blank"),
    ": ": N_("a half-width colon and a blank"),
    ", ": N_("a half-width comma and a blank"),
    "- ": N_("a half-width hyphen and a blank"),
}


def described(char: str) -> str:
    """Name a character, with its code point: `： (U+FF1A, full-width colon)`."""
    code = f"U+{ord(char):04X}"
    if char in NAMES:
        name = _(NAMES[char][1])
    elif ord(char) in WIDE:
        name = _("full-width {character}").format(character=plain(char))
    else:
        name = unicodedata.name(char, "").lower()
    if not char.isprintable() or char.isspace():
        return f"{code} ({name})" if name else code
    return f"{char} ({code}, {name})"


def plain(char: str) -> str:
    """Return what is to be typed in the character's place."""
    if char in NAMES:
        return NAMES[char][0]
    number = unicodedata.digit(char, None)
    return unicodedata.normalize("NFKC", char) if number is None else str(number)


def values(char: str, meant: str | None = None) -> Mapping[str, str]:
    """Return what messages say of a character, and of what is meant by it."""
    typed = plain(char) if meant is None else meant
    return {"character": described(char), "typed": _(TYPED[typed]) if typed in TYPED else typed}


def named(char: str, place: Position, meant: str | None = None) -> Fault:
    """Say that the character keeps the line from being what it looks like."""
    told = values(char, meant)
    return fault("look-alike", place, advice="" if told["typed"] else "delete", **told)


def hint(value: object, words: Collection[str] = ()) -> Mapping[str, str]:
    """Return the hint to what only looks like a value of the right type; empty if it does not.

    `words` are those that it can be: of these it may have all letters but one.
    """
    if not isinstance(value, str):
        return {}
    for word in words:
        odd = [at for at, char in enumerate(word) if value[at : at + 1] != char]
        if len(word) == len(value) and len(odd) == 1 and not value[odd[0]].isascii():
            return {"advice": "look-alike", **values(value[odd[0]], word[odd[0]])}
    found = ODD.search(value)
    if found is None:
        return {}
    meant = plain(found[0])
    if value[: found.start()][-1:].isdigit() and value[found.end() :][:1].isdigit():
        meant = meant.strip()  # a colon within a time, or a hyphen within a date
    return {"advice": "look-alike", **values(found[0], meant)}


def in_lines(text: str, keys: Collection[str], closed: Collection[int]) -> Iterator[Fault]:
    """Yield what keeps a line from giving a key; `closed` are the lines, from 0, of quoted text."""
    if not SUSPECT.search(text):
        return
    for number, line in enumerate(BREAK.split(text)):
        if number in closed or not SUSPECT.search(line, 0, len(line.partition(":")[0]) + 2):
            continue
        found = _line(tuple(keys)).match(line.translate(NARROW))
        if found and found.lastgroup:
            start = found.start(found.lastgroup)
            yield named(line[start], Position(number + 1, start + 1))


@cache
def _line(keys: tuple[str, ...]) -> re.Pattern[str]:
    key, gap, blank = "|".join(map(re.escape, keys)), f"[{BLANKS}]", f"[ \\t{BLANKS}]*"
    forms = (
        rf"(?P<indent>{gap}){blank}(?=- |[{DASHES}]?{blank}(?:{key}){blank}[:{COLONS}])",
        rf"(?P<dash>[{DASHES}])(?={blank}(?:{key}){blank}[:{COLONS}])",
        rf"-(?P<behind>{gap})",
        rf"[\"']?(?:{key})[\"']?{blank}(?P<colon>[{COLONS}])",
        rf"[\"']?(?:{key})[\"']?:(?P<after>{gap})",
    )
    return re.compile(rf"[ \t]*(?:- +)*(?:{'|'.join(forms)})")


def in_scalar(text: str, event: Any, spot: Spot) -> Iterator[Fault]:
    """Yield what a plain scalar holds that was meant to part it, or to be around it."""
    mark, value = event.start_mark, event.value
    if not value or event.style or event.anchor or event.tag:
        return
    if spot.field in LINES and BARS.match(text, mark.index):
        yield named(value[0], Position(mark.line + 1, mark.column + 1))
    if spot.field in LISTS:
        yield from _in_list(text[mark.index : event.end_mark.index], mark, spot)
    around = QUOTES if spot.field in LINES or spot.field == "title" else {**QUOTES, **CORNERS}
    if spot.field and len(value) > 1 and around.get(value[0]) == value[-1]:
        place = Position(mark.line + 1, mark.column + 1)
        yield fault("look-alike-in-text", place, **values(value[0]))


def _in_list(raw: str, mark: Any, spot: Spot) -> Iterator[Fault]:
    if not spot.in_list and raw[0] in DASHES:
        yield named(raw[0], Position(mark.line + 1, mark.column + 1))
    for number, line in enumerate(BREAK.split(raw)):
        start = len(line) - len(line.lstrip())
        if number and line.lstrip() and line[start] in DASHES:
            yield named(line[start], Position(mark.line + 1 + number, start + 1))
    if spot.in_flow and (comma := COMMAS.search(raw)) and not BREAK.search(raw):
        place = Position(mark.line + 1, mark.column + comma.start() + 1)
        yield fault("look-alike-in-text", place, **values(comma[0]))


def at_error(rule: str, line: str, place: Position) -> Fault | None:
    """Return the character that an error of YAML's goes back to, if it is one of these."""
    found: re.Match[str] | None = None
    if rule in {"yaml-colon-in-text", "yaml-trailing-text"}:
        found = OPENED.match(line)
    elif rule in {"yaml-no-colon", "yaml-indentation"}:
        found = BEGUN.match(line) or KEYED.match(line)
    elif rule in CLOSED:
        found = CLOSED[rule].search(line, place.column)
    if found is None:
        return None
    start = found.start(found.lastindex or 0)
    return named(line[start], Position(place.line, start + 1))


def in_key(key: str, allowed: Collection[str], suggestion: str) -> tuple[int, str] | None:
    """Return which character of a key is none of the key that is meant, and what that has there."""
    word = unicodedata.normalize("NFKC", key.translate(STRIPPED)).partition(":")[0].strip(" \"'{[")
    meant = word if word in allowed else suggestion if len(suggestion) == len(key) else ""
    if not meant or key.isascii():
        return None
    index = next(at for at, char in enumerate(key) if not char.isascii())
    odd = key[index]
    is_letter = odd.isalpha() and ord(odd) not in WIDE
    return index, meant[index] if is_letter and len(meant) == len(key) else plain(odd)
