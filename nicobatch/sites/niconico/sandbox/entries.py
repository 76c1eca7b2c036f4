"""What niconico knows of a video, and where it stands at a moment: pure rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Literal

from nicobatch.sandbox.media import MediaFacts
from nicobatch.sandbox.store import Store

FIRST_ID: Final = 39_130_867
"""The upload article's video."""

JST: Final = timezone(timedelta(hours=9))

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

    def counted(self, call: str) -> Entry:
        """Return the entry with one more arrival of the call."""
        return replace(self, received={**self.received, call: self.received.get(call, 0) + 1})


class Entries(Store[Entry]):
    """All entries."""

    def __init__(self, root: Path) -> None:
        super().__init__(root, _read)

    def create(self, user_id: int, now: float) -> Entry:
        """Make a new entry."""
        return self.add(
            FIRST_ID,
            lambda entry_id: Entry(id=entry_id, user_id=user_id, created_at=now).counted("create"),
        )


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
        return FileStatus.TRANSFERED if entry.file.media else FileStatus.FAILED

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

    def is_registered(self, entry: Entry) -> bool:
        """Say whether the video is in its owner's list: published, encoded and not deleted."""
        return self.statuses(entry)["postStatus"] == "REGISTERED"

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
        timer = timer_of(entry)
        waits = timer is not None and timer.timestamp() > self.now
        return Visibility.SCHEDULED if waits else Visibility.PUBLIC

    def registered_at(self, entry: Entry) -> datetime:
        """Return when the video came, or will come, before the public."""
        timer = timer_of(entry)
        if timer is not None:
            return timer.astimezone(JST)
        encoded = entry.file.done_at + self.encode_seconds if entry.file else 0
        return japan_time(max(entry.published_at or entry.created_at, encoded))


def timer_of(entry: Entry) -> datetime | None:
    """Return the moment that the publish timer is set to, if it is in use."""
    timer = (entry.metadata or {}).get("publishTimer", {})
    return datetime.fromisoformat(timer["registeredAt"]) if timer.get("use") else None


def japan_time(moment: float) -> datetime:
    """Return the moment (seconds since the epoch) as niconico tells time, to the second."""
    return datetime.fromtimestamp(int(moment), UTC).astimezone(JST)
