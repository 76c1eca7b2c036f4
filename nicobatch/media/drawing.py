"""A decoded picture made upright, brought to a size, and encoded as a JPEG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

SIDE: Final = 640
"""Pixels of a small picture's longer side, at most."""
MOST: Final = 60_000
"""Bytes that a small picture is held to, as far as JPEG's coarsest quality goes."""
_QUALITIES: Final = (3, 6, 12, 20, 31)
"""JPEG quantisers, from the finest."""
_JPEG: Final = "yuvj420p"
_Length = TypeVar("_Length", int, Fraction)
_Filters = Sequence[tuple[str, str]]
_TURNS: Final[dict[int, _Filters]] = {
    90: (("transpose", "cclock"),),
    -90: (("transpose", "clock"),),
    180: (("hflip", ""), ("vflip", "")),
}
"""FFmpeg's angle, counter-clockwise, to the filters that stand the picture upright."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A JPEG, and its size in pixels."""

    data: bytes
    width: int
    height: int


def standing(frame: VideoFrame, width: _Length, height: _Length) -> tuple[_Length, _Length]:
    """Return the sides as they are shown of a frame that lies so."""
    return (height, width) if _angle(frame) % 180 else (width, height)


def small(frame: VideoFrame, pixel_aspect: Fraction) -> Picture:
    """Return the upright frame within SIDE and MOST."""
    across, down = frame.width * pixel_aspect, Fraction(frame.height)
    scale = min(Fraction(1), SIDE / max(across, down))
    upright = _upright(frame, across * scale, down * scale)
    data = b""
    for quality in _QUALITIES:
        data = _encoded(upright, quality)
        if len(data) <= MOST:
            break
    return Picture(data, upright.width, upright.height)


def filling(frame: VideoFrame, pixel_aspect: Fraction, width: int, height: int) -> Picture:
    """Return the upright frame, scaled until it fills width and height, and cut at the centre.

    Both are even.
    """
    across, down = frame.width * pixel_aspect, Fraction(frame.height)
    lying = standing(frame, width, height)
    scale = max(lying[0] / across, lying[1] / down)
    crop = ("crop", f"{width}:{height}")
    upright = _upright(frame, _even_above(across * scale), _even_above(down * scale), [crop])
    return Picture(_encoded(upright, _QUALITIES[0]), width, height)


def _upright(
    frame: VideoFrame, width: Fraction, height: Fraction, crop: _Filters = ()
) -> VideoFrame:
    """Return the frame at a size, as it lies, and then turned the way that it is shown.

    What shows through stands on white.
    """
    size = {"width": _even(width), "height": _even(height)}
    filters = (*_TURNS.get(_angle(frame), ()), *crop)
    if not _is_transparent(frame):
        sized = frame.reformat(**size, format=_JPEG, dst_colorspace="ITU601")
        return _filtered(sized, filters) if filters else sized
    opaque = _filtered(frame.reformat(**size, format="rgba"), filters, on_white=True)
    return opaque.reformat(format=_JPEG, dst_colorspace="ITU601")


def _is_transparent(frame: VideoFrame) -> bool:
    has_alpha = any(each.is_alpha for each in frame.format.components)
    return has_alpha or frame.format.has_palette


def _angle(frame: VideoFrame) -> int:
    """Return by how many degrees FFmpeg has the frame turned, counter-clockwise: -179 to 180."""
    return (round(frame.rotation / 90) * 90 + 179) % 360 - 179


def _even(length: Fraction) -> int:
    return max(2, round(length / 2) * 2)


def _even_above(length: Fraction) -> Fraction:
    return Fraction(2 * ceil(length / 2))


def _filtered(frame: VideoFrame, filters: _Filters, *, on_white: bool = False) -> VideoFrame:
    from av.filter import Graph

    graph = Graph()
    source = graph.add_buffer(
        width=frame.width, height=frame.height, format=frame.format, time_base=Fraction(1)
    )
    steps = [graph.add(name, args) if args else graph.add(name) for name, args in filters]
    if on_white:
        white = graph.add("color", f"c=white:s={frame.width}x{frame.height}:r=1")
        over = graph.add("overlay", "format=gbrp")
        white.link_to(over, 0, 0)
        source.link_to(over, 0, 1)
        source = over
    graph.link_nodes(source, *steps, graph.add("buffersink")).configure()
    graph.vpush(frame)
    return graph.vpull()


def _encoded(frame: VideoFrame, quality: int) -> bytes:
    from av.codec.context import CodecContext
    from av.video.codeccontext import VideoCodecContext

    encoder = CodecContext.create("mjpeg", "w")
    assert isinstance(encoder, VideoCodecContext)  # noqa: S101 - narrows the type
    encoder.width, encoder.height, encoder.pix_fmt = frame.width, frame.height, _JPEG
    encoder.time_base = Fraction(1, 25)
    encoder.qmin = encoder.qmax = quality
    encoder.thread_count = 1  # each would have a picture of its own
    frame.pts, frame.time_base = 0, Fraction(1, 25)
    return b"".join(bytes(packet) for packet in [*encoder.encode(frame), *encoder.encode(None)])
