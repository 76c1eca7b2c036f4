"""MP4 and MOV (ISO/IEC 14496-12), and AVI (RIFF, OpenDML 1.02): rows of boxes, or chunks.

MP4's pictures lie in `mdat`, the index in `moov` before or after it, so a cut leaves a box that
ends beyond the file, or loses one of the two. A fragmented file repeats `moof` and `mdat`; where no
`sidx` says how many there are, a cut exactly between two such pairs leaves a shorter file that is
whole by every sign, and is taken for whole. Boxes of other kinds are stepped over, wherever they
stand; what has no sane length behind the last box is let be, as cameras append data of their own.
An AVI is a RIFF of chunks, and beyond a gigabyte there are more RIFFs behind it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from nicobatch.media.source import Container, Source

_HEADER: Final = 8
_KNOWN: Final = frozenset(
    b"ftyp styp pdin moov moof mdat mfra sidx ssix prft emsg meta udta uuid"
    b" free skip wide pnot PICT".split()
)
_TELLING: Final = frozenset(b"ftyp styp moov moof mdat wide pnot".split())
"""Boxes by which a file is known, though others come first."""
_PARENTS: Final = frozenset(
    b"moov moof traf trak mdia minf stbl dinf edts udta mvex tref gmhd ilst wave meta".split()
)
"""Boxes whose inner boxes FFmpeg reads one by one."""
_RAW: Final = b"sowt twos lpcm ipcm fpcm in24 in32 fl32 fl64 2vuy v210 yuv2 r210".split()
"""Kinds of tracks that have zeros for silence or black."""


@dataclass(frozen=True, slots=True)
class _Box:
    kind: bytes
    start: int
    body: int
    end: int


def is_iso(source: Source) -> bool:
    """Tell whether the file is a row of boxes."""
    return any(box.kind in _TELLING for box in _boxes(source, 0, source.size))


def iso_cut_short(source: Source) -> bool:
    """Tell whether the file is less than it was written with."""
    seen, promised = set[bytes](), 0
    index = last = _Box(b"", 0, 0, 0)
    for box in _boxes(source, 0, source.size):
        if box.end > source.size:
            return True
        if box.kind == b"sidx":
            promised = max(promised, _end_of_segments(source, box))
        if box.kind not in seen and _has_blank_end(source, box):
            return True
        seen.add(box.kind)
        index, last = box if box.kind == b"moov" else index, box
    if b"moof" not in seen:
        return not {b"moov", b"mdat"} <= seen
    if b"mfra" in seen or promised:
        return promised > last.end
    torn = 0 < source.size - last.end < _HEADER or last.kind == b"moof"
    return torn or _is_unfilled(source, last, index)


def _is_unfilled(source: Source, last: _Box, index: _Box) -> bool:
    """Tell whether there is nothing in the last fragment, or instead of another."""
    blank = last.kind == b"mdat" and source.is_blank(last.body, last.end)
    if blank and not _has_raw_track(source, index):
        return True
    return source.is_blank(last.end + _HEADER, source.size)


def _has_raw_track(source: Source, index: _Box) -> bool:
    content = source.at(index.body, index.end - index.body)
    return any(kind in content for kind in _RAW)


def _boxes(source: Source, start: int, end: int) -> Iterator[_Box]:
    """Yield box by box, as long as they have a sane length; only known ones may end beyond."""
    while end - start >= _HEADER:
        header = source.at(start, 2 * _HEADER)
        length, kind, body = int.from_bytes(header[:4], "big"), header[4:8], start + _HEADER
        if length == 1:  # the real length follows, in 64 bits
            length, body = int.from_bytes(header[8:], "big") or 2 * _HEADER, body + _HEADER
        if not length and _is_word(kind):  # up to the end of the file
            length = end - start
        if kind in _KNOWN:
            length = max(length, _HEADER)
        elif not (_is_word(kind) and _HEADER <= length <= end - start):
            return
        yield _Box(kind, start, body, start + length)
        start += length


def _is_word(kind: bytes) -> bool:
    """Tell whether that is a box's name, as far as names go: QuickTime's may begin with 0xA9."""
    return len(kind) == 4 and all(each >= 0x20 and each != 0x7F for each in kind)


def _has_blank_end(source: Source, box: _Box) -> bool:
    """Tell whether a box ends in zeros where inner boxes should be, at any depth.

    That raises `TooComplex` in good time: FFmpeg would read them all, for half a minute.
    """
    waiting = [box]
    while waiting:
        parent = waiting.pop()
        if parent.kind not in _PARENTS:
            continue
        is_full = parent.kind == b"meta" and not any(source.at(parent.body, 4))
        body = parent.body + 4 * is_full  # of a version and flags
        inner = list(_boxes(source, body, min(parent.end, source.size)))
        rest = inner[-1].end if inner else parent.end
        if parent.end - rest >= _HEADER and source.is_blank(rest, parent.end):
            return True
        waiting += inner
    return False


def _end_of_segments(source: Source, box: _Box) -> int:
    """Return where the last segment ends that an index of segments names."""
    long = source.at(box.body, 1) == b"\x01"
    offset = source.number(box.body + (20 if long else 16), 8 if long else 4, "big")
    at = box.body + (28 if long else 20)
    count = source.number(at + 2, 2, "big")
    entries = source.at(at + 4, 12 * count)
    starts = range(0, len(entries), 12)
    sizes = (int.from_bytes(entries[each : each + 4], "big") & 0x7FFFFFFF for each in starts)
    return box.end + offset + sum(sizes)


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


def is_avi(source: Source) -> bool:
    """Tell whether the file begins as an AVI does."""
    head = source.at(0, _LIST)
    return head[:4] == b"RIFF" and head[8:] in {b"AVI ", b"AVIX"}


def avi_cut_short(source: Source) -> bool:
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


ISO: Final = Container(is_iso, iso_cut_short)
AVI: Final = Container(is_avi, avi_cut_short)
