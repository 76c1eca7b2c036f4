"""An account's videos on bilibili as manifests: what View tells, and what is sent back."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nicobatch.errors import VideoFailed
from nicobatch.model import Inputs
from nicobatch.sites.abilities import OwnVideo
from nicobatch.sites.bilibili.importing import noticed, read
from nicobatch.sites.bilibili.metadata import ArchiveView
from nicobatch.sites.bilibili.submission import escaped, plain
from tests.unit.cli.conftest import Cli, cli

__all__ = ["cli"]

OWN = OwnVideo(id="1", video_id="BV11t7hBMqW8", title="题")
PAGE = {"filename": "n1", "title": "a", "cid": 5}
MANIFEST = """\
version: 1
sites: [bilibili]
videos:
  - title: 第1集
    id: one
    description: "1 &lt;b> &amp;amp; x\\n二"
    tags: [游戏, 实况 录像]
    bilibili:
      pages: [{file: a.mp4, title: 前篇}, {file: b.mp4, description: d}]
      copyright: repost
      source: http://x/y
      partition: 游戏
  - title: 第2集
    file: b.mp4
    id: two
    allow_duplicate: true
    description: 见 @朋友
    publish: false
    tags: [日常]
    bilibili: {mentions: {朋友: 42}, no_reprint: true, dynamic: 新, statement: ai}
"""


def view(**archive: Any) -> ArchiveView:
    facts = {"aid": 1, "bvid": OWN.video_id, "state": 0, "title": "题", **archive}
    entry = ArchiveView.of({"archive": facts, "videos": [PAGE]})
    assert entry
    return entry


def archives(folder: Path) -> list[dict[str, Any]]:
    kept = folder / ".nicobatch" / "sandbox" / ".site" / "bilibili" / "entries"
    records = [json.loads(each.read_text("utf-8")) for each in sorted(kept.glob("*.json"))]
    return [each for each in records if each["kind"] == "archive"]


def test_a_channel_is_brought_in_changed_and_sent(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    cli: Cli,
    video: bytes,
    other_video: bytes,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.mp4").write_bytes(video)
    (tmp_path / "b.mp4").write_bytes(other_video)
    (tmp_path / "m.yaml").write_text(MANIFEST, "utf-8")
    assert cli("publish", "m.yaml", "--sandbox").code == 0
    before = archives(tmp_path)
    shutil.rmtree(tmp_path / ".nicobatch" / "sandbox" / "m.yaml")
    for each in ("m.yaml", "a.mp4", "b.mp4"):
        (tmp_path / each).unlink()

    result = cli("import", "--site", "bilibili", "--sandbox")
    assert result.code == 0
    assert result.out.startswith("new: 2, in bilibili/")
    [path] = (tmp_path / "bilibili").glob("*.yaml")
    text = path.read_text("utf-8")
    for line in (
        "          title: 前篇\n",
        "          description: d\n",
        "      copyright: repost\n",
        "      source: 'http://x/y'\n",
        "      partition: 游戏\n",
        "    publish: false\n",
        "      statement: ai\n",
        "      no_reprint: true\n",
        "        朋友: 42\n",
    ):
        assert line in text
    assert "2 unchanged" in cli("plan", "bilibili", "--sandbox").out
    assert cli("import", "--site", "bilibili", "--sandbox").out.startswith("nothing new\n")

    path.write_text(text.replace("第1集", "第壹集").replace("见 @朋友", "看 @朋友"), "utf-8")
    assert "2 to update" in cli("plan", "bilibili", "--sandbox").out
    assert cli("publish", "bilibili", "--sandbox").code == 0
    for was, now in zip(before, archives(tmp_path), strict=True):
        assert now["edits"] == 1
        assert now["pages"] == was["pages"]
        changed = {name for name, value in was["body"].items() if now["body"].get(name) != value}
        assert changed <= {"title", "desc", "desc_v2", "creation_statement"}
    assert "2 unchanged" in cli("plan", "bilibili", "--sandbox").out


@given(st.text(st.sampled_from("<>/ab&;#1 \n'\"")))
def test_a_description_that_looks_like_html_is_none(text: str) -> None:
    assert plain(escaped(text)).text.strip("\n") == text.strip("\n")


@pytest.mark.parametrize(
    ("archive", "told"),
    [
        ({"is_only_self": 1}, {"publish": False}),
        ({"state": -50}, {"publish": False}),
        ({"state": -40, "dtime": 1795780800}, {"publish": {"at": "2026-11-27T20:00:00+08:00"}}),
        ({"human_type2": 4711}, {"partition": 4711}),
        ({"tid": 17, "copyright": 3}, {"tid": 17, "copyright": "other"}),
        ({"topic_id": 7, "creation_statement": {"id": -1}}, {"topic": 7}),
        ({"tag": "a,,b", "desc": "\ud800", "desc_v2": [1, {"type": 2}]}, {"tags": ["a", "b"]}),
    ],
)
def test_what_view_tells(archive: dict[str, Any], told: dict[str, Any]) -> None:
    reading = read(view(**archive), OWN)
    pages = [{"file": "BV11t7hBMqW8.mp4", "title": "a"}]
    assert reading.data == {"title": "题", "pages": pages, **told}


def test_where_it_stands_is_said() -> None:
    assert read(view(state=-2), OWN).remarks == ("where it stands on bilibili: returned (-2)",)


@pytest.mark.parametrize("title", ["", "\ud83d"])
def test_a_video_without_a_title_is_none(title: str) -> None:
    with pytest.raises(VideoFailed, match="title of BV11t7hBMqW8"):
        read(view(title=title), OWN)


@pytest.mark.parametrize(
    ("sent", "own", "found"),
    [
        ({"publish": "public"}, {}, {}),
        ({"publish": "public", "title": "题 "}, {}, {}),
        ({"publish": "public", "title": "旧"}, {}, {"title": "题"}),
        ({"publish": "scheduled", "publish.at": "x"}, {}, {}),
        ({"publish": "public"}, {"hidden": True}, {"publish": "private"}),
        ({"publish": "public"}, {"hidden": True, "under_review": True}, {}),
        ({"publish": "public"}, {"description": "新"}, {"description": "新"}),
        ({"publish": "public", "tags": ["a", "b"]}, {"more": {"tags": ["b", "a"]}}, {}),
        (
            {"publish": "public", "tags": ["a"]},
            {"more": {"tags": ["b"]}},
            {"tags": ["b"]},
        ),
    ],
)
def test_what_the_list_tells_otherwise(
    sent: Inputs, own: dict[str, Any], found: dict[str, Any]
) -> None:
    listed = OwnVideo(id="1", video_id="BV11t7hBMqW8", title="题", **own)
    assert noticed({"title": "题", **sent}, listed) == found
