"""A video of the account as a manifest would have it: what its owner sees of it in the editor.

An edit sends the archive back as it is there, with what has changed: what is not told is not lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone
from types import MappingProxyType
from typing import Any, Final

from nicobatch.errors import VideoFailed
from nicobatch.language import N_, _
from nicobatch.model import Inputs, Json, PublishMode
from nicobatch.sites.abilities import OwnVideo, Reading, folded, is_text
from nicobatch.sites.bilibili import states
from nicobatch.sites.bilibili.answers import text, whole
from nicobatch.sites.bilibili.limits import PARTITIONS
from nicobatch.sites.bilibili.metadata import COPYRIGHTS, STATEMENTS, ArchiveView
from nicobatch.sites.bilibili.partitions import DEFAULT_TID
from nicobatch.sites.bilibili.submission import escaped, plain

_CHINA: Final = timezone(timedelta(hours=8))
_NO_TITLE: Final = N_("bilibili does not tell the title of {id}")
_NO_PAGES: Final = N_("bilibili does not tell the pages of {id}")
_STANDS: Final = N_("where it stands on bilibili: {state}")
_Rows = Mapping[str, Callable[[Any], Json]]
_COPYRIGHTS: Final = {number: word.value for word, number in COPYRIGHTS.items()}
_STATEMENTS: Final = {number: word.value for word, number in STATEMENTS.items()}


def _told(value: object) -> Json:
    found = text(value)
    return found if found and is_text(found) else None


def _tid(value: object) -> Json:
    number = whole(value)
    return None if number == DEFAULT_TID else number


def _partition(value: object) -> Json:
    number = whole(value)
    return number and PARTITIONS.labels.get(str(number), number)


def _statement(value: object) -> Json:
    number = value.get("id") if isinstance(value, dict) else None
    return _STATEMENTS.get(number) if isinstance(number, int) and number > 0 else None


def _mentions(value: object) -> Json:
    pieces = [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
    named = {
        text(each.get("raw_text")): str(each.get("biz_id"))
        for each in pieces
        if each.get("type") == 2
    }
    known = {name: int(uid) for name, uid in named.items() if name and uid.isdecimal()}
    return known or None


_FIELDS: Final[Mapping[str, tuple[str, Callable[[Any], Json]]]] = MappingProxyType(
    {
        "title": ("title", _told),
        "tags": ("tag", lambda value: [each for each in text(value).split(",") if each] or None),
        "partition": ("human_type2", _partition),
        "tid": ("tid", _tid),
        "copyright": ("copyright", lambda value: value and _COPYRIGHTS.get(value)),
        "source": ("source", _told),
        "statement": ("creation_statement", _statement),
        "dynamic": ("dynamic", _told),
        "no_reprint": ("no_reprint", lambda value: True if value == 1 else None),
        "topic": ("topic_id", whole),
        "mentions": ("desc_v2", _mentions),
    }
)
"""By the manifest's key, where View has it, and what it gives; None is left out."""


def read(entry: ArchiveView, own: OwnVideo) -> Reading:
    """Return what View tells; raise VideoFailed where there is no title, or no page."""
    archive = entry.archive
    read_ = {name: value(archive.get(key)) for name, (key, value) in _FIELDS.items()}
    if read_["title"] is None or not entry.pages:
        words = _NO_PAGES if read_["title"] else _NO_TITLE
        raise VideoFailed(_(words).format(id=own.video_id))
    description = text(archive.get("desc")) if is_text(text(archive.get("desc"))) else ""
    told = {
        **read_,
        "description": escaped(description) or None,
        "publish": _publish(archive, entry.state),
        "copyright": None if read_["copyright"] == "own" else read_["copyright"],
        "pages": list(_pages(entry, own.video_id)),
    }
    data = {name: value for name, value in told.items() if value is not None}
    return Reading(data=data, remarks=tuple(_remarks(entry.state)))


def noticed(sent: Inputs, own: OwnVideo) -> Inputs:
    """Return what the list tells otherwise; a time that has come is no difference."""
    there: dict[str, Json] = {**own.more}
    if own.title is not None and folded(own.title) != folded(str(sent.get("title"))):
        there["title"] = own.title
    if own.description is not None:
        there["description"] = plain(escaped(own.description)).text
    is_waiting = sent.get("publish") == PublishMode.SCHEDULED and not own.hidden
    if not (own.under_review or is_waiting):
        there["publish"] = _mode(own).value
    return {name: value for name, value in there.items() if _is_other(value, sent.get(name))}


def _is_other(there: Json, sent: Json) -> bool:
    """Tell whether the values differ; tags have no order, and nothing is nothing."""
    if isinstance(there, list) and isinstance(sent, list | tuple):
        return set(there) != set(sent)
    return there != sent and bool(there or sent)


def _mode(own: OwnVideo) -> PublishMode:
    if own.hidden:
        return PublishMode.PRIVATE
    return PublishMode.SCHEDULED if own.scheduled else PublishMode.PUBLIC


def _publish(archive: Mapping[str, Any], state: int) -> Json:
    """Return who can see it; None is everybody, as a manifest without the key has it."""
    if archive.get("is_only_self") == 1 or state == states.PRIVATE:
        return False
    at = archive.get("dtime")
    if state == states.SCHEDULED and isinstance(at, int) and at > 0:
        return {"at": datetime.fromtimestamp(at, UTC).astimezone(_CHINA).isoformat()}
    return None


def _pages(entry: ArchiveView, video_id: str) -> Iterator[dict[str, Json]]:
    """Yield each page; a file stands for the bytes, which are needed no more."""
    for number, page in enumerate(entry.pages, 1):
        end = f"-{number}" if len(entry.pages) > 1 else ""
        words = {"title": _told(page.title), "description": _told(page.description)}
        yield {
            "file": f"{video_id}{end}.mp4",
            **{name: value for name, value in words.items() if value is not None},
        }


def _remarks(state: int) -> Iterator[str]:
    if state not in states.GOOD:
        yield _(_STANDS).format(state=states.worded(state))
