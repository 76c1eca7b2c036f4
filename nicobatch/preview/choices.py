"""What the manifest chose for a video beyond its words: who can see it, and what is permitted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import tzinfo
from types import MappingProxyType
from typing import Final

from nicobatch.language import N_, _
from nicobatch.model import Permissions, PublishMode, Video
from nicobatch.preview.wording import moment

AUDIENCE: Final = MappingProxyType(
    {
        PublishMode.PUBLIC: N_("Everybody, as soon as it is published"),
        PublishMode.PRIVATE: N_("Nobody but you"),
        PublishMode.DRAFT: N_("Nobody: it is kept as a draft"),
        PublishMode.SCHEDULED: N_("Everybody, from {time}"),
    }
)
PERMISSIONS: Final = MappingProxyType(
    {
        "ng_share": N_("Sharing NG settings"),
        "outside_player": N_("Playing it on other sites"),
        "uad": N_("Advertising it (Nico-Ad)"),
        "nicolive": N_("Quoting it in live programmes"),
        "user_translate": N_("Translating its comments"),
        "regular_user_tag_edit": N_("Editing of tags by viewers"),
        "capture_tweet": N_("Posting stills of it"),
        "clip_tweet": N_("Posting clips of it"),
        "gift": N_("Gifts"),
    }
)


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that the manifest chose, under the manifest's name."""

    name: str
    label: str
    value: str
    is_usual: bool
    """Whether it would be the same if the manifest said nothing of it."""


def audience(video: Video, zone: tzinfo | None) -> str:
    """Say who is to see the video, and from when."""
    at = video.publish.at
    words = _(AUDIENCE[video.publish.mode]).format(time=moment(at, zone) if at else "")
    if video.community and video.community.only:
        only = _("{audience}, among the members of community {id}")
        return only.format(audience=words, id=video.community.id)
    return words


def choices(video: Video) -> tuple[Choice, ...]:
    """Return all of the video's permissions, and what else was chosen for it."""
    return (*_others(video), *_permissions(video.permissions))


def _permissions(permissions: Permissions) -> Iterator[Choice]:
    for field in fields(Permissions):
        allowed = getattr(permissions, field.name)
        words = _("allowed") if allowed else _("not allowed")
        label = _(PERMISSIONS[field.name])
        yield Choice(f"permissions.{field.name}", label, words, allowed == field.default)


def _others(video: Video) -> Iterator[Choice]:
    yield Choice("account", _("Account"), video.account, video.account == "main")
    if video.series:
        place = _("at its beginning") if video.series.add_to_head else _("at its end")
        words = _("{id}, {place}").format(id=video.series.id, place=place)
        yield Choice("series", _("Series"), words, is_usual=False)
    if video.community:
        yield Choice("community", _("Community"), str(video.community.id), is_usual=False)
    if video.thanks_message:
        label = _("Thanks for a like")
        yield Choice("thanks_message", label, video.thanks_message, is_usual=False)
    for name, label, chosen in _switches(video):
        yield Choice(name, label, _("yes") if chosen else _("no"), not chosen)


def _switches(video: Video) -> Iterator[tuple[str, str, bool]]:
    yield "signature", _("Your common description below it"), video.signature
    yield "notify_by_email", _("Mail when it is published"), video.notify_by_email
    label = _("Kept out of the list of uploads")
    yield "exclude_from_upload_list", label, video.exclude_from_upload_list
    yield "allow_duplicate", _("The same file may be published twice"), video.allow_duplicate
