"""What bilibili takes: every limit that a video is held against, with its evidence.

Collected in November 2026 from public material; nothing here was asked of the live site.
"""

from __future__ import annotations

import re
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from nicobatch.language import N_
from nicobatch.sites.bilibili.partitions import HUMAN, human_of
from nicobatch.sites.fields import Choices, Limits
from nicobatch.sites.mending import Allowance

COVER: Final = (960, 600)
"""Pixels, 16:10. biliup #48, and the page, which makes a 4:3 one as well."""
COVER_43: Final = (800, 600)
LIMITS: Final = Limits(
    site="bilibili",
    title=80,  # code 21103; the page's counter says n/80
    description=2000,  # the page's counter; 250 through the doors of apps
    tags=10,  # the page; the server's text says 12
    tag_width=20,  # characters of any width. biliup-rs #180
    tag_blanks=True,
    picture=COVER,
    formats=N_("{file} is in the format {container}; bilibili takes MP4, MOV, MKV and FLV"),
    containers=frozenset({"mp4", "mov", "mkv", "flv", "avi", "asf", "mpegts", "mpeg", "rm"}),
    file_size=16_000_000_000,  # 64 GB from 1000 followers, as the page says in 2026-09
    duration=10 * 60 * 60,  # beyond it refused at submission: biliup #1536
)
LATIN_TAG: Final = 19
"""Latin letters of a tag from which on some were refused with 21005. biliup-rs #180."""
DYNAMIC: Final = 233
SOURCE: Final = 200
SOONEST: Final = timedelta(hours=2)
"""Least time between submission and publication: the page since 2022, both client libraries; an
app's error text says four hours, one reading of 2026 five minutes. Counted at submission."""
LATEST: Final = timedelta(days=15)
EXTENSIONS: Final = frozenset(
    {
        *("mp4", "flv", "avi", "wmv", "mov", "webm", "mpeg4", "ts", "mpg", "rm", "rmvb", "mkv"),
        *("m4v", "vob", "swf", "3gp", "mts", "m2v", "m2ts", "f4v", "m2t", "3g2", "asf"),
    }
)
"""The page's list of what it accepts; it recommends MP4, MOV and MKV."""
AUTH_DAYS: Final = 5
"""How long an upload that has begun may be gone on with. `AUTH_TS_GT_5DAY`."""
PREUPLOAD: Final = "preupload"
SUBMISSION: Final = "submission"
EDIT: Final = "edit"
"""The kinds of request that budgets count: before a file, before a video, and before a change."""
ALLOWANCES: Final = (
    Allowance("preuploads_per_hour", PREUPLOAD, 15, 3600),
    Allowance("submissions_per_day", SUBMISSION, 6, 86_400),
    Allowance("submission_interval", SUBMISSION, 60),
    Allowance("edit_interval", EDIT, 10),
)
"""bilibili publishes none: 601 came after 10 in a row, or some 20 an hour. Of edits nothing is
known; they go no faster than a person's."""
SESSION_WARNING: Final = timedelta(days=14)
BVID: Final = re.compile(r"BV[0-9A-Za-z]{10}")


def _choices(labels: dict[str, str]) -> Choices:
    names = {name.casefold(): key for key, label in labels.items() for name in (key, label)}
    return Choices(
        labels=MappingProxyType(labels), key=lambda name: names.get(name.strip().casefold())
    )


PARTITIONS: Final = Choices(
    labels=MappingProxyType({str(number): name for number, name in HUMAN.items()}),
    key=human_of,
    fits=str.isdecimal,
)
COPYRIGHTS: Final = _choices({"own": "自制", "repost": "转载", "other": "其他"})
STATEMENTS: Final = _choices(
    {
        "none": "无需声明",
        "ai": "含AI生成内容",
        "fiction": "虚构演绎",
        "marketing": "含营销信息",
        "opinion": "个人观点",
    }
)
COMMENTS: Final = _choices({"open": "开放评论", "selected": "精选评论", "closed": "关闭评论"})
