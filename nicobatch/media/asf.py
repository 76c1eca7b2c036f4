"""ASF, the container of WMV: a row of objects, of which `Data` is packets of one size.

Written down in Microsoft's "Advanced Systems Format Specification", sections 2 to 6.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from uuid import UUID

from nicobatch.media.source import Source

_HEADER: Final = UUID("75B22630-668E-11CF-A6D9-00AA0062CE6C").bytes_le
_DATA: Final = UUID("75B22636-668E-11CF-A6D9-00AA0062CE6C").bytes_le
_FILE: Final = UUID("8CABDCA1-A947-11CF-8EE4-00C00C205365").bytes_le
_OBJECT: Final = 24
"""Bytes of an object's name and size."""
_BEFORE_PACKETS: Final = 50
_BEFORE_OBJECTS: Final = 30
_LENGTHS: Final = (0, 1, 2, 4)
"""Bytes of a packet's length, sequence and padding, by two bits each."""
_BROADCAST: Final = 1
"""A flag of streams, whose numbers are not to be relied on."""


def is_mine(source: Source) -> bool:
    """Tell whether the file begins as ASF does."""
    return source.at(0, 16) == _HEADER


def cut_short(source: Source) -> bool:
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


def last_moment(source: Source) -> float | None:
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
    """Tell whether the last packet is blank: none is, as its front says how to read it."""
    first = start + _BEFORE_PACKETS
    count = (end - first) // packet if packet else 0
    return count > 0 and source.is_blank(first + (count - 1) * packet, first + count * packet)


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
