"""The genres a video can have: `GET nvapi /v2/genres`, as stored in 2022."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

UNSET: Final = "none"
"""Known to the upload API alone; the list of genres leaves it out."""

GENRES: Final = MappingProxyType(
    {
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
