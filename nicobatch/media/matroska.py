"""Matroska and WebM (RFC 9559): everything lies in one `Segment` of a declared size.

A recording that was never finished has no size there, and no cut shows. Whether a file was set up
to be filled is told by what its `SeekHead` and `Cues` name.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from nicobatch.media.source import Container, Source

_EBML: Final = 0x1A45DFA3
_SEGMENT: Final = 0x18538067
_SEEK_HEAD, _SEEK, _SEEK_ID, _SEEK_POSITION = 0x114D9B74, 0x4DBB, 0x53AB, 0x53AC
_CLUSTER: Final = 0x1F43B675
_TIMESTAMP, _SIMPLE_BLOCK, _BLOCK_GROUP, _BLOCK = 0xE7, 0xA3, 0xA0, 0xA1
_INFO, _TIMESTAMP_SCALE = 0x1549A966, 0x2AD7B1
_CUES, _CUE_POSITIONS, _CUE_CLUSTER = 0x1C53BB6B, 0xB7, 0xF1
_CUE_POINT, _CUE_TIME = b"\xbb", b"\xb3"
_HEADER: Final = 12
"""Bytes that an element's id (4) and size (8) take at most."""
_NEAR: Final = 1 << 24
"""Bytes at the end among which the last cluster begins: FFmpeg's take five million at most."""
_TAIL: Final = 512
"""Bytes that an entry of the index takes, at most."""
_SPREAD: Final = 8
"""Parts of the index of each of which an entry is looked at, as downloads come in pieces."""


@dataclass(frozen=True, slots=True)
class _Element:
    id: int
    body: int
    end: int | None
    """None where its size is not known: all ones."""


def is_matroska(source: Source) -> bool:
    """Tell whether the file begins as EBML does."""
    return source.at(0, 4) == _EBML.to_bytes(4, "big")


def cut_short(source: Source) -> bool:
    """Tell whether the file is less than it was written with."""
    for each in _elements(source, 0, source.size):
        if each.id == _SEGMENT:
            beyond = each.end is not None and each.end > source.size
            return beyond or _lacks_what_is_named(source, each)
    return True


def last_moment(source: Source) -> float | None:
    """Return at which second the last block is that is found near the end; None for none."""
    segment = next(
        (each for each in _elements(source, 0, source.size) if each.id == _SEGMENT), None
    )
    if segment is None:
        return None
    for cluster in _last_clusters(source, segment):
        times = list(_times(source, cluster))
        if times:
            return max(times) * _scale(source, segment) / 1_000_000_000
    return None


def _last_clusters(source: Source, segment: _Element) -> Iterator[_Element]:
    """Yield what looks like the clusters near the end, the last one first."""
    start = max(segment.body, source.size - _NEAR)
    tail, at = source.at(start, _NEAR), _NEAR
    while (at := tail.rfind(_CLUSTER.to_bytes(4, "big"), 0, at)) >= 0:
        if cluster := _element(source, start + at):
            yield cluster


def _times(source: Source, cluster: _Element) -> Iterator[int]:
    """Yield the times of a cluster's blocks, in the segment's own units."""
    begin = None
    for each in _elements(source, cluster.body, min(cluster.end or source.size, source.size)):
        if each.id == _TIMESTAMP:
            begin = source.number(each.body, (each.end or each.body) - each.body, "big")
        elif begin is not None and each.id in {_SIMPLE_BLOCK, _BLOCK_GROUP}:
            found = each if each.id == _SIMPLE_BLOCK else next(_inner(source, each, _BLOCK), None)
            yield begin + (_offset(source, found) if found else 0)
        elif each.id == _CLUSTER:
            return


def _offset(source: Source, block: _Element) -> int:
    """Return a block's time within its cluster, which is behind the number of its track."""
    head = source.at(block.body, 10)
    at = _vint_length(head)
    return int.from_bytes(head[at : at + 2], "big", signed=True)


def _scale(source: Source, segment: _Element) -> int:
    """Return the nanoseconds of the segment's unit of time."""
    for each in _elements(source, segment.body, min(segment.end or source.size, source.size)):
        if each.id == _CLUSTER:
            break
        for scale in _inner(source, each, _TIMESTAMP_SCALE) if each.id == _INFO else ():
            return source.number(scale.body, (scale.end or scale.body) - scale.body, "big")
    return 1_000_000


def _lacks_what_is_named(source: Source, segment: _Element) -> bool:
    """Tell whether the places are blank that the segment's front, or its index, points at."""
    end = min(segment.end or source.size, source.size)
    cues: _Element | None = None
    for each in _elements(source, segment.body, end):
        if each.id == _CLUSTER:
            break
        if each.id == _CUES:
            cues = each
        if each.id == _SEEK_HEAD:
            for identifier, position in _named(source, each):
                place = segment.body + position
                found = _element(source, place)
                if (found is None or found.id != identifier) and place < source.size:
                    return True
                cues = found if identifier == _CUES else cues
    if cues:
        return _lacks_cluster(source, segment, cues)
    if segment.end is None or not source.is_blank(segment.body, end):
        return False
    last = next(_last_clusters(source, segment), segment)
    return _ends_blank(source, last, end)


def _named(source: Source, head: _Element) -> Iterator[tuple[int, int]]:
    for seek in _inner(source, head, _SEEK):
        parts = {
            each.id: source.number(each.body, (each.end or each.body) - each.body, "big")
            for each in _inner(source, seek, _SEEK_ID, _SEEK_POSITION)
        }
        if {_SEEK_ID, _SEEK_POSITION} <= parts.keys():
            yield parts[_SEEK_ID], parts[_SEEK_POSITION]


def _lacks_cluster(source: Source, segment: _Element, cues: _Element) -> bool:
    """Tell whether there is nothing where entries of the index lead to, the last one among them."""
    if cues.end is None or cues.end > source.size:  # the segment tells, if it has a size
        return False
    points = [*_spread_points(source, cues, cues.end), *_last_point(source, cues)]
    places = [
        source.number(each.body, (each.end or each.body) - each.body, "big")
        for point in points
        for positions in _inner(source, point, _CUE_POSITIONS)
        for each in _inner(source, positions, _CUE_CLUSTER)
    ]
    if not places:
        return False
    last = _element(source, segment.body + max(places))
    if last is None or last.id != _CLUSTER:
        return True
    if any(not any(source.at(segment.body + place, _HEADER)) for place in places):
        return True
    end = source.size if last.end is None else last.end
    return end > source.size or _ends_blank(source, last, end)


def _ends_blank(source: Source, cluster: _Element, end: int) -> bool:
    """Tell whether there are zeros in place of a block; what silence is made of is no sign."""
    if not source.is_blank(cluster.body, end):
        return False
    filled = cluster.body
    for each in _elements(source, cluster.body, end):
        filled = each.end or end
    return filled < end


def _spread_points(source: Source, cues: _Element, end: int) -> Iterator[_Element]:
    """Yield entries of the index that are sure to be some: each begins with a time."""
    for number in range(1, _SPREAD):
        start = cues.body + (end - cues.body) * number // _SPREAD
        window, at = source.at(start, _TAIL), -1
        while (at := window.find(_CUE_POINT, at + 1)) >= 0:
            found = _element(source, start + at)
            if found and found.end and source.at(found.body, 1) == _CUE_TIME:
                yield found
                break


def _last_point(source: Source, cues: _Element) -> list[_Element]:
    """Return the last entry of the index: the one that ends with it."""
    end = cues.end or cues.body
    start = max(cues.body, end - _TAIL)
    tail = source.at(start, end - start)
    at = len(tail)
    while (at := tail.rfind(_CUE_POINT, 0, at)) >= 0:
        found = _element(source, start + at)
        if found and found.end == end:
            return [found]
    return []


def _inner(source: Source, parent: _Element, *wanted: int) -> Iterator[_Element]:
    for each in _elements(source, parent.body, parent.end or parent.body):
        if each.id in wanted:
            yield each


def _elements(source: Source, start: int, end: int) -> Iterator[_Element]:
    while start < end and (each := _element(source, start)):
        yield each
        if each.end is None:
            return
        start = each.end


def _element(source: Source, start: int) -> _Element | None:
    header = source.at(start, _HEADER)
    id_length = _vint_length(header)
    size_length = _vint_length(header[id_length:])
    if not id_length or not size_length:
        return None
    body = start + id_length + size_length
    marker = 1 << 7 * size_length
    length = int.from_bytes(header[id_length : id_length + size_length], "big") & (marker - 1)
    end = None if length == marker - 1 else body + length
    return _Element(int.from_bytes(header[:id_length], "big"), body, end)


def _vint_length(data: bytes) -> int:
    """Return how many bytes the variable-size integer at the front takes; 0 for none."""
    return 9 - data[0].bit_length() if data and data[0] else 0


MATROSKA: Final = Container(is_matroska, cut_short, last_moment)
