"""AVI: a RIFF of chunks, and, beyond a gigabyte, more RIFFs behind it (OpenDML 1.02)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from nicobatch.media.source import Source

_HEADER: Final = 8
_LIST: Final = 12
_OPEN: Final = frozenset({0, 0xFFFFFFFF})
"""Sizes that were to be filled in at the end, and never were: nothing follows from them."""
_SLACK: Final = 8
"""Bytes by which writers miscount a RIFF: some count its own header."""
_SUPER: Final = b"indx"
_HAS_INDEX: Final = 0x10
_ENTRY: Final = 16
"""Bytes of an entry of either index."""


@dataclass(frozen=True, slots=True)
class _Chunk:
    kind: bytes
    """Of a list, its type."""
    body: int
    end: int | None
    """None where its size was never filled in."""


def is_mine(source: Source) -> bool:
    """Tell whether the file begins as an AVI does."""
    head = source.at(0, _LIST)
    return head[:4] == b"RIFF" and head[8:] in {b"AVI ", b"AVIX"}


def cut_short(source: Source) -> bool:
    """Tell whether the file is less than it was written with."""
    end, chunks = 0, list[_Chunk]()
    for riff in _chunks(source, 0, source.size):
        if riff.kind not in {b"AVI ", b"AVIX"}:
            break  # what somebody has appended
        if riff.end is None:
            return False
        end = riff.end
        chunks += _chunks(source, riff.body, min(riff.end, source.size))
        if any(each.end is not None and each.end > source.size for each in chunks[-1:]):
            return True
    if end > source.size + _SLACK:
        return True
    return _lacks_index(source, chunks) or any(
        each.kind == b"hdrl" and _names_more(source, each) for each in chunks
    )


def _lacks_index(source: Source, chunks: list[_Chunk]) -> bool:
    """Tell whether the index is blank that the header says to be there."""
    header = next((each for each in chunks if each.kind == b"hdrl"), None)
    movie = next((each for each in chunks if each.kind == b"movi"), None)
    if header is None or movie is None or movie.end is None:
        return header is None or movie is None
    flags = source.number(header.body + _HEADER + 12, 4)
    index = next((each for each in chunks if each.kind == b"idx1"), None)
    if index and (index.end or 0) >= index.body + _ENTRY:
        return source.is_blank((index.end or 0) - _ENTRY, index.end or 0)
    if flags & _HAS_INDEX:
        return source.is_blank(movie.end, source.size)
    return source.is_blank(movie.body, movie.end)


def _names_more(source: Source, header: _Chunk) -> bool:
    """Tell whether a track's index names parts that are not there."""
    for stream in _chunks(source, header.body, header.end or header.body):
        for each in _chunks(source, stream.body, stream.end or stream.body):
            if stream.kind == b"strl" and each.kind == _SUPER and _leads_beyond(source, each):
                return True
    return False


def _leads_beyond(source: Source, index: _Chunk) -> bool:
    head = source.at(index.body, 24)
    if len(head) < 24 or head[3] != 0:  # 0: an index of indexes
        return False
    count = min(
        int.from_bytes(head[4:8], "little"), ((index.end or index.body) - index.body) // _ENTRY
    )
    entries = source.at(index.body + 24, _ENTRY * count)
    for start in range(0, len(entries), _ENTRY):
        offset = int.from_bytes(entries[start : start + 8], "little")
        length = int.from_bytes(entries[start + 8 : start + 12], "little")
        if offset + length > source.size or (offset and not any(source.at(offset, _HEADER))):
            return True
    return False


def _chunks(source: Source, start: int, end: int) -> Iterator[_Chunk]:
    """Yield chunk by chunk, up to one that ends beyond the file or has no size."""
    while end - start >= _HEADER:
        head = source.at(start, _LIST)
        kind, length = head[:4], int.from_bytes(head[4:8], "little")
        if not any(kind):
            return
        is_list = kind in {b"RIFF", b"LIST"}
        body = start + (_LIST if is_list else _HEADER)
        told = None if is_list and length in _OPEN else start + _HEADER + length
        yield _Chunk(head[8:] if is_list else kind, body, told)
        if told is None:
            return
        start += _HEADER + length + length % 2
