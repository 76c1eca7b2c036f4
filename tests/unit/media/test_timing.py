"""How long videos last whose headers are wrong, or say nothing."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from nicobatch import media
from tests.unit.media.making import make

HOURS = 101 * 3600
"""What a header was found to claim of three seconds."""


def duration(path: Path, data: bytes) -> float:
    path.write_bytes(data)
    return media.probe(path).duration


def overwrite(data: bytes, at: int, content: bytes) -> bytes:
    return data[:at] + content + data[at + len(content) :]


def avi(data: bytes) -> bytes:
    """Have the pictures' header, and the file's, claim too much."""
    at = data.index(b"strh") + 8
    claimed = overwrite(data, at + 32, struct.pack("<I", HOURS * 10))
    return overwrite(claimed, data.index(b"avih") + 8 + 16, struct.pack("<I", HOURS * 10))


def all_of_avi(data: bytes) -> bytes:
    """Have the sound's header claim it as well."""
    at = data.rindex(b"strh") + 8
    return overwrite(avi(data), at + 32, struct.pack("<I", 0x7FFFFFFF))


def wmv(data: bytes) -> bytes:
    at = data.index(bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365"))
    return overwrite(data, at + 64, struct.pack("<QQ", HOURS * 10**7, HOURS * 10**7))


def no_wmv(data: bytes) -> bytes:
    at = data.index(bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365"))
    return overwrite(data, at + 64, bytes(16))


def flv(data: bytes) -> bytes:
    return overwrite(data, data.index(b"duration\0") + 9, struct.pack(">d", HOURS))


def no_flv(data: bytes) -> bytes:
    return overwrite(data, data.index(b"duration\0") + 9, bytes(8))


def mkv(data: bytes) -> bytes:
    return overwrite(data, data.index(b"\x44\x89\x88") + 3, struct.pack(">d", HOURS * 1000))


def no_mkv(data: bytes) -> bytes:
    return data.replace(b"\x44\x89\x88", b"\xec\x81\x00\xec\x87"[:3], 1).replace(
        b"\xec\x81\x00", b"\xec\x40\x08", 1
    )


def mp4(data: bytes) -> bytes:
    """Have the file's header and the first track's claim it: FFmpeg asks the samples."""
    for kind in (b"mvhd", b"mdhd"):
        at = data.index(kind)
        (scale,) = struct.unpack_from(">I", data, at + 16)
        data = overwrite(data, at + 20, struct.pack(">I", min(HOURS * scale, 0xFFFFFFFF)))
    return data


WRONG: Mapping[str, tuple[str, str, Callable[[bytes], bytes]]] = {
    "a.avi": ("mpeg4", "mp3", avi),
    "all.avi": ("mpeg4", "pcm_s16le", all_of_avi),
    "lossless.avi": ("utvideo", "pcm_s16le", avi),
    "silent.avi": ("rawvideo", "", avi),
    "a.wmv": ("wmv2", "wmav2", wmv),
    "no.wmv": ("wmv2", "wmav2", no_wmv),
    "a.flv": ("libx264", "aac", flv),
    "no.flv": ("libx264", "aac", no_flv),
    "a.mkv": ("libx264", "aac", mkv),
    "no.mkv": ("libx264", "aac", no_mkv),
    "a.webm": ("libvpx", "", mkv),
    "a.mp4": ("libx264", "aac", mp4),
    "a.mov": ("mpeg4", "pcm_s16le", mp4),
}


@pytest.mark.parametrize("name", WRONG)
def test_the_index_or_the_last_part_counts(tmp_path: Path, name: str) -> None:
    codec, sound, spoil = WRONG[name]
    path = tmp_path / name
    data = make(path, codec, sound).read_bytes()
    assert media.probe(path).duration == pytest.approx(4, abs=0.3)
    spoiled = spoil(data)
    assert spoiled != data
    assert duration(path, spoiled) == pytest.approx(4, abs=0.5)


def test_a_recording_without_an_end_says_it_by_its_last_block(tmp_path: Path) -> None:
    path = make(tmp_path / "live.mkv", "libx264", "aac", options={"live": "1"})
    assert media.probe(path).duration == pytest.approx(4, abs=0.3)


def test_an_edit_list_shortens_a_video(tmp_path: Path) -> None:
    path = make(tmp_path / "v.mp4", "libx264", seconds=8)
    data = path.read_bytes()
    (scale,) = struct.unpack_from(">I", data, data.index(b"mvhd") + 16)
    at = data.index(b"elst")
    (media_time,) = struct.unpack_from(">I", data, at + 16)
    edit = struct.pack(">IIIII", 0, 1, 3 * scale, media_time, 0x10000)
    shorter = overwrite(data, at + 4, edit)
    shorter = overwrite(shorter, data.index(b"mvhd") + 20, struct.pack(">I", 3 * scale))
    assert duration(path, shorter) == pytest.approx(3, abs=0.2)
