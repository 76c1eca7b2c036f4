"""Whether a video file was cut short, told by the sizes that its outermost boxes declare.

FFmpeg opens a half-copied file without complaint wherever the header came first, and only a
read to the end would show the gap: minutes for a file of several gigabytes. The containers
themselves say how long they are, so a few headers are enough, whatever the size:

* MP4 and MOV (ISO/IEC 14496-12) are a row of boxes. Pictures lie in `mdat`, the index in `moov`
  before or after it, so a cut leaves a box that ends beyond the file, or loses one of the two.
  A fragmented file repeats `moof` and `mdat`; a cut exactly between two such pairs leaves a
  shorter file that is whole by every sign, and is taken for whole.
* Matroska and WebM (RFC 9559) put everything in one `Segment` of a declared size. A recording
  that was never finished has no size there, and can't be judged.

Bytes behind the last known box are let be: cameras append data of their own.
"""

from __future__ import annotations

from typing import BinaryIO, Final

_ISO_BOXES: Final = frozenset(
    b"ftyp styp pdin moov moof mdat mfra sidx ssix prft emsg "
    b"meta udta uuid free skip wide pnot".split()
)
_ISO_HEADER: Final = 8
_EBML: Final = b"\x1a\x45\xdf\xa3"
_SEGMENT: Final = 0x18538067
_EBML_HEADER: Final = 12
"""Bytes that an element's id (4) and size (8) take at most."""


def is_known(head: bytes) -> bool:
    """Tell whether a file that starts so is MP4, MOV, Matroska or WebM, by its first 8 bytes."""
    return head[4:8] in _ISO_BOXES or head.startswith(_EBML)


def cut_short(file: BinaryIO, size: int) -> bool:
    """Tell whether the `size` bytes of `file` are less than its container was written with.

    False for what is neither MP4, MOV, Matroska nor WebM. May raise `OSError`.
    """
    file.seek(0)
    head = file.read(_ISO_HEADER)
    if not is_known(head):
        return False
    return (_ebml_cut_short if head.startswith(_EBML) else _iso_cut_short)(file, size)


def _iso_cut_short(file: BinaryIO, size: int) -> bool:
    seen = []
    end = 0
    while size - end >= _ISO_HEADER:
        file.seek(end)
        header = file.read(2 * _ISO_HEADER)
        length, kind = int.from_bytes(header[:4], "big"), header[4:8]
        if kind not in _ISO_BOXES:
            break
        seen.append(kind)
        if length == 1:  # the real length follows, in 64 bits
            length = int.from_bytes(header[8:], "big") or 2 * _ISO_HEADER
        end = end + max(length, _ISO_HEADER) if length else size  # 0: up to the end of the file
    torn_header = b"moof" in seen and 0 < size - end < _ISO_HEADER
    return end > size or torn_header or seen[-1] == b"moof" or not {b"moov", b"mdat"} <= set(seen)


def _ebml_cut_short(file: BinaryIO, size: int) -> bool:
    start = 0
    while start < size:
        file.seek(start)
        header = file.read(_EBML_HEADER)
        id_length, size_length = _vint_length(header), _vint_length(header[_vint_length(header) :])
        identifier = int.from_bytes(header[:id_length], "big")
        body = header[id_length : id_length + size_length]
        if not id_length or not size_length:
            break
        marker = 1 << 7 * size_length
        length = int.from_bytes(body, "big") & (marker - 1)
        end = start + id_length + size_length + length
        if identifier == _SEGMENT:
            return end > size and length != marker - 1  # all ones: not known
        start = end
    return True


def _vint_length(data: bytes) -> int:
    """Return how many bytes the variable-size integer at the front takes; 0 for none."""
    return 9 - data[0].bit_length() if data and data[0] else 0
