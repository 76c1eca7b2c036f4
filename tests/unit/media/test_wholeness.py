from __future__ import annotations

import functools
import io
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from examples.make_samples import make_video
from nicobatch import media
from nicobatch.media.declared import cut_short
from nicobatch.media.source import Source
from nicobatch.sites.niconico.limits import LIMITS
from tests.unit.media.conftest import MakeEntry

pytestmark = pytest.mark.no_cover  # being traced would double its time, and cover nothing more

KNOWN = 8
"""Below so many bytes no container can be told."""
OF_VIDEOS = (
    *b"ftyp styp pdin moov moof mdat mfra sidx ssix prft emsg meta udta uuid".split(),
    *b"free skip wide pnot PICT".split(),
    *(b"\x1f\x43\xb6\x75", b"\x1c\x53\xbb\x6b", b"\x18\x53\x80\x67", b"\x1a\x45\xdf\xa3"),
)
"""What begins a part of a video: the names of boxes, and Matroska's numbers."""


class Files(dict[str, bytes]):
    """Videos by their layouts; what fails shows their names, not all their bytes."""

    def __repr__(self) -> str:
        return f"Files({', '.join(self)})"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Files:
    """One video in each arrangement that a container may have."""
    folder = tmp_path_factory.mktemp("whole")
    small = functools.partial(make_video, seconds=2, width=64, height=36)
    files = {
        "plain": small(folder / "plain.mp4"),
        "faststart": small(folder / "faststart.mp4", layout="faststart"),
        "fragmented": small(folder / "fragmented.mp4", layout="fragmented"),
        "mov": small(folder / "quicktime.mov"),
        "mkv": small(folder / "matroska.mkv"),
        "webm": small(folder / "web.webm"),
    }
    return Files({name: path.read_bytes() for name, path in files.items()})


LAYOUTS = ("plain", "faststart", "fragmented", "mov", "mkv", "webm")


def boxes(data: bytes | bytearray) -> Iterator[tuple[bytes, int, int]]:
    start = 0
    while start < len(data):
        length, kind = struct.unpack_from(">I4s", data, start)
        yield kind, start, start + length
        start += length


def is_cut_short(data: bytes | bytearray) -> bool:
    return cut_short(Source(io.BytesIO(data), len(data)))


def harmless_cuts(data: bytes) -> set[int]:
    """Cuts between two pairs of a fragmented file, or behind its last: whole by every sign."""
    found = list(boxes(data))
    index = next((start for kind, start, _ in found if kind == b"mfra"), len(data))
    pairs = {end for kind, _, end in found if kind == b"mdat"}
    return pairs | set(range(index, len(data)))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_whole_files_are_never_called_cut(whole: Files, layout: str) -> None:
    assert not is_cut_short(whole[layout])


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_cut_is_found(whole: Files, layout: str) -> None:
    data = whole[layout]
    harmless = harmless_cuts(data) if layout == "fragmented" else set()
    missed = {cut for cut in range(KNOWN, len(data)) if not is_cut_short(data[:cut])}
    assert missed <= harmless


def test_a_fragmented_file_has_more_than_one_pair(whole: Files) -> None:
    kinds = [kind for kind, _, _ in boxes(whole["fragmented"])]
    assert kinds.count(b"moof") > 1


@settings(deadline=None, max_examples=150)
@given(layout=st.sampled_from(["plain", "faststart", "mov", "mkv", "webm"]), share=st.floats(0, 1))
def test_no_cut_video_passes_the_check(
    whole: Files, entry: MakeEntry, folder: Path, layout: str, share: float
) -> None:
    data = whole[layout]
    path = folder / f"cut-{layout}.bin"
    path.write_bytes(data[: min(int(share * len(data)), len(data) - 1)])
    info, problems = media.check(entry(path), limits=LIMITS)
    assert info is None
    assert problems[0].rule in {"file-empty", "not-a-video", "video-truncated"}


@pytest.mark.parametrize("layout", ["plain", "faststart", "mov", "mkv", "webm"])
@settings(max_examples=50)
@given(appended=st.binary(max_size=64))
def test_what_a_camera_appends_is_let_be(whole: Files, layout: str, appended: bytes) -> None:
    assume(not any(kind in appended for kind in OF_VIDEOS))
    assert not is_cut_short(whole[layout] + b"\0\0\0\x08SEFT" + appended)


def with_long_mdat(data: bytes) -> bytes:
    """Give `mdat` its length in 64 bits, in the place that FFmpeg leaves for that."""
    start = next(start for kind, start, _ in boxes(data) if kind == b"free")
    length = struct.unpack_from(">I", data, start + 8)[0]
    return data[:start] + struct.pack(">I4sQ", 1, b"mdat", length + 8) + data[start + 16 :]


def test_long_boxes_are_measured_by_their_64_bits(whole: Files) -> None:
    data = with_long_mdat(whole["plain"])
    start = next(start for kind, start, _ in boxes(whole["plain"]) if kind == b"free")
    assert not is_cut_short(data)
    assert all(is_cut_short(data[:cut]) for cut in range(start + 8, start + 64))


def test_a_box_up_to_the_end_is_measured_by_the_index(
    whole: Files, entry: MakeEntry, tmp_path: Path
) -> None:
    data = bytearray(whole["faststart"])
    start = next(start for kind, start, _ in boxes(data) if kind == b"mdat")
    data[start : start + 4] = bytes(4)
    path = tmp_path / "open-end.mp4"
    path.write_bytes(data)
    assert media.check(entry(path), limits=LIMITS)[1] == ()
    path.write_bytes(data[:-1])
    assert [each.rule for each in media.check(entry(path), limits=LIMITS)[1]] == ["video-truncated"]


def test_a_segment_of_unknown_size_cannot_be_judged(whole: Files) -> None:
    data = bytearray(whole["mkv"])
    start = data.index(b"\x18\x53\x80\x67") + 4
    data[start : start + 8] = b"\x01" + b"\xff" * 7
    assert not is_cut_short(data[:-100])


def test_padding_before_the_segment_is_stepped_over(whole: Files) -> None:
    data = whole["mkv"]
    start = data.index(b"\x18\x53\x80\x67")
    padded = data[:start] + b"\xec\x83abc" + data[start:]
    assert not is_cut_short(padded)
    assert is_cut_short(padded[:-1])


@pytest.mark.parametrize(
    "data", [b"", b"text", b"This is no video at all.", b"\x89PNG\r\n\x1a\n" * 9]
)
def test_other_files_are_not_judged(data: bytes) -> None:
    assert not is_cut_short(data)


def test_damaged_element_is_cut_there() -> None:
    assert is_cut_short(b"\x1a\x45\xdf\xa3\x80" + bytes(20))
