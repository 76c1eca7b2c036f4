"""What niconico knows: its videos, where each stands at a moment, the genres, and who asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal

from flask import request

from nicobatch.sandbox.media import MediaFacts
from nicobatch.sandbox.world import Store

if TYPE_CHECKING:
    from nicobatch.sandbox.world import Account, Refusal, World

FIRST_ID: Final = 39_130_867
"""The upload article's video."""

JST: Final = timezone(timedelta(hours=9))

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
"""The genres a video can have: `GET nvapi /v2/genres`, as stored in 2022."""

_DIGITS: Final = len(str(1 << 53))
_QUEUED_SHARE: Final = 0.2
"""Of the encoding's time, the first part in which the file merely waits its turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """What the first accepted part said of the whole file; later parts must agree."""

    uuid: str
    filename: str
    total_size: int
    total_parts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedFile:
    """The file after `?done`; `media` is None where no frame could be decoded."""

    sha256: str
    size: int
    done_at: float
    media: MediaFacts | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One video, from its creation on; times are seconds since the epoch."""

    id: int
    user_id: int
    created_at: float
    token: str = ""
    """The chunk stream's; empty until the stream was asked for."""
    upload: Upload | None = None
    parts: tuple[int, ...] = ()
    """Indices whose bytes are in the file."""
    file: ReceivedFile | None = None
    thumbnails: Mapping[str, int] = field(default_factory=dict)
    """Index to timing in milliseconds."""
    metadata: Mapping[str, Any] | None = None
    saved: Literal["", "draft", "published"] = ""
    published_at: float | None = None
    deleted_at: float | None = None
    received: Mapping[str, int] = field(default_factory=dict)
    """How often each call arrived."""
    parts_received: Mapping[str, int] = field(default_factory=dict)
    """How often each part arrived whole and was accepted."""

    @property
    def video_id(self) -> str:
        """The id that viewers know."""
        return f"sm{self.id}"

    @property
    def media(self) -> MediaFacts | None:
        """What the file is, where it has come and can be decoded."""
        return self.file.media if self.file else None

    @property
    def seconds(self) -> int:
        """How long the video is; 0 where that is not known."""
        return round(self.media.duration) if self.media else 0

    @property
    def series(self) -> int:
        """The series that it is in; 0 where it is in none."""
        return int((self.metadata or {}).get("series", {}).get("id", 0))

    @property
    def timer(self) -> datetime | None:
        """The moment that the publish timer is set to, if it is in use."""
        timer = (self.metadata or {}).get("publishTimer", {})
        return datetime.fromisoformat(timer["registeredAt"]) if timer.get("use") else None

    def counted(self, call: str) -> Entry:
        """Return the entry with one more arrival of the call."""
        return replace(self, received={**self.received, call: self.received.get(call, 0) + 1})


def _read(data: dict[str, Any]) -> Entry:
    if data["upload"]:
        data["upload"] = Upload(**data["upload"])
    if file := data["file"]:
        file["media"] = MediaFacts(**file["media"]) if file["media"] else None
        data["file"] = ReceivedFile(**file)
    data["parts"] = tuple(data["parts"])
    return Entry(**data)


class FileStatus(StrEnum):
    """`videoFileStatus`, in order; TRANSFERED is niconico's spelling."""

    NOT_UPLOAD = "NOT-UPLOAD"
    ACCEPTED = "ACCEPTED"
    TRANSCODING = "TRANSCODING"
    TRANSFERED = "TRANSFERED"
    FAILED = "TRANSFER-FAILED"


class Visibility(StrEnum):
    """What a visitor meets at the watch page."""

    UNPUBLISHED = "unpublished"
    ENCODING = "encoding"
    PRIVATE = "private"
    SCHEDULED = "scheduled"
    PUBLIC = "public"
    DELETED = "deleted"


_POST_STATUS: Final = {
    FileStatus.ACCEPTED: "PREPARING-REGISTER",
    FileStatus.TRANSCODING: "REGISTERING",
    FileStatus.TRANSFERED: "REGISTERED",
}


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """The rules at one moment `now`; files take `encode_seconds` to be encoded."""

    now: float
    encode_seconds: float

    def file_status(self, entry: Entry) -> FileStatus:
        """Return the `videoFileStatus`."""
        if entry.file is None:
            return FileStatus.NOT_UPLOAD
        elapsed = self.now - entry.file.done_at
        if elapsed < self.encode_seconds * _QUEUED_SHARE:
            return FileStatus.ACCEPTED
        if elapsed < self.encode_seconds:
            return FileStatus.TRANSCODING
        return FileStatus.TRANSFERED if entry.media else FileStatus.FAILED

    def statuses(self, entry: Entry) -> dict[str, str]:
        """Return the four fields of the upload API's `status`."""
        file = self.file_status(entry)
        published = entry.saved == "published"
        post = _POST_STATUS.get(file, "CREATED") if published else "CREATED"
        pictured = bool(entry.thumbnails) or file is FileStatus.TRANSFERED
        return {
            "postStatus": "DELETED" if entry.deleted_at is not None else post,
            "videoFileStatus": file,
            "thumbnailStatus": "AVAILABLE" if pictured else "NOT-AVAILABLE",
            "inputStatus": "COMPLETE" if published else "INCOMPLETE",
        }

    def blocks(self, entry: Entry) -> bool:
        """Say whether the entry keeps its account from creating another one.

        It does until its file is encoded and its input given, a draft being enough. What was
        deleted, or failed to encode, is out of the way.
        """
        file = self.file_status(entry)
        if entry.deleted_at is not None or file is FileStatus.FAILED:
            return False
        return not (file is FileStatus.TRANSFERED and entry.saved)

    def visibility(self, entry: Entry) -> Visibility:
        """Return what a visitor meets."""
        if entry.deleted_at is not None:
            return Visibility.DELETED
        if entry.saved != "published" or entry.metadata is None:
            return Visibility.UNPUBLISHED
        if self.file_status(entry) is not FileStatus.TRANSFERED:
            return Visibility.ENCODING
        if not entry.metadata["publish"]:
            return Visibility.PRIVATE
        waits = entry.timer is not None and entry.timer.timestamp() > self.now
        return Visibility.SCHEDULED if waits else Visibility.PUBLIC

    def registered_at(self, entry: Entry) -> datetime:
        """Return when the video came, or will come, before the public."""
        if entry.timer is not None:
            return entry.timer.astimezone(JST)
        encoded = entry.file.done_at + self.encode_seconds if entry.file else 0
        return japan_time(max(entry.published_at or entry.created_at, encoded))


def japan_time(moment: float) -> datetime:
    """Return the moment (seconds since the epoch) as niconico tells time, to the second."""
    return datetime.fromtimestamp(int(moment), UTC).astimezone(JST)


class Site:
    """The imitation behind one origin."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.store = Store(world.state, _read, first_id=FIRST_ID)

    @property
    def lifecycle(self) -> Lifecycle:
        """The rules, as of this moment."""
        return Lifecycle(self.world.clock(), self.world.encode_seconds)

    def create(self, user_id: int) -> Entry:
        """Make a new entry."""
        now = self.world.clock()
        return self.store.add(
            lambda entry_id: Entry(id=entry_id, user_id=user_id, created_at=now).counted("create")
        )

    def visitor(self) -> Account | None:
        """Return whose session the request carries; None for a guest."""
        session = request.cookies.get("user_session")
        return next((who for who in self.world.accounts if who.user_session == session), None)

    def user(self, refuse: Callable[[int, str], Refusal]) -> Account:
        """Return who is signed in, or refuse the request with 401."""
        account = self.visitor()
        if account is None:
            raise refuse(401, "UNAUTHORIZED")
        return account

    def own(self, entry_id: int, refuse: Callable[[int, str], Refusal]) -> Entry:
        """Return an entry of who is signed in, or refuse the request with 401 or 404."""
        user, entry = self.user(refuse), self.store.get(entry_id)
        if entry is None or entry.user_id != user.user_id:
            raise refuse(404, "NOT_FOUND")
        return entry

    def nickname(self, entry: Entry) -> str | None:
        """Return whose video it is; None once the account is no longer among ours."""
        owner = self.world.account(entry.user_id)
        return owner.nickname if owner else None


def flag_of(account: Account | None) -> str:
    """Return the `x-niconico-authflag` of who is signed in."""
    return "0" if account is None else "3" if account.premium else "1"


def thumbnail_url(entry: Entry) -> str:
    """Return where the request's sender finds the picture that stands for the video."""
    return f"{request.host_url}garage/thumbnails/{entry.id}.jpg"


def whole(text: str) -> int | None:
    """Return the number that at most 16 decimal digits are; None of any other text."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _DIGITS else None
