"""What niconico takes: every limit and name that a video is held against, with its evidence.

Collected in November 2026 from public material; nothing here was asked of the live site.
"""

from __future__ import annotations

import re
import unicodedata
from types import MappingProxyType
from typing import Final

from nicobatch.language import N_
from nicobatch.sites.fields import Choices, Limits
from nicobatch.sites.mending import Allowance

LIMITS: Final = Limits(
    site="niconico",
    title=100,  # dic.nicovideo.jp/a/動画説明
    newline=4,  # each is sent as <br>
    description=1200,  # HTML tags counted. dic.nicovideo.jp/a/動画説明; older texts differ
    tags=6,  # given at posting. The 2021 upload article, a 2022 user guide
    tag_width=40,  # a 2022 user guide
    wide=2,
    containers=frozenset({"mp4", "mov", "mkv"}),  # README.md, section 6
    formats=N_("{file} is in the format {container}; niconico takes MP4, MOV and MKV"),
    file_size=6_000_000_000,  # free account. A 2025-26 developer note; 3 GB in 2018
    duration=6 * 60 * 60,  # free account. A 2025-26 developer note
)
EDIT: Final = "edit"
"""The kind of request that budgets count: before a change of what is published."""
ALLOWANCES: Final = (Allowance("edit_interval", EDIT, 3),)
"""niconico publishes none: edits go no faster than a person's."""

GENRES: Final = MappingProxyType(
    {
        "none": "未設定",
        "entertainment": "エンターテイメント",
        "radio": "ラジオ",
        "music_sound": "音楽・サウンド",
        "dance": "ダンス",
        "animal": "動物",
        "nature": "自然",
        "cooking": "料理",
        "traveling_outdoor": "旅行・アウトドア",
        "vehicle": "乗り物",
        "sports": "スポーツ",
        "society_politics_news": "社会・政治・時事",
        "technology_craft": "技術・工作",
        "commentary_lecture": "解説・講座",
        "anime": "アニメ",
        "game": "ゲーム",
        "other": "その他",
        "r18": "R-18",
    }
)
"""Genre keys and their labels. `GET nvapi /v2/genres` as stored in 2022, and an enum of 2024;
the live list was not seen since, so an unknown key is a warning. `none` is the upload API's."""
_BETWEEN: Final = re.compile(r"[\s・_-]")
"""What people leave out of a genre's name, or write otherwise."""


def genre_key(name: str) -> str | None:
    """Return the key of a genre, given by key or label in any case and width; None if unknown."""
    return name if name in GENRES else _KEYS.get(_folded(name))


def _folded(name: str) -> str:
    return _BETWEEN.sub("", unicodedata.normalize("NFKC", name).casefold())


_KEYS: Final = {_folded(name): key for key, label in GENRES.items() for name in (key, label)}

CHOICES: Final = Choices(labels=GENRES, key=genre_key, fits=bool)
