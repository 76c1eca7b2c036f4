"""What others have published: the guide's own three, and some with much or little to tell."""

from __future__ import annotations

from typing import Any, Final

GUIDES_ANSWER: Final[list[dict[str, Any]]] = [
    {
        "contentId": "sm1097445",
        "title": "【初音ミク】みくみくにしてあげる♪【してやんよ】",
        "viewCounter": 11904784,
    },
    {
        "contentId": "sm1715919",
        "title": "初音ミク が オリジナル曲を歌ってくれたよ「メルト」",
        "viewCounter": 10230124,
    },
    {
        "contentId": "sm15630734",
        "title": "『初音ミク』千本桜『オリジナル曲PV』",
        "viewCounter": 9557201,
    },
]
VIDEOS: Final[tuple[dict[str, Any], ...]] = (
    *GUIDES_ANSWER,
    {"contentId": "sm1", "title": "初音ミク 習作", "viewCounter": 9_999, "tags": "ミク"},
    {"contentId": "sm2", "title": "初音ミク 佳作", "viewCounter": 10_000, "tags": "ミク ボーカル"},
    {
        "contentId": "sm9",
        "title": "新・豪血寺一族 - 煩悩解放",
        "description": "レッツゴー!陰陽師",
        "userId": 4,
        "viewCounter": 20_000_000,
        "mylistCounter": 180_000,
        "likeCounter": 30_000,
        "lengthSeconds": 320,
        "thumbnailUrl": "https://nicovideo.cdn.nimg.jp/thumbnails/9/9",
        "startTime": "2007-03-06T00:33:00+09:00",
        "threadId": 1173108780,
        "commentCounter": 5_000_000,
        "lastCommentTime": "2026-11-20T12:00:00+09:00",
        "categoryTags": "音楽",
        "channelId": None,
        "tags": "陰陽師 レッツゴー!陰陽師 公式 音楽",
        "lockTagsExact": "陰陽師",
        "genre": "音楽・サウンド",
    },
    {"contentId": "so5", "title": "七夕 2016", "startTime": "2016-07-07T00:00:00+09:00",
     "channelId": 7, "genre": "ゲーム"},
    {"contentId": "so6", "title": "七夕 2017", "startTime": "2017-07-07T23:59:59+09:00",
     "channelId": 8, "genre": "ゲーム"},
    {"contentId": "so7", "title": "七夕の次の日", "startTime": "2017-07-08T00:00:00+09:00",
     "genre": "動物"},
)  # fmt: skip
LIVES: Final[tuple[dict[str, Any], ...]] = (
    {
        "contentId": "lv1",
        "title": "放送中の番組",
        "description": "ただいま",
        "userId": 4,
        "channelId": 7,
        "communityId": 11,
        "providerType": "community",
        "tags": "ゲーム 実況",
        "categoryTags": "ゲーム",
        "viewCounter": 100,
        "commentCounter": 50,
        "openTime": "2026-11-21T17:50:00+09:00",
        "startTime": "2026-11-21T18:00:00+09:00",
        "liveEndTime": None,
        "timeshiftEnabled": True,
        "scoreTimeshiftReserved": 3,
        "thumbnailUrl": "https://nicolive.cdn.nimg.jp/1",
        "liveScreenshotThumbnailSmall": "https://nicolive.cdn.nimg.jp/2",
        "tsScreenshotThumbnailSmall": None,
        "communityText": "みんなの広場",
        "communityIcon": "https://nicolive.cdn.nimg.jp/3",
        "memberOnly": False,
        "liveStatus": "onair",
    },
    {"contentId": "lv2", "title": "予約の番組", "providerType": "official",
     "liveStatus": "reserved", "memberOnly": True, "timeshiftEnabled": False},
    {"contentId": "lv3", "title": "過去の番組", "providerType": "channel", "liveStatus": "past"},
)  # fmt: skip
