"""Single pictures out of a video: the very one that is shown at a moment, upright and small."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nicobatch.language import reason
from nicobatch.media import drawing, rules
from nicobatch.media.drawing import Picture
from nicobatch.media.probing import MediaError, moving, opened

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

_THREADS: Final = 2
"""Decoders at work: each has pictures of its own in memory."""
_RETREAT: Final = 10
"""Seconds to step back where a container's index leads behind the moment."""


def frame_at(path: Path, timing: int) -> Picture:
    """Return the picture that a player shows at `timing` milliseconds, small.

    Before the first picture that is the first, beyond the end the last. Raises `MediaError`.
    """
    return _drawn(path, timing, drawing.small)


def cropped_frame(path: Path, timing: int, width: int, height: int) -> Picture:
    """Return the same picture at just that size, scaled until it fills it, and cut at the centre.

    Both are even. Raises `MediaError`.
    """
    return _drawn(path, timing, lambda frame, pixel: drawing.filling(frame, pixel, width, height))


def _drawn(path: Path, timing: int, draw: Callable[[VideoFrame, Fraction], Picture]) -> Picture:
    import av

    values: dict[str, object] = {"file": path}
    try:
        with (
            path.open("rb") as file,
            opened(file) as container,
        ):
            return draw(*_shown(container, Fraction(timing, 1000)))
    except MediaError as error:
        error.values |= values
        raise
    except av.FFmpegError as error:  # some of them are OSErrors, too
        raise MediaError(rules.BROKEN, values) from error
    except OSError as error:
        values["reason"] = reason(error)
        raise MediaError(rules.UNREADABLE, values) from error


def _shown(container: InputContainer, seconds: Fraction) -> tuple[VideoFrame, Fraction]:
    """Return the frame as it lies, and how much wider than high its pixels are."""
    stream = moving(container)
    if stream is None or stream.codec_context is None:
        raise MediaError(rules.BROKEN)
    stream.thread_type, stream.thread_count = "AUTO", _THREADS
    beginning = Fraction(max(container.start_time or 0, 0), 1_000_000)
    frame = _shown_at(container, stream, beginning + seconds)
    pixel = stream.sample_aspect_ratio or Fraction(1)  # from PyAV 19 on of a type of its own
    return frame, Fraction(pixel.numerator, pixel.denominator)


def _shown_at(container: InputContainer, stream: VideoStream, moment: Fraction) -> VideoFrame:
    """Return the last frame that begins by the moment, or the first there is."""
    for begin in (moment, moment - _RETREAT):
        if _seek(container, max(begin, Fraction(0))):
            shown = _last_by(container, stream, moment)
            if shown is not None:
                return shown
    _seek(container, Fraction(0))
    shown = _last_by(container, stream, moment, or_first=True)
    if shown is None:
        raise MediaError(rules.BROKEN)
    return shown


def _seek(container: InputContainer, moment: Fraction) -> bool:
    """Go to the key frame before the moment; tell whether the file lets itself be wound."""
    import av

    with contextlib.suppress(av.FFmpegError):
        container.seek(int(moment * 1_000_000))
        return True
    return False


def _last_by(
    container: InputContainer, stream: VideoStream, moment: Fraction, *, or_first: bool = False
) -> VideoFrame | None:
    shown = None
    for frame in _frames(container, stream):
        late = frame.pts is not None and frame.pts * (frame.time_base or 0) > moment
        if late and (shown is not None or not or_first):
            break
        if shown is None or not frame.is_corrupt:
            shown = frame
        if late:
            break
    return shown


def _frames(container: InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
    """Decode what can be: clips cut from a stream may begin amid a group of pictures."""
    import av

    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
        except av.FFmpegError:  # the file ends here, whatever it promised
            return
        if packet is None:
            return
        with contextlib.suppress(av.FFmpegError):
            yield from packet.decode()
