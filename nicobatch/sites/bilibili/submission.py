"""A video as bilibili is to have it: the manifest's values in their final types."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

from nicobatch.model import Json, Publish, Thumbnail
from nicobatch.sites.bilibili.partitions import DEFAULT_TID


class Copyright(StrEnum):
    """Whose work it is."""

    OWN = "own"
    REPOST = "repost"
    OTHER = "other"


class Statement(StrEnum):
    """What viewers are told of how it was made."""

    NONE = "none"
    AI = "ai"
    FICTION = "fiction"
    MARKETING = "marketing"
    OPINION = "opinion"


class Comments(StrEnum):
    """Whose comments others can read."""

    OPEN = "open"
    SELECTED = "selected"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One file of a video, which may have several."""

    file: Path
    title: str = ""
    """Empty: the file's name without its ending."""
    description: str = ""

    @property
    def shown(self) -> str:
        """Return the title that viewers see."""
        return self.title or self.file.stem


@dataclass(frozen=True, slots=True)
class Subtitle:
    """Whether viewers may add subtitles, and in which language the video is."""

    language: str = ""
    open: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """bilibili's own keys; None is what nobody said, and is not sent."""

    pages: tuple[Page, ...] = ()
    """Empty: the video's one file."""
    partition: int | None = None
    tid: int = DEFAULT_TID
    copyright: Copyright = Copyright.OWN
    source: str = ""
    statement: Statement = Statement.NONE
    dynamic: str = ""
    cover43: bool = False
    no_reprint: bool | None = None
    comments: Comments | None = None
    danmaku: bool | None = None
    subtitle: Subtitle | None = None
    charging: bool | None = None
    dolby: bool | None = None
    hires: bool | None = None
    watermark: bool | None = None
    season: int | None = None
    topic: int | None = None
    mentions: Mapping[str, int] = field(default_factory=dict)
    """By the name that stands behind an @ in the description: whose page it leads to."""
    notify_followers: bool | None = None
    line: str = "auto"
    extra: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """All that a manifest says of one video, as bilibili is to have it."""

    title: str
    description: str = ""
    """As the manifest has it; `plain` is what is sent."""
    tags: tuple[str, ...] = ()
    publish: Publish = field(default_factory=Publish)
    thumbnail: Thumbnail = field(default_factory=Thumbnail)
    options: Options = field(default_factory=Options)
    pages: tuple[Page, ...] = ()

    @property
    def words(self) -> str:
        """Return the description as it is sent."""
        return plain(self.description).text

    @property
    def sent_tags(self) -> tuple[str, ...]:
        """Return the tags as they are sent: a blank at an end counts as a character there."""
        return tuple(tag.strip() for tag in self.tags)


@dataclass(frozen=True, slots=True)
class Plain:
    """A description without HTML, and what was lost with it."""

    text: str
    dropped: tuple[str, ...] = ()
    """Names of the tags that had a meaning of their own."""


def plain(description: str) -> Plain:
    """Return the description as plain text: breaks are newlines, links their addresses."""
    if not _MARKUP.search(description):
        return Plain(description.rstrip("\n"))
    parser = _Text()
    parser.feed(description)
    parser.close()
    return Plain("".join(parser.parts).strip("\n"), tuple(dict.fromkeys(parser.dropped)))


class _Text(HTMLParser):
    """Collects the text of a description in niconico's subset of HTML."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.dropped: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCKS:
            self._break()
        elif tag == "a":
            self.parts.append(dict(attrs).get("href") or "")
        else:
            self.dropped.append(tag)
        self._in_link = tag == "a"

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS and tag != "br":
            self._break()
        self._in_link = False

    def handle_data(self, data: str) -> None:
        if not self._in_link:
            self.parts.append(data)

    def _break(self) -> None:
        self.parts.append("\n")

    _in_link = False


_MARKUP: Final = re.compile(r"</?[a-zA-Z][^<>]*>|&(?:#\d+|#x[0-9a-fA-F]+|\w+);")
_BLOCKS: Final = frozenset({"br", "p", "div", "li", "ul", "ol", "h1", "h2", "h3", "blockquote"})
