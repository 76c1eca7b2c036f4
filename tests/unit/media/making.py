"""Videos in every container, made by FFmpeg: small, with a picture that moves, and with sound."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Final

import av
from av.filter import Graph
from av.video.frame import PictureType

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import OutputContainer

RATE: Final = 10
_FORMATS: Final = {"utvideo": "yuv422p", "mjpeg": "yuvj420p"}


def make(
    path: Path,
    codec: str,
    sound: str = "",
    *,
    options: Mapping[str, str] | None = None,
    seconds: int = 4,
    container: str | None = None,
) -> Path:
    """Write a video in the format that the suffix names, with a key frame every second."""
    with av.open(str(path), "w", format=container, options=dict(options or {})) as output:
        picture = output.add_stream(codec, RATE)
        assert isinstance(picture, av.VideoStream)
        picture.width, picture.height = 64, 48
        picture.pix_fmt = _FORMATS.get(codec, "yuv420p")
        picture.gop_size = RATE
        tones = _sound(output, sound) if sound else None
        graph = Graph()
        nodes = (
            graph.add("testsrc2", f"size=64x48:rate={RATE}"),
            graph.add("format", picture.pix_fmt),
        )
        graph.link_nodes(*nodes, graph.add("buffersink")).configure()
        for number in range(seconds * RATE):
            frame = graph.vpull()
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            frame.pict_type = PictureType.NONE
            output.mux(picture.encode(frame))
            if tones:
                _silence(output, tones, number)
        output.mux(picture.encode(None))
        if tones:
            output.mux(tones.encode(None))
    return path


def _sound(output: OutputContainer, codec: str) -> AudioStream:
    stream = output.add_stream(codec, 44_100)
    assert isinstance(stream, av.AudioStream)
    stream.layout, stream.bit_rate = "mono", 64_000
    return stream


def _silence(output: OutputContainer, stream: AudioStream, number: int) -> None:
    samples = stream.codec_context.frame_size or 44_100 // RATE
    written = number * 44_100 // RATE // samples
    for each in range(written, (number + 1) * 44_100 // RATE // samples):
        frame = av.AudioFrame(stream.codec_context.format.name, "mono", samples)
        frame.sample_rate, frame.pts = 44_100, each * samples
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        output.mux(stream.encode(frame))


def box(kind: bytes, content: bytes, *, long: bool = False) -> bytes:
    """Return an MP4 box, its length in 64 bits if `long`."""
    if long:
        return b"\0\0\0\1" + kind + (len(content) + 16).to_bytes(8, "big") + content
    return (len(content) + 8).to_bytes(4, "big") + kind + content
