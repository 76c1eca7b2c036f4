"""Which of several picture tracks a video is: the one that a player shows, and no still picture."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import pytest
from av.stream import Disposition

from nicobatch import media
from nicobatch.media.frames import frame_at

DEFAULT, NONE = Disposition.default, Disposition(0)


@dataclass(frozen=True)
class Track:
    """A track of one grey, by its width and disposition."""

    width: int
    disposition: Disposition = NONE
    frames: int = 20
    codec: str = "libx264"

    @property
    def pixels(self) -> str:
        return "yuvj420p" if self.codec == "mjpeg" else "yuv420p"


def write(path: Path, *tracks: Track) -> Path:
    with av.open(str(path), "w") as output:
        streams = []
        for track in tracks:
            stream = output.add_stream(track.codec, 10)
            assert isinstance(stream, av.VideoStream)
            stream.width, stream.height = track.width, 48
            stream.pix_fmt = track.pixels
            stream.disposition = track.disposition
            streams.append(stream)
        for number in range(20):
            for track, stream in zip(tracks, streams, strict=True):
                if number < track.frames:
                    frame = av.VideoFrame(track.width, 48, track.pixels)
                    frame.pts, frame.time_base = number, Fraction(1, 10)
                    output.mux(stream.encode(frame))
        for stream in streams:
            output.mux(stream.encode(None))
    return path


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv"])
@pytest.mark.parametrize(
    ("tracks", "width"),
    [
        ([Track(96), Track(64, DEFAULT)], 64),
        ([Track(64, DEFAULT), Track(96)], 64),
        ([Track(64, DEFAULT), Track(96, DEFAULT)], 96),
        ([Track(96, DEFAULT), Track(64, DEFAULT)], 96),
        ([Track(128, frames=1, codec="mjpeg"), Track(64, DEFAULT)], 64),
    ],
)
def test_the_track_counts_that_a_player_shows(
    tmp_path: Path, suffix: str, tracks: list[Track], width: int
) -> None:
    assert media.probe(write(tmp_path / f"v{suffix}", *tracks)).width == width


@pytest.mark.parametrize("first", [False, True])
def test_a_camera_s_thumbnail_is_no_track(tmp_path: Path, first: bool) -> None:
    tracks = [Track(64), Track(128, DEFAULT, frames=1, codec="mjpeg")]
    path = write(tmp_path / "v.mov", *(reversed(tracks) if first else tracks))
    assert media.probe(path).width == 64


def test_a_cover_is_no_track_where_pictures_are_not_counted(tmp_path: Path) -> None:
    tracks = [Track(128, DEFAULT, frames=1, codec="mjpeg"), Track(64)]
    assert media.probe(write(tmp_path / "v.mkv", *tracks)).width == 64
    assert media.probe(write(tmp_path / "v.mkv", Track(64, codec="mjpeg"))).width == 64


def test_one_picture_alone_is_a_track(tmp_path: Path) -> None:
    assert media.probe(write(tmp_path / "v.mp4", Track(64, DEFAULT, frames=1))).width == 64


def test_the_thumbnail_is_taken_from_that_track(tmp_path: Path) -> None:
    path = write(tmp_path / "v.mp4", Track(96), Track(64, DEFAULT))
    assert frame_at(path, 500).width == 64
