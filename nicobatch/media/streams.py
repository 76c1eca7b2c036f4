"""ASF, the container of WMV, and FLV: rows of objects, or tags, made to be streamed.

ASF is in Microsoft's "Advanced Systems Format Specification", sections 2 to 6; its `Data` is
packets of one size. FLV is in Adobe's "Video File Format Specification", version 10.1, annex E; its
first tag may say how large the file is, and where its pictures lie.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final
from uuid import UUID

from nicobatch.media.source import Container, Source

_HEADER: Final = UUID("75B22630-668E-11CF-A6D9-00AA0062CE6C").bytes_le
_DATA: Final = UUID("75B22636-668E-11CF-A6D9-00AA0062CE6C").bytes_le
_FILE: Final = UUID("8CABDCA1-A947-11CF-8EE4-00C00C205365").bytes_le
_OBJECT: Final = 24
"""Bytes of an object's name and size."""
_BEFORE_PACKETS: Final = 50
_BEFORE_OBJECTS: Final = 30
_FRONT: Final = 16
_SPREAD: Final = 8
"""How many packets, or places of an index, are looked at before the last one."""
_LENGTHS: Final = (0, 1, 2, 4)
"""Bytes of a packet's length, sequence and padding, by two bits each."""
_BROADCAST: Final = 1
"""A flag of streams, whose numbers are not to be relied on."""


def is_asf(source: Source) -> bool:
    """Tell whether the file begins as ASF does."""
    return source.at(0, 16) == _HEADER


def asf_cut_short(source: Source) -> bool:
    """Tell whether the file is less than it was written with."""
    properties = _properties(source)
    if properties is None:
        return True
    declared, is_stream, packet = properties
    if not is_stream and declared > source.size:
        return True
    for kind, start, length in _objects(source, 0, source.size):
        if kind == _DATA:
            known = length > _BEFORE_PACKETS and not is_stream
            end = start + length if known else source.size
            return (
                end > source.size
                or _is_unfilled(source, start, end, packet)
                or source.is_blank(end, declared)  # where the index is to be
            )
        if start + length > source.size:
            return True
    return True


def asf_last_moment(source: Source) -> float | None:
    """Return at which second the last packet is to be sent; None where there is none."""
    properties = _properties(source)
    data = next((each for each in _objects(source, 0, source.size) if each[0] == _DATA), None)
    if properties is None or data is None or not properties[2]:
        return None
    _, start, length = data
    packet, first = properties[2], start + _BEFORE_PACKETS
    end = min(start + length, source.size) if length > _BEFORE_PACKETS else source.size
    count = (end - first) // packet
    return _sent(source.at(first + (count - 1) * packet, 32)) if count > 0 else None


def _sent(packet: bytes) -> float | None:
    """Return the time in a packet's front, behind what says how long its numbers are."""
    at = 1 + (packet[0] & 0x0F) if packet and packet[0] & 0x80 else 0
    if len(packet) < at + 2:
        return None
    flags = packet[at]
    numbers = sum(_LENGTHS[flags >> shift & 3] for shift in (5, 1, 3))
    return int.from_bytes(packet[at + 2 + numbers :][:4], "little") / 1000


def _is_unfilled(source: Source, start: int, end: int, packet: int) -> bool:
    """Tell whether packets are blank: none is, as its front says how to read it."""
    first = start + _BEFORE_PACKETS
    count = (end - first) // packet if packet else 0
    places = (first + number * packet for number in _spread(count))
    return any(not any(source.at(place, _FRONT)) for place in places)


def _spread(count: int) -> set[int]:
    """Return the last of so many numbers, and some before it, as downloads come in pieces."""
    before = {count * each // _SPREAD for each in range(1, _SPREAD)}
    return before | {count - 1} if count > 0 else set()


def _properties(source: Source) -> tuple[int, bool, int] | None:
    """Return the declared size, whether it is a stream's, and the size of a packet."""
    end = source.number(16, 8)
    for kind, start, _ in _objects(source, _BEFORE_OBJECTS, min(end, source.size)):
        if kind == _FILE:
            declared, packet = source.number(start + 40, 8), source.number(start + 92, 4)
            return declared, bool(source.number(start + 88, 4) & _BROADCAST), packet
    return None


def _objects(source: Source, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    while end - start >= _OBJECT:
        head = source.at(start, _OBJECT)
        length = int.from_bytes(head[16:], "little")
        yield head[:16], start, length
        if length < _OBJECT:
            return
        start += length


_TAG: Final = 11
_SCRIPT: Final = 18
_KINDS: Final = frozenset({8, 9, _SCRIPT})
_PADDING: Final = 1 << 16
"""Zeros behind a whole file, at most: what is blank for longer was to be filled."""
_NUMBER: Final = b"\x00"


def is_flv(source: Source) -> bool:
    """Tell whether the file begins as FLV does."""
    return source.at(0, 3) == b"FLV"


def flv_cut_short(source: Source) -> bool:
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
    if any(not any(source.at(places[each], _TAG)) for each in _spread(len(places))):
        return True
    if declared > first + _TAG:
        return source.is_blank(declared - 4, declared)  # the size of the last tag
    return source.is_blank(source.size - 4, source.size) and not _ends_with_tag(source)


def flv_last_moment(source: Source) -> float | None:
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


ASF: Final = Container(is_asf, asf_cut_short, asf_last_moment)
FLV: Final = Container(is_flv, flv_cut_short, flv_last_moment)
