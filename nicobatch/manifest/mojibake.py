"""Text that was UTF-8, was read as a Western code page, and was saved like that: seen and mended.

Windows' code pages 1252 and 1254 leave some bytes undefined, and copying drops those (and the soft
hyphen): か, E3 81 8B, becomes `ã‹`. So lost bytes are put back, the likeliest character winning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import product

from nicobatch.manifest.japanese import PAIRS, RANK

LOST = (0x81, 0x8D, 0x8E, 0x8F, 0x90, 0x9D, 0x9E, 0xAD)
MOST_LOST = 2
"""Bytes of one character."""
EVIDENCE = 2
"""Characters that must come out as Japanese or as emoji before a text counts as garbled."""

EMOJI = range(0x1F300, 0x1FB00)


def _code_pages() -> dict[str, int]:
    latin1 = {chr(byte): byte for byte in range(0x80, 0xA0)}
    pages = product(range(0x80, 0x100), ("cp1252", "cp1254"))
    known = {bytes([byte]).decode(page, "ignore"): byte for byte, page in pages}
    return latin1 | {char: byte for char, byte in known.items() if char}


BYTES = _code_pages()


def _between(first: int, last: int) -> str:
    return "".join(re.escape(char) for char, byte in BYTES.items() if first <= byte <= last)


TAIL = f"[{_between(0x80, 0xBF)}]"
SUSPECT = re.compile(f"[{_between(0xE0, 0xF4)}]{TAIL}")
SEQUENCE = re.compile(f"[{_between(0xC2, 0xF4)}]{TAIL}*|[{_between(0x80, 0xFF)}]")


def repair(text: str) -> str | None:
    """Return the text as it was meant, lost bytes guessed; None if it looks fine."""
    if not SUSPECT.search(text):
        return None
    mended, end, evidence, bare = "", 0, 0, 0
    for match in SEQUENCE.finditer(text):
        mended += text[end : match.start()]
        end = match.end()
        char = _likeliest(match[0], mended[-1:], _following(text, end))
        if char is None:
            return None
        mended += char
        bare += len(match[0]) == 1
        evidence += len(match[0]) > 1 and (char in RANK or ord(char) in EMOJI)
    return mended + text[end:] if evidence >= max(EVIDENCE, bare) else None


def _following(text: str, index: int) -> str:
    """Return the next character, if it is beyond doubt."""
    match = SEQUENCE.match(text, index)
    readings = _readings(match[0]) if match else (text[index : index + 1],)
    return readings[0] if len(readings) == 1 else ""


def _likeliest(sequence: str, before: str, after: str) -> str | None:
    def rarity(char: str) -> tuple[int, int, int]:
        pairs = (before + char in PAIRS) + (char + after in PAIRS)
        kin = (_katakana(before) == _katakana(char)) + (_katakana(after) == _katakana(char))
        return -pairs, -kin, RANK.get(char, len(RANK))

    return min(_readings(sequence), key=rarity, default=None)


def _katakana(char: str) -> bool:
    return "\u30a0" <= char <= "\u30ff"


@lru_cache(maxsize=1024)
def _readings(sequence: str) -> tuple[str, ...]:
    """Return what the bytes can stand for; where some are lost, Japanese and emoji only."""
    lead, *tail = (BYTES[char] for char in sequence)
    length = (lead >= 0xC2) + (lead >= 0xE0) + (lead >= 0xF0)
    found = (_decoded(lead, full) for full in _filled(tuple(tail), length))
    return tuple(char for char in found if char and (len(tail) == length or _japanese(char)))


def _decoded(lead: int, tail: tuple[int, ...]) -> str:
    try:
        return bytes((lead, *tail)).decode()
    except UnicodeDecodeError:
        return ""


def _japanese(char: str) -> bool:
    return (
        char in RANK
        or ord(char) in EMOJI
        or (char >= "一" and bool(char.encode("cp932", "ignore")))
    )


def _filled(tail: tuple[int, ...], length: int) -> Iterator[tuple[int, ...]]:
    if len(tail) == length:
        yield tail
    elif length - MOST_LOST <= len(tail) < length:
        for index, byte in product(range(len(tail) + 1), LOST):
            yield from _filled((*tail[:index], byte, *tail[index:]), length)
