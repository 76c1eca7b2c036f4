"""A visitor's look at a video: the watch page's JSON, asked for without anybody's sign-in.

`GET www.nicovideo.jp/watch/{sm…}?responseType=json`. Who can't see the video is told why by
`reasonCode`; its values are those that public clients of 2024 to 2026 tell apart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from nicobatch.errors import Passing, VideoFailed
from nicobatch.http import Answer, Http
from nicobatch.language import N_, _
from nicobatch.sites.abilities import printable, read_moment
from nicobatch.sites.niconico.answers import REPEATED, Refusal, error_of, refuse_portal
from nicobatch.sites.niconico.profiles import Profile

_LOOKING: Final = N_("looking at the watch page")
_TIMED: Final = N_("scheduled for {at}")


class Standing(StrEnum):
    """What a visitor meets at the watch page."""

    VISIBLE = N_("visible")
    SCHEDULED = N_("scheduled")
    PRIVATE = N_("private")
    ENCODING = N_("still encoding")
    NOT_FOUND = N_("not found")
    DELETED = N_("deleted")
    WITHHELD = N_("not for every visitor")


SHOWN: Final = frozenset({Standing.VISIBLE, Standing.SCHEDULED})
PENDING: Final = frozenset({Standing.PRIVATE, Standing.ENCODING, Standing.NOT_FOUND})
"""What may be over in a while, where the video is meant to be seen."""
ABSENT: Final = frozenset({Standing.DELETED, Standing.NOT_FOUND})
_REASONS: Final = MappingProxyType(
    {
        "HIDDEN_VIDEO": Standing.PRIVATE,
        "PROCESSING_VIDEO": Standing.ENCODING,  # a guess
        "NOT_FOUND": Standing.NOT_FOUND,
        "DEFAULT": Standing.NOT_FOUND,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What a visitor sees of a video; None is what the page did not tell."""

    standing: Standing
    reason: str = ""
    """niconico's own word for what keeps visitors from it."""
    at: datetime | None = None
    """Since when, or from when on, everybody can see it."""
    title: str | None = None
    description: str | None = None
    """HTML, as niconico shows it."""
    genre: str | None = None
    """Its key, `none` where it is not set."""
    tags: tuple[str, ...] | None = None

    def __str__(self) -> str:
        return self._worded(_)

    @property
    def value(self) -> str:
        """Say it to programs, in no language but theirs."""
        return self._worded(str)

    def _worded(self, translated: Callable[[str], str]) -> str:
        if self.standing is Standing.SCHEDULED and self.at:
            return translated(_TIMED).format(at=moment(self.at))
        standing = translated(self.standing.value)
        told = self.reason and self.standing is not Standing.VISIBLE
        return f"{standing} ({self.reason})" if told else standing


def look(profile: Profile, http: Http, video_id: str) -> Sight:
    """Ask for the page as a visitor; raise Passing or VideoFailed where it tells nothing."""
    url = f"{profile.www}/watch/{video_id}?responseType=json"
    answer = http.send("GET", url)
    refuse_portal(answer)
    response = _response(answer)
    if response is None or answer.status in REPEATED or answer.status >= 500:
        raise _nothing_told(answer)
    video = response.get("video")
    if answer.status == 200 and isinstance(video, dict):
        return _seen(response, video)
    return _kept(response, answer.status)


def moment(at: datetime) -> str:
    """Say the moment, with the offset that niconico or the manifest gave it."""
    return at.strftime("%Y-%m-%d %H:%M %z").strip()


def _response(answer: Answer) -> Mapping[str, Any] | None:
    """Return the JSON's `data.response`, if there is one."""
    try:
        document = answer.json()
    except ValueError:
        return None
    data = document.get("data") if isinstance(document, dict) else None
    response = data.get("response") if isinstance(data, dict) else None
    return response if isinstance(response, dict) else None


def _nothing_told(answer: Answer) -> Exception:
    status = answer.status
    if status in REPEATED or status >= 500:
        return error_of(Refusal(status), answer, _(_LOOKING), entry=False)
    if status == 200:
        return Passing(
            _("{what}: the answer is not the JSON that niconico sends").format(what=_(_LOOKING))
        )
    return VideoFailed(_("{what} was refused: {refusal}").format(what=_(_LOOKING), refusal=status))


def _kept(response: Mapping[str, Any], status: int) -> Sight:
    """Tell what keeps the visitor from the video."""
    code = response.get("reasonCode") or response.get("errorCode") or status
    reason = printable(code)
    at = read_moment(response.get("publishScheduledAt"))
    if at:
        return Sight(standing=Standing.SCHEDULED, reason=reason, at=at)
    if response.get("deletedMessage") or "DELETE" in reason:
        return Sight(standing=Standing.DELETED, reason=reason)
    return Sight(standing=_REASONS.get(reason, Standing.WITHHELD), reason=reason)


def _seen(response: Mapping[str, Any], video: Mapping[str, Any]) -> Sight:
    """Read the page of a video that is there for the visitor."""
    if video.get("isDeleted") is True:
        return Sight(standing=Standing.DELETED)
    if video.get("isPrivate") is True:
        return Sight(standing=Standing.PRIVATE)
    return Sight(
        standing=Standing.VISIBLE,
        at=read_moment(video.get("registeredAt")),
        title=_text(video.get("title")),
        description=_text(video.get("description")),
        genre=_genre(response.get("genre")),
        tags=_tags(response.get("tag")),
    )


def _genre(genre: object) -> str | None:
    if not isinstance(genre, dict):
        return None
    return "none" if genre.get("isNotSet") is True else _text(genre.get("key"))


def _tags(tag: object) -> tuple[str, ...] | None:
    items = tag.get("items") if isinstance(tag, dict) else None
    if not isinstance(items, list):
        return None
    names = (_text(each.get("name")) for each in items if isinstance(each, dict))
    return tuple(name for name in names if name is not None)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
