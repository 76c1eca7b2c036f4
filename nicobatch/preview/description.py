"""The description as niconico is to show it: its markup cleaned, its links marked and dead.

niconico's list of tags is not public; these are what its users' guides write with (a guess, see
`sites/niconico/README.md`, section 6). Everything else is left out here, and named beside the
description.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Final

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
