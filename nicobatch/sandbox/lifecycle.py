"""Where a video stands at a moment, from what was received and when: pure rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from typing import Final

from nicobatch.sandbox.store import Entry

JST: Final = timezone(timedelta(hours=9))

_QUEUED_SHARE: Final = 0.2
"""Of the encoding's time, the first part in which the file merely waits its turn."""


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
