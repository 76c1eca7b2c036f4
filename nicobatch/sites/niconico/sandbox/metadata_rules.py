"""What the metadata of a video must look like: section 4 of `../README.md`, as a table."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, TypeAlias

from nicobatch.sites.niconico.sandbox.site import GENRES, UNSET

Check: TypeAlias = Callable[[Any], str]
"""Says what is wrong with a value; nothing where it is right."""

TITLE_LENGTH: Final = 100
TAGS: Final = 6
TAG_WIDTH: Final = 40
"""Half-width characters; a full-width one counts as two."""

_CROP_MODES: Final = {"STANDARD": 0, "TALL": 1, "WIDE": 2}
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d")
_WORK: Final = re.compile(r"[a-z]{2}\d+")
_INDEX: Final = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Key:
    """One key of an object: its check, or the shape of the object below it."""

    rule: Check | Shape
    required: bool = True


Shape: TypeAlias = Mapping[str, Key]


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
    for name in value.keys() - rule.keys():
        return f"{prefix}{name}: is not known"
    for name, key in rule.items():
        if name in value:
            if found := _walk(key.rule, value[name], prefix + name):
                return found
        elif key.required:
            return f"{prefix}{name}: is missing"
    return ""


# One value


def _boolean(value: object) -> str:
    return "" if isinstance(value, bool) else "must be true or false"


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _whole(value: object) -> str:
    return "" if _is_whole(value) else "must be a whole number"


def _positive(value: object) -> str:
    return "" if _is_whole(value) and value > 0 else "must be a whole number above 0"  # type: ignore[operator]


def _number_or_digits(value: object) -> str:
    digits = isinstance(value, str) and value.isascii() and value.isdecimal()
    return "" if digits else _positive(value)


def _absent(value: object) -> str:
    return "must be false: premieres are not imitated" if value is not False else ""


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


def _one_of(*values: object) -> Check:
    words = ", ".join(map(str, values))
    return lambda value: "" if _among(value, values) else f"must be one of {words}"


def _among(value: object, values: tuple[object, ...]) -> bool:
    return any(type(value) is type(known) and value == known for known in values)


def _matching(pattern: re.Pattern[str], words: str) -> Check:
    return lambda value: "" if isinstance(value, str) and pattern.fullmatch(value) else words


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


def _works(value: object) -> str:
    if isinstance(value, list) and all(isinstance(w, str) and _WORK.fullmatch(w) for w in value):
        return ""
    return "must be a list of ids like sm9"


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

_PERMISSIONS: Final = {
    **dict.fromkeys(
        (
            "allowNgShareFlag",
            "allowOutsidePlayerFlag",
            "allowUadFlag",
            "allowNicoliveFlag",
            "allowUserTranslateFlag",
            "allowRegularUserTagEditFlag",
        ),
        Key(_boolean),
    ),
    **dict.fromkeys(
        ("allowCaptureTweet", "allowClipTweet", "allowGift"),
        Key(_boolean, required=False),
    ),
}
"""The article's six, and the three that came by 2024."""

SHAPE: Final[Shape] = {
    "id": Key(_positive),
    "title": Key(_title),
    "detail": Key(_text),
    "signature": Key({"display": Key(_boolean)}),
    "publish": Key(_boolean),
    "publishTimer": Key({"use": Key(_boolean), "registeredAt": Key(_moment, required=False)}),
    "videoLive": Key({"enable": Key(_absent)}, required=False),
    "series": Key({"id": Key(_positive), "addToHead": Key(_boolean)}, required=False),
    "tags": Key(_tags),
    "genreKey": Key(_one_of(UNSET, *GENRES)),
    "thumbnail": Key(
        {
            "selectThumbnailIndex": Key(_matching(_INDEX, 'must be text such as "0"')),
            "aspectBias": Key(_one_of(*_CROP_MODES)),
            "cropMode": Key(_one_of(*_CROP_MODES.values())),
            "position": Key(_whole),
        }
    ),
    "permissionSettings": Key(_PERMISSIONS),
    "notification": Key({"email": Key(_boolean)}),
    "excludeFromUploadList": Key(_boolean),
    "thanksMessage": Key({"isVisible": Key(_boolean), "content": Key(_text)}),
    "commonsParentIds": Key(_works, required=False),
}
"""The shape of 2024 to 2026; what the article's shape lacks is optional."""

_COMMUNITY: Final[Shape] = {
    # The article spells it with an s, NicoCommentTransfer without.
    "belongs": Key(_boolean, required=False),
    "belong": Key(_boolean, required=False),
    "id": Key(lambda value: "" if value in ("", None) else _number_or_digits(value)),
    "communityOnly": Key(_boolean),
    "groupWorkFlag": Key(_boolean),
}

ARTICLE_SHAPE: Final[Shape] = {
    **SHAPE,
    "id": Key(_number_or_digits),
    "community": Key(_COMMUNITY, required=False),
}
"""As in 2021, when there were communities."""
