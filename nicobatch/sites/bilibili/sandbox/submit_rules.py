"""What a submission must be: the rules of the web door, each with the code it answers with."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from nicobatch.sites.bilibili.sandbox.partitions import HUMAN
from nicobatch.sites.bilibili.sandbox.records import Page, Upload

MOST_PAGES: Final = 100
"""Pages that one submission or edit may add."""

_LONGEST_WAIT: Final = 15 * 86_400
_TITLE: Final = 80
_DESC: Final = 2_000
_DYNAMIC: Final = 233
_SOURCE: Final = 200
_TAG: Final = 20
_TAGS: Final = 10
_LATIN_TAG: Final = 19
"""Letters from which on a tag of Latin ones has failed at times."""

_FLAG: Final = frozenset({0, 1})
_STATEMENTS: Final = frozenset({-1, 1, 2, 3, 4})
_UNSEEN: Final = re.compile(r"[\x00-\x1f\x7f\ufeff\u2028\u2029]")

_CHOICES: Final[Mapping[str, frozenset[Any]]] = {
    "copyright": frozenset({1, 2, 3}),
    "human_type2": frozenset(HUMAN),
    "desc_format_id": frozenset({0, 9999}),
    "recreate": frozenset({-1, 0, 1}),
    "interactive": frozenset({0}),
    "is_360": frozenset({-1, 1}),
    "web_os": frozenset({1, 2, 3}),
    "space_hidden": frozenset({1, 2}),
    **dict.fromkeys(
        (
            "act_reserve_create",
            "ai_cover",
            "charging_pay",
            "dolby",
            "is_ab_cover",
            "is_only_self",
            "lossless_music",
            "no_disturbance",
            "no_reprint",
            "open_elec",
            "up_close_danmu",
            "up_close_reply",
            "up_selection_reply",
        ),
        _FLAG,
    ),
}
"""What each of these may be; -400 otherwise."""

_TYPES: Final[Mapping[str, type]] = {
    "title": str,
    "tag": str,
    "desc": str,
    "source": str,
    "dynamic": str,
    "cover": str,
    "cover43": str,
    "neutral_mark": str,
    "tid": int,
    "dtime": int,
    "topic_id": int,
    "mission_id": int,
    "season_id": int,
    "section_id": int,
    "tid_v2": int,
    "desc_v2": list,
    "subtitle": dict,
    "watermark": dict,
    "creation_statement": dict,
    "topic_detail": dict,
}
_UNREMARKABLE: Final = frozenset({"videos", "csrf", "aid", "ab_cover_info"})
_EXPECTED: Final = ("csrf", "creation_statement", "dynamic", "desc")
"""What the page always sends."""
KNOWN: Final = frozenset({*_CHOICES, *_TYPES, *_UNREMARKABLE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a submission is held against."""

    now: float
    least_ahead: float
    """Seconds that a scheduled time must be away."""
    upload: Callable[[str], Upload | None]
    """Finds the account's finished upload of that filename that no other archive has."""
    cover: Callable[[str], bool]
    """Tells whether the address is a picture's that the account sent."""
    pages: tuple[Page, ...] = ()
    """What the archive has already."""
    first_dtime: int | None = None
    """The scheduled time that stands, in an edit."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a submission is refused; `page` counts from 1."""

    code: int
    detail: str
    page: int = 1


def problem(body: Mapping[str, Any], context: Context) -> Problem | None:
    """Return the first rule that is broken, or None."""
    return next(_problems(body, context), None)


def _problems(body: Mapping[str, Any], context: Context) -> Iterator[Problem]:
    yield from _forms(body)
    yield from _texts(body)
    yield from _tags(body["tag"])
    yield from _time(body.get("dtime"), context)
    for name in ("cover", "cover43"):
        if body.get(name) and not context.cover(body[name]):
            yield Problem(-400, f"{name} is no picture that was sent here")
    yield from _pages(body["videos"], context)


def _forms(body: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield what is of the wrong kind; what follows can rely on types."""
    for name in ("title", "tag", "copyright", "tid"):
        if body.get(name) is None:
            yield Problem(-400, f"{name} is missing")
    given = {name: value for name, value in body.items() if value is not None}
    for name, value in given.items():
        if wrong := _kind(name, value):
            yield Problem(-400, f"{name} must be {wrong}")
    if given.get("creation_statement", {"id": -1}).get("id") not in _STATEMENTS:
        yield Problem(-400, f"creation_statement.id must be one of {sorted(_STATEMENTS)}")
    if body["copyright"] == 3 and "creation_statement" not in given:
        yield Problem(-400, "copyright 3 needs a creation_statement")
    for part in given.get("desc_v2", ()):
        if not isinstance(part, dict) or not {"raw_text", "type", "biz_id"} <= part.keys():
            yield Problem(-400, "each of desc_v2 has raw_text, type and biz_id")


def _kind(name: str, value: object) -> str:
    """Return what the field must be where it is not, or nothing."""
    form, choices = _TYPES.get(name), _CHOICES.get(name)
    if form and (not isinstance(value, form) or isinstance(value, bool)):
        return form.__name__
    if choices and not (isinstance(value, int) and value in choices):
        return f"one of {sorted(choices)}"
    return ""


def _texts(body: Mapping[str, Any]) -> Iterator[Problem]:
    if not 1 <= len(body["title"].strip()) <= _TITLE:
        yield Problem(21103, f"title must have 1 to {_TITLE} characters")
    if len(body.get("desc") or "") > _DESC:
        yield Problem(21010, f"desc must have {_DESC} characters at most")
    if len(body.get("dynamic") or "") > _DYNAMIC:
        yield Problem(-400, f"dynamic must have {_DYNAMIC} characters at most")
    source = body.get("source") or ""
    if body["copyright"] == 2 and not source.strip():
        yield Problem(21021, "a repost needs a source")
    if len(source) > _SOURCE:
        yield Problem(21021, f"source must have {_SOURCE} characters at most")


def _tags(text: str) -> Iterator[Problem]:
    tags = text.split(",") if text else []
    if not 1 <= len(tags) <= _TAGS:
        yield Problem(21005, f"there must be 1 to {_TAGS} tags")
    for tag in tags:
        if not tag.strip() or len(tag) > _TAG:
            yield Problem(21005, f"a tag must have 1 to {_TAG} characters")


def _time(dtime: int | None, context: Context) -> Iterator[Problem]:
    if dtime is None or dtime == context.first_dtime:
        return
    if not context.least_ahead <= dtime - context.now <= _LONGEST_WAIT:
        yield Problem(21006, f"dtime must be {context.least_ahead:g} s to 15 days from now")


def _pages(videos: object, context: Context) -> Iterator[Problem]:
    if not isinstance(videos, list) or not videos:
        yield Problem(21011, "videos is empty")
        return
    old = {(page.filename, page.cid) for page in context.pages}
    new, seen = 0, set()
    for number, video in enumerate(videos, 1):
        if not isinstance(video, dict) or not isinstance(video.get("filename"), str):
            yield Problem(-400, "a page needs a filename", number)
            return
        yield from _titled(video, number)
        filename = video["filename"]
        is_old = (filename, video.get("cid")) in old
        new += not is_old
        if filename in seen or not (is_old or _fits(video, context)):
            yield Problem(21015, "no finished upload has this filename and cid", number)
        seen.add(filename)
    if new > MOST_PAGES:
        yield Problem(21058, f"{new} pages are new")


def _titled(video: Mapping[str, Any], number: int) -> Iterator[Problem]:
    title, desc = video.get("title", ""), video.get("desc", "")
    if not isinstance(title, str) or not isinstance(desc, str):
        yield Problem(-400, "a page's title and desc must be str", number)
    elif len(title) > _TITLE:
        yield Problem(21104, f"a page's title must have {_TITLE} characters at most", number)
    elif _UNSEEN.search(title):
        yield Problem(21013, "a page's title must have no control characters", number)


def _fits(video: Mapping[str, Any], context: Context) -> bool:
    upload = context.upload(video["filename"])
    return upload is not None and video.get("cid") in {None, upload.id}


def remarks(body: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the page would send otherwise, and the site takes all the same."""
    yield from (f"{name} is not known" for name in sorted(body.keys() - KNOWN))
    yield from (f"{name} is null" for name in sorted(body) if body[name] is None)
    yield from (f"{name} is missing" for name in _EXPECTED if name not in body)
    if body.get("copyright") == 1 and not body.get("desc"):
        yield "one's own work without desc was refused to some"
    if any("cid" not in each for each in body["videos"]):
        yield "a page has no cid"
    tags = body["tag"].split(",")
    if any(tag != tag.strip() for tag in tags):
        yield "a tag has a blank at an end, which counts"
    if any(tag.isascii() and len(tag) >= _LATIN_TAG for tag in tags):
        yield "a long tag of Latin letters has failed at times"
