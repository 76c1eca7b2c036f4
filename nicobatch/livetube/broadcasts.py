"""Which broadcasts are on, as the live list says in JSON or XML, and which one a page is of."""

from __future__ import annotations

import email.utils
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote, urlsplit

from nicobatch.errors import UsageError
from nicobatch.language import _, pictured
from nicobatch.livetube.comments import joined, parsed
from nicobatch.origin import bare

STREAM: Final = re.compile(r"[a-z0-9]{13}")
"""The id of a broadcast's stream."""
_MIRRORS: Final = frozenset({"livetube.cc", "h.livetube.cc", "t.livetube.cc", "z.livetube.cc"})
_PATH: Final = "/%:@!$&'()*+,;=~"
"""What a path may hold as it is, percent signs included: it may be encoded already."""
_SNAPSHOT: Final = re.compile(r"(?:.*/)?stream/([a-z0-9]{13})\.[^/]*")
_ENTRY: Final = re.compile(r"""\bcomment_entry_id\s*=\s*["']([a-z0-9]{13})["']""")
"""How older pages name it, in a script."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Broadcast:
    """A broadcast that is on; the XML form tells less of it."""

    id: str
    """Its stream's."""
    title: str
    author: str = ""
    url: str = ""
    viewing: int | None = None
    """How many watch it now."""
    views: int | None = None
    comments: int | None = None
    created: datetime | None = None
    tags: tuple[str, ...] = ()


def stream_in(page: str) -> str | None:
    """Return the stream that a page's HTML names, on whichever line; None where it names none."""
    tree = parsed(page)
    pictures = (each.attributes.get("content") for each in tree.css('meta[itemprop="image"]'))
    found = (_SNAPSHOT.fullmatch((each or "").strip()) for each in pictures)
    scripts = (_ENTRY.search(each.text()) for each in tree.css("script"))
    return next((each[1] for each in (*found, *scripts) if each), None)


def path_of(page: str, origin: str) -> str:
    """Return the path, below the origin, of the page at an address; raise UsageError."""
    base = urlsplit(origin)
    try:
        url = urlsplit(page)
        host = url.hostname or ""
    except ValueError:  # a bracket left open
        url, host = urlsplit(""), ""
    if url.scheme not in {"http", "https"} or not host:
        raise UsageError(
            _("{stream} is neither the id of a stream nor the address of a page").format(
                stream=pictured(page)
            ),
            _("write it like {id}, or like {origin}/USER/TITLE").format(
                id="aaaacwrg3amcm", origin=origin
            ),
        )
    if url.netloc != base.netloc and host not in _MIRRORS:
        raise UsageError(
            _("{page} is no page of {origin}").format(page=pictured(page), origin=bare(origin)),
            _("give --origin with it where Livetube has moved there"),
        )
    path = url.path
    if url.netloc == base.netloc and path.startswith(f"{base.path}/"):
        path = path.removeprefix(base.path)
    return quote(path, safe=_PATH) + (f"?{quote(url.query, safe=_PATH)}" if url.query else "")


def of_json(text: str, base: str) -> list[Broadcast]:
    """Read `index.live.json`; raise ValueError where it is no list of broadcasts."""
    try:
        rows = json.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(rows, list):
        raise ValueError("not a list")  # noqa: TRY004 - it is what the text says that is wrong
    return [each for row in rows if isinstance(row, dict) for each in _of_row(row, base)]


def _of_row(row: Mapping[str, Any], base: str) -> Iterator[Broadcast]:
    stream = str(row.get("id"))
    if STREAM.fullmatch(stream):
        tags = row.get("tags")
        yield Broadcast(
            id=stream,
            title=_words(row.get("title")),
            author=_words(row.get("author")),
            url=joined(base, _words(row.get("link"))),
            viewing=_count(row.get("viewing")),
            views=_count(row.get("view")),
            comments=_count(row.get("comments")),
            created=_date(_words(row.get("created"))),
            tags=tuple(map(str, tags)) if isinstance(tags, list) else (),
        )


def of_xml(text: str, base: str) -> list[Broadcast]:
    """Read `index.live.xml`; raise ValueError where it is none, or has a document type."""
    # What is dangerous in XML stands in its document type, which is refused.
    from xml.etree import ElementTree as ET

    class Plain(ET.TreeBuilder):
        def doctype(self, *_given: object) -> None:
            raise ValueError("a document type")

    try:
        root = ET.fromstring(text, ET.XMLParser(target=Plain()))  # noqa: S314
    except ET.ParseError as error:
        raise ValueError(str(error)) from None
    found = []
    for entry in root.iter():
        if entry.tag.rpartition("}")[2] != "entry":
            continue
        facts = {each.tag.rpartition("}")[2]: each for each in entry.iter()}
        texts = {name: (each.text or "").strip() for name, each in facts.items()}
        stream = re.search(rf"(?:^|[^a-z0-9])({STREAM.pattern})$", texts.get("id", ""))
        if stream:
            link = facts["link"].get("href", "") if "link" in facts else ""
            found.append(
                Broadcast(
                    id=stream[1],
                    title=texts.get("title", ""),
                    author=texts.get("name", ""),
                    url=joined(base, link) if link else "",
                    created=_date(texts.get("published", "")),
                )
            )
    return found


def _words(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _count(value: object) -> int | None:
    try:
        return max(0, int(value))  # type: ignore[call-overload, no-any-return]
    except (TypeError, ValueError, OverflowError):
        return None


def _date(text: str) -> datetime | None:
    """Read a date as mail has it, or as ISO 8601 does."""
    for read in (email.utils.parsedate_to_datetime, datetime.fromisoformat):
        try:
            moment = read(text)
        except (ValueError, OverflowError):
            continue
        if moment.tzinfo:
            return moment
    return None
