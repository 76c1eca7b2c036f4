"""What a video may have on bilibili: a row a field, and the site as the rooms below know it.

A field's place on the wire is in `metadata`; the sandbox has its own rule of it.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from nicobatch.language import N_
from nicobatch.sites.base import Field, Site
from nicobatch.sites.bilibili.cookies import HANDED
from nicobatch.sites.bilibili.limits import COMMENTS, COPYRIGHTS, LIMITS, PARTITIONS, STATEMENTS

FIELDS: Final = (
    Field(name="title", default="", note=N_("at most 80 characters")),
    Field(
        name="description",
        default="",
        note=N_("plain text, at most 2000 characters; tags of HTML are dropped"),
    ),
    Field(
        name="tags",
        default=(),
        note=N_("1 to 10, at most 20 characters each, without commas"),
        habits=("tag",),
    ),
    Field(
        name="publish",
        default=True,
        note=N_("true, false (only me), or {at: …}, 2 hours to 15 days after the upload's end"),
        habits=("dtime",),
    ),
    Field(
        name="pages",
        default=(),
        note=N_("several files as one video: a pattern, or [{file: a.mp4, title: 前篇}, …]"),
        habits=("videos", "parts"),
    ),
    Field(
        name="partition",
        default="1008",
        note=N_("the main category, by its name or number, for example 游戏"),
        choices=PARTITIONS,
        habits=("category", "human_type2", "typeid"),
    ),
    Field(
        name="tid", default=21, note=N_("the older partition's number, which bilibili may change")
    ),
    Field(
        name="copyright",
        default="own",
        note=N_("own, repost (with source) or other"),
        choices=COPYRIGHTS,
    ),
    Field(name="source", default="", note=N_("where a repost comes from, at most 200 characters")),
    Field(
        name="statement",
        default="none",
        note=N_("what viewers are to know: none, ai, fiction, marketing or opinion"),
        choices=STATEMENTS,
        habits=("creation_statement", "neutral_mark"),
    ),
    Field(name="dynamic", default="", note=N_("what followers read beside it")),
    Field(name="cover43", default=False, note=N_("send a cover of 4:3 as well")),
    Field(name="no_reprint", default=True, note=N_("forbid others to repost it")),
    Field(
        name="comments",
        default="open",
        note=N_("open, selected or closed"),
        choices=COMMENTS,
        habits=("up_close_reply", "up_selection_reply"),
    ),
    Field(
        name="danmaku",
        default=True,
        note=N_("comments that fly over the picture"),
        habits=("danmu", "up_close_danmu", "up_close_danmaku"),
    ),
    Field(
        name="subtitle",
        default=None,
        note=N_("whether viewers may add subtitles"),
        habits=("subtitles",),
    ),
    Field(name="subtitle.language", default="", note=N_("the language of the video, as zh-CN")),
    Field(name="subtitle.open", default=False, note=N_("let viewers add them")),
    Field(
        name="charging",
        default=False,
        note=N_("show who supports the account"),
        habits=("open_elec", "charging_pay"),
    ),
    Field(name="dolby", default=False, note=N_("the sound is Dolby Atmos")),
    Field(
        name="hires",
        default=False,
        note=N_("the sound is Hi-Res"),
        habits=("lossless_music",),
    ),
    Field(name="watermark", default=False, note=N_("put the account's name on the picture")),
    Field(
        name="season",
        default=12345,
        note=N_("the number of the collection that the video joins"),
        habits=("season_id", "series", "collection"),
    ),
    Field(
        name="topic",
        default=12345,
        note=N_("the number of the topic it takes part in"),
        habits=("topic_id", "mission_id"),
    ),
    Field(
        name="mentions",
        default=None,
        note=N_("whom an @NAME in the description means: the name, and its number"),
        habits=("desc_v2",),
    ),
    Field(
        name="notify_followers",
        default=True,
        note=N_("tell the account's followers"),
        habits=("no_disturbance",),
    ),
    Field(
        name="line",
        default="auto",
        note=N_("by which line the bytes go: auto, or its name, as bda2"),
        habits=("lines", "upcdn"),
    ),
    Field(
        name="extra",
        default=None,
        note=N_("more keys for the submission, passed through as they are"),
        habits=("extra_fields",),
    ),
    Field(
        name="allow_duplicate",
        default=False,
        note=N_("publish the file even if it was published before"),
    ),
)
RESERVED: Final = frozenset({"title", "videos", "cover", "csrf", "aid", "bvid"})
"""What `extra` may not have: it would undo what holds a video to its receipt."""
OLD_NAMES: Final = MappingProxyType(
    {
        "subtitles": "subtitle",
        "up_close_danmaku": "danmaku",
        "up_close_danmu": "danmaku",
        "open_elec": "charging",
    }
)
"""What older tools' documents call a key, and what it is called here."""
SITE: Final = Site(
    name="bilibili",
    limits=LIMITS,
    fields=FIELDS,
    profiles=("web-2026",),
    session=HANDED,
    html=lambda text: text.rstrip("\n").replace("\n", "<br>"),
    absent=MappingProxyType(
        {
            "no-field": ("license", "licence", "location", "recording_date"),
        }
    ),
)
