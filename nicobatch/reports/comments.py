"""Comments of broadcasts, a line each, and a table of what is on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Final, TypeAlias

from rich.text import Text

from nicobatch.language import _
from nicobatch.model import Json
from nicobatch.reports import BanTold, CommentRead, ReadingInterrupted
from nicobatch.reports.terminal import Heading, shown

CommentEvent: TypeAlias = CommentRead | BanTold | ReadingInterrupted
_JAPAN: Final = timezone(timedelta(hours=9))


def comment_line(event: CommentEvent) -> Text:
    """Return the line for it, coloured where the terminal has colours."""
    match event:
        case BanTold():
            words = _("{number} is banned now") if event.banned else _("{number} is banned no more")
            return Text(words.format(number=event.number), "red" if event.banned else "green")
        case ReadingInterrupted():
            words = _("{reason}; trying again in {seconds} s")
            return shown(words.format(reason=event.reason, seconds=event.seconds), "yellow")
    return Text(" ").join(_parts(event))


def _parts(comment: CommentRead) -> list[Text]:
    """Return number, time, id, name, and what is said, as far as there is each."""
    said = " ".join(comment.text.split())
    parts = [
        Text(str(comment.number), "dim"),
        Text(_clock(comment.time) if comment.time else "", "dim"),
        shown(f"({comment.id})" if comment.id else "", "dim"),
        shown(f"{comment.name}:" if comment.name else "", "bold green" if comment.green else ""),
        Text(_("[banned]") if comment.banned else "", "red"),
        shown(said, "dim" if comment.banned else ""),
    ]
    return [part for part in parts if part.plain]


def _clock(moment: datetime) -> str:
    here = moment.astimezone(_JAPAN)
    return f"{here.month}/{here.day} {here:%H:%M:%S}"


def broadcast_table(
    broadcasts: Sequence[Mapping[str, Json]],
) -> tuple[list[Heading], list[list[Text]]]:
    """Return headings and rows of what is on."""
    headings = [
        Heading(_("stream"), folds=False),
        Heading(_("title")),
        Heading(_("author")),
        Heading(_("viewers"), numeric=True),
        Heading(_("comments"), numeric=True),
        Heading(_("tags")),
    ]
    return headings, [_row(each) for each in broadcasts]


def _row(broadcast: Mapping[str, Json]) -> list[Text]:
    tags = broadcast["tags"]
    listed = " ".join(map(str, tags)) if isinstance(tags, Sequence) else ""
    values = (broadcast[name] for name in ("id", "title", "author", "viewing", "comments"))
    return [*(shown("" if each is None else str(each)) for each in values), shown(listed)]
