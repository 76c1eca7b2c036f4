"""Moments for thumbnails: real videos, of sections that are good for one and of others."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import pytest
from av.filter import Graph
from av.video.frame import PictureType, VideoFrame
from av.video.stream import VideoStream

from examples.make_samples import make_video
from nicobatch.media import choosing, probe
from nicobatch.media.choosing import clear_moment

SHARP = "testsrc2"
BLURRED = "testsrc2|gblur=sigma=12"
BLACK = "color=c=black"
WHITE = "color=c=white"
BLUE = "color=c=0x3050a0"
DARK = "testsrc2|lutyuv=y=30+val/8"

RATE = 10
SIZE = "size=640x360:rate=10"


def pictures(section: str, count: int) -> list[VideoFrame]:
    source, _, change = section.partition("|")
    name, _, options = source.partition("=")
    graph = Graph()
    nodes = [graph.add(name, ":".join(filter(None, (options, SIZE))))]
    if change:
        nodes.append(graph.add(*change.split("=", 1)))
    nodes.append(graph.add("format", "yuv420p"))
    graph.link_nodes(*nodes, graph.add("buffersink")).configure()
    return [graph.vpull() for _ in range(count)]


def film(path: Path, *sections: tuple[str, float], gop: int = RATE) -> Path:
    """Write a video of the sections, each of so many seconds, a key frame every `gop` frames."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", RATE, options={"preset": "ultrafast"})
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        stream.gop_size = gop
        stream.codec_context.options = {"sc_threshold": "0"}
        number = 0
        for section, seconds in sections:
            for frame in pictures(section, round(seconds * RATE)):
                frame.pts, frame.time_base = number, Fraction(1, RATE)
                frame.pict_type = PictureType.NONE
                container.mux(stream.encode(frame))
                number += 1
        container.mux(stream.encode(None))
    return path


def chosen(path: Path) -> float | None:
    moment = clear_moment(path, probe(path).duration)
    return None if moment is None else moment / 1000


@pytest.mark.parametrize(
    ("sections", "start", "end"),
    [
        (((BLACK, 6), (SHARP, 6)), 6, 12),
        (((SHARP, 4), (BLACK, 8)), 0.6, 4),
        (((BLURRED, 4), (SHARP, 4), (BLURRED, 4)), 4, 8),
        (((BLACK, 3), (BLURRED, 3), (WHITE, 2), (SHARP, 2), (BLUE, 2)), 8, 10),
        (((DARK, 6), (BLURRED, 6)), 6, 12),
        (((BLUE, 5), (BLURRED, 2), (WHITE, 5)), 5, 7),
    ],
)
@pytest.mark.parametrize("gop", [RATE, 600])
def test_the_sharpest_section_is_chosen(
    tmp_path: Path, sections: Sequence[tuple[str, float]], start: float, end: float, gop: int
) -> None:
    moment = chosen(film(tmp_path / "a.mp4", *sections, gop=gop))
    assert moment is not None
    assert start <= moment < end


@pytest.mark.parametrize("section", [BLACK, WHITE, BLUE])
def test_where_there_is_nothing_to_see_nothing_is_chosen(tmp_path: Path, section: str) -> None:
    assert chosen(film(tmp_path / "a.mp4", (section, 3))) is None


def test_neither_beginning_nor_end_is_chosen(tmp_path: Path) -> None:
    moment = chosen(film(tmp_path / "a.mp4", (SHARP, 0.5), (BLURRED, 19), (SHARP, 0.5), gop=1))
    assert moment is not None
    assert 1 <= moment <= 19


def test_a_key_frame_is_chosen_where_there_are_enough(tmp_path: Path) -> None:
    moment = chosen(film(tmp_path / "a.mp4", (SHARP, 24)))
    assert moment is not None
    assert moment == round(moment)


def test_a_video_of_one_picture(tmp_path: Path) -> None:
    assert chosen(film(tmp_path / "a.mp4", (SHARP, 0.1))) in {None, 0.0}


@pytest.mark.parametrize("name", ["a.mkv", "a.webm", "a.mov"])
def test_other_containers(tmp_path: Path, name: str) -> None:
    path = make_video(tmp_path / name, seconds=3, width=64, height=36)
    assert chosen(path) is not None


def test_a_turned_portrait_video(tmp_path: Path) -> None:
    path = make_video(tmp_path / "a.mp4", width=36, height=64, rotation=90)
    assert chosen(path) is not None


def test_what_is_no_video_has_no_moment(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    assert clear_moment(path, 10) is None
    path.write_bytes(b"no video" * 99)
    assert clear_moment(path, 10) is None


def test_sound_alone_has_no_moment(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.mkv"), "w") as container:
        stream = container.add_stream("pcm_s16le", 8000)
        frame = av.AudioFrame(format="s16", layout="mono", samples=1024)
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    assert clear_moment(tmp_path / "a.mkv", 10) is None


def test_a_video_that_breaks_off_keeps_what_was_found(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mkv", (SHARP, 20))
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 2 // 3])
    moment = clear_moment(path, 20)
    assert moment is not None
    assert moment < 15_000


def test_a_wrong_duration_leads_nowhere(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", (SHARP, 2))
    assert clear_moment(path, 0) is None
    assert clear_moment(path, 3600) is None


def test_sharpness_falls_with_blur() -> None:
    checks = [bytes(255 * ((x // 4 + y // 4) % 2) for x in range(40)) for y in range(40)]
    ramp = [bytes(x * 6 for x in range(40)) for _ in range(40)]
    flat = [bytes(40)] * 40
    assert choosing.sharpness(checks) > choosing.sharpness(ramp) >= choosing.sharpness(flat) == 0
