"""A video as bilibili is to have it: the manifest's values in their final types."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final

from nicobatch.model import Page, Publish, Thumbnail, Video
from nicobatch.sites.bilibili.fields import Options


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
    """Its files; of one that has a single one, without words of its own."""

    @classmethod
    def of(cls, video: Video) -> Submission:
        """Return what the video of a manifest comes to."""
        return cls(
            title=video.title,
            description=video.description,
            tags=video.tags,
            publish=video.publish,
            thumbnail=video.thumbnail,
            options=video.options or Options(),
            pages=video.pages or (Page(file=video.file),),
        )

    @property
    def words(self) -> str:
        """Return the description as it is sent."""
        return plain(self.description).text

    @property
    def sent_tags(self) -> tuple[str, ...]:
        """Return the tags as they are sent: a blank at an end counts as a character there."""
        return tuple(tag.strip() for tag in self.tags)


def page_title(page: Page) -> str:
    """Return the title that viewers see: without one, the file's stem."""
    return page.title or page.file.stem


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


def escaped(text: str) -> str:
    """Return the description of which `plain` makes this text, without blank lines around it."""
    return html.escape(text, quote=False) if _MARKUP.search(text) else text


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
