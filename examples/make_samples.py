"""Make the sample videos of the demo beside this file; `make_video` serves the tests too.

The pictures and tones are FFmpeg's own test sources, so that nobody's rights are touched.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import av
from av.filter import Graph
from av.video.frame import PictureType

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.audio.stream import AudioStream
    from av.container import OutputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

Layout = Literal["plain", "faststart", "fragmented"]

SAMPLE_RATE: Final = 22_050
AUDIO_FRAME: Final = 1024
"""Samples in a frame; what AAC takes."""

_MOVFLAGS: Final = {
    "plain": {},
    "faststart": {"movflags": "+faststart"},
    "fragmented": {"movflags": "+frag_keyframe+empty_moov+default_base_moof"},
}
_H264: Final = ("libx264", {"preset": "ultrafast", "threads": "1"})
_VP8: Final = ("libvpx", {"deadline": "realtime", "cpu-used": "16"})


@dataclass(frozen=True, kw_only=True)
class _Picture:
    """How the pictures look; the fields are `make_video`'s."""

    seconds: float
    width: int
    height: int
    rate: int
    scenes: tuple[str, ...]
    rotation: int
    pixel_aspect: Fraction
    at_least: int


def make_video(  # noqa: PLR0913 - every argument is one thing that a test may want to differ
    path: Path,
    *,
    seconds: float = 2.0,
    width: int = 320,
    height: int = 180,
    rate: int = 10,
    scenes: tuple[str, ...] = ("testsrc2",),
    audio: bool = True,
    rotation: int = 0,
    pixel_aspect: Fraction = Fraction(1),
    layout: Layout = "plain",
    at_least: int = 0,
) -> Path:
    """Write a real video to `path` and return it: H.264/AAC, or VP8 without sound for `.webm`.

    The suffix picks the container (mp4, mov, mkv, webm). `scenes` are names of FFmpeg's video
    sources, options included (`mandelbrot`, `color=c=red`), each for an equal share of `seconds`.
    A player turns the picture clockwise by `rotation` degrees (0, 90, 180, 270). `at_least` is
    the size in bytes that the file reaches, at a bit rate as high as that takes. The file
    appears under its name when it is whole.
    """
    picture = _Picture(
        seconds=seconds,
        width=width,
        height=height,
        rate=rate,
        scenes=scenes,
        rotation=rotation,
        pixel_aspect=pixel_aspect,
        at_least=at_least,
    )
    webm = path.suffix == ".webm"
    options = _MOVFLAGS[layout] if path.suffix in {".mp4", ".mov"} else {}
    unfinished = path.with_name(f".{path.name}")
    with av.open(str(unfinished), "w", options=dict(options)) as container:
        video = _video_stream(container, picture, vp8=webm)
        sound = container.add_stream("aac", SAMPLE_RATE) if audio and not webm else None
        _write(container, video, sound, picture)
    unfinished.replace(path)
    return path


def _video_stream(container: OutputContainer, picture: _Picture, *, vp8: bool) -> VideoStream:
    codec, options = _VP8 if vp8 else _H264
    # The rest of the size is filler (H.264 7.3.2.7), which a constant bit rate brings along.
    bit_rate = int(picture.at_least * 8 * 1.02 / picture.seconds)
    if bit_rate:
        buffer = {"maxrate": str(bit_rate), "bufsize": str(bit_rate // 2)}
        options = {**options, **buffer, "nal-hrd": "cbr"}
    stream: VideoStream = container.add_stream(codec, picture.rate, options=dict(options))  # type: ignore[assignment]
    stream.width, stream.height = picture.width, picture.height
    stream.pix_fmt = "yuv420p"
    stream.codec_context.sample_aspect_ratio = picture.pixel_aspect
    stream.bit_rate = bit_rate
    stream.gop_size = picture.rate  # a key frame every second
    if picture.rotation:
        stream.set_display_rotation(-picture.rotation)  # FFmpeg counts counter-clockwise
    return stream


def _write(
    container: OutputContainer, video: VideoStream, sound: AudioStream | None, picture: _Picture
) -> None:
    """Encode both streams side by side, as a file that is played while it loads needs them."""
    tones = _tones(picture.seconds) if sound else iter(())
    for number, frame in enumerate(_frames(picture), 1):
        container.mux(video.encode(frame))
        if sound:
            wanted = number * SAMPLE_RATE // picture.rate // AUDIO_FRAME
            written = (number - 1) * SAMPLE_RATE // picture.rate // AUDIO_FRAME
            for tone in islice(tones, wanted - written):
                container.mux(sound.encode(tone))
    container.mux(video.encode(None))
    if sound:
        container.mux(sound.encode(None))


def _frames(picture: _Picture) -> Iterator[VideoFrame]:
    """Yield each scene's share of the frames, numbered through."""
    total = round(picture.seconds * picture.rate)
    size = f"size={picture.width}x{picture.height}:rate={picture.rate}"
    numbers = iter(range(total))
    for index, scene in enumerate(picture.scenes):
        share = (index + 1) * total // len(picture.scenes) - index * total // len(picture.scenes)
        source = _source(scene, size, ("format", "yuv420p"), "buffersink")
        for number in islice(numbers, share):
            frame = source.vpull()
            frame.pts, frame.time_base = number, Fraction(1, picture.rate)
            frame.pict_type = PictureType.NONE  # the sources make every frame a key frame
            yield frame


def _tones(seconds: float) -> Iterator[AudioFrame]:
    """Yield a quiet sine of 440 Hz, in AAC's frames."""
    options = f"frequency=440:sample_rate={SAMPLE_RATE}:samples_per_frame={AUDIO_FRAME}"
    source = _source("sine", options, ("aformat", "fltp:channel_layouts=mono"), "abuffersink")
    for _ in range(int(seconds * SAMPLE_RATE) // AUDIO_FRAME):
        yield source.pull()  # type: ignore[misc]


def _source(scene: str, more: str, shape: tuple[str, str], sink: str) -> Graph:
    name, _, options = scene.partition("=")
    graph = Graph()
    nodes = (graph.add(name, ":".join(filter(None, (options, more)))), graph.add(*shape))
    graph.link_nodes(*nodes, graph.add(sink)).configure()
    return graph


@dataclass(frozen=True)
class _Sample:
    name: str
    make: Callable[[Path], Path] = field(repr=False)


_ADVENTURE: Final = ("color=c=midnightblue", "testsrc2", "smptehdbars", "mandelbrot", "color=c=red")

SAMPLES: Final = (
    _Sample("hello.mp4", lambda path: make_video(path, seconds=3, width=640, height=360)),
    _Sample(
        "第1回 はじめての冒険.mp4",
        lambda path: make_video(path, seconds=30, width=640, height=360, scenes=_ADVENTURE),
    ),
    # Three parts: two of 10,000,000 bytes and a short one.
    _Sample(
        "long-take.mp4",
        lambda path: make_video(
            path, seconds=20, width=640, height=360, rate=25, at_least=20_500_000
        ),
    ),
    _Sample("vertical.mp4", lambda path: make_video(path, seconds=5, width=360, height=640)),
)


def main() -> int:
    """Make the samples that are missing, with a line for each, and return the exit code."""
    here = Path(__file__).resolve().parent
    for sample in SAMPLES:
        path = here / sample.name
        made = not path.exists()
        if made:
            sample.make(path)
        print(f"{'made' if made else 'kept'}  {path.stat().st_size:>12,} bytes  {sample.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
