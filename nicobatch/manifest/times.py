"""Times within a video (seconds, "mm:ss.mmm", "hh:mm:ss.mmm"), and dates as people write them."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, timezone

from nicobatch.manifest.defaults import Entry
from nicobatch.manifest.rules import Fault, fault, shown

# Minutes may pass 59 where no hours are given.
CLOCK = re.compile(
    r"(?:([0-9]{1,3}):(?=[0-5]?[0-9]:))?([0-9]{1,3}):([0-5][0-9])(?:\.([0-9]{1,3}))?", re.ASCII
)
LONGEST = 1000 * 60 * 60 * 1000
"""Milliseconds in a thousand hours: what three digits of hours can say."""
MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?"
    r"(?P<zone>Z|[+-][0-9]{2}:[0-9]{2})?"
)
# From 2001 to 2286, which is when the number of seconds has ten digits.
EPOCH = re.compile(r"([1-9][0-9]{9})(?:[0-9]{3})?(?:\.[0-9]*)?", re.ASCII)
# A date as people write one, after full-width characters are made plain.
DATE = re.compile(
    r"([0-9]{4})[-/.年] ?([0-9]{1,2})[-/.月] ?([0-9]{1,2})日?"
    r"(?:[T ]+(?P<before>AM|PM|午前|午後|上午|下午|晚上)? ?(?P<hour>[0-9]{1,2})[:時时点]?"
    r" ?(?P<minute>[0-9]{1,2})?分?(?::[0-9]{2}(?:\.[0-9]+)?)? ?(?P<after>AM|PM)?)?"
    r" ?(?P<zone>Z|UTC|GMT|JST|[+-][0-9]{2}(?::?[0-9]{2})?)?",
    re.ASCII | re.IGNORECASE,
)
NOON: Mapping[str, int] = {
    **dict.fromkeys(("AM", "午前", "上午"), 0),
    **dict.fromkeys(("PM", "午後", "下午", "晚上"), 12),
}
"""Hours to add to those of the half of a day."""
LONGEST_DATE = 60
"""Characters of a date, however it is written."""
EVENING = 20
"""The hour of an example, where a date has none."""
ZONES: Mapping[str, str] = {"Z": "+00:00", "UTC": "+00:00", "GMT": "+00:00", "JST": "+09:00"}
JAPAN = timezone(timedelta(hours=9))


def parse(value: float | str) -> int | None:
    """Return milliseconds; None if the value is no time (negative, endless, wrongly written)."""
    if isinstance(value, str):
        return _parse_clock(value)
    return round(value * 1000) if math.isfinite(value) and 0 <= value * 1000 < LONGEST else None


def _parse_clock(text: str) -> int | None:
    match = CLOCK.fullmatch(text)
    if match is None:
        return None
    hours, minutes, seconds, fraction = match.groups()
    whole = (int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds)
    return whole * 1000 + int((fraction or "0").ljust(3, "0"))


def format_clock(milliseconds: int) -> str:
    """Write milliseconds as "mm:ss.mmm", or as "hh:mm:ss.mmm" from one hour on."""
    seconds, fraction = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    clock = f"{minutes:02}:{seconds:02}.{fraction:03}"
    return f"{hours:02}:{clock}" if hours else clock


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
    match = (
        DATE.fullmatch(unicodedata.normalize("NFKC", text)) if len(text) <= LONGEST_DATE else None
    )
    if match is None:
        return "", ""
    year, month, day = (int(each) for each in match.groups()[:3])
    hour, minute = _hour(match), int(match["minute"] or 0)
    zone = (match["zone"] or "JST").upper()
    date = f"{year:04}-{month:02}-{day:02}T{EVENING if hour is None else hour:02}:{minute:02}"
    moment = parse_moment(f"{date}:00{_colon(ZONES.get(zone, zone))}")
    if moment is None:
        return "", ""
    return "moment" if hour is not None else "moment-of-day", moment.isoformat()


def _hour(match: re.Match[str]) -> int | None:
    """Return the hour of a date as people write one, from 0 to 24; None if it has none."""
    if match["hour"] is None:
        return None
    hour, half = int(match["hour"]), (match["before"] or match["after"] or "").upper()
    return hour % 12 + NOON[half] if half and hour <= 12 else hour


def _colon(zone: str) -> str:
    return zone if ":" in zone else f"{zone[:3]}:{zone[3:] or '00'}"


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
