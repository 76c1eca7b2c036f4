"""A visitor's look at a video, without anybody's sign-in, and what is otherwise than was asked for.

`GET www.nicovideo.jp/watch/{sm…}?responseType=json`. Who can't see the video is told why by
`reasonCode`; its values are those that public clients of 2024 to 2026 tell apart. What people and
the site change unawares (widths, blanks, links in a description) is no difference.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from nicobatch.errors import Passing, VideoFailed
from nicobatch.http import Answer, Http
from nicobatch.language import N_, _
from nicobatch.model import Inputs
from nicobatch.receipt import read_moment
from nicobatch.sites.abilities import Difference, folded, printable
from nicobatch.sites.niconico.answers import (
    REPEATED,
    Refusal,
    below,
    document_of,
    error_of,
    refuse_portal,
    text_of,
)
from nicobatch.sites.niconico.profiles import Profile

_LOOKING: Final = N_("looking at the watch page")
_TIMED: Final = N_("scheduled for {at}")
OK: Final = 200
SAME_MINUTE: Final = 60.0
"""Seconds by which a timer may be off: niconico's are set to the minute."""
_TAG: Final = re.compile(r"</?[a-z][^>]*>", re.IGNORECASE)
_HINT: Final = N_(
    "it was changed at niconico, or niconico shows it in another way:"
    " look at the video, and run `nicobatch publish` again after a change of the manifest"
)


class Visibility(StrEnum):
    """What a visitor meets at the watch page."""

    VISIBLE = N_("visible")
    SCHEDULED = N_("scheduled")
    PRIVATE = N_("private")
    ENCODING = N_("still encoding")
    NOT_FOUND = N_("not found")
    DELETED = N_("deleted")
    WITHHELD = N_("not for every visitor")


SHOWN: Final = frozenset({Visibility.VISIBLE, Visibility.SCHEDULED})
PENDING: Final = frozenset({Visibility.PRIVATE, Visibility.ENCODING, Visibility.NOT_FOUND})
"""What may be over in a while, where the video is meant to be seen."""
ABSENT: Final = frozenset({Visibility.DELETED, Visibility.NOT_FOUND})
_REASONS: Final = MappingProxyType(
    {
        "HIDDEN_VIDEO": Visibility.PRIVATE,
        "PROCESSING_VIDEO": Visibility.ENCODING,  # a guess
        "NOT_FOUND": Visibility.NOT_FOUND,
        "DEFAULT": Visibility.NOT_FOUND,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What a visitor sees of a video; None is what the page did not tell."""

    visibility: Visibility
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
        if self.visibility is Visibility.SCHEDULED and self.at:
            return translated(_TIMED).format(at=moment(self.at))
        visibility = translated(self.visibility.value)
        told = self.reason and self.visibility is not Visibility.VISIBLE
        return f"{visibility} ({self.reason})" if told else visibility


def look(profile: Profile, http: Http, video_id: str) -> Sight:
    """Ask for the page as a visitor; raise Passing or VideoFailed where it tells nothing."""
    response, status = page(profile, http, video_id)
    video = response.get("video")
    if status == OK and isinstance(video, dict):
        return _seen(response, video)
    return _kept(response, status)


def page(
    profile: Profile, http: Http, video_id: str, cookies: Mapping[str, str] = MappingProxyType({})
) -> tuple[Mapping[str, Any], int]:
    """Ask for the page, as whoever has the cookies; return what it tells, and the status."""
    url = f"{profile.www}/watch/{video_id}?responseType=json"
    answer = http.send("GET", url, cookies=cookies)
    refuse_portal(answer)
    response = below(document_of(answer), "data").get("response")
    if not isinstance(response, dict) or answer.status in REPEATED or answer.status >= 500:
        raise _nothing_told(answer)
    return response, answer.status


def genre_of(response: Mapping[str, Any]) -> str | None:
    """Return the genre's key, `none` where it is not set."""
    genre = below(response, "genre")
    return "none" if genre.get("isNotSet") is True else text_of(genre.get("key"))


def moment(at: datetime) -> str:
    """Say the moment, with the offset that niconico or the manifest gave it."""
    return at.strftime("%Y-%m-%d %H:%M %z").strip()


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
        return Sight(visibility=Visibility.SCHEDULED, reason=reason, at=at)
    if response.get("deletedMessage") or "DELETE" in reason:
        return Sight(visibility=Visibility.DELETED, reason=reason)
    return Sight(visibility=_REASONS.get(reason, Visibility.WITHHELD), reason=reason)


def _seen(response: Mapping[str, Any], video: Mapping[str, Any]) -> Sight:
    """Read the page of a video that is there for the visitor."""
    if video.get("isDeleted") is True:
        return Sight(visibility=Visibility.DELETED)
    if video.get("isPrivate") is True:
        return Sight(visibility=Visibility.PRIVATE)
    tags = below(response, "tag").get("items")
    return Sight(
        visibility=Visibility.VISIBLE,
        at=read_moment(video.get("registeredAt")),
        title=text_of(video.get("title")),
        description=text_of(video.get("description")),
        genre=genre_of(response),
        tags=_names(tags) if isinstance(tags, list) else None,
    )


def _names(tags: list[object]) -> tuple[str, ...]:
    return tuple(filter(None, (text_of(below(tag).get("name")) for tag in tags)))


def differences(wanted: Inputs, sight: Sight) -> list[Difference]:
    """Compare what was asked for, as the metadata's inputs have it, with what is seen."""
    comparisons: tuple[Callable[[Inputs, Sight], Iterator[Difference]], ...] = (
        _title,
        _description,
        _tags,
        _genre,
        _time,
    )
    return [found for compare in comparisons for found in compare(wanted, sight)]


def _title(wanted: Inputs, sight: Sight) -> Iterator[Difference]:
    title = wanted.get("title")
    if sight.title is not None and title and folded(sight.title) != folded(str(title)):
        message = _("visitors see the title “{title}”").format(title=printable(sight.title))
        yield _difference("title", "visible-title-differs", message)


def _description(wanted: Inputs, sight: Sight) -> Iterator[Difference]:
    """Compare the words alone: niconico links ids and addresses, and may add a signature."""
    if sight.description is None or wanted.get("signature"):
        return
    if _words(sight.description) != _words(str(wanted.get("description", ""))):
        message = _("visitors see another description")
        yield _difference("description", "visible-description-differs", message)


def _words(description: str) -> str:
    """Return the text without its HTML and its blanks."""
    return "".join(folded(html.unescape(_TAG.sub("", description))).split())


def _tags(wanted: Inputs, sight: Sight) -> Iterator[Difference]:
    """Look for the manifest's own tags: every viewer may add others."""
    asked_for = wanted.get("tags")
    if sight.tags is None or not isinstance(asked_for, list | tuple):
        return
    seen = {_tag(each) for each in sight.tags}
    for number, tag in enumerate(asked_for):
        if _tag(str(tag)) not in seen:
            message = _("visitors don't see the tag “{tag}”").format(tag=tag)
            yield _difference(f"tags.{number}", "visible-tag-missing", message)


def _tag(text: str) -> str:
    return folded(text.replace("_", " ")).casefold()


def _genre(wanted: Inputs, sight: Sight) -> Iterator[Difference]:
    genre = wanted.get("genre")
    if sight.genre is not None and genre and sight.genre != genre:
        message = _("visitors see the genre {genre}, not {wanted}").format(
            genre=printable(sight.genre), wanted=printable(genre)
        )
        yield _difference("genre", "visible-genre-differs", message)


def _time(wanted: Inputs, sight: Sight) -> Iterator[Difference]:
    """Compare the timers; when a video without one came before the public is nobody's wish."""
    meant = read_moment(wanted.get("publish.at"))
    if sight.at is None or (meant is None and sight.visibility is not Visibility.SCHEDULED):
        return
    if meant is None:
        message = _("visitors will see it from {moment} on, and the manifest gives no time").format(
            moment=moment(sight.at)
        )
        yield _difference("publish", "visible-time-differs", message)
    elif abs((sight.at - meant).total_seconds()) >= SAME_MINUTE:
        message = _("visitors see it from {moment} on, not from {wanted} on").format(
            moment=moment(sight.at), wanted=moment(meant)
        )
        yield _difference("publish.at", "visible-time-differs", message)


def _difference(field: str, rule: str, message: str) -> Difference:
    return Difference(field=field, rule=rule, message=message, hint=_(_HINT))
