"""Looks into received videos with PyAV: facts, and frames as JPEG."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame

_TURNS: Final = {90: ("cclock",), -90: ("clock",), 180: ("clock", "clock"), -180: ("clock",) * 2}
"""FFmpeg's angle, counter-clockwise, to the `transpose` steps that stand the frame upright."""


class Undecodable(Exception):
    """No frame can be decoded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaFacts:
    """What a video is; width and height are as shown, `duration` is in seconds."""

    container: str
    duration: float
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Jpeg:
    """A picture, ready to be sent."""

    data: bytes
    width: int
    height: int


def probe(path: Path) -> MediaFacts:
    """Return the facts of a video whose first frame can be decoded; `Undecodable` otherwise."""
    import av

    with _opened(path) as container:
        frame = _upright(_frame_at(container, 0))
        return MediaFacts(
            container=container.format.name,
            duration=(container.duration or 0) / av.time_base,
            width=frame.width,
            height=frame.height,
        )


def frame_jpegs(path: Path, timing: int, *heights: int) -> list[Jpeg]:
    """Return the frame that is shown at `timing` milliseconds, upright, once for each height."""
    with _opened(path) as container:
        frame = _upright(_frame_at(container, timing))
        return [_jpeg(frame, height) for height in heights]


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[InputContainer]:
    """Open the file; what FFmpeg says against it meanwhile is `Undecodable`."""
    import av

    # Titles may be in Shift_JIS: PyAV 19 takes them as they are, and those before it when asked.
    old = int(av.__version__.partition(".")[0]) < 19
    tolerant: dict[str, Any] = {"metadata_errors": "surrogateescape"} if old else {}
    try:
        with av.open(str(path), **tolerant) as container:
            yield container
    except av.FFmpegError as error:
        raise Undecodable(str(error)) from error


def _frame_at(container: InputContainer, timing: int) -> VideoFrame:
    stream = next(iter(container.streams.video), None)
    if stream is None:
        raise Undecodable("the file has no video")
    tick = stream.time_base or Fraction(1)
    moment = (stream.start_time or 0) * tick + Fraction(timing, 1000)
    if timing:
        container.seek(int(moment * 1_000_000))
    shown = None
    for frame in container.decode(stream):
        if shown is not None and frame.pts is not None and frame.pts * tick > moment:
            break
        shown = frame
    if shown is None:
        raise Undecodable("the file has no frame there")
    return shown


def _upright(frame: VideoFrame) -> VideoFrame:
    from av.filter import Graph

    turns = _TURNS.get(round(frame.rotation / 90) * 90)
    if not turns:
        return frame
    graph = Graph()
    source = graph.add_buffer(
        width=frame.width,
        height=frame.height,
        format=frame.format,
        time_base=frame.time_base,
    )
    steps = [graph.add("transpose", turn) for turn in turns]
    graph.link_nodes(source, *steps, graph.add("buffersink")).configure()
    graph.vpush(frame)
    return graph.vpull()


def _jpeg(frame: VideoFrame, height: int) -> Jpeg:
    from av.codec.context import CodecContext
    from av.video.codeccontext import VideoCodecContext

    width = max(2, round(frame.width * height / frame.height / 2) * 2)
    picture = frame.reformat(width=width, height=height, format="yuvj420p")
    picture.pts = 0
    encoder = CodecContext.create("mjpeg", "w")
    assert isinstance(encoder, VideoCodecContext)  # noqa: S101 - narrows the type
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuvj420p"
    encoder.time_base = Fraction(1, 25)
    packets = [*encoder.encode(picture), *encoder.encode(None)]
    return Jpeg(b"".join(bytes(packet) for packet in packets), width, height)
