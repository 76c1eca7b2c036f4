"""Every container that declares its length is held to it, and no whole file is called cut."""

from __future__ import annotations

import itertools
import struct
import time
import zlib
from fractions import Fraction
from pathlib import Path

import av
import pytest

from nicobatch import media
from nicobatch.media import MediaError
from nicobatch.sites.niconico.limits import LIMITS
from tests.unit.media.conftest import MakeEntry
from tests.unit.media.making import box, make

pytestmark = pytest.mark.no_cover  # being traced would double its time, and cover nothing more

KEYFRAMES = {"flvflags": "add_keyframe_index"}
BARE = {"flvflags": "no_duration_filesize"}
DASH = {"movflags": "+dash+global_sidx+frag_keyframe"}
FRAGMENTS = {"movflags": "+frag_keyframe+empty_moov+default_base_moof"}
FAST = {"movflags": "+faststart"}

DECLARED = {
    "plain.avi": ("mpeg4", "mp3", {}),
    "lossless.avi": ("utvideo", "pcm_s16le", {}),
    "raw.avi": ("rawvideo", "pcm_s16le", {}),
    "a.wmv": ("wmv2", "wmav2", {}),
    "silent.wmv": ("wmv2", "", {}),
    "plain.flv": ("libx264", "aac", {}),
    "indexed.flv": ("libx264", "aac", KEYFRAMES),
    "a.mkv": ("libx264", "aac", {}),
    "silence.mkv": ("libx264", "pcm_s16le", {}),
    "a.webm": ("libvpx", "", {}),
    "plain.mp4": ("libx264", "aac", {}),
    "fast.mp4": ("libx264", "aac", FAST),
    "dash.mp4": ("libx264", "", DASH),
    "a.mov": ("mpeg4", "pcm_s16le", {}),
}
BY_TIME = {
    "a.ts": ("libx264", "aac", {}),
    "a.mpg": ("mpeg2video", "mp2", {}),
    "a.ogv": ("libvpx", "", {}),
    "bare.flv": ("flv", "", BARE),
    "live.mkv": ("libx264", "", {"live": "1"}),
    "fragmented.mp4": ("libx264", "aac", FRAGMENTS),
}
KINDS = DECLARED | BY_TIME


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("declared")
    return {
        name: make(folder / name, codec, sound, options=options).read_bytes()
        for name, (codec, sound, options) in KINDS.items()
    }


@pytest.fixture
def rule(tmp_path: Path) -> Rule:
    return Rule(tmp_path / "v.bin")


class Rule:
    """Says which rule some bytes break; nothing for a video that is fine."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __call__(self, data: bytes | bytearray) -> str:
        self.path.write_bytes(data)
        try:
            media.probe(self.path)
        except MediaError as error:
            return error.rule.id
        return ""


def blank(data: bytes, share: float) -> bytes:
    """Return a file that was set up in its full size, and filled so far."""
    kept = int(len(data) * share)
    return data[:kept] + bytes(len(data) - kept)


@pytest.mark.parametrize("name", KINDS)
def test_a_whole_file_is_fine_whatever_was_appended(
    whole: dict[str, bytes], rule: Rule, name: str
) -> None:
    junk = [b"", b"\r\n", bytes(700), b"TAG" + b" " * 125, b"\xff" * 333, b"some more of it" * 99]
    assert [rule(whole[name] + each) for each in junk] == [""] * len(junk)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8, 0.95, 0.999])
@pytest.mark.parametrize("name", DECLARED)
def test_a_part_is_cut_off(whole: dict[str, bytes], rule: Rule, name: str, share: float) -> None:
    data = whole[name]
    assert rule(data[: int(len(data) * share)]) == "video-truncated"


@pytest.mark.parametrize("share", [0.6, 0.8, 0.9])
@pytest.mark.parametrize("name", [*DECLARED, "fragmented.mp4"])
def test_a_file_that_is_set_up_but_not_filled_is_not_complete(
    whole: dict[str, bytes], rule: Rule, name: str, share: float
) -> None:
    assert rule(blank(whole[name], share)) == "video-truncated"


@pytest.mark.parametrize(
    "name",
    ["fast.mp4", "a.mov", "plain.avi", "lossless.avi", "a.mkv", "a.webm", "a.wmv", "indexed.flv"],
)
def test_a_gap_in_the_middle_is_found(whole: dict[str, bytes], rule: Rule, name: str) -> None:
    """Downloads in pieces leave such."""
    data = whole[name]
    start, end = len(data) * 5 // 10, len(data) * 8 // 10
    assert rule(data[:start] + bytes(end - start) + data[end:]) == "video-truncated"


@pytest.mark.parametrize("name", ["a.mov", "plain.avi", "a.wmv", "a.mkv", "plain.flv"])
def test_a_front_that_is_still_to_come_is_missed(
    whole: dict[str, bytes], rule: Rule, name: str
) -> None:
    data = whole[name]
    assert rule(bytes(5000) + data[5000:]) == "video-truncated"
    assert rule(bytes(len(data))) == "video-truncated"


@pytest.mark.parametrize(("suffix", "codec"), [("ts", "libx264"), ("mpg", "mpeg2video")])
def test_packets_are_never_blank_for_long(
    tmp_path: Path, rule: Rule, suffix: str, codec: str
) -> None:
    data = make(tmp_path / f"v.{suffix}", codec, "mp2", seconds=40).read_bytes()
    start, end = len(data) * 2 // 10, len(data) * 7 // 10
    assert rule(data + bytes(60_000)) == ""
    assert rule(data[:start] + bytes(end - start) + data[end:]) == "video-truncated"
    assert rule(blank(data, 0.5)) == "video-truncated"


def test_silence_is_no_gap_at_the_end_of_fragments(tmp_path: Path, rule: Rule) -> None:
    options = {"movflags": "+frag_keyframe+empty_moov+skip_trailer"}
    assert (
        rule(make(tmp_path / "v.mov", "libx264", "pcm_s16le", options=options).read_bytes()) == ""
    )


def test_an_end_of_other_bytes_can_t_be_played(tmp_path: Path, rule: Rule) -> None:
    """Some systems leave what lay on the disk before."""
    data = make(tmp_path / "v.mp4", "libx264", options=FAST, seconds=12).read_bytes()
    half = len(data) // 2
    assert rule(data[:half] + b"\x5a\xa5\x31" * ((len(data) - half) // 3)) == "video-truncated"


def test_what_is_not_complete_is_said_in_its_own_words(
    whole: dict[str, bytes], entry: MakeEntry, tmp_path: Path
) -> None:
    path, video = tmp_path / "v.mp4", whole["a.wmv"]
    start, end = len(video) * 4 // 10, len(video) * 7 // 10
    for data in (blank(whole["fast.mp4"], 0.8), video[:start] + bytes(end - start) + video[end:]):
        path.write_bytes(data)
        problem = media.check(entry(path), limits=LIMITS)[1][0]
        assert "is not complete: it has its" in problem.message


# Headers that are wrong, as some programs write them


def overwrite(data: bytes, at: int, content: bytes) -> bytes:
    return data[:at] + content + data[at + len(content) :]


@pytest.mark.parametrize("size", [bytes(4), b"\xff" * 4])
def test_an_avi_whose_sizes_were_never_filled_in(
    whole: dict[str, bytes], rule: Rule, size: bytes
) -> None:
    data = whole["plain.avi"]
    streamed = overwrite(data, 4, size)
    assert rule(streamed) == ""
    movie = data.index(b"movi") - 4
    assert rule(overwrite(streamed, movie, size)) == ""


@pytest.mark.parametrize("more", [-8, 8, 1])
def test_an_avi_whose_size_is_miscounted(whole: dict[str, bytes], rule: Rule, more: int) -> None:
    data = whole["plain.avi"]
    (size,) = struct.unpack_from("<I", data, 4)
    assert rule(overwrite(data, 4, struct.pack("<I", size + more))) == ""


def riff(kind: bytes, content: bytes) -> bytes:
    return b"RIFF" + struct.pack("<I", len(content) + 4) + kind + content


def test_an_avi_of_several_parts(whole: dict[str, bytes], rule: Rule) -> None:
    movie = b"LIST" + struct.pack("<I", 4 + 8 + 400) + b"movi" + b"00dc" + struct.pack("<I", 400)
    data = whole["plain.avi"] + riff(b"AVIX", movie + b"x" * 400) * 2
    assert rule(data) == ""
    assert rule(data[:-1]) == rule(data[:-500]) == "video-truncated"


def properties_of(data: bytes) -> int:
    return data.index(bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365"))


def test_a_wmv_whose_size_was_never_filled_in(whole: dict[str, bytes], rule: Rule) -> None:
    data = whole["a.wmv"]
    unknown = overwrite(data, properties_of(data) + 40, bytes(8))
    assert rule(unknown) == ""
    assert rule(unknown[: len(data) // 2]) == "video-truncated", "by the size of its packets"


def test_a_wmv_that_was_recorded_from_a_stream(whole: dict[str, bytes], rule: Rule) -> None:
    data = whole["a.wmv"]
    flagged = overwrite(data, properties_of(data) + 88, struct.pack("<I", 1))
    wrong = overwrite(flagged, properties_of(data) + 40, struct.pack("<Q", 1 << 40))
    assert rule(wrong) == ""


@pytest.mark.parametrize("name", ["a.mkv", "a.webm"])
def test_a_matroska_file_of_unknown_size(whole: dict[str, bytes], rule: Rule, name: str) -> None:
    data = whole[name]
    start = data.index(b"\x18\x53\x80\x67") + 4
    streamed = overwrite(data, start, b"\x01" + b"\xff" * 7)
    assert rule(streamed) == ""
    assert rule(blank(streamed, 0.7)) == "video-truncated", "by where its index is to be"


# Boxes that nobody knows


UNKNOWN = {
    "unknown": box(b"PICT", b"A" * 24),
    "named anyhow": box(b"zzzz", b"\xff" * 500),
    "long": box(b"wxyz", b"x" * 40, long=True),
    "empty": box(b"abcd", b""),
    "long and empty": box(b"abcd", b"", long=True),
    "free": box(b"free", bytes(30)),
    "skip": box(b"skip", bytes(30)),
    "wide": box(b"wide", b""),
    "pnot": box(b"pnot", bytes(12)),
    "uuid": box(b"uuid", bytes(range(16)) + b"x" * 9),
    "Apple's": box(b"\xa9xyz", b"x" * 9),
    "several": box(b"AAAA", b"x") + box(b"BBBB", b"y" * 99) + box(b"CCCC", b""),
}


@pytest.mark.parametrize("where", [b"ftyp", b"free", b"mdat", b"moov", b""])
@pytest.mark.parametrize("kind", UNKNOWN)
@pytest.mark.parametrize("name", ["plain.mp4", "dash.mp4"])
def test_boxes_of_other_kinds_are_stepped_over(
    whole: dict[str, bytes], rule: Rule, name: str, kind: str, where: bytes
) -> None:
    data = whole[name]
    at = data.index(where) - 4 if where and where in data else len(data)
    known = {b"ftyp", b"", b"free"} if name == "dash.mp4" else {b"ftyp", b"free", b"", b"moov"}
    if where in known:  # elsewhere the index would have to be written anew
        more = UNKNOWN[kind]
        moved = data[:at] + more + data[at:]
        assert rule(moved) in {"", "video-broken"}
        if where in {b"", b"moov"}:
            assert rule(moved) == ""


@pytest.mark.parametrize("kind", UNKNOWN)
@pytest.mark.parametrize("share", [0.5, 0.9])
def test_and_a_cut_behind_them_is_still_found(
    whole: dict[str, bytes], rule: Rule, kind: str, share: float
) -> None:
    data = UNKNOWN[kind] + whole["plain.mp4"]
    assert rule(data[: int(len(data) * share)]) == "video-truncated"


def test_a_last_box_may_reach_to_the_end(whole: dict[str, bytes], rule: Rule) -> None:
    assert rule(whole["plain.mp4"] + b"\0\0\0\0zzzz" + b"x" * 50) == ""


# Parts without number

MANY = 1 << 20


@pytest.mark.parametrize("name", ["plain.mp4", "fast.mp4"])
@pytest.mark.parametrize("where", [b"ftyp", b"moov", b"mdat", b"inside"])
@pytest.mark.parametrize("kind", [b"free", b"udta", b"zzzz"])
def test_boxes_without_number_are_not_counted_to_their_end(
    whole: dict[str, bytes], rule: Rule, name: str, where: bytes, kind: bytes
) -> None:
    data, many = whole[name], box(kind, b"") * MANY
    if where == b"inside":
        at = data.index(b"moov") - 4
        (length,) = struct.unpack_from(">I", data, at)
        grown = box(b"moov", data[at + 8 : at + length] + many)
        bomb = data[:at] + grown + data[at + length :]
    else:
        at = data.index(where) - 4
        bomb = data[:at] + many + data[at:]
    assert rule(bomb) == "video-too-complex"


@pytest.mark.parametrize("name", ["a.mkv", "a.webm"])
def test_neither_are_elements(whole: dict[str, bytes], rule: Rule, name: str) -> None:
    data, many = whole[name], b"\xec\x80" * MANY
    at = data.index(b"\x18\x53\x80\x67")
    assert rule(data[:at] + many + data[at:]) == "video-too-complex"


def test_nor_chunks(whole: dict[str, bytes], rule: Rule) -> None:
    data = whole["plain.avi"]
    many = (b"JUNK" + bytes(4)) * MANY
    (size,) = struct.unpack_from("<I", data, 4)
    bomb = b"RIFF" + struct.pack("<I", size + len(many)) + b"AVI " + many + data[12:]
    assert rule(bomb) == "video-too-complex"


def test_nor_is_ffmpeg_waited_for(
    whole: dict[str, bytes], rule: Rule, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it reads within a cluster nobody can count beforehand; the clock is put forward."""
    data, many = whole["live.mkv"], b"\xec\x80" * MANY
    at = data.index(b"\x1f\x43\xb6\x75")
    cluster = b"\x1f\x43\xb6\x75\x01" + len(many).to_bytes(7, "big") + many
    bomb = data[:at] + cluster + data[at:]
    assert rule(bomb) == "", "a million are read in no time"
    clock = itertools.count(step=0.05)
    monkeypatch.setattr(time, "thread_time", lambda: next(clock))
    assert rule(bomb) == "video-too-complex"


def png(side: int) -> bytes:
    """Return a square picture of one colour, as small as a file can have it."""
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((1 + side // 8) * side), 9)
    chunks = [(b"IHDR", head), (b"IDAT", rows), (b"IEND", b"")]
    parts = [
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


@pytest.mark.parametrize("suffix", ["mov", "avi"])
@pytest.mark.parametrize("told", [16_000, 64])
def test_a_picture_beyond_8k_is_not_decoded(
    tmp_path: Path, rule: Rule, suffix: str, told: int
) -> None:
    """It takes half a minute and two gigabytes; the container may say that it is small."""
    path = tmp_path / f"v.{suffix}"
    with av.open(str(path), "w") as output:
        stream = output.add_stream("png", 10)
        assert isinstance(stream, av.VideoStream)
        stream.width = stream.height = told
        stream.pix_fmt = "gray"
        for number in range(3):
            packet = av.Packet(png(16_000))
            packet.stream, packet.time_base = stream, Fraction(1, 10)
            packet.pts = packet.dts = number
            packet.is_keyframe = True
            output.mux(packet)
    assert path.stat().st_size < 1_000_000
    begun = time.thread_time()
    assert rule(path.read_bytes()) == "picture-too-large"
    assert time.thread_time() - begun < 2
