"""What people name by mistake is called what it is, and nobody is told to save it as UTF-8."""

from __future__ import annotations

import io
import shutil
import sqlite3
import zipfile
from pathlib import Path

import pytest

from nicobatch.manifest import load
from nicobatch.model import Problem
from nicobatch.sites.niconico.fields import SITE
from tests.unit.manifest.reading import NOW

BYTES = {
    "cover.jpg": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00",
    "cover.png": b"\x89PNG\r\n\x1a\n\x00\x00",
    "photo.heic": b"\x00\x00\x00\x18ftypheic\x00\x00",
    "anim.webp": b"RIFF\x00\x01\x00\x00WEBPVP8 ",
    "a.mp3": b"ID3\x04\x00\x00\x00\x00",
    "a.m4a": b"\x00\x00\x00\x1cftypM4A \x00\x00",
    "a.wav": b"RIFF\x24\x00\x01\x00WAVEfmt ",
    "a.rar": b"Rar!\x1a\x07\x01\x00",
    "a.gz": b"\x1f\x8b\x08\x00\x00\x00",
    "doc.pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    "package.json": b'{"name": "x", "version": "1.0.0"}\n',
    "README.md": b"# title\n\n* a: b\n  c\n",
    "sub.srt": "1\n00:00:01,000 --> 00:00:02,000\nやあ\n".encode(),
    "data.bin": bytes(range(256)) * 40,
    "zeros": bytes(10_000),
    "page.html": b"<!doctype html>\n<p>a</p>\n",
}
VIDEOS = {
    "a.mkv": b"\x1aE\xdf\xa3\x01\x00\x00\x00",
    "a.flv": b"FLV\x01\x05\x00\x00\x00\x09",
    "a.avi": b"RIFF\x00\x00\x01\x00AVI LIST",
    "a.wmv": b"0&\xb2u\x8ef\xcf\x11\xa6\xd9",
    "a.mpg": b"\x00\x00\x01\xba\x44\x00",
    "a.ts": (b"G" + bytes(187)) * 3,
    "half.mp4": b"\x00\x00\x00\x20ftypisom\x00\x00",
    "renamed.yaml": b"\x00\x00\x00\x20ftypisom\x00\x00",
    "empty.mp4": b"",
}


def told(path: Path) -> Problem:
    (problem,) = load([str(path)], sites={SITE.name: SITE}, now=NOW).problems
    assert problem.stops()
    assert "UTF-8" not in problem.hint
    return problem


@pytest.mark.parametrize("name", BYTES)
def test_other_files(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(BYTES[name])
    assert told(tmp_path / name).rule == "other-file"


@pytest.mark.parametrize("name", VIDEOS)
def test_videos(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(VIDEOS[name])
    assert told(tmp_path / name).rule == "is-video"


def test_a_real_video(small_video: Path, tmp_path: Path) -> None:
    shutil.copy(small_video, tmp_path / "第1回 冒険.mp4")
    problem = told(tmp_path / "第1回 冒険.mp4")
    assert "第1回 冒険.mp4" in problem.hint
    assert "nicobatch init " in problem.hint


def test_archives_and_databases_as_python_writes_them(tmp_path: Path) -> None:
    archive, base = tmp_path / "a", tmp_path / "b"
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        file.writestr("m.yaml", "version: 1")
    archive.write_bytes(content.getvalue())
    with sqlite3.connect(base) as connection:
        connection.execute("create table a (b)")
    connection.close()
    assert "an archive" in told(archive).message
    assert "a database" in told(base).message


@pytest.mark.parametrize("name", ["a.mp4", "m.yaml"])
def test_pointers_of_git_lfs(name: str, tmp_path: Path) -> None:
    text = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n"
    (tmp_path / name).write_text(text, encoding="utf-8")
    problem = told(tmp_path / name)
    assert problem.rule == "lfs-pointer"
    assert "git lfs pull" in problem.hint


def test_a_manifest_may_have_any_name(tmp_path: Path) -> None:
    for name in ("m.json", "m.txt", "m.mp4"):
        (tmp_path / name).write_text('{"version": 1, "file": "a.mp4", "title": "t"}', "utf-8")
        assert load([str(tmp_path / name)], sites={SITE.name: SITE}, now=NOW).problems == ()


def test_a_folder_of_videos_alone(tmp_path: Path) -> None:
    (tmp_path / "a b").mkdir()
    (tmp_path / "a b" / "v.mp4").touch()
    (problem,) = load([str(tmp_path)], sites={SITE.name: SITE}, now=NOW).problems
    assert problem.rule == "no-manifest"
    assert problem.hint == f"`nicobatch init {tmp_path}` writes one for its videos"
