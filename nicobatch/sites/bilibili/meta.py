"""The `meta` of a program that was written for the document's uploader, as a video of ours.

Each key is a row: what it must be, and which of our values it gives. Old and new names both count.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from nicobatch.errors import UsageError, VideoFailed
from nicobatch.language import _
from nicobatch.model import Page, Publish, PublishMode, Thumbnail, Video
from nicobatch.sites.bilibili.checking import problems
from nicobatch.sites.bilibili.fields import Comments, Copyright, Options, Subtitle
from nicobatch.sites.bilibili.limits import LIMITS
from nicobatch.sites.bilibili.metadata import COPYRIGHTS

RESERVED: Final = ("videos", "cover", "csrf", "aid", "bvid")
"""Keys that the uploader itself gives."""
_Made = dict[str, Any]
_Row = tuple[type | tuple[type, ...], Callable[[Any], _Made]]
_BOTH: Final = (bool, int)
_COPYRIGHTS: Final = {number: word for word, number in COPYRIGHTS.items()}


def _copyright(number: int) -> _Made:
    return {"copyright": _COPYRIGHTS.get(number, Copyright.OWN)}


def _subtitle(row: Mapping[str, Any]) -> _Made:
    return {"subtitle": Subtitle(str(row.get("lan") or ""), bool(row.get("open")))}


def _at(seconds: float) -> _Made:
    at = datetime.fromtimestamp(seconds, UTC)
    return {"publish": Publish(PublishMode.SCHEDULED, at)} if seconds else {}


def _private(only_self: int) -> _Made:
    return {"publish": Publish(PublishMode.PRIVATE)} if only_self else {}


def _as(name: str, final: Callable[[Any], Any] = lambda value: value) -> Callable[[Any], _Made]:
    return lambda value: {name: final(value)}


def _closing(name: str, word: Any) -> Callable[[Any], _Made]:
    return lambda value: {name: word} if value else {}


def _passed(value: Any) -> _Made:  # noqa: ARG001 - it goes into `extra`, with the others
    return {}


_NONE: Final[_Row] = (object, lambda value: value)
_VIDEO: Final[Mapping[str, _Row]] = MappingProxyType(
    {
        "title": (str, _as("title")),
        "desc": (str, _as("description")),
        "tag": (str, _as("tags", lambda text: tuple(filter(None, text.split(","))))),
        "is_only_self": (_BOTH, _private),
        "dtime": ((int, float), _at),
    }
)
_OPTIONS: Final[Mapping[str, _Row]] = MappingProxyType(
    {
        "copyright": (int, _copyright),
        "source": (str, _as("source")),
        "tid": (int, _as("tid")),
        "human_type2": (int, _as("partition")),
        "dynamic": (str, _as("dynamic")),
        "no_reprint": (_BOTH, _as("no_reprint", bool)),
        "open_elec": (_BOTH, _as("charging", bool)),
        "charging_pay": (_BOTH, _as("charging", bool)),
        "subtitles": (dict, _subtitle),
        "subtitle": (dict, _subtitle),
        "up_close_danmaku": (_BOTH, _as("danmaku", lambda closed: not closed)),
        "up_close_danmu": (_BOTH, _as("danmaku", lambda closed: not closed)),
        "up_close_reply": (_BOTH, _closing("comments", Comments.CLOSED)),
        "up_selection_reply": (_BOTH, _closing("comments", Comments.SELECTED)),
        "no_disturbance": (_BOTH, _as("notify_followers", lambda silent: not silent)),
        "dolby": (_BOTH, _as("dolby", bool)),
        "lossless_music": (_BOTH, _as("hires", bool)),
        "topic_id": (int, _as("topic")),
        "desc_format_id": (int, _passed),
        "interactive": (int, _passed),
    }
)
KEYS: Final = frozenset({*_VIDEO, *_OPTIONS})


def demand_sound(meta: Mapping[str, Any]) -> None:
    """Raise UsageError unless every key is known and is of its kind, and there is a title."""
    if reserved := [key for key in RESERVED if key in meta]:
        raise UsageError(_("meta: {key} is the uploader's own").format(key=reserved[0]))
    if unknown := sorted(map(str, set(meta) - KEYS)):
        raise UsageError(
            _("meta: there is no key {key}").format(key=unknown[0]),
            _("its keys are: {keys}").format(keys=", ".join(sorted(KEYS))),
        )
    for key, value in meta.items():
        kinds = {**_VIDEO, **_OPTIONS}[key][0]
        loose = isinstance(value, bool) and kinds in (int, (int, float))
        if value is not None and (loose or not isinstance(value, kinds)):
            raise UsageError(
                _("meta: {key} can't be of the type {kind}").format(
                    key=key, kind=type(value).__name__
                )
            )
    if meta.get("copyright", 1) not in (*_COPYRIGHTS, None):
        raise UsageError(_("meta: copyright is 1 (own), 2 (repost) or 3 (other)"))
    if not (meta.get("title") or "").strip():
        raise UsageError(_("meta: a title is needed"))


def video_of(  # noqa: PLR0913 - a video has these parts
    meta: Mapping[str, Any],
    pages: Sequence[Page],
    *,
    place: Path,
    name: str,
    account: str,
    thumbnail: Thumbnail,
) -> Video:
    """Return what `demand_sound` has found sound as a video; raise as `demand_fitting` does."""
    given = {key: value for key, value in meta.items() if value is not None}
    extra = {key: value for key, value in given.items() if _OPTIONS.get(key, _NONE)[1] is _passed}
    video = Video(
        manifest=place,
        id=name,
        site="bilibili",
        account=account,
        file=pages[0].file,
        pages=tuple(pages),
        thumbnail=thumbnail,
        allow_duplicate=True,  # as the document has it; the site itself refuses a title again
        options=Options(**_made(_OPTIONS, given), extra=extra),
        **_made(_VIDEO, given),
    )
    demand_fitting(video)
    return video


def _made(rows: Mapping[str, _Row], given: Mapping[str, Any]) -> _Made:
    made: _Made = {}
    for key, (_kind, make) in rows.items():
        if key in given:
            made |= make(given[key])
    return made


def demand_fitting(video: Video) -> None:
    """Raise VideoFailed where bilibili is known not to take it."""
    sizes = {
        "title": (len(video.title), LIMITS.title),
        "desc": (len(video.description), LIMITS.description),
        "tag": (len(video.tags), LIMITS.tags),
        **{tag: (len(tag.strip()), LIMITS.tag_width) for tag in video.tags},
        **{page.title: (len(page.title), LIMITS.title) for page in video.pages},
    }
    for key, (count, most) in sizes.items():
        if count > most:
            raise VideoFailed(
                _("meta: {key}: bilibili takes at most {most}, and there are {count}").format(
                    key=key, most=most, count=count
                )
            )
    for found in problems(replace(video, places={}), datetime.now(UTC)):
        if found.stops():
            raise VideoFailed(found.message, found.hint)
