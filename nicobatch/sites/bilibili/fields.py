"""What a video may have on bilibili: a row a field, and the site as the rooms below know it.

A field's place on the wire is in `metadata`; the sandbox has its own rule of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from nicobatch.language import N_
from nicobatch.model import Json, Problem, Video
from nicobatch.sites.bilibili.cookies import HANDED
from nicobatch.sites.bilibili.cropping import crops
from nicobatch.sites.bilibili.limits import (
    ALLOWANCES,
    COMMENTS,
    COPYRIGHTS,
    LIMITS,
    PARTITIONS,
    STATEMENTS,
)
from nicobatch.sites.bilibili.partitions import DEFAULT_TID
from nicobatch.sites.bilibili.profiles import MENDABLE
from nicobatch.sites.bilibili.rules import RULES
from nicobatch.sites.description import Site
from nicobatch.sites.fields import maker, option, rows

_NUMBER: Final = {"minimum": 1, "examples": [12345]}
"""What JSON Schema says of the site's numbers for things."""


class Copyright(StrEnum):
    """Whose work it is."""

    OWN = "own"
    REPOST = "repost"
    OTHER = "other"


class Statement(StrEnum):
    """What viewers are told of how it was made."""

    NONE = "none"
    AI = "ai"
    FICTION = "fiction"
    MARKETING = "marketing"
    OPINION = "opinion"


class Comments(StrEnum):
    """Whose comments others can read."""

    OPEN = "open"
    SELECTED = "selected"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Subtitle:
    """Whether viewers may add subtitles, and in which language the video is."""

    language: str = option(
        default="", label=N_("Subtitles"), note=N_("the language of the video, as zh-CN")
    )
    open: bool = option(default=False, label=N_("Subtitles"), note=N_("let viewers add them"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """bilibili's own keys; None is what nobody said, and is not sent."""

    partition: int | None = option(
        default=None,
        example="1008",
        label=N_("Partition"),
        choices=PARTITIONS,
        habits=("category", "human_type2", "typeid", "分区", "bilibiliの分区"),
        after="pages",
        note=N_("the main category, by its name or number, for example 游戏"),
    )
    tid: int = option(
        default=DEFAULT_TID,
        label=N_("Older partition"),
        after="pages",
        note=N_("the older partition's number, which bilibili may change"),
    )
    copyright: Copyright = option(
        default=Copyright.OWN,
        label=N_("Copyright"),
        choices=COPYRIGHTS,
        after="pages",
        note=N_("own, repost (with source) or other"),
    )
    source: str = option(
        default="",
        label=N_("Source"),
        after="pages",
        note=N_("where a repost comes from, at most 200 characters"),
    )
    statement: Statement = option(
        default=Statement.NONE,
        label=N_("Statement"),
        choices=STATEMENTS,
        habits=("creation_statement", "neutral_mark"),
        after="pages",
        note=N_("what viewers are to know: none, ai, fiction, marketing or opinion"),
    )
    dynamic: str = option(
        default="",
        label=N_("Words to followers"),
        after="pages",
        note=N_("what followers read beside it"),
    )
    cover43: bool = option(
        default=False,
        label=N_("Cover of 4:3"),
        after="pages",
        note=N_("send a cover of 4:3 as well"),
    )
    no_reprint: bool | None = option(
        default=None,
        example=True,
        label=N_("No reposts"),
        after="pages",
        note=N_("forbid others to repost it"),
    )
    comments: Comments | None = option(
        default=None,
        example="open",
        label=N_("Comments"),
        choices=COMMENTS,
        habits=("up_close_reply", "up_selection_reply"),
        after="pages",
        note=N_("open, selected or closed"),
    )
    danmaku: bool | None = option(
        default=None,
        example=True,
        label=N_("Danmaku"),
        habits=("danmu", "up_close_danmu", "up_close_danmaku"),
        after="pages",
        note=N_("comments that fly over the picture"),
    )
    subtitle: Subtitle | None = option(
        default=None,
        label=N_("Subtitles"),
        show=lambda subtitle: subtitle.language,
        habits=("subtitles",),
        after="pages",
        note=N_("whether viewers may add subtitles"),
    )
    charging: bool | None = option(
        default=None,
        example=False,
        label=N_("Charging"),
        habits=("open_elec", "charging_pay"),
        after="pages",
        note=N_("show who supports the account"),
    )
    dolby: bool | None = option(
        default=None,
        example=False,
        label=N_("Dolby Atmos sound"),
        after="pages",
        note=N_("the sound is Dolby Atmos"),
    )
    hires: bool | None = option(
        default=None,
        example=False,
        label=N_("Hi-Res sound"),
        habits=("lossless_music",),
        after="pages",
        note=N_("the sound is Hi-Res"),
    )
    watermark: bool | None = option(
        default=None,
        example=False,
        label=N_("Watermark"),
        after="pages",
        note=N_("put the account's name on the picture"),
    )
    season: int | None = option(
        default=None,
        example=12345,
        label=N_("Season"),
        habits=("season_id", "series", "collection"),
        schema=_NUMBER,
        after="pages",
        note=N_("the number of the collection that the video joins"),
    )
    topic: int | None = option(
        default=None,
        example=12345,
        label=N_("Topic"),
        habits=("topic_id", "mission_id"),
        schema=_NUMBER,
        after="pages",
        note=N_("the number of the topic it takes part in"),
    )
    mentions: Mapping[str, int] = option(
        default_factory=dict,
        label=N_("Mentions"),
        habits=("desc_v2",),
        schema={
            "additionalProperties": {"type": "integer", **_NUMBER},
            "examples": [{"名前": 12345}],
        },
        after="pages",
        note=N_("whom an @NAME in the description means: the name, and its number"),
    )
    notify_followers: bool | None = option(
        default=None,
        example=True,
        label=N_("Followers are told"),
        habits=("no_disturbance",),
        after="pages",
        note=N_("tell the account's followers"),
    )
    line: str = option(
        default="auto",
        label=N_("Line"),
        habits=("lines", "upcdn"),
        after="pages",
        note=N_("by which line the bytes go: auto, or its name, as bda2"),
    )
    extra: Mapping[str, Json] = option(
        default_factory=dict,
        label=N_("More keys"),
        habits=("extra_fields",),
        after="pages",
        note=N_("more keys for the submission, passed through as they are"),
    )


def _problems(video: Video, now: datetime) -> Iterable[Problem]:
    from nicobatch.sites.bilibili.checking import problems  # which knows these fields

    return problems(video, now)


def _html(description: str) -> str:
    from html import escape

    from nicobatch.sites.bilibili.submission import plain  # which knows these fields

    return escape(plain(description).text, quote=False).replace("\n", "<br>")


RESERVED: Final = frozenset({"title", "videos", "cover", "csrf", "aid", "bvid"})
"""What `extra` may not have: it would undo what holds a video to its receipt."""


def _video_id(text: str) -> str | None:
    """Return a BV id as it is, and the number of `av170001` or `170001`."""
    found = re.fullmatch(r"(BV[0-9A-Za-z]{10})|(?:[aA][vV])?([0-9]{1,18})", text)
    return found and (found[1] or str(int(found[2])))


SITE: Final = Site(
    name="bilibili",
    limits=LIMITS,
    profiles=("web-2026",),
    session=HANDED,
    mendable=MENDABLE,
    allowances=ALLOWANCES,
    video_id=_video_id,
    shown_id=lambda text: f"av{text}" if text.isdecimal() else text,
    html=_html,
    several=True,
    make=maker(Options),
    rules=RULES,
    check=_problems,
    crops=crops,
    fields=rows(
        Options,
        {
            "description": N_("plain text, at most 2000 characters; tags of HTML are dropped"),
            "tags": N_("1 to 10, at most 20 characters each, without commas"),
            "publish": N_(
                "true, false (only me), or {at: …}, 2 hours to 15 days after the upload's end"
            ),
            "pages": N_(
                "several files as one video: a pattern, or [{file: a.mp4, title: 前篇}, …]"
            ),
            "allow_duplicate": N_("publish the file even if it was published before"),
        },
        {"tags": ("tag",), "publish": ("dtime",), "pages": ("videos", "parts")},
    ),
    absent=MappingProxyType(
        {
            "no-field": ("license", "licence", "location", "recording_date"),
        }
    ),
)
