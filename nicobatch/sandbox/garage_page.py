"""The garage page: every video of the sandbox as a person would see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Final

from flask import Blueprint, abort, render_template, send_file

from nicobatch.sandbox import media
from nicobatch.sandbox.garage_api import CARD_HEIGHT
from nicobatch.sandbox.genres import GENRES
from nicobatch.sandbox.lifecycle import FileStatus, Lifecycle, Visibility, japan_time, timer_of

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue
    from werkzeug.wrappers import Response

    from nicobatch.sandbox.site import Site
    from nicobatch.sandbox.store import Entry

_BLOCKS: Final = frozenset({"br", "p", "div", "li", "tr"})
"""Tags of a description that begin a new line."""

_PERMISSIONS: Final = {
    "allowNgShareFlag": "NG share",
    "allowOutsidePlayerFlag": "outside player",
    "allowUadFlag": "nico ads",
    "allowNicoliveFlag": "nicolive",
    "allowUserTranslateFlag": "translation",
    "allowRegularUserTagEditFlag": "tag editing",
    "allowCaptureTweet": "capture tweet",
    "allowClipTweet": "clip tweet",
    "allowGift": "gifts",
}

_FEW: Final = 2
"""Exceptions that are worth being named."""

_MEDIA_TYPES: Final = {"matroska,webm": "video/webm"}
"""Chromium plays MOV as MP4, and says no to `video/quicktime`."""


@dataclass(frozen=True, slots=True)
class State:
    """Where a video stands, in words; `kind` picks the colour."""

    kind: str
    english: str
    japanese: str
    moment: datetime | None = None
    note: str = ""
    parts: tuple[int, int] | None = None
    """How many have come, of how many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One video on the page."""

    id: int
    video_id: str
    title: str
    owner: str
    state: State
    genre: str
    tags: tuple[str, ...]
    description: str
    permissions: tuple[tuple[str, bool], ...]
    playable: bool
    length: str

    @property
    def allowed(self) -> str:
        """What the permissions come to, at a glance."""
        off = [name for name, allowed in self.permissions if not allowed]
        if len(off) == len(self.permissions):
            return "all off"
        if len(off) <= _FEW:
            return f"all on but {' and '.join(off)}" if off else "all on"
        return f"{len(self.permissions) - len(off)} of {len(self.permissions)} on"


def routes(site: Site) -> Blueprint:
    """Return the page and the files that it shows."""
    blueprint = Blueprint("garage_page", __name__)
    page = _GaragePage(site)
    blueprint.add_url_rule("/garage/videos", "videos", page.videos)
    blueprint.add_url_rule("/garage/media/<int:entry_id>", "media", page.media)
    blueprint.add_url_rule("/garage/thumbnails/<int:entry_id>.jpg", "thumbnail", page.thumbnail)
    return blueprint


class _GaragePage:
    def __init__(self, site: Site) -> None:
        self._site = site

    def videos(self) -> str:
        lifecycle = self._site.lifecycle
        newest_first = reversed(list(self._site.store))
        cards = [card(entry, self._site, lifecycle) for entry in newest_first]
        visible = sum(each.state.kind == "public" for each in cards)
        now = japan_time(self._site.clock())
        return render_template("garage.html", cards=cards, visible=visible, now=now)

    def media(self, entry_id: int) -> ResponseReturnValue:
        entry = self._playable(entry_id)
        container = entry.file.media.container if entry.file and entry.file.media else ""
        mimetype = _MEDIA_TYPES.get(container, "video/mp4")
        return _file(self._site.store.file(entry_id), mimetype)

    def thumbnail(self, entry_id: int) -> ResponseReturnValue:
        entry = self._playable(entry_id)
        path = self._site.store.thumbnail(entry_id, _chosen(entry))
        if not path.exists():
            self._choose(entry, path)
        return _file(path, "image/jpeg")

    def _choose(self, entry: Entry, path: Path) -> None:
        """Stand in for the site, which picks a frame where the owner did not."""
        facts = entry.file.media if entry.file else None
        middle = round(facts.duration * 500) if facts else 0
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


def card(entry: Entry, site: Site, lifecycle: Lifecycle) -> Card:
    """Return what the page shows of an entry."""
    metadata, owner = entry.metadata or {}, site.owner(entry)
    allowed = metadata.get("permissionSettings", {})
    named = entry.upload.filename if entry.upload else ""
    facts = entry.file.media if entry.file else None
    seconds = round(facts.duration) if facts else 0
    return Card(
        id=entry.id,
        video_id=entry.video_id,
        title=metadata.get("title") or named,
        owner=owner.nickname if owner else str(entry.user_id),
        state=state(entry, lifecycle),
        genre=GENRES.get(metadata.get("genreKey", ""), ""),
        tags=tuple(metadata.get("tags", ())),
        description=plain_text(metadata.get("detail", "")),
        permissions=tuple(
            (_PERMISSIONS[name], allowed[name]) for name in _PERMISSIONS if name in allowed
        ),
        playable=_is_playable(entry),
        length=f"{seconds // 60}:{seconds % 60:02}" if facts else "",
    )


def state(entry: Entry, lifecycle: Lifecycle) -> State:
    """Return where the video stands."""
    if entry.deleted_at is not None:
        return State("deleted", "Deleted", "削除済み", japan_time(entry.deleted_at))
    file = lifecycle.file_status(entry)
    if file is FileStatus.NOT_UPLOAD:
        return _uploading(entry)
    if file is FileStatus.FAILED:
        note = "No picture could be decoded from the file."
        return State("failed", "Encoding failed", "エンコード失敗", note=note)
    if file is not FileStatus.TRANSFERED:
        note = _NEXT.get(entry.saved, "Its details were not sent yet.")
        return State("encoding", "Encoding", "エンコード中", note=note)
    if not entry.saved:
        return State("waiting", "Waiting for its details", "情報入力待ち")
    if entry.saved == "draft":
        return State("draft", "Draft", "下書き", note="Nobody sees it until it is published.")
    return _published(entry, lifecycle)


_NEXT: Final = {"draft": "Saved as a draft.", "published": "Published as soon as that is done."}


def _uploading(entry: Entry) -> State:
    if entry.upload is None:
        return State("waiting", "Waiting for its file", "ファイル待ち")
    parts = len(entry.parts), entry.upload.total_parts
    words = f"Uploading, {parts[0]} of {parts[1]} parts"
    return State("uploading", words, "アップロード中", parts=parts)


def _published(entry: Entry, lifecycle: Lifecycle) -> State:
    moment = lifecycle.registered_at(entry)
    match lifecycle.visibility(entry):
        case Visibility.PRIVATE:
            return State("private", "Private since", "非公開", moment)
        case Visibility.SCHEDULED:
            return State("scheduled", "Scheduled at", "予約投稿", timer_of(entry) and moment)
        case _:
            return State("public", "Public since", "公開中", moment)


def plain_text(html: str) -> str:
    """Return the text of a description: its tags dropped, its line breaks kept."""
    reader = _TextReader()
    reader.feed(html)
    reader.close()
    return "".join(reader.texts).strip()


class _TextReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        if tag in _BLOCKS:
            self.texts.append("\n")

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def _is_playable(entry: Entry) -> bool:
    return entry.deleted_at is None and entry.file is not None and entry.file.media is not None


def _chosen(entry: Entry) -> str:
    """Return the index of the thumbnail that stands for the video."""
    chosen = (entry.metadata or {}).get("thumbnail", {}).get("selectThumbnailIndex", "0")
    return chosen if chosen in entry.thumbnails else "auto"


def _file(path: Path, mimetype: str) -> Response:
    """Send a file, or the range of it that was asked for."""
    return send_file(path.resolve(), mimetype=mimetype, conditional=True, max_age=0)
