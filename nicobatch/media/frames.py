"""Single pictures out of a video: the very one that is shown at a moment, upright and small."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nicobatch.language import reason
from nicobatch.media import rules
from nicobatch.media.probing import MediaError, moving, opened

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

SIDE: Final = 640
"""Pixels of a picture's longer side, at most."""
MOST: Final = 60_000
"""Bytes that a picture is held to, as far as JPEG's coarsest quality goes."""

_QUALITIES: Final = (3, 6, 12, 20, 31)
"""JPEG quantisers, from the finest."""
_RETREAT: Final = 10
"""Seconds to step back where a container's index leads behind the moment."""
_PICTURES: Final = {
    "format_whitelist": "mjpeg,jpeg_pipe,png_pipe,webp_pipe,image2,image2pipe",
    "protocol_whitelist": "file",
}
"""What a cover may come as."""
_TURNS: Final = {
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


def frame_at(path: Path, timing: int) -> Picture:
    """Return the picture that a player shows at `timing` milliseconds, within SIDE and MOST.

    Before the first picture that is the first, beyond the end the last. Raises `MediaError`.
    """
    return _drawn(path, timing, _small)


def cropped_frame(path: Path, timing: int, width: int, height: int) -> Picture:
    """Return the same picture at just that size, scaled until it fills it, and cut at the centre.

    Both are even. Raises `MediaError`.
    """
    return _drawn(path, timing, lambda frame, pixel: _filling(frame, pixel, width, height))


def cropped_picture(path: Path, width: int, height: int) -> Picture:
    """Return a picture file, JPEG, PNG or WebP, scaled and cut likewise. Raises `MediaError`."""
    import av

    try:
        with path.open("rb") as file, opened(file, _PICTURES) as container:
            frame = next(container.decode(video=0))
            return _filling(frame, Fraction(1), width, height)
    except (av.FFmpegError, StopIteration, IndexError) as error:
        raise MediaError(rules.BROKEN, {"file": path}) from error


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
    stream.thread_type = "AUTO"
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


def _small(frame: VideoFrame, pixel_aspect: Fraction) -> Picture:
    """Scale the frame as it lies, which leaves few pixels to be turned."""
    shown_width = frame.width * pixel_aspect
    scale = min(Fraction(1), SIDE / max(shown_width, Fraction(frame.height)))
    width, height = _even(shown_width * scale), _even(frame.height * scale)
    upright = _upright(frame, width, height)
    return Picture(_jpeg(upright), upright.width, upright.height)


def _filling(frame: VideoFrame, pixel_aspect: Fraction, width: int, height: int) -> Picture:
    """Scale the upright frame until it fills width and height, and cut what is beyond."""
    upright = _upright(frame, _even(frame.width * pixel_aspect), _even(Fraction(frame.height)))
    size = f"{width}:{height}"
    steps = (("scale", f"{size}:force_original_aspect_ratio=increase"), ("crop", size))
    return Picture(_encoded(_filtered(upright, steps), _QUALITIES[0]), width, height)


def _upright(frame: VideoFrame, width: int, height: int) -> VideoFrame:
    """Return the frame at a size, as it lies, and then turned the way players show it."""
    sized = frame.reformat(width, height, "yuvj420p", dst_colorspace="ITU601")
    turns = _TURNS.get((round(frame.rotation / 90) * 90 + 179) % 360 - 179, ())
    return _filtered(sized, turns) if turns else sized


def _even(length: Fraction) -> int:
    return max(2, round(length / 2) * 2)


def _filtered(frame: VideoFrame, filters: Sequence[tuple[str, str]]) -> VideoFrame:
    from av.filter import Graph

    graph = Graph()
    source = graph.add_buffer(
        width=frame.width, height=frame.height, format=frame.format, time_base=Fraction(1)
    )
    steps = [graph.add(name, args) if args else graph.add(name) for name, args in filters]
    graph.link_nodes(source, *steps, graph.add("buffersink")).configure()
    graph.vpush(frame)
    return graph.vpull()


def _jpeg(frame: VideoFrame) -> bytes:
    data = b""
    for quality in _QUALITIES:
        data = _encoded(frame, quality)
        if len(data) <= MOST:
            break
    return data


def _encoded(frame: VideoFrame, quality: int) -> bytes:
    from av.codec.context import CodecContext
    from av.video.codeccontext import VideoCodecContext

    encoder = CodecContext.create("mjpeg", "w")
    assert isinstance(encoder, VideoCodecContext)  # noqa: S101 - narrows the type
    encoder.width, encoder.height, encoder.pix_fmt = frame.width, frame.height, "yuvj420p"
    encoder.time_base = Fraction(1, 25)
    encoder.qmin = encoder.qmax = quality
    frame.pts, frame.time_base = 0, Fraction(1, 25)
    return b"".join(bytes(packet) for packet in [*encoder.encode(frame), *encoder.encode(None)])
