"""What niconico can't do about a field, or what nobody knows it to do: told before it is tried.

That a published video is changed by `PUT` is a guess itself, which the profiles say of theirs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from nicobatch.language import N_, _
from nicobatch.model import Json, PublishMode
from nicobatch.sites.niconico.metadata import PERMISSION_FLAGS
from nicobatch.sites.niconico.profiles import Profile

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
