"""What the page of any site needs: its languages, and names that can't disturb it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from flask import Response, request, send_file

LANGUAGES: Final = ("en", "ja", "zh")

_UNSEEN: Final = (0x61C, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A), 0xFEFF)
_PICTURES: Final[dict[int, int | str]] = {
    **{code: 0x2400 + code for code in range(0x20)},
    0x7F: 0x2421,
    **dict.fromkeys(range(0x80, 0xA0), 0xFFFD),
    **{code: f"<U+{code:04X}>" for code in _UNSEEN},
}
_ESCAPED: Final = {code: f"&lt;U+{code:04X}&gt;" for code in _UNSEEN}

_FRAME: Final = {
    "skip": ("Skip to the videos", "動画の一覧へ", "跳到视频"),
    "band": (
        "A rehearsal on your own machine. Nothing here is on {site}.",
        "手元の練習場です。{site}には何も投稿されていません。",
        "这是在本机上的演练。这里的内容都不在 {site} 上。",
    ),
    "count_one": (
        "1 video, {public} public",
        "動画 1 本、公開中 {public} 本",
        "1 个视频，公开 {public} 个",
    ),
    "count": (
        "{videos} videos, {public} public",
        "動画 {videos} 本、公開中 {public} 本",
        "{videos} 个视频，公开 {public} 个",
    ),
    "reload": ("Reload", "再読み込み", "刷新"),
    "empty": ("No videos yet", "まだ動画がありません", "还没有视频"),
    "empty_hint": (
        "Rehearse a manifest, and its videos appear here:",
        "マニフェストを練習で投稿すると、ここに並びます。",
        "用一份清单演练，其中的视频就会出现在这里：",
    ),
    # On a card
    "tags": ("Tags", "タグ", "标签"),
    "description": ("Description", "説明", "简介"),
    "public": ("Public", "公開中", "已公开"),
    "since": ("since {time}", "{time} から", "自 {time}"),
}
"""What stands around the videos of any site, and on them, by name, in each language."""


def words(
    site: tuple[str, ...], table: Mapping[str, tuple[str, ...]]
) -> Mapping[str, Mapping[str, str]]:
    """Return what the page of a site says, the frame's words and its own: by language and name."""
    band = tuple(words.format(site=name) for words, name in zip(_FRAME["band"], site, strict=True))
    everything = {**_FRAME, "band": band, **table}
    return MappingProxyType(
        {
            language: MappingProxyType({name: each[number] for name, each in everything.items()})
            for number, language in enumerate(LANGUAGES)
        }
    )


def language(chosen: str) -> str:
    """Return the one that was chosen for the sandbox, else what the browser prefers."""
    wanted = request.accept_languages.best_match(LANGUAGES, LANGUAGES[0])
    return chosen or wanted or LANGUAGES[0]


def length(seconds: float) -> str:
    """Return how long a video is, to the second: `1:00`."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"


def pictured(text: str) -> str:
    """Return a name with something to see for what hides, breaks or turns a line."""
    return text.translate(_PICTURES)


def pictured_html(html: str) -> str:
    """Return HTML in which lines may break, but nothing hides or turns them."""
    return html.translate(_ESCAPED)


def send(path: Path, mimetype: str) -> Response:
    """Send a file, or the range of it that was asked for."""
    return send_file(path.resolve(), mimetype=mimetype, conditional=True, max_age=0)
