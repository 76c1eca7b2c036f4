"""What the metadata of a video must look like: section 4 of `../README.md`, as a table."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, TypeAlias, Union

from nicobatch.sites.niconico.sandbox.site import GENRES, UNSET

Check: TypeAlias = Callable[[Any], str]
"""Says what is wrong with a value; nothing where it is right."""
Shape: TypeAlias = Mapping[str, Union[Check, "Shape"]]
"""By key the check of what it holds, or the shape of the object there; `?` ends what may lack."""

TITLE_LENGTH: Final = 100
TAGS: Final = 6
TAG_WIDTH: Final = 40
"""Half-width characters; a full-width one counts as two."""
_CROP_MODES: Final = {"STANDARD": 0, "TALL": 1, "WIDE": 2}
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What the rules must know beside the metadata."""

    entry_id: int
    now: float
    article: bool = False
    """Whether the request speaks as the article does (`N-garage` under /v2)."""
    thumbnails: Mapping[str, int] = field(default_factory=dict)
    earlier_moment: str | None = None
    """The timer that an edited video has already; it may be past by now."""


def problem(metadata: object, context: Context) -> str:
    """Return what is wrong first, naming the key; nothing where all is right."""
    shape = ARTICLE_SHAPE if context.article else SHAPE
    found = _walk(shape, metadata, "")
    if found or not isinstance(metadata, dict):
        return found
    complaints = (rule(metadata, context) for rule in _RULES)
    return next(filter(None, complaints), "")


def _walk(rule: Check | Shape, value: object, path: str) -> str:
    if callable(rule):
        found = rule(value)
        return f"{path}: {found}" if found else ""
    if not isinstance(value, dict):
        return f"{path or 'body'}: must be an object"
    prefix = f"{path}." if path else ""
    for name in value.keys() - {key.rstrip("?") for key in rule}:
        return f"{prefix}{name}: is not known"
    for key, below in rule.items():
        name = key.rstrip("?")
        if name in value:
            if found := _walk(below, value[name], prefix + name):
                return found
        elif name == key:
            return f"{prefix}{name}: is missing"
    return ""


# One value


def _must(fits: Callable[[Any], object], words: str) -> Check:
    return lambda value: "" if fits(value) else words


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_digits(value: object) -> bool:
    return isinstance(value, str) and value.isascii() and value.isdecimal()


def _is_works(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(work, str) and re.fullmatch(r"[a-z]{2}\d+", work) for work in value
    )


def _one_of(*values: object) -> Check:
    """Demand one of the values, and its type: false is not 0."""
    known = [(type(value), value) for value in values]
    return _must(
        lambda value: (type(value), value) in known, f"must be one of {', '.join(map(str, values))}"
    )


_boolean: Final = _must(lambda value: isinstance(value, bool), "must be true or false")
_absent: Final = _must(lambda value: value is False, "must be false: premieres are not imitated")
_whole: Final = _must(_is_whole, "must be a whole number")
_positive: Final = _must(
    lambda value: _is_whole(value) and value > 0, "must be a whole number above 0"
)
_works: Final = _must(_is_works, "must be a list of ids like sm9")
_index: Final = _must(
    lambda value: isinstance(value, str) and re.fullmatch(r"\d", value), 'must be text such as "0"'
)


def _number_or_digits(value: object) -> str:
    return "" if _is_digits(value) else _positive(value)


def _text(value: object) -> str:
    if not isinstance(value, str):
        return "must be text"
    strange = {"Cc", "Cs"}
    if any(unicodedata.category(char) in strange and char not in "\t\r\n" for char in value):
        return "holds a control character"
    return ""


def _title(value: object) -> str:
    if found := _text(value):
        return found
    text = str(value)
    if not text.strip():
        return "must not be blank"
    return f"has {len(text)} characters, of {TITLE_LENGTH}" if len(text) > TITLE_LENGTH else ""


def _moment(value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        return "must be null or a time like 2026-12-01T18:00:00+09:00"
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return "is no time that exists"
    return ""


def _tags(value: object) -> str:
    if not isinstance(value, list) or not all(isinstance(tag, str) for tag in value):
        return "must be a list of text"
    if len(value) > TAGS:
        return f"has {len(value)} tags, of {TAGS}"
    if len({unicodedata.normalize("NFKC", tag).casefold() for tag in value}) < len(value):
        return "has a tag twice"
    return next(filter(None, map(_tag, value)), "")


def _tag(tag: str) -> str:
    if not tag or any(char.isspace() for char in tag) or _text(tag):
        return f"has {tag!r}: a tag has no blanks and is not empty"
    if tag.startswith(("#", "\N{FULLWIDTH NUMBER SIGN}")):
        return f"has {tag!r}: a tag does not begin with #"
    return f"has {tag!r}: wider than {TAG_WIDTH}" if width(tag) > TAG_WIDTH else ""


def width(text: str) -> int:
    """Return the width in half-width characters."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


# The whole


def _same_id(metadata: Mapping[str, Any], context: Context) -> str:
    same = str(metadata["id"]) == str(context.entry_id)
    return "" if same else f"id: is {metadata['id']}, the URL says {context.entry_id}"


def _crop_fits(metadata: Mapping[str, Any], _context: Context) -> str:
    thumbnail = metadata["thumbnail"]
    expected = _CROP_MODES[thumbnail["aspectBias"]]
    if thumbnail["cropMode"] == expected:
        return ""
    return f"thumbnail.cropMode: must be {expected} for {thumbnail['aspectBias']}"


def _thumbnail_exists(metadata: Mapping[str, Any], context: Context) -> str:
    index = metadata["thumbnail"]["selectThumbnailIndex"]
    known = index == "0" or index in context.thumbnails
    return "" if known else f"thumbnail.selectThumbnailIndex: there is no thumbnail {index}"


def _timer_ahead(metadata: Mapping[str, Any], context: Context) -> str:
    timer = metadata["publishTimer"]
    moment = timer.get("registeredAt")
    if not timer["use"]:
        return "publishTimer.registeredAt: must be null when unused" if moment else ""
    if moment is None:
        return "publishTimer.registeredAt: is missing"
    if not metadata["publish"]:
        return "publishTimer.use: contradicts publish, which is false"
    ahead = datetime.fromisoformat(moment).timestamp() > context.now
    if ahead or moment == context.earlier_moment:
        return ""
    return "publishTimer.registeredAt: must be in the future"


_RULES: Final = (_same_id, _crop_fits, _thumbnail_exists, _timer_ahead)

SHAPE: Final[Shape] = {
    "id": _positive,
    "title": _title,
    "detail": _text,
    "signature": {"display": _boolean},
    "publish": _boolean,
    "publishTimer": {"use": _boolean, "registeredAt?": _moment},
    "videoLive?": {"enable": _absent},
    "series?": {"id": _positive, "addToHead": _boolean},
    "tags": _tags,
    "genreKey": _one_of(UNSET, *GENRES),
    "thumbnail": {
        "selectThumbnailIndex": _index,
        "aspectBias": _one_of(*_CROP_MODES),
        "cropMode": _one_of(*_CROP_MODES.values()),
        "position": _whole,
    },
    "permissionSettings": {
        # The article's six, and the three that came by 2024
        "allowNgShareFlag": _boolean,
        "allowOutsidePlayerFlag": _boolean,
        "allowUadFlag": _boolean,
        "allowNicoliveFlag": _boolean,
        "allowUserTranslateFlag": _boolean,
        "allowRegularUserTagEditFlag": _boolean,
        "allowCaptureTweet?": _boolean,
        "allowClipTweet?": _boolean,
        "allowGift?": _boolean,
    },
    "notification": {"email": _boolean},
    "excludeFromUploadList": _boolean,
    "thanksMessage": {"isVisible": _boolean, "content": _text},
    "commonsParentIds?": _works,
}
"""The shape of 2024 to 2026; what the article's shape lacks is optional."""

ARTICLE_SHAPE: Final[Shape] = {
    **SHAPE,
    "id": _number_or_digits,
    "community?": {
        # The article spells it with an s, NicoCommentTransfer without.
        "belongs?": _boolean,
        "belong?": _boolean,
        "id": lambda value: "" if value in ("", None) else _number_or_digits(value),
        "communityOnly": _boolean,
        "groupWorkFlag": _boolean,
    },
}
"""As in 2021, when there were communities."""
