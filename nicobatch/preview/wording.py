"""Texts as the page has them: numbers and moments in words, and descriptions made harmless.

niconico's list of tags is not public; these are what its users' guides write with (a guess, see
`sites/niconico/README.md`, section 6). Everything else is left out here, and named beside the
description.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo
from html.parser import HTMLParser
from typing import Final

from rich.filesize import decimal

from nicobatch.language import N_, _, chosen

JAPAN: Final = timezone(timedelta(hours=9), "JST")
_WEEKDAYS: Final = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))
_KANA: Final = re.compile("[\u3040-\u30fa\u30fc-\u30ff\uff66-\uff9d]")
_HAN: Final = re.compile("[\u3400-\u9fff\uf900-\ufaff]")

_OPENING: Final = frozenset("\u2066\u2067\u2068")
_CLOSING: Final = "\u2069"


def language_of(text: str) -> str | None:
    """Return whose glyphs and voice the text is to get: without kana, what its reader speaks."""
    if not _KANA.search(text) and not _HAN.search(text):
        return None
    return "ja" if _KANA.search(text) or chosen() != "zh" else "zh"


def balanced(text: str) -> str:
    """Close what the text opens of Unicode's bidirectional isolates, and drop what it did not open.

    Else a stranger's text would turn what stands behind it around, whatever element it is in.
    """
    kept, depth = [], 0
    for char in text:
        depth += (char in _OPENING) - (char == _CLOSING)
        if depth >= 0:
            kept.append(char)
        depth = max(depth, 0)
    return "".join(kept) + _CLOSING * depth


def clock(seconds: float) -> str:
    """Write a time in a video as `1:02:03.500`, without what is zero before it and behind it."""
    minutes, thousandths = divmod(round(seconds * 1000), 60_000)
    hours, minutes = divmod(minutes, 60)
    rest = f"{thousandths / 1000:06.3f}".removesuffix(".000")
    return f"{hours}:{minutes:02}:{rest}" if hours else f"{minutes}:{rest}"


def size(number: int) -> str:
    """Write bytes as people read them."""
    return decimal(number)


def moment(at: datetime, zone: tzinfo | None = None) -> str:
    """Write a moment by the zone's clock, and by Japan's where that is another."""
    local, japan = at.astimezone(zone), at.astimezone(JAPAN)
    if local.utcoffset() == japan.utcoffset():
        return _by_clock(local)
    return _("{local}; in Japan {japan}").format(local=_by_clock(local), japan=_by_clock(japan))


def _by_clock(at: datetime) -> str:
    return _("{date} ({weekday}) {time} {zone}").format(
        date=f"{at:%Y-%m-%d}",
        weekday=_(_WEEKDAYS[at.weekday()]),
        time=f"{at:%H:%M:%S}".removesuffix(":00"),
        zone=_zone(at),
    )


def _zone(at: datetime) -> str:
    """Name the zone where its name is a short one, and say how far it is from UTC."""
    name, offset = at.tzname() or "", at.isoformat()[-6:]
    if not at.utcoffset():
        return "UTC"
    return f"{name} (UTC{offset})" if name.isalpha() else f"UTC{offset}"


TAGS: Final = frozenset({"b", "big", "br", "em", "font", "i", "s", "small", "strong", "u"})
_ATTRIBUTES: Final = {
    "color": re.compile(r"#?[0-9A-Za-z]{1,32}"),
    "size": re.compile(r"[+-]?[0-9]"),
}
"""What `font` may say. A value can hold no `>`, so that a tag ends at the first one."""
_TAG: Final = re.compile(r"(<[^>]*>)")
_COLOUR: Final = re.compile("<font[^>]* color=")
_LINK: Final = re.compile(
    r"https?://[!#-;=?-~]+"
    r"|(?<![0-9A-Za-z_/.-])(?:(?:sm|nm|so|im|nc|td|lv|co|ch|gm|ar)[0-9]+"
    r"|(?:mylist|user|series|watch)/(?:[a-z]{2})?[0-9]+)(?![0-9A-Za-z_])",
    re.ASCII,
)
"""What niconico makes a link of: addresses, and ids of its works and lists."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A description that is safe to stand in a page."""

    html: str
    left_out: tuple[str, ...]
    """Names of the tags that were there and are not shown."""
    is_coloured: bool
    """Whether it brings colours of its own, which were chosen for a white page."""


def shown(detail: str) -> Shown:
    """Clean the HTML of a description; whatever it holds, nothing of it runs or loads."""
    import nh3

    clean = nh3.clean(
        detail,
        tags=set(TAGS),
        attributes={"font": set(_ATTRIBUTES)},
        attribute_filter=_attribute,
        link_rel=None,
    )
    html = "".join(_linked(part) for part in _TAG.split(clean))
    return Shown(html, _left_out(detail), bool(_COLOUR.search(clean)))


def _attribute(tag: str, name: str, value: str) -> str | None:  # noqa: ARG001 - nh3's order
    allowed = _ATTRIBUTES.get(name)
    return value if allowed and allowed.fullmatch(value.strip()) else None


def _linked(part: str) -> str:
    """Mark the links of a piece of text, which has its special characters escaped already."""
    if part.startswith("<"):
        return part
    return _LINK.sub(r'<span class="link">\g<0></span>', part)


def _left_out(detail: str) -> tuple[str, ...]:
    reader = _TagReader()
    reader.feed(detail)
    reader.close()
    return tuple(sorted(reader.names - TAGS))


class _TagReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self.names.add(tag)
