"""Checked videos as text: what is read of it is what was checked, places included."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nicobatch import manifest, sites
from nicobatch.actions.fleet_turns import options_of
from nicobatch.fleet.packing import pack, unpack
from nicobatch.model import FileIdentity, MediaInfo, Page, Position, Publish, PublishMode, Thumbnail
from nicobatch.pipeline import CheckedVideo
from tests.unit.fleet.conftest import video

MEDIA = MediaInfo(container="mp4", size=10, duration=2.0, width=320, height=180)
RICH = """\
version: 1
sites: [niconico, bilibili]
videos:
  - id: a
    file: a.mp4
    title: 第1回
    description: "{bilibili.url}"
    tags: [ゲーム, b]
    publish: {at: 2030-01-01T00:00:00+09:00}
    thumbnail: {timing: 0.5}
    niconico: {genre: game, permissions: {clip_tweet: false}, series: {id: 5}}
    bilibili: {copyright: repost, source: "https://example.com", mentions: {x: 5}}
"""


def test_what_manifests_say_is_kept(tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text(RICH, "utf-8")
    (tmp_path / "a.mp4").write_bytes(b"0")
    loaded = manifest.load([str(tmp_path)], sites=sites.Described(), now=datetime.now(UTC))
    videos = (*loaded.videos, *loaded.flawed)
    assert {each.site for each in videos} == {"niconico", "bilibili"}
    for each in videos:
        ready = CheckedVideo(each, (MEDIA,))
        found = unpack(pack(ready), options_of)
        assert found == ready
        assert found.video.places == each.places
        assert isinstance(found.video.options, options_of(each.site))


@pytest.mark.parametrize(
    "ready",
    [
        CheckedVideo(video(), (MEDIA,)),
        CheckedVideo(
            replace(
                video(),
                file=Path("/videos/\udc80.mp4"),
                pages=(Page(file=Path("/videos/a.mp4"), title="1"), Page(file=Path("/videos/b"))),
                publish=Publish(PublishMode.SCHEDULED, datetime(2030, 1, 1, tzinfo=UTC)),
                thumbnail=Thumbnail(file=Path("/videos/t.png"), sha256="0" * 64),
                shared=(Path("/videos/s.yaml"),),
                made=frozenset({"title"}),
                places={"": Position(3, 5, "video")},
            ),
            (replace(MEDIA, audio_codec="aac"), MEDIA),
            known=(FileIdentity("a.mp4", 10, "0" * 64), None),
            by_option=True,
        ),
    ],
)
def test_nothing_is_lost(ready: CheckedVideo) -> None:
    found = unpack(pack(ready), options_of)
    assert found == ready
    assert (found.video.places, found.video.made) == (ready.video.places, ready.video.made)


def test_paths_are_the_same_from_any_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    near = replace(video(), manifest=Path("m.yaml"), file=Path("in/../a.mp4"))
    found = unpack(pack(CheckedVideo(near, (MEDIA,))), options_of).video
    assert (found.manifest, found.file) == (tmp_path / "m.yaml", tmp_path / "a.mp4")
