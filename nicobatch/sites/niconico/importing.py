"""A video of the account as a manifest would have it: what its list and its watch page tell.

What neither tells stays unknown: an edit sends all metadata at once, so it is told of beforehand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from nicobatch.errors import VideoFailed
from nicobatch.http import Http
from nicobatch.language import N_, _
from nicobatch.model import Inputs, Json, PublishMode, Secret
from nicobatch.sites.abilities import OwnVideo, Reading, folded, is_text, printable
from nicobatch.sites.niconico import metadata, visitor
from nicobatch.sites.niconico.answers import below
from nicobatch.sites.niconico.profiles import Profile

ASSUMED: Final = ("permissions", "signature", "thanks_message", "parent_works", "thumbnail")
"""What no page tells of one's own video."""
_NO_TITLE: Final = N_("the list does not tell the title of {id}")
_OTHERS: Final = N_("tags that viewers have given, which are not sent: {tags}")
_MANY: Final = 20


def read(profile: Profile, http: Http, user_session: Secret, own: OwnVideo) -> Reading:
    """Ask for the watch page, as the owner; raise VideoFailed where there is no title."""
    if own.title is None or not is_text(own.title):
        raise VideoFailed(_(_NO_TITLE).format(id=own.video_id))
    cookies = {"user_session": user_session.reveal()}
    response, _status = visitor.page(profile, http, own.video_id, cookies)
    tags = _tags(response)
    told: dict[str, Json] = {
        "title": own.title,
        "description": _description(own),
        "tags": None if tags is None else [name for name, is_owners in tags if is_owners],
        "genre": visitor.genre_of(response),
        "publish": _publish(own),
    }
    unread = tuple(name for name, value in told.items() if value is None)
    idle: Mapping[str, Json] = {"description": "", "tags": [], "genre": "none", "publish": True}
    data = {name: value for name, value in told.items() if value not in (None, idle.get(name))}
    return Reading(
        data={**data, **own.more},
        unread=unread,
        assumed=ASSUMED,
        remarks=tuple(_remarks(tags or [])),
    )


def noticed(sent: Inputs, own: OwnVideo) -> Inputs:
    """Return what the list tells otherwise; a timer that has done its work is no difference."""
    there = metadata.as_listed(sent, own)
    found = {name: value for name, value in there.items() if value != sent.get(name)}
    if folded(str(found.get("title", ""))) == folded(str(sent.get("title", ""))):
        found.pop("title", None)
    is_out = sent.get("publish") == PublishMode.SCHEDULED
    if is_out and found.get("publish") == PublishMode.PUBLIC:
        found = {name: value for name, value in found.items() if not name.startswith("publish")}
    return found


def _description(own: OwnVideo) -> str | None:
    is_told = own.description is not None and is_text(own.description)
    return metadata.text_lines(str(own.description)) if is_told else None


def _tags(response: Mapping[str, Any]) -> list[tuple[str, bool]] | None:
    """Return each tag, and whether it is the owner's: niconico locks what is given at posting."""
    items = below(response, "tag").get("items")
    if not isinstance(items, list):
        return None
    rows = [below(item) for item in items]
    names = ((row.get("name"), row.get("isLocked") is True) for row in rows)
    return [(name, locked) for name, locked in names if isinstance(name, str) and is_text(name)]


def _publish(own: OwnVideo) -> Json:
    """Return who can see it; None where the review keeps that from being told."""
    if not own.hidden:
        return True
    if own.scheduled and own.registered_at:
        return {"at": own.registered_at.isoformat()}
    return None if own.scheduled or own.under_review else False


def _remarks(tags: list[tuple[str, bool]]) -> Iterator[str]:
    others = [printable(name, 100) for name, is_owners in tags if not is_owners]
    if others:
        yield _(_OTHERS).format(tags=" ".join(others[:_MANY]))
