"""The garage page: every video of the sandbox as a person would see it."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, abort, render_template

from nicobatch.sandbox import media
from nicobatch.sandbox.page import language as chosen_language
from nicobatch.sandbox.page import length, pictured, pictured_html, send, words
from nicobatch.sites.niconico.sandbox.site import (
    GENRES,
    FileStatus,
    Lifecycle,
    Visibility,
    japan_time,
)
from nicobatch.sites.niconico.sandbox.upload_api import CARD_HEIGHT

if TYPE_CHECKING:
    from pathlib import Path

    from flask.typing import ResponseReturnValue

    from nicobatch.sites.niconico.sandbox.site import Entry, Site

_TABLE: Final = {
    "page": ("Garage", "投稿動画", "投稿的视频"),
    "as_of": ("as of {time}, times in JST", "{time} 現在（日本時間）", "截至 {time}（日本时间）"),
    # On a card
    "length": ("Length", "長さ", "时长"),
    "untitled": ("(no title yet)", "（題名はまだ）", "（还没有标题）"),
    "permissions": ("Permissions", "許可", "许可"),
    "on": ("on", "許可", "允许"),
    "off": ("off", "不可", "不允许"),
    "all_on": ("all on", "すべて許可", "全部允许"),
    "all_off": ("all off", "すべて不可", "全部不允许"),
    "all_but": ("all on but {names}", "{names}以外を許可", "除{names}外全部允许"),
    "and": (" and ", "と", "和"),
    "some_on": ("{on} of {all} on", "{all} 件中 {on} 件を許可", "{all} 项中允许 {on} 项"),
    # Where a video stands
    "deleted": ("Deleted", "削除済み", "已删除"),
    "failed": ("Encoding failed", "エンコード失敗", "转码失败"),
    "encoding": ("Encoding", "エンコード中", "转码中"),
    "details": ("Waiting for its details", "情報入力待ち", "等待填写信息"),
    "draft": ("Draft", "下書き", "草稿"),
    "file": ("Waiting for its file", "ファイル待ち", "等待文件"),
    "uploading": (
        "Uploading, {come} of {all} parts",
        "アップロード中（{all} 個中 {come} 個）",
        "上传中（{all} 个分片中的 {come} 个）",
    ),
    "private": ("Private", "非公開", "仅自己可见"),
    "scheduled": ("Scheduled", "予約投稿", "定时发布"),
    "at": ("at {time}", "{time} に公開", "{time} 公开"),
    "on_day": ("{time}", "{time}", "{time}"),
    # And what is to be said of that
    "failed_note": (
        "No picture could be decoded from the file.",
        "ファイルから映像を取り出せませんでした。",
        "无法从文件中解码出画面。",
    ),
    "draft_note": (
        "Nobody sees it until it is published.",
        "公開するまで、だれにも見えません。",
        "公开之前，谁也看不到。",
    ),
    "no_details_note": (
        "Its details were not sent yet.",
        "情報はまだ送られていません。",
        "信息尚未发送。",
    ),
    "as_draft_note": ("Saved as a draft.", "下書きとして保存されています。", "已保存为草稿。"),
    "soon_note": (
        "Published as soon as that is done.",
        "終わりしだい公開されます。",
        "完成后立即公开。",
    ),
    # Permissions, by the upload API's names
    "allowNgShareFlag": ("NG share", "NG 共有", "共享 NG"),
    "allowOutsidePlayerFlag": ("outside player", "外部プレイヤー", "站外播放"),
    "allowUadFlag": ("nico ads", "ニコニ広告", "广告投放"),
    "allowNicoliveFlag": ("nicolive", "生放送での引用", "直播引用"),
    "allowUserTranslateFlag": ("translation", "コメント翻訳", "评论翻译"),
    "allowRegularUserTagEditFlag": ("tag editing", "タグ編集", "标签编辑"),
    "allowCaptureTweet": ("capture tweet", "静止画の投稿", "截图发布"),
    "allowClipTweet": ("clip tweet", "切り抜きの投稿", "片段发布"),
    "allowGift": ("gifts", "ギフト", "礼物"),
}

_WORDS: Final = words(("niconico", "ニコニコ", "niconico"), _TABLE)
_PERMISSIONS: Final = tuple(name for name in _TABLE if name.startswith("allow"))

_FEW: Final = 2
"""Exceptions that are worth being named."""

_ALLOWED: Final = frozenset({"b", "big", "br", "em", "font", "i", "s", "small", "strong", "u"})
_VALUES: Final = {"color": re.compile(r"#?[0-9A-Za-z]{1,32}"), "size": re.compile(r"[+-]?[0-9]")}
"""The markup of descriptions that niconico's users write, and what `font` may say; a guess."""

_MEDIA_TYPES: Final = {"matroska,webm": "video/webm"}
"""Chromium plays MOV as MP4, and says no to `video/quicktime`."""


@dataclass(frozen=True, slots=True)
class State:
    """Where a video stands: names of words; `kind` picks the colour."""

    kind: str
    label: str
    moment: datetime | None = None
    when: str = ""
    """How the moment is told."""
    note: str = ""
    parts: tuple[int, int] | None = None
    """How many have come, of how many."""


def routes(site: Site) -> Blueprint:
    """Return the page and the files that it shows."""
    blueprint = Blueprint("garage_page", __name__, template_folder="templates")
    page = _GaragePage(site)
    blueprint.add_url_rule("/garage/videos", "videos", page.videos)
    blueprint.add_url_rule("/garage/media/<int:entry_id>", "media", page.media)
    blueprint.add_url_rule("/garage/thumbnails/<int:entry_id>.jpg", "thumbnail", page.thumbnail)
    return blueprint


class _GaragePage:
    def __init__(self, site: Site) -> None:
        self._site = site

    def videos(self) -> str:
        language = chosen_language(self._site.world.language)
        newest_first = reversed(list(self._site.store))
        cards = [card(entry, self._site, language) for entry in newest_first]
        return render_template(
            "niconico/garage.html",
            cards=cards,
            visible=sum(each["state"].kind == "public" for each in cards),
            now=japan_time(self._site.world.clock()),
            language=language,
            say=_WORDS[language],
            allowed=allowed,
        )

    def media(self, entry_id: int) -> ResponseReturnValue:
        entry = self._playable(entry_id)
        container = entry.media.container if entry.media else ""
        mimetype = _MEDIA_TYPES.get(container, "video/mp4")
        return send(self._site.store.file(entry_id), mimetype)

    def thumbnail(self, entry_id: int) -> ResponseReturnValue:
        entry = self._playable(entry_id)
        path = self._site.store.thumbnail(entry_id, _chosen(entry))
        if not path.exists():
            self._choose(entry, path)
        return send(path, "image/jpeg")

    def _choose(self, entry: Entry, path: Path) -> None:
        """Stand in for the site, which picks a frame where the owner did not."""
        middle = round(entry.media.duration * 500) if entry.media else 0
        file = self._site.store.file(entry.id)
        try:
            (picture,) = media.frame_jpegs(file, middle, CARD_HEIGHT)
        except media.Undecodable:
            abort(404)
        path.write_bytes(picture.data)

    def _playable(self, entry_id: int) -> Entry:
        entry = self._site.store.get(entry_id)
        if entry is None or not _is_playable(entry):
            abort(404)
        return entry


def card(entry: Entry, site: Site, language: str) -> Mapping[str, Any]:
    """Return what the page shows of an entry; `description` alone is HTML, and safe."""
    metadata = entry.metadata or {}
    permitted = metadata.get("permissionSettings", {})
    named = entry.upload.filename if entry.upload else ""
    genre, detail = metadata.get("genreKey", ""), metadata.get("detail", "")
    return {
        "id": entry.id,
        "video_id": entry.video_id,
        "title": pictured(metadata.get("title") or named),
        "owner": site.world.owner(entry.user_id),
        "state": state(entry, site.lifecycle),
        "genre": GENRES.get(genre, "") if language == "ja" else genre,
        "tags": [pictured(tag) for tag in metadata.get("tags", ())],
        "description": shown(detail),
        # Colours were chosen for white paper.
        "is_coloured": "<font" in detail,
        "permissions": [(name, permitted[name]) for name in _PERMISSIONS if name in permitted],
        "playable": _is_playable(entry),
        "length": length(entry.seconds) if entry.media else "",
    }


def allowed(permissions: Sequence[tuple[str, bool]], say: Mapping[str, str]) -> str:
    """Say what the permissions come to, at a glance."""
    off = [say[name] for name, is_on in permissions if not is_on]
    if len(off) == len(permissions):
        return say["all_off"]
    if len(off) <= _FEW:
        return say["all_but"].format(names=say["and"].join(off)) if off else say["all_on"]
    return say["some_on"].format(on=len(permissions) - len(off), all=len(permissions))


def state(entry: Entry, lifecycle: Lifecycle) -> State:
    """Return where the video stands."""
    if entry.deleted_at is not None:
        return State("deleted", "deleted", japan_time(entry.deleted_at), "on_day")
    file = lifecycle.file_status(entry)
    if file is FileStatus.NOT_UPLOAD:
        if entry.upload is None:
            return State("waiting", "file")
        return State("uploading", "uploading", parts=(len(entry.parts), entry.upload.total_parts))
    if file is FileStatus.FAILED:
        return State("failed", "failed", note="failed_note")
    if file is not FileStatus.TRANSFERED:
        return State("encoding", "encoding", note=_NEXT.get(entry.saved, "no_details_note"))
    if not entry.saved:
        return State("waiting", "details")
    if entry.saved == "draft":
        return State("draft", "draft", note="draft_note")
    return _published(entry, lifecycle)


_NEXT: Final = {"draft": "as_draft_note", "published": "soon_note"}


def _published(entry: Entry, lifecycle: Lifecycle) -> State:
    moment = lifecycle.registered_at(entry)
    match lifecycle.visibility(entry):
        case Visibility.PRIVATE:
            return State("private", "private", moment, "since")
        case Visibility.SCHEDULED:
            return State("scheduled", "scheduled", moment, "at")
        case _:
            return State("public", "public", moment, "since")


def shown(detail: str) -> str:
    """Return a description's HTML with nothing in it but harmless markup; "" if it has no words."""
    import nh3

    if not html.unescape(nh3.clean(detail, tags=set())).strip():
        return ""
    clean = nh3.clean(
        detail,
        tags=set(_ALLOWED),
        attributes={"font": set(_VALUES)},
        attribute_filter=_attribute,
        link_rel=None,
    )
    return pictured_html(clean).replace("<br>", "<br>\n")


def _attribute(_tag: str, name: str, value: str) -> str | None:
    form = _VALUES.get(name)
    return value if form and form.fullmatch(value) else None


def _is_playable(entry: Entry) -> bool:
    return entry.deleted_at is None and entry.media is not None


def _chosen(entry: Entry) -> str:
    """Return the index of the thumbnail that stands for the video."""
    chosen = (entry.metadata or {}).get("thumbnail", {}).get("selectThumbnailIndex", "0")
    return chosen if chosen in entry.thumbnails else "auto"
