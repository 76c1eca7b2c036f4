"""What an answer of comments holds: HTML or plain lines, and in its header who is banned."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, unquote_plus, urljoin

from nicobatch.errors import UsageError
from nicobatch.installation import missing
from nicobatch.language import _

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

JAPAN: Final = timezone(timedelta(hours=9), "JST")
_TIME: Final = r"([0-9]{1,2})/([0-9]{1,2}) ([0-9]{1,2}):([0-9]{2}):([0-9]{2})"
_MOMENT: Final = re.compile(_TIME)
_NUMBER: Final = re.compile(r"\s*([0-9]{1,9})\s*:\s*")
_LINE: Final = re.compile(rf"\s*([0-9]{{1,9}}) : (.*?) ?({_TIME})(?: (.*))?", re.DOTALL)
_SLACK: Final = timedelta(days=1)
"""How far a comment may be ahead of us before it must be last year's: clocks differ."""
_LEAP: Final = 8
"""Years between two leap days, at most."""
_SIZE: Final = re.compile(r"[0-9]{1,5}")
_TAGS: Final = frozenset({"a", "b", "br", "em", "i", "img", "s", "strong", "u"})
_UNSEEN: Final = frozenset({"script", "style"})
_ATTRIBUTES: Final = {"a": {"href"}, "img": {"src", "width", "height", "alt"}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Icon:
    """The picture beside a green name."""

    url: str
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """One comment, as its broadcast's page shows it."""

    number: int
    """From 1 on."""
    name: str = ""
    """Empty where it is anonymous."""
    green: bool = False
    """Whether the name is that of somebody who was signed in."""
    id: str = ""
    """Tells anonymous people apart, where the broadcast shows it."""
    icon: Icon | None = None
    at: datetime | None = None
    """In Japan's time; the site tells no year, so it is the last one that it can be."""
    text: str = ""
    html: str = ""
    """The same with its links and pictures; nothing in it can run."""
    live: bool | None = None
    """Whether it was written while the broadcast was on; None where that is not told."""
    banned: bool = False


@dataclass(frozen=True, slots=True)
class Marks:
    """What people think of comments: by a comment's number its score, and where a ban begins."""

    scores: Mapping[int, int] = field(default_factory=dict)
    threshold: int | None = None

    @property
    def banned(self) -> frozenset[int]:
        """Return the numbers of the comments whose score is as far below 0 as the threshold."""
        most = self.threshold
        if most is None:
            return frozenset()
        return frozenset(number for number, score in self.scores.items() if score <= -most)


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of a broadcast's comments."""

    comments: tuple[Comment, ...] = ()
    """In their order."""
    marks: Marks | None = None
    """Of all comments; None where the answer tells of none."""


def marks_of(header: str) -> Marks | None:
    """Read `X-JSON`, whose keys are one less than the numbers; None where it can't be read."""
    try:
        found = json.loads(header)
        threshold, marks = int(found["mark_thresh"]), found["marks"]
        scores = {int(key) + 1: sum(map(int, value)) for key, value in marks.items()}
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        return None
    return Marks(scores, threshold)


def reading_of(body: str, header: str, base: str, now: datetime, *, whole: bool = True) -> Reading:
    """Return what the answer says; of one that is not `whole`, what has arrived entirely.

    `base` is the address that links begin at; `now` has a zone.
    """
    marks = marks_of(header)
    banned = marks.banned if marks else frozenset()
    is_html = body.lstrip().startswith("<")
    read = _html_comments(body, base, now) if is_html else _plain_comments(body, now)
    found = {each.number: replace(each, banned=each.number in banned) for each in read}
    if not whole and not body.endswith("\n") and not (is_html and body.endswith("</div>")):
        found.pop(max(found, default=0), None)  # how it goes on is not known
    return Reading(tuple(found[number] for number in sorted(found)), marks)


def moment_of(text: str, now: datetime) -> datetime | None:
    """Return the last moment up to now, or a day on, that `M/d H:mm:ss` means in Japan."""
    found = _MOMENT.fullmatch(text.strip())
    if not found:
        return None
    month, day, hour, minute, second = map(int, found.groups())
    latest = now.astimezone(JAPAN) + _SLACK
    for year in range(latest.year, latest.year - _LEAP - 1, -1):
        try:
            moment = datetime(year, month, day, hour, minute, second, tzinfo=JAPAN)
        except ValueError:  # a 29th of February, or nonsense
            continue
        if moment <= latest:
            return moment
    return None


def parsed(text: str) -> LexborHTMLParser:
    """Return the HTML's tree; raise UsageError where the extra is not installed."""
    try:
        from selectolax.lexbor import LexborHTMLParser
    except ImportError:
        words = _("reading Livetube's pages takes more than is installed")
        raise UsageError(words, missing("livetube")) from None
    return LexborHTMLParser(text)


def _html_comments(text: str, base: str, now: datetime) -> Iterator[Comment]:
    body = parsed(text).body
    for outer in body.iter() if body else ():
        inner = next((each for each in outer.iter() if each.tag == "div"), None)
        comment = _html_comment(inner, base, now) if inner else None
        if comment:
            live = "background-color" in _style(outer)
            yield replace(comment, live=live)


def _html_comment(inner: LexborNode, base: str, now: datetime) -> Comment | None:
    """Read the one `div` that holds all of a comment; None where it is none."""
    parts = list(inner.iter(include_text=True))
    start = next((n for n, part in enumerate(parts) if _begins(part)), None)
    if start is None:
        return None
    found = _NUMBER.match(parts[start].text())
    spans = [n for n in range(start, len(parts)) if parts[n].tag == "span"]
    if not found or len(spans) < 2:  # the time's and the body's
        return None
    time, body = parts[spans[0]], parts[spans[1]]
    before = parts[start].text()[found.end() :]
    name = before + "".join(part.text() for part in parts[start + 1 : spans[0]])
    return Comment(
        number=int(found[1]),
        name=name.strip(),
        green=any(_is_green(part) for part in parts[start + 1 : spans[0]]),
        id=next((part.text().strip() for part in parts[:start] if "float" in _style(part)), ""),
        icon=next((_icon(part, base) for part in parts[:start] if part.tag == "img"), None),
        at=moment_of(time.text(), now),
        text=_text(body),
        html=_clean(body.inner_html or "", base),
    )


def _begins(part: LexborNode) -> bool:
    return bool(part.is_text_node and _NUMBER.match(part.text()))


def _style(part: LexborNode) -> str:
    return (part.attributes.get("style") or "").casefold()


def _is_green(part: LexborNode) -> bool:
    return part.tag == "a" and any("color:green" in _style(each) for each in part.iter())


def _icon(part: LexborNode, base: str) -> Icon | None:
    url = joined(base, part.attributes.get("src") or "")
    width, height = (part.attributes.get(name) or "" for name in ("width", "height"))
    return Icon(url=url, width=_size(width), height=_size(height)) if _is_web(url) else None


def joined(base: str, reference: str) -> str:
    """Return the address that a link on a page means; nothing where it means none."""
    try:
        return urljoin(base, reference)
    except ValueError:  # a bracket left open
        return ""


def _size(text: str) -> int | None:
    return int(text) if _SIZE.fullmatch(text) else None


def _is_web(url: str) -> bool:
    return url.startswith(("http://", "https://"))


def _text(body: LexborNode) -> str:
    """Return the text that is seen, with a line's end for each `br`."""
    words = []
    for each in body.traverse(include_text=True):
        if each.tag == "br":
            words.append("\n")
        elif each.is_text_node and not (each.parent and each.parent.tag in _UNSEEN):
            words.append(each.text(deep=False))
    return "".join(words).strip()


def _clean(fragment: str, base: str) -> str:
    import nh3

    def absolute(tag: str, name: str, value: str) -> str | None:  # noqa: ARG001 - nh3's order
        if name not in {"href", "src"}:
            return value
        url = joined(base, value)
        return url if _is_web(url) else None

    clean: str = nh3.clean(
        fragment, tags=set(_TAGS), attributes=_ATTRIBUTES, attribute_filter=absolute
    )
    return clean.strip()


def _plain_comments(body: str, now: datetime) -> Iterator[Comment]:
    """Read `N : name M/d H:mm:ss text`, as clients that are no browser were given it.

    What stands in it is percent-encoded, or else all of the line, blanks and all.
    """
    for line in body.split("\n"):
        text = line.strip()
        found = _LINE.fullmatch(text if " " in text else unquote_plus(text))
        if found:
            words = unquote if " " in text else str
            said = words(found[9] or "").strip()
            yield Comment(
                number=int(found[1]),
                name=words(found[2]).strip(),
                at=moment_of(found[3], now),
                text=said,
                html=html.escape(said, quote=False),
            )
