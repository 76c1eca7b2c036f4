"""What niconico accepts: every limit and name that a manifest is held against, with its evidence.

Collected in November 2026 from public material; nothing here was asked of the live site.
"""

from __future__ import annotations

import re
import unicodedata
from types import MappingProxyType
from typing import Final

TITLE_LENGTH: Final = 100
"""Characters. dic.nicovideo.jp/a/動画説明."""

DESCRIPTION_LENGTH: Final = 1200
"""Characters, HTML tags counted. dic.nicovideo.jp/a/動画説明; a warning, as older texts differ."""

TAGS: Final = 6
"""Tags given at posting. The 2021 upload article, a 2022 user guide."""

TAG_WIDTH: Final = 40
"""Half-width characters, a full-width one counting as two. A 2022 user guide."""

FILE_SIZE: Final = 6_000_000_000
"""Bytes, free account. A 2025-26 developer note; 3 GB in 2018. A warning."""

DURATION: Final = 6 * 60 * 60
"""Seconds, free account. A 2025-26 developer note. A warning."""

WIDE_ASPECT: Final = (16, 9)
"""The shape of the player: wider videos are WIDE, taller ones TALL. The 2021 upload article."""

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
