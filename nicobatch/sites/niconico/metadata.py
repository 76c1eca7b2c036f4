"""The metadata body: a manifest's video in the site's own words, and only those it knows.

Shape: `POST /v2/videos/{id}` as the upload page of 2024-2026 and the 2021 article send it.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta, timezone
from types import MappingProxyType
from typing import Any, Final

from nicobatch.errors import VideoFailed
from nicobatch.language import N_, _
from nicobatch.model import Inputs, Json, PublishMode, Video
from nicobatch.sites.abilities import OwnVideo, Standing
from nicobatch.sites.niconico.cropping import Aspect
from nicobatch.sites.niconico.fields import Community, html_lines, options
from nicobatch.sites.niconico.limits import GENRES, genre_key
from nicobatch.sites.niconico.profiles import Profile

JST: Final = timezone(timedelta(hours=9))
CROP_MODES: Final = MappingProxyType({Aspect.STANDARD: 0, Aspect.TALL: 1, Aspect.WIDE: 2})
"""`cropMode` beside each `aspectBias`, as the 2021 article pairs them."""
PERMISSION_FLAGS: Final = MappingProxyType(
    {
        "ng_share": "allowNgShareFlag",
        "outside_player": "allowOutsidePlayerFlag",
        "uad": "allowUadFlag",
        "nicolive": "allowNicoliveFlag",
        "user_translate": "allowUserTranslateFlag",
        "regular_user_tag_edit": "allowRegularUserTagEditFlag",
        "capture_tweet": "allowCaptureTweet",
        "clip_tweet": "allowClipTweet",
        "gift": "allowGift",
    }
)
_PERMISSIONS: Final = {f"permissions.{name}": name for name in PERMISSION_FLAGS}
"""By the manifest's name for it, each member of the permissions."""
_MODES: Final = MappingProxyType(
    {
        Standing.PUBLIC: PublishMode.PUBLIC,
        Standing.PRIVATE: PublishMode.PRIVATE,
        Standing.SCHEDULED: PublishMode.SCHEDULED,
    }
)
_BREAK: Final = re.compile(r"<br\s*/?>\n?", re.IGNORECASE)

_INVALID: Final = 400
"""The status of metadata that is not taken."""
_GENRE: Final = N_(
    "write a genre that niconico has at {place}, and run it again: nothing is uploaded twice;"
    " known: {known}"
)


def inputs(video: Video, aspect: Aspect) -> Inputs:
    """Return all that the metadata rests on, under the manifest's names."""
    own = options(video)
    return {
        "title": video.title,
        "description": video.description,
        "tags": list(video.tags),
        "genre": own.genre,
        "thumbnail.timing": video.thumbnail.timing,
        "thumbnail.aspect": aspect.value,
        "thumbnail.position": options(video).cropping.position,
        "publish": video.publish.mode.value,
        "publish.at": video.publish.at and video.publish.at.astimezone(JST).isoformat(),
        **{key: getattr(own.permissions, name) for key, name in _PERMISSIONS.items()},
        "series": own.series and {"id": own.series.id, "add_to_head": own.series.add_to_head},
        "community": own.community and _community(own.community),
        "signature": own.signature,
        "notify_by_email": own.notify_by_email,
        "exclude_from_upload_list": own.exclude_from_upload_list,
        "thanks_message": own.thanks_message,
        "parent_works": list(own.parent_works),
    }


def as_listed(wanted: Inputs, own: OwnVideo) -> Inputs:
    """Return the wanted inputs with what the account's list tells otherwise of the video.

    It tells the title, the description and who can see it; the rest is taken to be as wanted.
    """
    there = dict(wanted)
    if own.title is not None:
        there["title"] = own.title
    wanted_lines = text_lines(html_lines(str(wanted.get("description", ""))))
    if own.description is not None and text_lines(own.description) != wanted_lines:
        there["description"] = text_lines(own.description)
    mode = _MODES.get(own.standing)
    if mode and mode != wanted.get("publish"):
        there["publish"] = mode.value
        timed = own.registered_at if mode is PublishMode.SCHEDULED else None
        there["publish.at"] = timed.isoformat() if timed else None
    return there


def body(profile: Profile, entry: int, video: Video, aspect: Aspect) -> dict[str, Any]:
    """Return the whole body for the entry, without the keys that the profile doesn't know."""
    own = options(video)
    everything: dict[str, Any] = {
        "id": entry,
        "title": video.title,
        "detail": html_lines(video.description),
        "signature": {"display": own.signature},
        "publish": video.publish.mode in (PublishMode.PUBLIC, PublishMode.SCHEDULED),
        "publishTimer": _timer(video),
        "community": _community(own.community),
        "videoLive": {"enable": False},
        "tags": list(video.tags),
        "genreKey": own.genre,
        "thumbnail": _thumbnail(video, aspect),
        "permissionSettings": _permissions(profile, video),
        "notification": {"email": own.notify_by_email},
        "excludeFromUploadList": own.exclude_from_upload_list,
        "thanksMessage": {"isVisible": bool(own.thanks_message), "content": own.thanks_message},
        "commonsParentIds": list(own.parent_works),
    }
    if own.series:  # an empty series block is refused
        everything["series"] = {"id": own.series.id, "addToHead": own.series.add_to_head}
    return {key: value for key, value in everything.items() if key in profile.metadata_keys}


@contextlib.contextmanager
def explained(video: Video, refused: Callable[[str], None]) -> Iterator[None]:
    """Tell `refused` where what is refused is a genre unknown here, and say what to write."""
    try:
        yield
    except VideoFailed as error:
        is_unknown = error.status == _INVALID and genre_key(options(video).genre) is None
        if is_unknown and (not error.detail or "genre" in error.detail.lower()):
            refused(options(video).genre)
            known = ", ".join(GENRES)
            error.hint = _(_GENRE).format(place=video.where("genre"), known=known)
        raise


def text_lines(detail: str) -> str:
    """Return niconico's description with its `<br>` as the newlines that a manifest has."""
    return _BREAK.sub("\n", detail).rstrip("\n")


def _timer(video: Video) -> Mapping[str, Any]:
    at = video.publish.at
    if at is None:
        return {"use": False, "registeredAt": None}
    return {"use": True, "registeredAt": at.astimezone(JST).isoformat(timespec="seconds")}


def _community(community: Community | None) -> Mapping[str, Any]:
    if community is None:
        return {"belongs": False, "id": "", "communityOnly": False, "groupWorkFlag": False}
    return {
        "belongs": True,
        "id": community.id,
        "communityOnly": community.only,
        "groupWorkFlag": community.group_work,
    }


def _thumbnail(video: Video, aspect: Aspect) -> Mapping[str, Any]:
    return {
        "selectThumbnailIndex": "0",
        "aspectBias": aspect.value.upper(),
        "cropMode": CROP_MODES[aspect],
        "position": options(video).cropping.position,
    }


def _permissions(profile: Profile, video: Video) -> Mapping[str, bool]:
    return {
        flag: getattr(options(video).permissions, name)
        for name, flag in PERMISSION_FLAGS.items()
        if flag in profile.permission_flags
    }


# What niconico can't do about a field, or what nobody knows it to do: told before it is tried.
# That a published video is changed by `PUT` is a guess itself, which the profiles say of theirs.


KEYS: Final = MappingProxyType(
    {
        "title": "title",
        "description": "detail",
        "tags": "tags",
        "genre": "genreKey",
        "thumbnail.timing": "thumbnail",
        "thumbnail.aspect": "thumbnail",
        "thumbnail.position": "thumbnail",
        "publish": "publish",
        "publish.at": "publishTimer",
        "series": "series",
        "community": "community",
        "signature": "signature",
        "notify_by_email": "notification",
        "exclude_from_upload_list": "excludeFromUploadList",
        "thanks_message": "thanksMessage",
        "parent_works": "commonsParentIds",
        **{f"permissions.{name}": "permissionSettings" for name in PERMISSION_FLAGS},
    }
)
"""By field, the metadata's key that carries it."""
_UNSENT: Final = N_("the profile {profile} knows no {field}, so nothing is sent for it")


@dataclass(frozen=True, slots=True)
class _Doubt:
    """A change of a field that niconico doesn't make, or may not make."""

    field: str
    befalls: Callable[[Json, Json], bool]
    """Tells it by the old and the new value."""
    message: str
    only_published: bool = False


_DOUBTS: Final = (
    _Doubt(
        "thumbnail.timing",
        lambda old, new: old is not None and new is None,
        N_("niconico keeps the thumbnail that it has: only another timing changes it"),
    ),
    _Doubt(
        "series",
        lambda old, new: bool(old) and not new,
        N_(
            "nobody has tried whether niconico takes a video out of its series this way:"
            " look at it in the garage"
        ),
    ),
    _Doubt(
        "publish",
        lambda old, new: (old, new) == (PublishMode.PUBLIC, PublishMode.SCHEDULED),
        N_("visitors see it already, and nobody has tried whether a timer hides it again"),
    ),
    _Doubt(
        "publish.at",
        lambda old, new: bool(old) and bool(new),
        N_(
            "if the old time has passed, visitors see it already,"
            " and nobody has tried whether a new one hides it again"
        ),
    ),
    _Doubt(
        "notify_by_email",
        lambda old, new: bool(new) and not old,
        N_("niconico sends its mail when a video is published, and this one is already"),
        only_published=True,
    ),
)


def note(profile: Profile, field: str, old: Json, new: Json, *, published: bool) -> str:
    """Return what niconico can't do about the field's change; nothing if all is well."""
    if (_is_wish(old) or _is_wish(new)) and not _is_sent(profile, field):
        return _(_UNSENT).format(profile=profile.name, field=field)
    for doubt in _DOUBTS:
        is_due = published or not doubt.only_published
        if is_due and doubt.field == field and doubt.befalls(old, new):
            return _(doubt.message)
    return ""


def _is_wish(value: Json) -> bool:
    """Tell a value that was chosen from what a video has anyway: nothing, and every permission."""
    return value is False or (value is not True and bool(value))


def _is_sent(profile: Profile, field: str) -> bool:
    permission = PERMISSION_FLAGS.get(field.removeprefix("permissions."))
    if permission:
        return permission in profile.permission_flags
    return field not in KEYS or KEYS[field] in profile.metadata_keys
