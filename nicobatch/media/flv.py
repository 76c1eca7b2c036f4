"""FLV: a row of tags, the first of which may say how large the file is, and where its pictures lie.

Adobe's "Video File Format Specification", version 10.1, annex E. Other values are stepped over.
"""

from __future__ import annotations

import struct
from typing import Final

from nicobatch.media.source import Source

_TAG: Final = 11
_SCRIPT: Final = 18
_KINDS: Final = frozenset({8, 9, _SCRIPT})
_PADDING: Final = 1 << 16
"""Zeros behind a whole file, at most: what is blank for longer was to be filled."""
_NUMBER: Final = b"\x00"


def is_mine(source: Source) -> bool:
    """Tell whether the file begins as FLV does."""
    return source.at(0, 3) == b"FLV"


def cut_short(source: Source) -> bool:
    """Tell whether the file is less than it was written with."""
    first = source.number(5, 4, "big") + 4
    head = source.at(first, _TAG)
    if len(head) < _TAG:
        return True
    length = int.from_bytes(head[1:4], "big")
    if first + _TAG + length > source.size:
        return True
    told = source.at(first + _TAG, length) if head[0] & 0x1F == _SCRIPT else b""
    declared, places = _number(told, b"filesize"), _places(told)
    if max(declared, *places, 0) > source.size:
        return True
    if any(source.number(place, 1) & 0x1F not in _KINDS for place in places[-1:]):
        return True
    if declared > first + _TAG:
        return source.is_blank(declared - 4, declared)  # the size of the last tag
    return source.is_blank(source.size - 4, source.size) and not _ends_with_tag(source)


def last_moment(source: Source) -> float | None:
    """Return at which second the last tag is; None where the file doesn't end with one."""
    place = source.size - 4
    tag = place - source.number(place, 4, "big")
    if (
        source.number(tag, 1) & 0x1F not in _KINDS
        or source.number(tag + 1, 3, "big") + _TAG + tag != place
    ):
        return None
    high, low = source.number(tag + 7, 1), source.number(tag + 4, 3, "big")
    return (high << 24 | low) / 1000


def _ends_with_tag(source: Source) -> bool:
    """Tell whether there is a whole tag, and its size, before the zeros at the end."""
    start = max(source.size - _PADDING, 0)
    tail = source.at(start, _PADDING)
    end = start + len(tail.rstrip(b"\0"))
    for place in range(end - 4, end):  # the size may end in zeros itself
        length = source.number(place, 4, "big")
        inner = source.number(place - length + 1, 3, "big")
        if length > _TAG and inner + _TAG == length:
            return True
    return False


def _number(told: bytes, name: bytes) -> int:
    """Return a number of the file's description; 0 where it has none by that name."""
    at = told.find(struct.pack(">H", len(name)) + name + _NUMBER)
    return _whole(told, at + len(name) + 3) if at >= 0 else 0


def _places(told: bytes) -> list[int]:
    """Return where pictures are that stand for themselves."""
    name = b"\x00\x0dfilepositions\x0a"
    at = told.find(name)
    if at < 0:
        return []
    start = at + len(name) + 4
    count = int.from_bytes(told[start - 4 : start], "big")
    fits = range(start, min(start + 9 * count, len(told) - 8), 9)
    return [_whole(told, each + 1) for each in fits]


def _whole(told: bytes, at: int) -> int:
    value = struct.unpack_from(">d", told, at)[0] if at + 8 <= len(told) else 0.0
    return int(value) if 0 <= value < 1 << 63 else 0
