from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path

import av
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from examples.make_samples import make_video
from nicobatch import media
from nicobatch.media import MediaError
from nicobatch.media.choosing import clear_moment
from nicobatch.media.frames import frame_at
from nicobatch.model import MediaInfo


def broken_rule(path: Path) -> str:
    with pytest.raises(MediaError) as caught:
        media.probe(path)
    assert str(path) in str(caught.value)
    return caught.value.rule.id


def encode(
    path: Path, codec: str, *, frames: int = 12, container: str | None = None, title: str = "v"
) -> Path:
    """Write pictures of one grey in any format that FFmpeg has."""
    with av.open(str(path), "w", format=container) as output:
        output.metadata["title"] = title
        stream = output.add_stream(codec, 25)
        stream.metadata.update(title=title, handler_name=title)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height = 64, 64
        stream.pix_fmt = {"gif": "rgb8", "png": "rgb24"}.get(codec, "yuv420p")
        for number in range(frames):
            frame = av.VideoFrame(64, 64, stream.pix_fmt)
            frame.pts = number
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


def test_reports_what_is_in_the_file(mp4: Path) -> None:
    assert media.probe(mp4) == MediaInfo(
        container="mp4",
        size=mp4.stat().st_size,
        duration=2.0,
        width=64,
        height=36,
        rotation=0,
        video_codec="h264",
        audio_codec="aac",
    )


def test_a_video_needs_no_sound(silent: Path) -> None:
    assert media.probe(silent).audio_codec is None


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv"])
@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_rotation_turns_the_shape(tmp_path: Path, suffix: str, rotation: int) -> None:
    path = make_video(tmp_path / f"turned{suffix}", width=96, height=64, rotation=rotation)
    info = media.probe(path)
    assert info.rotation == rotation
    assert (info.width, info.height) == ((64, 96) if rotation % 180 else (96, 64))
    assert info.container == suffix[1:]


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_wide_pixels_widen_the_shape(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"dv{suffix}"
    make_video(path, width=72, height=48, pixel_aspect=Fraction(32, 27), audio=False)
    assert media.probe(path).width == 85
    make_video(path, width=72, height=48, pixel_aspect=Fraction(32, 27), rotation=90)
    assert (media.probe(path).width, media.probe(path).height) == (48, 85)


@pytest.mark.parametrize("layout", ["plain", "faststart", "fragmented"])
def test_the_duration_is_the_same_in_every_layout(tmp_path: Path, layout: str) -> None:
    path = make_video(tmp_path / "v.mp4", width=64, height=36, layout=layout)  # type: ignore[arg-type]
    assert media.probe(path).duration == pytest.approx(2.0, abs=0.05)


def test_an_unfinished_recording_has_no_duration(tmp_path: Path) -> None:
    path = tmp_path / "live.mkv"
    with av.open(str(path), "w", options={"live": "1"}) as output:
        stream = output.add_stream("libx264", 25)
        assert isinstance(stream, av.VideoStream)
        stream.width = stream.height = 64
        output.mux(stream.encode(av.VideoFrame(64, 64, "yuv420p")))
        output.mux(stream.encode(None))
    assert media.probe(path).duration == 0


@pytest.mark.parametrize(
    ("suffix", "codec", "container"),
    [
        ("avi", "mpeg4", "avi"),
        ("flv", "libx264", "flv"),
        ("ts", "libx264", "mpegts"),
        ("mpg", "mpeg2video", "mpeg"),
        ("wmv", "mpeg4", "asf"),
        ("webm", "libvpx", "webm"),
        ("ogv", "libvpx", "ogg"),
    ],
)
def test_names_the_container(tmp_path: Path, suffix: str, codec: str, container: str) -> None:
    path = encode(tmp_path / f"v.{suffix}", codec)
    assert media.probe(path).container == container


@pytest.mark.parametrize("encoding", ["cp932", "euc-jp", "utf-16-le", "gb18030"])
@pytest.mark.parametrize(
    ("suffix", "codec"),
    [
        ("mp4", "mpeg4"),
        ("mov", "mpeg4"),
        ("mkv", "mpeg4"),
        ("avi", "mpeg4"),
        ("flv", "flv1"),
        ("ts", "mpeg2video"),
    ],
)
def test_titles_may_be_in_any_encoding(
    tmp_path: Path, suffix: str, codec: str, encoding: str
) -> None:
    path = encode(tmp_path / f"v.{suffix}", codec, title="a title of ASCII")
    title = "表示能力十分暴走".encode(encoding)
    assert len(title) == 16
    data = path.read_bytes()
    assert b"a title of ASCII" in data
    path.write_bytes(data.replace(b"a title of ASCII", title))
    assert media.probe(path).width == 64
    assert frame_at(path, 200).width == 64
    clear_moment(path, 1)  # whatever there is to see: it is opened


def test_the_container_is_told_by_the_content(tmp_path: Path, webm: Path) -> None:
    path = tmp_path / "renamed.mp4"
    path.write_bytes(webm.read_bytes())
    assert media.probe(path).container == "webm"


def test_an_old_quicktime_file_has_no_brand(tmp_path: Path) -> None:
    path = make_video(tmp_path / "old.mov", width=64, height=36, audio=False)
    data = path.read_bytes()
    path.write_bytes(data.replace(b"ftypqt  ", b"wideqt  ", 1))
    assert media.probe(path).container == "mov"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("text", b"not a video\n" * 50),
        ("zeros", bytes(4000)),
        ("playlist", b"#EXTM3U\n#EXTINF:10,\nhttp://127.0.0.1:9/1.ts\n#EXT-X-ENDLIST\n"),
        ("list of files", b"ffconcat version 1.0\nfile '/dev/zero'\n"),
        ("heif", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"),
    ],
)
def test_other_files_are_no_videos(tmp_path: Path, name: str, data: bytes) -> None:
    path = tmp_path / f"{name}.mp4"
    path.write_bytes(data)
    assert broken_rule(path) == "not-a-video"


@pytest.mark.parametrize(
    ("suffix", "codec", "container", "frames"),
    [("png", "png", "image2", 1), ("jpg", "mjpeg", "image2", 1), ("gif", "gif", "gif", 9)],
)
@pytest.mark.parametrize("renamed", [False, True])
def test_pictures_are_no_videos(
    tmp_path: Path, suffix: str, codec: str, container: str, frames: int, renamed: bool
) -> None:
    path = tmp_path / f"picture.{suffix}"
    if codec == "mjpeg":
        path.write_bytes(b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(100))
    else:
        encode(path, codec, frames=frames, container=container)
    assert broken_rule(path.rename(tmp_path / "picture.mp4") if renamed else path) == "not-a-video"


@pytest.mark.parametrize("cover", [False, True])
def test_sound_alone_is_no_video(tmp_path: Path, cover: bool) -> None:
    path = tmp_path / "song.m4a"
    with av.open(str(path), "w", format="mp4") as output:
        sound = output.add_stream("aac", 16_000)
        picture = output.add_stream("png", 1) if cover else None
        if isinstance(picture, av.VideoStream):
            picture.width = picture.height = 16
            picture.pix_fmt = "rgb24"
            picture.disposition = av.stream.Disposition.attached_pic
            output.mux(picture.encode(av.VideoFrame(16, 16, "rgb24")))
        frame = av.AudioFrame("fltp", "mono", 1024)
        frame.sample_rate = 16_000
        frame.planes[0].update(bytes(frame.planes[0].buffer_size))
        output.mux(sound.encode(frame))
        output.mux(sound.encode(None))
    assert broken_rule(path) == "not-a-video"


def test_a_git_lfs_pointer_is_told_from_text(tmp_path: Path) -> None:
    path = tmp_path / "v.mp4"
    path.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n")
    assert broken_rule(path) == "git-lfs-pointer"


def overwrite(source: Path, target: Path, box: bytes) -> Path:
    """Copy a video with zeros in place of the content of one of its boxes."""
    data = bytearray(source.read_bytes())
    start = data.index(box) + 4
    length = int.from_bytes(data[start - 8 : start - 4], "big") - 8
    data[start : start + length] = bytes(length)
    target.write_bytes(data)
    return target


@pytest.mark.parametrize("box", [b"moov", b"mdat"])
def test_a_damaged_video_is_broken(silent: Path, tmp_path: Path, box: bytes) -> None:
    assert broken_rule(overwrite(silent, tmp_path / "damaged.mp4", box)) == "video-broken"


def test_an_unknown_codec_is_broken(silent: Path, tmp_path: Path) -> None:
    path = tmp_path / "v.mp4"
    path.write_bytes(silent.read_bytes().replace(b"avc1", b"xxxx"))
    assert broken_rule(path) == "video-broken"


def test_an_unknown_sound_is_no_obstacle(mp4: Path, tmp_path: Path) -> None:
    path = tmp_path / "v.mp4"
    path.write_bytes(mp4.read_bytes().replace(b"mp4a", b"xxxx").replace(b"esds", b"xxxx"))
    assert media.probe(path).audio_codec == "unknown"


@settings(deadline=None, max_examples=100)
@given(
    places=st.lists(st.floats(0, 1, exclude_max=True), min_size=1, max_size=40), byte=st.binary()
)
def test_damage_is_never_a_crash(mp4: Path, folder: Path, places: list[float], byte: bytes) -> None:
    data = bytearray(mp4.read_bytes())
    moov = data.index(b"moov")
    for number, place in enumerate(places):
        at = moov + int(place * (len(data) - moov))
        data[at] = byte[number % len(byte)] if byte else 0
    path = folder / "damaged.bin"
    path.write_bytes(data)
    try:
        info = media.probe(path)
    except MediaError:
        return
    assert info.width > 0
    assert info.height > 0


def test_a_clip_may_begin_amid_a_group_of_pictures(tmp_path: Path) -> None:
    path = make_video(tmp_path / "v.mp4", seconds=4, width=64, height=36, audio=False)
    with av.open(str(path)) as container:
        first = container.streams.video[0].index_entries[0]
        start, end = first.pos, first.pos + first.size
    data = path.read_bytes()
    path.write_bytes(data[:start] + bytes(end - start) + data[end:])
    assert media.probe(path).width == 64


def test_a_file_that_is_gone_is_unreadable(tmp_path: Path) -> None:
    assert broken_rule(tmp_path / "gone.mp4") == "file-unreadable"


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs Linux's /proc")
def test_a_failing_disk_is_unreadable() -> None:
    assert broken_rule(Path("/proc/self/mem")) == "file-unreadable"


@pytest.mark.skipif(os.name == "nt", reason="Windows forbids these names")
@pytest.mark.parametrize("name", ["ep1:intro.mp4", "take %03d.mp4", "-i.mp4", "caf\udce9.mp4"])
def test_names_mean_nothing_to_ffmpeg(silent: Path, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(silent.read_bytes())
    assert media.probe(path).width == 64


def test_ffmpeg_keeps_quiet(
    silent: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    broken_rule(overwrite(silent, tmp_path / "damaged.mp4", b"mdat"))
    broken_rule(overwrite(silent, tmp_path / "damaged.mp4", b"moov"))
    assert capfd.readouterr() == ("", "")
