"""The submission, key by key: what is set goes, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from nicobatch.model import Page, Publish, PublishMode
from nicobatch.sites.bilibili import metadata
from nicobatch.sites.bilibili.fields import Comments, Copyright, Options, Statement, Subtitle
from nicobatch.sites.bilibili.metadata import ArchiveView, Sent
from nicobatch.sites.bilibili.submission import Submission

PLAIN = Submission(
    title="第1集",
    description="a<br>b",
    tags=("游戏 ", "实况"),
    pages=(Page(file=Path("a.mp4")),),
)
SENT = (Sent(filename="n1", title="P1"), Sent(filename="n2", title="P2", description="x", cid=7))
AT = datetime(2026, 12, 1, 12, tzinfo=UTC)


def test_a_plain_video_sends_what_the_site_can_t_do_without() -> None:
    assert metadata.body(PLAIN, SENT, {}, "c") == {
        "videos": [
            {"filename": "n1", "title": "P1", "desc": ""},
            {"filename": "n2", "title": "P2", "desc": "x", "cid": 7},
        ],
        "title": "第1集",
        "desc": "a\nb",
        "desc_format_id": 9999,
        "tag": "游戏,实况",
        "tid": 21,
        "copyright": 1,
        "creation_statement": {"id": -1},
        "dynamic": "",
        "is_only_self": 0,
        "csrf": "c",
    }


@pytest.mark.parametrize(
    ("own", "sent"),
    [
        ({"partition": 1008}, {"human_type2": 1008}),
        ({"tid": 17}, {"tid": 17}),
        ({"copyright": Copyright.REPOST, "source": "s"}, {"copyright": 2, "source": "s"}),
        ({"statement": Statement.AI}, {"creation_statement": {"id": 1}}),
        ({"dynamic": "d"}, {"dynamic": "d"}),
        ({"no_reprint": False}, {"no_reprint": 0}),
        ({"comments": Comments.CLOSED}, {"up_close_reply": True, "up_selection_reply": False}),
        ({"comments": Comments.SELECTED}, {"up_close_reply": False, "up_selection_reply": True}),
        ({"danmaku": False}, {"up_close_danmu": True}),
        ({"subtitle": Subtitle("zh-CN", open=True)}, {"subtitle": {"open": 1, "lan": "zh-CN"}}),
        ({"charging": True}, {"charging_pay": 1}),
        ({"dolby": True}, {"dolby": 1}),
        ({"hires": True}, {"lossless_music": 1}),
        ({"watermark": True}, {"watermark": {"state": 1}}),
        ({"topic": 5}, {"topic_id": 5}),
        ({"notify_followers": False}, {"no_disturbance": 1}),
        ({"extra": {"web_os": 3}}, {"web_os": 3}),
    ],
)
def test_a_key_goes_where_it_is_set(own: dict[str, Any], sent: dict[str, Any]) -> None:
    plain = metadata.body(PLAIN, SENT, {}, "c")
    whole = metadata.body(replace(PLAIN, options=Options(**own)), SENT, {}, "c")
    assert {key: value for key, value in whole.items() if plain.get(key) != value} | {
        key: plain[key] for key in sent if plain.get(key) == sent[key]
    } == sent


def test_who_is_mentioned_stands_between_the_words() -> None:
    wish = replace(PLAIN, description="ab @影子 c", options=Options(mentions={"影": 1, "影子": 2}))
    assert metadata.body(wish, SENT, {}, "c")["desc_v2"] == [
        {"raw_text": "ab ", "type": 1, "biz_id": ""},
        {"raw_text": "影子", "type": 2, "biz_id": "2"},
        {"raw_text": " c", "type": 1, "biz_id": ""},
    ]


@pytest.mark.parametrize(
    ("publish", "sent"),
    [
        (Publish(), {"is_only_self": 0}),
        (Publish(PublishMode.PRIVATE), {"is_only_self": 1}),
        (
            Publish(PublishMode.SCHEDULED, AT),
            {"is_only_self": 0, "dtime": int(AT.timestamp())},
        ),
    ],
)
def test_when_it_is_seen(publish: Publish, sent: dict[str, Any]) -> None:
    body = metadata.body(replace(PLAIN, publish=publish), SENT, {}, "c")
    assert {key: body[key] for key in ("is_only_self", "dtime") if key in body} == sent


def test_no_null_is_sent_and_each_input_has_its_place() -> None:
    everything = Options(
        partition=1008, source="s", dynamic="d", no_reprint=True, comments=Comments.OPEN,
        danmaku=True, subtitle=Subtitle(), charging=False, dolby=False, hires=False,
        watermark=False, topic=1, mentions={"b": 1}, notify_followers=True, extra={"x": 1},
    )  # fmt: skip
    wish = replace(PLAIN, options=everything, publish=Publish(PublishMode.SCHEDULED, AT))
    assert None not in metadata.body(wish, SENT, {"cover": "https://c"}, "c").values()
    assert set(metadata.inputs(wish)) <= set(metadata.WIRE)


VIEW: dict[str, Any] = {
    "archive": {
        "aid": 9, "bvid": "BV181vnexEmB", "title": "旧", "tag": "a,游戏", "desc": "a\nb", "tid": 17,
        "copyright": 1, "state": 0, "recreate": 1, "human_type2": 1, "cover": "c", "note": None,
        "dtime": 0, "creation_statement": {"id": 2}, "no_reprint": 1,
    },
    "videos": [{"filename": "n1", "title": "P1", "desc": "", "cid": 77, "fail_desc": "坏"}],
}  # fmt: skip


def entry() -> ArchiveView:
    found = ArchiveView.of(VIEW)
    assert found
    return found


def test_an_edit_sends_the_archive_back_with_its_pages_and_their_cid() -> None:
    body = metadata.edited(
        entry(), PLAIN, ["title"], pages=SENT[1:], covers={"cover": "d"}, csrf="x"
    )
    assert body["title"] == "第1集"
    assert (body["tag"], body["cover"], body["aid"], body["no_reprint"]) == ("a,游戏", "d", 9, 1)
    assert [each.get("cid") for each in body["videos"]] == [77, 7]
    assert {"recreate", "human_type2", "note", "dtime"}.isdisjoint(body)


def test_what_is_taken_out_of_the_manifest_goes_back_to_nothing() -> None:
    assert metadata.edited(entry(), PLAIN, ["source"], csrf="x")["source"] == ""
    assert "human_type2" not in metadata.edited(entry(), PLAIN, ["partition"], csrf="x")


def test_what_the_site_has_otherwise_is_told() -> None:
    found = {each.field: each.rule for each in metadata.differences(PLAIN, entry())}
    assert found == {
        "tid": "partition-changed",
        "title": "visible-title-differs",
        "tags.1": "visible-tag-missing",
        "statement": "visible-statement-differs",
    }
    (words,) = [
        each.message for each in metadata.differences(PLAIN, entry()) if each.field == "tid"
    ]
    assert "单机游戏" in words
    assert "日常" in words


@pytest.mark.parametrize("data", [None, {}, {"archive": {}, "videos": []}, {"archive": 1}])
def test_no_view_is_none(data: object) -> None:
    assert ArchiveView.of(data) is None


def test_what_the_site_says_against_pages_is_read() -> None:
    assert entry().troubles == ("坏",)
    assert entry().has(["n1"])
    assert not entry().has(["n1", "n2"])
