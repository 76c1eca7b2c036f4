"""A moment of a video that is worth being its thumbnail: neither black nor blank nor blurred."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nicobatch.media.probing import moving, opened

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

_PLACES: Final = 12
"""Where to look, evenly spread."""
_EDGE: Final = Fraction(5, 100)
"""The share at either end that is left out: fades, logos, credits."""
_PATIENCE: Final = 120
"""Frames to decode behind a key frame at most, on the way to a place."""
_WIDTH, _HEIGHT = 160, 90
"""What a frame is scaled down to: on sharpness at this size a thumbnail's depends."""
_BLACK, _WHITE = 32, 224
"""Mean brightness, of 255, beyond which a picture is as good as black or white."""
_PLAIN: Final = 8
"""Standard deviation of the brightness below which there is nothing to see."""


def clear_moment(path: Path, duration: float) -> int | None:
    """Return the milliseconds of the sharpest of a dozen frames; None if there is nothing to see.

    `duration` is in seconds; nothing is found in a video that doesn't say it, as in a broken one.
    """
    import av

    scores: dict[int, float] = {}
    with (
        contextlib.suppress(av.FFmpegError, OSError),
        path.open("rb") as file,
        opened(file) as container,
    ):
        for moment, frame in _samples(container, Fraction(duration)):
            rows = _grey(frame)
            if moment not in scores and _shows_something(rows):
                scores[moment] = sharpness(rows)
    return max(scores, key=lambda moment: scores[moment]) if scores else None


def _samples(container: InputContainer, duration: Fraction) -> Iterator[tuple[int, VideoFrame]]:
    stream = moving(container)
    if stream is None or not duration:
        return
    stream.thread_type = "AUTO"
    beginning = Fraction(max(container.start_time or 0, 0), 1_000_000)
    first, last = duration * _EDGE, duration * (1 - _EDGE)
    step = (last - first) / _PLACES
    for place in range(_PLACES):
        earliest = first + place * step
        frame = _frame(container, stream, beginning + earliest, beginning + earliest + step)
        if frame is not None:
            moment = _seconds(frame) - beginning
            if first <= moment <= last:
                # Rounded up: the millisecond before would show the frame before.
                yield math.ceil(moment * 1000), frame


def _frame(
    container: InputContainer, stream: VideoStream, earliest: Fraction, latest: Fraction
) -> VideoFrame | None:
    """Return the key frame between two times, or else the first frame behind the earlier one."""
    import av

    with contextlib.suppress(av.FFmpegError):
        container.seek(int(latest * 1_000_000))
        for frame in islice(container.decode(stream), _PATIENCE):
            if frame.pts is not None and not frame.is_corrupt and _seconds(frame) >= earliest:
                return frame
    return None


def _seconds(frame: VideoFrame) -> Fraction:
    return (frame.pts or 0) * (frame.time_base or Fraction(0))


def _grey(frame: VideoFrame) -> list[bytes]:
    """Return the brightness of each pixel, row by row, of the frame scaled down."""
    small = frame.reformat(_WIDTH, _HEIGHT, "gray")
    plane = small.planes[0]
    data = bytes(plane)
    starts = range(0, plane.line_size * _HEIGHT, plane.line_size)
    return [data[start : start + _WIDTH] for start in starts]


def _shows_something(rows: Sequence[bytes]) -> bool:
    values = b"".join(rows)
    mean = sum(values) / len(values)
    return _BLACK < mean < _WHITE and _variance(values) >= _PLAIN**2


def sharpness(rows: Sequence[bytes]) -> float:
    """Return the variance of the Laplacian, which blur brings near 0 (Pech-Pacheco, 2000)."""
    edges: list[int] = []
    for above, row, below in zip(rows, rows[1:], rows[2:], strict=False):
        neighbours = zip(row, row[1:], row[2:], above[1:], below[1:], strict=False)
        edges += [4 * here - left - right - up - down for left, here, right, up, down in neighbours]
    return _variance(edges)


def _variance(values: Sequence[int]) -> float:
    mean = sum(values) / len(values)
    return sum(value * value for value in values) / len(values) - mean * mean
