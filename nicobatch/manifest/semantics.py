"""What a schema can't say of a video's fields: blank titles, widths, dates, genres."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from nicobatch.manifest import duration, keys, lookalikes, mojibake
from nicobatch.manifest.defaults import Entry
from nicobatch.manifest.rules import Fault, fault, quoted, shown
from nicobatch.model import Position
from nicobatch.sites.base import Choices, Limits, Site

MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?"
    r"(?P<zone>Z|[+-][0-9]{2}:[0-9]{2})?"
)
# From 2001 to 2286, which is when the number of seconds has ten digits.
EPOCH = re.compile(r"([1-9][0-9]{9})(?:[0-9]{3})?(?:\.[0-9]*)?", re.ASCII)
# A date as people write one, after full-width characters are made plain.
DATE = re.compile(
    r"([0-9]{4})[-/.年] ?([0-9]{1,2})[-/.月] ?([0-9]{1,2})日?"
    r"(?:[T ]+([0-9]{1,2})[:時]? ?([0-9]{1,2})?分?(?::[0-9]{2}(?:\.[0-9]+)?)?)?"
    r" ?(Z|UTC|JST|[+-][0-9]{2}:?[0-9]{2})?",
    re.ASCII,
)
LONGEST = 60
"""Characters of a date, however it is written."""
EVENING = 20
"""The hour of an example, where a date has none."""
ZONES: Mapping[str, str] = {"Z": "+00:00", "UTC": "+00:00", "JST": "+09:00"}
JAPAN = timezone(timedelta(hours=9))
LOOKED_AT = 1000
"""Items of a list."""
FAR = timedelta(days=366)
PARENT_WORK = re.compile(r"[a-z]{2}[0-9]+")
# A tab and a newline may stand in a text; the halves of surrogate pairs are no characters.
INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Given:
    """A field to look at: its value, whose type is right, and its surroundings."""

    name: str
    value: Any
    entry: Entry
    now: datetime
    limits: Limits

    def place(self, item: int | None = None) -> Position:
        """Return where the field stands, or an item of it."""
        return self.entry.place(self.name if item is None else f"{self.name}.{item}")

    def texts(self) -> Iterator[tuple[int, str]]:
        """Yield the items that are text, numbered from 0; of a list without an end, the first."""
        items = enumerate(self.value[:LOOKED_AT])
        return ((index, each) for index, each in items if type(each) is str)


def check(entry: Entry, now: datetime, site: Site) -> Iterator[Fault]:
    """Yield what is wrong with the fields that are there and are of the right type."""
    for name, types, look in CHECKS:
        value: Any = entry.data
        for step in name.split("."):
            value = value.get(step) if isinstance(value, dict) else None
        if type(value) in types:
            yield from look(Given(name, value, entry, now, site.limits))
    for name, choices in site.choices.items():
        value = entry.data.get(name)
        if type(value) is str:
            yield from _choice(name, value, choices, entry.place(name))


def _title(field: Given) -> Iterator[Fault]:
    title = field.value
    if not title.strip():
        yield fault("title-blank", field.place())
    elif "\n" in title.strip("\n"):
        yield fault("title-newline", field.place())
    if (excess := len(title) - field.limits.title) > 0:
        counts: Mapping[str, Any] = {
            "count": len(title),
            "limit": field.limits.title,
            "excess": excess,
        }
        yield fault("title-too-long", field.place(), **counts)


def _description(field: Given) -> Iterator[Fault]:
    count = len(field.value.rstrip("\n").replace("\n", "<br>"))
    if (excess := count - field.limits.description) > 0:
        counts: Mapping[str, Any] = {
            "count": count,
            "limit": field.limits.description,
            "excess": excess,
        }
        yield fault("description-too-long", field.place(), **counts)


def _text(field: Given) -> Iterator[Fault]:
    texts = [(None, field.value)] if type(field.value) is str else field.texts()
    for item, text in texts:
        name = field.name if item is None else f"{field.name} #{item + 1}"
        if match := INVISIBLE.search(text):
            character = f"U+{ord(match[0]):04X}"
            yield fault(
                "text-control-character", field.place(item), field=name, character=character
            )
        if repaired := mojibake.repair(text):
            yield fault("mojibake", field.place(item), field=name, repaired=shown(repaired))


def _tags(field: Given) -> Iterator[Fault]:
    most = field.limits.tags
    if len(field.value) > most:
        counts: Mapping[str, Any] = {"count": len(field.value), "limit": most}
        yield fault("too-many-tags", field.place(most), **counts)
    seen: dict[str, str] = {}
    for index, tag in field.texts():
        yield from _tag(tag, field.place(index), field.limits.tag_width)
        folded = unicodedata.normalize("NFKC", tag).casefold()
        if first := seen.get(folded):
            advice = "delete" if first == tag else ""
            values = {"tag": shown(tag), "first": shown(first)}
            yield fault("tag-repeated", field.place(index), advice=advice, **values)
        seen.setdefault(folded, tag)


def _tag(tag: str, place: Position, widest: int) -> Iterator[Fault]:
    if not tag.strip():
        yield fault("tag-empty", place)
        return
    if tag.startswith(("#", "＃")):
        yield fault("tag-with-hash", place, tag=shown(tag), suggestion=shown(tag[1:]))
    if any(char.isspace() for char in tag):
        yield fault(
            "tag-with-blank", place, tag=shown(tag), suggestion=shown("_".join(tag.split()))
        )
    if (count := width(tag)) > widest:
        yield fault("tag-too-wide", place, tag=shown(tag), count=count, limit=widest)


def width(text: str) -> int:
    """Return how many half-width characters the text takes up."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _choice(name: str, value: str, choices: Choices, place: Position) -> Iterator[Fault]:
    if choices.key(value):
        return
    by_label = {label: key for key, label in choices.labels.items()}
    named = unicodedata.normalize("NFKC", value)
    suggestion = keys.suggest(named, [*choices.labels, *by_label])
    yield fault(
        f"unknown-{name}",
        place,
        advice="did-you-mean" if suggestion else "",
        value=shown(value),
        suggestion=by_label.get(suggestion, suggestion),
        known=", ".join(choices.labels),
    )


def refused(unknown: Fault, file: Path) -> Fault:
    """Make an error of a genre that is unknown, as the file remembers that the site refused it."""
    return replace(
        unknown, rule="refused-genre", advice="", values={**unknown.values, "file": file}
    )


def _timing(field: Given) -> Iterator[Fault]:
    in_bounds = type(field.value) is float and not math.isnan(field.value)  # or the schema says so
    if not in_bounds and duration.parse(field.value) is None:
        odd = lookalikes.hint(field.value)
        yield fault("bad-timing", field.place(), value=quoted(field.value), **odd)


def _publish_at(field: Given) -> Iterator[Fault]:
    match = MOMENT.fullmatch(field.value)
    moment = parse_moment(field.value)
    value, place = shown(field.value), field.place()
    if match is None or moment is None:
        advice, meant = meant_moment(field.value)
        odd = lookalikes.hint(field.value)
        hint = {"advice": advice, "moment": meant} if meant and not odd else odd
        yield fault("publish-at-invalid", place, value=value, **hint)
    elif moment.tzinfo is None:
        yield fault("publish-at-zone", place, value=value)
    elif moment - field.now > FAR:
        yield fault("publish-at-far", place, value=value)


def late(entry: Entry, now: datetime) -> Iterator[Fault]:
    """Yield a timer that has passed; whether that matters depends on what was published."""
    moment = moment_of(entry)
    if moment and moment.tzinfo and moment <= now:
        value = shown(entry.data["publish"]["at"])
        yield fault("publish-at-past", entry.place("publish.at"), value=value)


def moment_of(entry: Entry) -> datetime | None:
    """Return when the entry is to be published, None if it has no timer that can be read."""
    publish = entry.data.get("publish")
    at = publish.get("at") if isinstance(publish, dict) else None
    return parse_moment(at) if isinstance(at, str) else None


def parse_moment(text: str) -> datetime | None:
    """Read a date and time of RFC 3339, seconds and zone optional; None if there is no such one."""
    try:
        return datetime.fromisoformat(text) if MOMENT.fullmatch(text) else None
    except ValueError:  # 30 February
        return None


def meant_moment(value: object) -> tuple[str, str]:
    """Return the advice to give and the moment to write for a time in another form; or nothing.

    It may be in seconds or milliseconds since 1970, or a date as people write one. Where it names
    no zone it is taken for Japan's time.
    """
    text = value if isinstance(value, str) else repr(value)
    if match := EPOCH.fullmatch(text):
        return "epoch", datetime.fromtimestamp(int(match[1]), JAPAN).isoformat()
    match = DATE.fullmatch(unicodedata.normalize("NFKC", text)) if len(text) <= LONGEST else None
    if match is None:
        return "", ""
    year, month, day, hour, minute = (int(each) if each else None for each in match.groups()[:5])
    zone = ZONES.get(match[6] or "JST", match[6])
    date = f"{year:04}-{month:02}-{day:02}T{EVENING if hour is None else hour:02}:{minute or 0:02}"
    moment = parse_moment(f"{date}:00{_colon(zone)}")
    if moment is None:
        return "", ""
    return "moment" if hour is not None else "moment-of-day", moment.isoformat()


def _colon(zone: str) -> str:
    return zone if ":" in zone else f"{zone[:3]}:{zone[3:]}"


def _parent_works(field: Given) -> Iterator[Fault]:
    for index, work in field.texts():
        if not PARENT_WORK.fullmatch(work):
            yield fault("parent-work", field.place(index), value=shown(work))


def incomplete(entry: Entry) -> Iterator[Fault]:
    """Yield what a mapping lacks after the merge; before it, the rest might stand in `defaults`."""
    for name in ("series", "community"):
        value = entry.data.get(name)
        if isinstance(value, dict) and "id" not in value:
            yield fault("missing-key", entry.place(name), key=f"{name}.id", example="id: 12345")


def ended(entry: Entry, site: Site) -> Iterator[Fault]:
    """Yield the keys that the site has no use for any more, where the video itself has them."""
    for key in site.ended:
        if key in entry.keys:
            yield fault(f"{key}-ended", entry.keys[key])


TEXT = (str,)
LIST = (list,)
CHECKS: tuple[tuple[str, tuple[type, ...], Callable[[Given], Iterator[Fault]]], ...] = (
    ("title", TEXT, _title),
    ("title", TEXT, _text),
    ("description", TEXT, _description),
    ("description", TEXT, _text),
    ("tags", LIST, _tags),
    ("tags", LIST, _text),
    ("thumbnail.timing", (float, str), _timing),
    ("publish.at", TEXT, _publish_at),
    ("thanks_message", TEXT, _text),
    ("parent_works", LIST, _parent_works),
)
