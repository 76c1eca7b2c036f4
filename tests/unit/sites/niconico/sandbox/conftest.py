"""A running sandbox, a clock to turn, and small real videos."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import pytest
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from nicobatch.sandbox import Sandbox
from tests.unit.sites.niconico.sandbox.client import Client

ENCODE_SECONDS = 10.0


class Clock:
    """Time that passes when a test says so."""

    def __init__(self) -> None:
        self.now = 1_790_000_000.0

    def __call__(self) -> float:
        return self.now

    def encode(self) -> None:
        """Let an encoding come to its end."""
        self.now += ENCODE_SECONDS


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sandbox(tmp_path: Path, clock: Clock) -> Iterator[Sandbox]:
    """A sandbox that, at the end of every test, must not have crashed."""
    server = Sandbox(tmp_path / "state", encode_seconds=ENCODE_SECONDS, clock=clock)
    with server:
        yield server
    assert server.audit()["crashes"] == []


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[Client]:
    with Client(sandbox.url) as client:
        yield client


def encode(width: int = 64, height: int = 36, *, rotation: int = 0, frames: int = 20) -> bytes:
    """Return an MP4 of 10 frames a second, whose brightness grows from black to white."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        container.metadata["title"] = "ASCII"
        stream = container.add_stream("libx264", rate=10, options={"preset": "ultrafast"})
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        if rotation:
            stream.set_display_rotation(rotation)
        for number in range(frames):
            frame = VideoFrame(width, height, "yuv420p")
            for index, plane in enumerate(frame.planes):
                level = 16 + number * 10 if index == 0 else 128
                plane.update(bytes([level]) * plane.buffer_size)
            frame.pts, frame.time_base = number, Fraction(1, 10)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()


@pytest.fixture(scope="session")
def video() -> bytes:
    """Two seconds, 64 by 36."""
    return encode()


@pytest.fixture(scope="session")
def large_video(video: bytes) -> bytes:
    """The same video with an MP4 `free` box behind it: three parts long."""
    size = 20_500_000 - len(video)
    filling = (bytes(range(256)) * (size // 256 + 1))[: size - 8]
    return video + struct.pack(">I4s", size, b"free") + filling
