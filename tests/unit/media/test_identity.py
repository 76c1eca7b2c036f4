from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from nicobatch.errors import VideoFailed
from nicobatch.media import Stamp, identify
from nicobatch.model import FileIdentity


def test_the_bytes_are_the_identity(tmp_path: Path) -> None:
    path = tmp_path / "第1回.mp4"
    path.write_bytes(b"nico" * 100_000)
    expected = hashlib.sha256(b"nico" * 100_000).hexdigest()
    assert identify(path) == FileIdentity("第1回.mp4", 400_000, expected)


def test_stamps_of_real_files(tmp_path: Path) -> None:
    file = tmp_path / "a.mp4"
    assert Stamp.of(file) is None
    assert Stamp.of(Path("a\0b")) is None
    file.write_bytes(b"12345")
    before = Stamp.of(file)
    assert before is not None
    assert before.size == 5
    assert Stamp.of(file) == before
    os.utime(file, ns=(1, 1))
    after = Stamp.of(file)
    assert after is not None
    assert after.mtime_ns == 1
    assert after.inode == before.inode
    assert after != before


def append(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


def replace(path: Path) -> None:
    other = path.with_suffix(".new")
    other.write_bytes(path.read_bytes())
    os.replace(other, path)  # noqa: PTH105 - the very call that other programs make


def touch(path: Path) -> None:
    os.utime(path, ns=(0, 0))


@pytest.mark.parametrize("change", [append, replace, touch])
def test_a_change_while_reading_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: object
) -> None:
    path = tmp_path / "v.mp4"
    path.write_bytes(b"one")
    assert callable(change)
    digest = hashlib.file_digest

    def digest_slowly(file: object, name: str) -> object:
        change(path)
        return digest(file, name)  # type: ignore[arg-type]

    monkeypatch.setattr(hashlib, "file_digest", digest_slowly)
    with pytest.raises(VideoFailed, match=r"v\.mp4 changed"):
        identify(path)


def test_a_missing_file_is_the_callers_to_explain(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        identify(tmp_path / "gone.mp4")
