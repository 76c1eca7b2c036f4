"""Frames of known colours prove which one was taken."""

from __future__ import annotations

import io
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from examples.make_samples import make_video
from nicobatch.media import MediaError, drawing
from nicobatch.media.frames import frame_at

RED, GREEN, BLUE, WHITE, BLACK = (255, 0, 0), (0, 128, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0)
COLOURS = {"red": RED, "green": GREEN, "blue": BLUE, "white": WHITE, "black": BLACK}
NEAR = 28
"""How far a channel may be off after two lossy codecs."""


def pixels(data: bytes) -> Any:
    """Return the JPEG's pixels as rows of RGB."""
    with av.open(io.BytesIO(data), mode="r", format="jpeg_pipe") as container:
        frame = next(container.decode(video=0))
        assert isinstance(frame, av.VideoFrame)
        rgb = frame.reformat(format="rgb24", src_colorspace="ITU601")
        plane, width = bytes(rgb.planes[0]), rgb.width
        line = rgb.planes[0].line_size
    return [
        [tuple(plane[y * line + 3 * x : y * line + 3 * x + 3]) for x in range(width)]
        for y in range(rgb.height)
    ]


def name_of(pixel: Sequence[int]) -> str:
    """Name the colour; fail for one that is none of ours."""
    for name, colour in COLOURS.items():
        if all(abs(a - b) <= NEAR for a, b in zip(pixel, colour, strict=True)):
            return name
    raise AssertionError(f"{pixel} is no colour of the test")


def colour_at(path: Path, timing: int) -> str:
    picture = frame_at(path, timing)
    rows = pixels(picture.data)
    assert (len(rows[0]), len(rows)) == (picture.width, picture.height)
    return name_of(rows[picture.height // 2][picture.width // 2])


def corners(path: Path) -> tuple[str, str, str, str]:
    """Name the colours clockwise from the upper left."""
    rows = pixels(frame_at(path, 0).data)
    return (
        name_of(rows[2][2]),
        name_of(rows[2][-3]),
        name_of(rows[-3][-3]),
        name_of(rows[-3][2]),
    )


def write(
    path: Path,
    colours: Sequence[str],
    starts: Sequence[int],
    codec: str = "libx264",
    options: dict[str, str] | None = None,
    muxing: dict[str, str] | None = None,
    first: int = 0,
) -> Path:
    """Write a frame of each colour, beginning at each of the milliseconds."""
    with av.open(str(path), "w", options=muxing or {}) as output:
        stream = output.add_stream(codec, 1000, options=options or {})
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 64, 36, "yuv420p"
        stream.codec_context.time_base = stream.time_base = Fraction(1, 1000)
        stream.gop_size = 1000
        for colour, start in zip(colours, starts, strict=True):
            frame = plain(colour)
            frame.pts, frame.time_base = start + first, Fraction(1, 1000)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


def plain(colour: str) -> av.VideoFrame:
    rgb = av.VideoFrame(64, 36, "rgb24")
    line = rgb.planes[0].line_size
    rgb.planes[0].update((bytes(COLOURS[colour]) * 64).ljust(line, b"\0") * 36)
    return rgb.reformat(format="yuv420p", dst_colorspace="ITU601")


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four scenes of half a second, a key frame each second alone."""
    path = tmp_path_factory.mktemp("scenes") / "scenes.mp4"
    names = tuple(f"color=c={name}" for name in ("red", "green", "blue", "white"))
    return make_video(path, width=64, height=36, scenes=names)


@pytest.mark.parametrize(
    ("timing", "colour"),
    [
        (0, "red"),
        (499, "red"),
        (500, "green"),
        (999, "green"),
        (1000, "blue"),
        (1499, "blue"),
        (1500, "white"),
        (1999, "white"),
    ],
)
def test_it_is_the_frame_that_is_shown_then(scenes: Path, timing: int, colour: str) -> None:
    assert colour_at(scenes, timing) == colour


@pytest.mark.parametrize("timing", [2000, 60_000, 10**9])
def test_beyond_the_end_it_is_the_last(scenes: Path, timing: int) -> None:
    assert colour_at(scenes, timing) == "white"


STARTS = (0, 40, 1000, 1033, 5000)
NAMES = ("red", "green", "blue", "white", "black")


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "mov"])
def test_frames_may_come_at_any_pace(tmp_path: Path, suffix: str) -> None:
    path = write(tmp_path / f"v.{suffix}", NAMES, STARTS)
    for start, name in zip(STARTS, NAMES, strict=True):
        assert colour_at(path, start) == name
        if start:
            before = NAMES[NAMES.index(name) - 1]
            assert colour_at(path, start - 1) == before


@settings(deadline=None, max_examples=25)
@given(
    gaps=st.lists(st.integers(2, 3000), min_size=1, max_size=6),
    share=st.floats(0, 1.2),
)
def test_the_last_that_began_by_then(
    tmp_path_factory: pytest.TempPathFactory, gaps: list[int], share: float
) -> None:
    starts = [sum(gaps[:number]) for number in range(len(gaps))]
    names = [NAMES[number % len(NAMES)] for number in range(len(gaps))]
    path = write(tmp_path_factory.mktemp("vfr") / "v.mkv", names, starts)
    timing = int(share * sum(gaps))
    shown = max(number for number, start in enumerate(starts) if start <= timing)
    assert colour_at(path, timing) == names[shown]


@pytest.mark.parametrize("suffix", ["mp4", "ts"])
@pytest.mark.parametrize("first", [0, 700, 9_000])
def test_time_counts_from_the_beginning_of_the_file(
    tmp_path: Path, suffix: str, first: int
) -> None:
    path = write(tmp_path / f"v.{suffix}", ("red", "blue"), (0, 1000), first=first)
    assert colour_at(path, 0) == "red"
    assert colour_at(path, 999) == "red"
    assert colour_at(path, 1000) == "blue"


@pytest.mark.parametrize(
    ("suffix", "codec"),
    [
        ("ts", "libx264"),
        ("flv", "libx264"),
        ("avi", "mpeg4"),
        ("webm", "libvpx"),
        ("mpg", "mpeg2video"),
    ],
)
def test_other_containers(tmp_path: Path, suffix: str, codec: str) -> None:
    path = tmp_path / f"v.{suffix}"
    with av.open(str(path), "w") as output:
        stream = output.add_stream(codec, 25)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 64, 36, "yuv420p"
        stream.gop_size = 12
        for number in range(75):
            frame = plain(("red", "blue", "white")[number // 25])
            frame.pts, frame.time_base = number, Fraction(1, 25)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    assert [colour_at(path, timing) for timing in (0, 500, 1500, 2500, 9000)] == [
        "red",
        "red",
        "blue",
        "white",
        "white",
    ]


def test_one_key_frame_and_many_behind_it(tmp_path: Path) -> None:
    names = ["red", *["green"] * 40, "blue", *["green"] * 40]
    path = write(
        tmp_path / "v.mp4",
        names,
        [50 * number for number in range(len(names))],
        options={"bf": "3"},
    )
    assert colour_at(path, 41 * 50) == "blue"
    assert colour_at(path, 42 * 50) == "green"


def test_a_clip_that_begins_amid_a_group_of_pictures(scenes: Path, tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    with av.open(str(scenes)) as container:
        first = container.streams.video[0].index_entries[0]
        start, end = first.pos, first.pos + first.size
    data = scenes.read_bytes()
    path.write_bytes(data[:start] + bytes(end - start) + data[end:])
    assert colour_at(path, 1200) == "blue"
    assert frame_at(path, 0).data.startswith(b"\xff\xd8")


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
@pytest.mark.parametrize(
    ("rotation", "expected"),
    [
        (0, ("red", "green", "white", "blue")),
        (90, ("blue", "red", "green", "white")),
        (180, ("white", "blue", "red", "green")),
        (270, ("green", "white", "blue", "red")),
    ],
)
def test_the_picture_stands_upright(
    tmp_path: Path, suffix: str, rotation: int, expected: tuple[str, ...]
) -> None:
    path = _four_corners(tmp_path / f"turned{suffix}", rotation)
    picture = frame_at(path, 0)
    assert (picture.width, picture.height) == ((64, 96) if rotation % 180 else (96, 64))
    assert corners(path) == expected


def _four_corners(path: Path, rotation: int) -> Path:
    rgb = av.VideoFrame(96, 64, "rgb24")
    line = rgb.planes[0].line_size
    upper = (bytes(RED) * 48 + bytes(GREEN) * 48).ljust(line, b"\0")
    lower = (bytes(BLUE) * 48 + bytes(WHITE) * 48).ljust(line, b"\0")
    rgb.planes[0].update(upper * 32 + lower * 32)
    with av.open(str(path), "w") as output:
        stream = output.add_stream("libx264", 25)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        if rotation:
            stream.set_display_rotation(-rotation)
        frame = rgb.reformat(format="yuv420p", dst_colorspace="ITU601")
        frame.pts = 0
        output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


@pytest.mark.parametrize(
    ("size", "pixel_aspect", "expected"),
    [
        ((320, 180), Fraction(1), (320, 180)),
        ((1280, 720), Fraction(1), (640, 360)),
        ((720, 1280), Fraction(1), (360, 640)),
        ((640, 480), Fraction(1), (640, 480)),
        ((960, 720), Fraction(1), (640, 480)),
        ((72, 48), Fraction(32, 27), (86, 48)),
        ((1440, 1080), Fraction(4, 3), (640, 360)),
        ((2, 2), Fraction(1), (2, 2)),
    ],
)
def test_the_shape_is_kept_and_bounded(
    tmp_path: Path, size: tuple[int, int], pixel_aspect: Fraction, expected: tuple[int, int]
) -> None:
    path = make_video(
        tmp_path / "v.mp4",
        seconds=0.2,
        width=size[0],
        height=size[1],
        pixel_aspect=pixel_aspect,
        audio=False,
    )
    picture = frame_at(path, 0)
    assert (picture.width, picture.height) == expected


def test_noise_costs_no_more_than_the_bound(tmp_path: Path) -> None:
    path = make_video(
        tmp_path / "noise.mp4",
        seconds=0.2,
        width=1280,
        height=720,
        scenes=("life=ratio=0.5",),
        audio=False,
    )
    picture = frame_at(path, 0)
    assert len(picture.data) <= drawing.MOST
    assert picture.width == drawing.SIDE


@pytest.mark.parametrize("data", [b"no video at all" * 99, b""])
def test_what_has_no_picture(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "v.mp4"
    path.write_bytes(data)
    with pytest.raises(MediaError) as caught:
        frame_at(path, 0)
    assert str(path) in str(caught.value)


def test_sound_alone_has_no_picture(tmp_path: Path) -> None:
    path = tmp_path / "song.m4a"
    with av.open(str(path), "w", format="mp4") as output:
        sound = output.add_stream("aac", 16_000)
        frame = av.AudioFrame("fltp", "mono", 1024)
        frame.sample_rate = 16_000
        frame.planes[0].update(bytes(frame.planes[0].buffer_size))
        output.mux(sound.encode(frame))
        output.mux(sound.encode(None))
    with pytest.raises(MediaError):
        frame_at(path, 0)


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(MediaError) as caught:
        frame_at(tmp_path / "gone.mp4", 0)
    assert caught.value.rule.id == "file-unreadable"


def test_pictures_that_can_t_be_decoded(scenes: Path, tmp_path: Path) -> None:
    data = bytearray(scenes.read_bytes())
    start = data.index(b"mdat") + 4
    length = int.from_bytes(data[start - 8 : start - 4], "big") - 8
    data[start : start + length] = bytes(length)
    path = tmp_path / "damaged.mp4"
    path.write_bytes(data)
    with pytest.raises(MediaError) as caught:
        frame_at(path, 700)
    assert caught.value.rule.id == "video-broken"


@settings(deadline=None, max_examples=60)
@given(
    places=st.lists(st.floats(0, 1, exclude_max=True), min_size=1, max_size=40),
    byte=st.binary(),
    timing=st.integers(0, 3000),
)
def test_damage_is_never_a_crash(
    scenes: Path, folder: Path, places: list[float], byte: bytes, timing: int
) -> None:
    data = bytearray(scenes.read_bytes())
    for number, place in enumerate(places):
        data[int(place * len(data))] = byte[number % len(byte)] if byte else 0
    path = folder / "damaged-frame.bin"
    path.write_bytes(data)
    try:
        picture = frame_at(path, timing)
    except MediaError:
        return
    assert picture.data.startswith(b"\xff\xd8")


def test_ffmpeg_keeps_quiet(scenes: Path, capfd: pytest.CaptureFixture[str]) -> None:
    frame_at(scenes, 700)
    assert capfd.readouterr() == ("", "")
