"""The whole way from a manifest to two sites, as a person goes it in a folder."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from nicobatch.model import Thumbnail, Video
from nicobatch.sites.bilibili.fields import SITE, Options
from tests.unit.cli.conftest import Cli, cli
from tests.unit.media.test_pictures import STILLS

__all__ = ["cli"]

MANIFEST = """\
version: 1
sites: [niconico, bilibili]
defaults:
  genre: game
  bilibili: {partition: 游戏}
videos:
  - file: a.mp4
    id: a
    title: 第1回 冒険
    description: 村を出るまで。
    tags: [ゲーム]
    bilibili:
      title: 第1集
      tags: [游戏]
      description: 'niconico: {niconico.url}'
      pages: [{file: a.mp4, title: 前篇}, {file: b.mp4, title: 后篇}]
"""


@pytest.fixture
def folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, video: bytes, other_video: bytes
) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.mp4").write_bytes(video)
    (tmp_path / "b.mp4").write_bytes(other_video)
    (tmp_path / "m.yaml").write_text(MANIFEST, encoding="utf-8")
    return tmp_path


def receipt(folder: Path, *path: str) -> dict[str, object]:
    place = folder.joinpath(".nicobatch", "sandbox", "m.yaml", *path)
    return dict(json.loads(place.read_text(encoding="utf-8")))


def test_a_rehearsal_on_two_sites(folder: Path, cli: Cli) -> None:
    assert cli("check", "m.yaml").code == 0
    assert cli("publish", "m.yaml", "--sandbox").code == 0
    assert receipt(folder, "a.json")["nicobatch"] == 1
    there = receipt(folder, "bilibili", "a.json")
    assert there["nicobatch"] == 2
    text = json.dumps(there)
    assert "garage/videos#sm" in text  # of the other site's video, in the description
    assert "X-Upos-Auth" not in text
    again = cli("publish", "m.yaml", "--sandbox")
    assert again.code == 0
    assert again.out.count("unchanged") == 2
    changed = MANIFEST.replace("title: 第1集", "title: 第1集 改")
    (folder / "m.yaml").write_text(changed, encoding="utf-8")
    assert "changed: title" in cli("plan", "m.yaml", "--sandbox").out
    assert cli("publish", "m.yaml", "--sandbox").code == 0
    assert cli("status", "m.yaml", "--sandbox", "--remote").code == 0


def test_of_what_is_only_waited_for_nothing_is_noted(folder: Path, cli: Cli) -> None:
    assert cli("publish", "m.yaml", "--sandbox", "--no-wait").code == 0
    planned = cli("plan", "m.yaml", "--sandbox").out
    assert "statement:" not in planned
    assert "waiting for the review" in planned


def test_what_a_site_can_t_take_is_found_at_its_line(folder: Path, cli: Cli) -> None:
    text = MANIFEST.replace("partition: 游戏", "copyright: repost").replace("[游戏]", "['a,b']")
    (folder / "m.yaml").write_text(text, encoding="utf-8")
    found = cli("check", "m.yaml")
    assert found.code == 1
    assert "m.yaml:5:" in found.out
    assert "bilibili-source-missing" in found.out
    assert "bilibili-tag-comma" in found.out


def test_a_picture_is_the_cover_for_as_long_as_it_is_the_same(folder: Path, cli: Cli) -> None:
    text = MANIFEST.replace("      pages:", "      thumbnail: {file: cover.png}\n      pages:")
    (folder / "m.yaml").write_text(text, encoding="utf-8")
    missing = cli("check", "m.yaml")
    assert missing.code == 1
    assert "m.yaml:16:25: error: there is no file cover.png" in missing.out
    cover = folder / "cover.png"
    shutil.copyfile(STILLS / "plain.png", cover)
    first = cli("publish", "m.yaml", "--sandbox")
    assert first.code == 0
    assert first.out.count("picture-small") == 1
    os.utime(cover, (0, 0))
    assert "2 unchanged" in cli("plan", "m.yaml", "--sandbox").out
    shutil.copyfile(STILLS / "holes.png", cover)
    plan = cli("plan", "m.yaml", "--sandbox").out
    assert "changed: thumbnail.file" in plan
    assert f"thumbnail.file: {sha(STILLS / 'plain.png')} -> {sha(cover)}" in plan
    assert cli("preview", "m.yaml", "--sandbox").code == 0
    page = (folder / "preview.html").read_text(encoding="utf-8")
    assert "Thumbnail: the picture cover.png" in page
    assert page.count('class="cut"') == 1  # of 4:3, which bilibili shows as 16:10
    assert cli("publish", "m.yaml", "--sandbox").out.count("updated") == 1
    cover.unlink()
    assert "2 unchanged" in cli("plan", "m.yaml", "--sandbox").out


@pytest.mark.parametrize(
    ("size", "is_cut"), [((960, 600), False), ((800, 600), True), ((600, 960), True)]
)
def test_a_picture_is_shown_with_its_covers(size: tuple[int, int], is_cut: bool) -> None:
    thumbnail, path = Thumbnail(timing=0), Path("a.mp4")
    video = Video(manifest=Path("m.yaml"), id="a", file=path, title="a", thumbnail=thumbnail)
    both = replace(video, options=Options(cover43=True))
    [wide], [same, tall] = SITE.crops(video, *size), SITE.crops(both, *size)
    assert (wide, bool(wide.notes)) == (same, is_cut)
    assert wide.box.width * size[0] / (wide.box.height * size[1]) == pytest.approx(16 / 10)
    assert tall.box.width * size[0] / (tall.box.height * size[1]) == pytest.approx(4 / 3)
    assert SITE.crops(replace(both, thumbnail=Thumbnail()), *size) == ()


def sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]
