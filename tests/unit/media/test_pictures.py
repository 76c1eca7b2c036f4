"""Pictures of four colours, as other programs wrote them, prove how each kind is read."""

from __future__ import annotations

import hashlib
import struct
import zlib
from dataclasses import replace
from pathlib import Path

import pytest

from nicobatch import media
from nicobatch.errors import VideoFailed
from nicobatch.media import MediaError, pictures
from nicobatch.media.drawing import Picture
from nicobatch.media.pictures import cropped_picture, small_picture
from nicobatch.model import Position, Problem, Severity, Thumbnail
from nicobatch.sites.bilibili.limits import LIMITS
from tests.unit.media.conftest import MakeEntry
from tests.unit.media.test_frames import name_of, pixels

STILLS = Path(__file__).parent / "stills"
PLAIN = ("red", "green", "blue", "black")
HOLED = ("red", "white", "blue", "black")
"""Colours clockwise from the upper left; what shows through a picture with a hole is white."""
PICTURE_AT = Position(6, 22)


def corners(picture: Picture) -> tuple[str, ...]:
    rows = pixels(picture.data)
    assert (len(rows[0]), len(rows)) == (picture.width, picture.height)
    ends = [(4, 4), (4, -5), (-5, -5), (-5, 4)]
    return tuple(name_of(rows[y][x]) for y, x in ends)


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("path", sorted(STILLS.iterdir()), ids=lambda path: path.name)
def test_each_kind_of_picture_is_shown_as_it_was_meant(path: Path) -> None:
    colours = HOLED if path.stem in {"holes", "palette"} else PLAIN
    found = pictures.look(path)
    assert (found.width, found.height, found.is_whole) == (64, 48, True)
    assert found.sha256 == digest(path)
    assert corners(small_picture(path)) == colours
    cut = cropped_picture(path, 96, 60, sha256=found.sha256)
    assert (cut.width, cut.height) == (96, 60)
    assert corners(cut) == colours


@pytest.mark.parametrize("size", [(960, 600), (32, 60), (60, 10)])
def test_a_picture_fills_the_size_whatever_its_shape(size: tuple[int, int]) -> None:
    path = STILLS / "turned.jpg"
    picture = cropped_picture(path, *size, sha256=digest(path))
    rows = pixels(picture.data)
    assert (len(rows[0]), len(rows)) == (picture.width, picture.height) == size
    assert {name_of(rows[0][0]), name_of(rows[-1][-1])} == {"red", "blue"}


def test_another_picture_than_the_one_that_was_checked_is_not_taken(tmp_path: Path) -> None:
    path = tmp_path / "cover.png"
    path.write_bytes((STILLS / "plain.png").read_bytes())
    with pytest.raises(VideoFailed, match=r"cover\.png is another picture"):
        cropped_picture(path, 96, 60, sha256="0" * 64)


def png(width: int, height: int) -> bytes:
    """Return a PNG of a few bytes that says it is that large."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1 << 16)))
    return b"\x89PNG\r\n\x1a\n" + body + chunk(b"IEND", b"")


LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2\nsize 12345\n"
ALIEN = {
    "bomb": png(60_000, 60_000),
    "half": (STILLS / "plain.png").read_bytes()[:80],
    "text": b"no picture at all",
    "drawing": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
}


@pytest.mark.parametrize("data", ALIEN.values(), ids=ALIEN)
def test_what_is_no_picture_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "cover.jpg"
    path.write_bytes(data)
    with pytest.raises(MediaError, match=r"cover\.jpg can't be used as a picture") as failed:
        pictures.look(path)
    assert failed.value.rule.id == "not-a-picture"


def test_a_video_is_no_picture(mp4: Path) -> None:
    with pytest.raises(MediaError, match="can't be used as a picture"):
        pictures.look(mp4)


def checked(make: MakeEntry, file: Path, *, probe: bool = True) -> tuple[str, list[Problem]]:
    video = make(Path("v.mp4"))
    places = {**video.places, "thumbnail.file": PICTURE_AT}
    video = replace(video, thumbnail=Thumbnail(file=file), places=places)
    found, problems = media.check_picture(video, limits=LIMITS, probe=probe)
    assert all((each.line, each.column) == (6, 22) and each.hint for each in problems)
    return found, list(problems)


def test_what_shows_from_outside(entry: MakeEntry, tmp_path: Path) -> None:
    (tmp_path / "empty.png").touch()
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "link.png").symlink_to("gone.png")
    (tmp_path / "pointer.png").write_bytes(LFS)
    expected = {
        "gone.png": "file-not-found",
        "link.png": "file-not-found",
        "empty.png": "file-empty",
        "folder.png": "file-is-folder",
        "pointer.png": "git-lfs-pointer",
    }
    found = {name: checked(entry, tmp_path / name) for name in expected}
    assert {name: problems[0].rule for name, (_digest, problems) in found.items()} == expected
    assert all(not sha256 and "video" not in each.hint for sha256, [each] in found.values())


def test_a_link_is_followed_as_a_video_s_is(entry: MakeEntry, tmp_path: Path) -> None:
    link = tmp_path / "cover.png"
    link.symlink_to(STILLS / "plain.png")
    found, [small] = checked(entry, link)
    assert found == digest(STILLS / "plain.png")
    assert (small.rule, small.severity) == ("picture-small", Severity.WARNING)
    assert "64×48 pixels; bilibili shows 960×600" in small.message
    assert checked(entry, link, probe=False) == ("", [])


def test_damage_is_a_warning(entry: MakeEntry, tmp_path: Path) -> None:
    path = tmp_path / "cover.jpg"
    data = (STILLS / "plain.jpg").read_bytes()
    path.write_bytes(data[:-40])
    found, problems = checked(entry, path)
    assert found
    assert [each.rule for each in problems] == ["picture-damaged", "picture-small"]


def test_without_a_picture_there_is_nothing_to_say(entry: MakeEntry) -> None:
    assert media.check_picture(entry(Path("v.mp4"), timing=1), limits=LIMITS) == ("", ())
