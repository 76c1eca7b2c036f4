"""MP4 and MOV (ISO/IEC 14496-12): a row of boxes, some of which hold boxes.

Pictures lie in `mdat`, the index in `moov` before or after it, so a cut leaves a box that ends
beyond the file, or loses one of the two. A fragmented file repeats `moof` and `mdat`; where no
`sidx` says how many there are, a cut exactly between two such pairs leaves a shorter file that is
whole by every sign, and is taken for whole. Boxes of other kinds are stepped over, wherever they
stand; what has no sane length behind the last box is let be, as cameras append data of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from nicobatch.media.source import Source

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


@dataclass(frozen=True, slots=True)
class _Box:
    kind: bytes
    start: int
    body: int
    end: int


def is_mine(source: Source) -> bool:
    """Tell whether the file is a row of boxes."""
    return any(box.kind in _TELLING for box in _boxes(source, 0, source.size))


def cut_short(source: Source) -> bool:
    """Tell whether the file is less than it was written with."""
    seen, last, promised = set[bytes](), _Box(b"", 0, 0, 0), 0
    for box in _boxes(source, 0, source.size):
        if box.end > source.size:
            return True
        if box.kind == b"sidx":
            promised = max(promised, _end_of_segments(source, box))
        if box.kind not in seen and _has_blank_end(source, box):
            return True
        seen.add(box.kind)
        last = box
    if b"moof" not in seen:
        return not {b"moov", b"mdat"} <= seen
    if b"mfra" in seen or promised:
        return promised > last.end
    torn = 0 < source.size - last.end < _HEADER or last.kind == b"moof"
    return torn or _is_unfilled(source, last)


def _is_unfilled(source: Source, last: _Box) -> bool:
    """Tell whether there is nothing in the last fragment, or instead of another."""
    blank = last.kind == b"mdat" and source.is_blank(last.body, last.end)
    return blank or source.is_blank(last.end + _HEADER, source.size)


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
