from __future__ import annotations

import pytest

from nicobatch.manifest.patterns import is_ignored
from nicobatch.watch.folder import is_manifest, is_video

IGNORED = [
    ".DS_Store",
    "._episode.mp4",
    ".hidden.yaml",
    ".stfolder",
    ".episode.mp4.Xa81kQ",
    "m.yaml~",
    "~$m.yaml",
    "~syncthing~episode.mp4.tmp",
    "#m.yaml#",
    "episode.mp4.part",
    "episode.mp4.PARTIAL",
    "episode.mp4.crdownload",
    "episode.mp4.tmp",
    "episode.mp4.filepart",
    "episode.mp4.!qB",
    "episode.mp4.part-Frag12",
    "episode.mp4.xltd",
    "episode.mp4.baiduyun.downloading",
    "episode.mp4.fdmdownload",
    "episode.mp4.bc!",
    "episode.mp4.td.cfg",
    "episode.mp4.sb-1a2b3c4d-AbCdEf",
    "episode.temp.mp4",
    "Thumbs.db",
    "THUMBS.DB",
    "desktop.ini",
    "@eaDir",
    "#recycle",
    "$RECYCLE.BIN",
    "System Volume Information",
]


@pytest.mark.parametrize("name", IGNORED)
def test_hidden_and_temporary_names_are_nothing(name: str) -> None:
    assert is_ignored(name)
    assert not is_manifest(name)
    assert not is_video(name)


@pytest.mark.parametrize(
    "name",
    [
        "m.yaml",
        "M.YAML",
        "m.yml",
        "第1回.yaml",
        "#1 はじめての冒険.yaml",
        "~OP~.yaml",
        "a.part.yaml",
    ],
)
def test_manifests(name: str) -> None:
    assert is_manifest(name)
    assert not is_ignored(name)
    assert not is_video(name)


@pytest.mark.parametrize(
    "name", ["a.mp4", "A.MP4", "第1回.mkv", "#2 ボス戦.mov", "tmp.webm", "~OP~.mp4"]
)
def test_videos(name: str) -> None:
    assert is_video(name)
    assert not is_ignored(name)
    assert not is_manifest(name)


@pytest.mark.parametrize("name", ["notes.txt", "cover.png", "m.yaml.ready", "yaml", "mp4", "a"])
def test_other_files_are_there_and_no_more(name: str) -> None:
    assert not is_ignored(name)
    assert not is_manifest(name)
    assert not is_video(name)
