"""Series in time, `publish: {at: …, every: 7d}`: the n-th video takes the n-th time.

A time that was sent to a site stays, and no other video takes it: adding, removing and renaming
files moves only what was not sent yet.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Final, TypeAlias

from nicobatch import disk
from nicobatch.manifest import schema, times
from nicobatch.manifest.defaults import Entry
from nicobatch.manifest.identity import id_of
from nicobatch.manifest.rules import Fault, fault, shown
from nicobatch.model import Position

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SPAN: Final = re.compile(r"([1-9][0-9]{0,2})d|([1-9][0-9]{0,3})h")
WEEK: Final = timedelta(days=7)
Sent: TypeAlias = Mapping[str, datetime]
"""By a video's id the time that a site was sent for it."""


@dataclass(frozen=True, slots=True)
class Series:
    """When videos are published one after another."""

    start: datetime
    """In the zone whose clock counts."""
    every: str | tuple[str, ...]
    """So many days (`7d`) or hours (`36h`), or on which days of the week."""

    def moments(self) -> Iterator[datetime]:
        """Yield its times in UTC, as far as there are years to count.

        Hours pass evenly; a day later it is the same hour by the zone's clock, summer or winter.
        """
        start, clock = self.start.astimezone(UTC), self.start.replace(tzinfo=None)
        span = SPAN.fullmatch(self.every) if isinstance(self.every, str) else None
        try:
            if span and span[2]:
                yield from (start + n * timedelta(hours=int(span[2])) for n in itertools.count())
            for day in itertools.count(step=int(span[1])) if span else self._days():
                local = (clock + timedelta(days=day)).replace(tzinfo=self.start.tzinfo)
                yield local.astimezone(UTC)
        except OverflowError:
            return

    def _days(self) -> Iterator[int]:
        """Yield the days of the week that are meant, counted from the first."""
        first = self.start.weekday()
        return (day for day in itertools.count() if DAYS[(first + day) % 7] in self.every)

    def until(self, members: Sequence[datetime | None]) -> set[datetime]:
        """Return its times up to the last of those."""
        last = max(filter(None, members), default=datetime.min.replace(tzinfo=UTC))
        return set(itertools.takewhile(lambda each: each <= last, self.moments()))

    def assigned(
        self, members: Sequence[datetime | None], taken: set[datetime]
    ) -> Iterator[datetime | None]:
        """Yield the time of each video: what was sent for it, or else the next that is free.

        That is one behind the video before it, in UTC as `taken` is; None where years end.
        """
        coming, known = self.moments(), list[datetime]()
        before = datetime.min.replace(tzinfo=UTC)
        for sent in members:
            moment = sent
            at = bisect_right(known, before)
            while moment is None:
                if at == len(known):
                    following = next(coming, None)
                    if following is None:
                        break
                    known.append(following)
                moment = known[at] if known[at] > before and known[at] not in taken else None
                at += 1
            if moment:
                before = moment
                taken.add(moment)
            yield moment


def of(publish: Any) -> Series | None:
    """Return the series that a manifest's `publish` asks for; None if it is none, or not sound."""
    given = publish if isinstance(publish, dict) else {}
    at, every = given.get("at"), given.get("every")
    listed = every if isinstance(every, list) else []
    days = tuple(listed) if all(each in DAYS for each in listed) else ()
    span = every if isinstance(every, str) and SPAN.fullmatch(every) else ""
    start = _in_zone(at, given.get("zone"))
    return Series(start, days or span) if start and (days or span) else None


def _in_zone(at: object, name: object) -> datetime | None:
    """Return the moment by the clock of its zone, which is `at`'s own where none is named."""
    start = times.parse_moment(at) if isinstance(at, str) else None
    zone = zone_of(name) if isinstance(name, str) else start and start.tzinfo
    return start.astimezone(zone) if start and start.tzinfo and zone else None


def zone_of(name: str) -> tzinfo | None:
    """Return the zone of that name, such as Asia/Tokyo; None if this machine knows none."""
    import zoneinfo  # which most manifests name none of

    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return None


def check(publish: Mapping[str, Any], entry: Entry) -> Iterator[Fault]:
    """Yield what is wrong with the zone, and with where the series begins."""
    name, every = publish.get("zone"), publish.get("every")
    if isinstance(name, str) and zone_of(name) is None:
        from zoneinfo import available_timezones

        known = available_timezones()
        suggestion = schema.suggest(name, known)
        advice = "did-you-mean" if suggestion else "" if known else "no-zones"
        values = {"zone": shown(name), "suggestion": suggestion}
        yield fault("publish-zone", entry.place("publish.zone"), advice=advice, **values)
    series = of(publish)
    if series and isinstance(every, list) and DAYS[series.start.weekday()] not in every:
        first = next(series.moments()).astimezone(series.start.tzinfo)
        day = DAYS[series.start.weekday()]
        values = {"at": shown(publish["at"]), "day": day, "moment": first.isoformat()}
        yield fault("publish-every-start", entry.place("publish.at"), **values)


def timed(entries: Sequence[Entry], sent: Callable[[], Sent]) -> tuple[list[Entry], list[Fault]]:
    """Return the videos of a site, each with the time of its own, and what is to be said of that.

    Videos whose `publish.at` stands at one place in the manifest are a series.
    """
    groups: dict[tuple[Position, Series], list[int]] = {}
    found, faults, looked_at = list(entries), list[Fault](), set[Position]()
    for number, entry in enumerate(entries):
        publish = entry.data.get("publish")
        if not isinstance(publish, dict) or not publish.keys() & {"every", "zone"}:
            continue
        place = entry.place("publish.at")
        faults += () if place in looked_at else check(publish, entry)
        looked_at.add(place)
        if series := of(publish):
            groups.setdefault((place, series), []).append(number)
        elif moment := _in_zone(publish.get("at"), publish.get("zone")):
            found[number] = _at(entry, moment)
    known = {disk.fold(name): at.astimezone(UTC) for name, at in sent().items()} if groups else {}
    taken = set(known.values())
    for (place, series), numbers in groups.items():
        members = [known.get(disk.fold(id_of(entries[each]) or "")) for each in numbers]
        moments, regular = series.assigned(members, taken), series.until(members)
        for number, moment, was in zip(numbers, moments, members, strict=True):
            if moment is None:
                faults.append(fault("publish-every-end", place))
                break
            found[number] = _at(entries[number], moment.astimezone(series.start.tzinfo))
            if was and was not in regular:
                faults.append(_kept(entries[number], found[number]))
    return found, faults


def _kept(entry: Entry, timed: Entry) -> Fault:
    values = {"at": timed.data["publish"]["at"], "file": shown(entry.data.get("file"))}
    return fault("publish-at-kept", entry.place("publish.at"), **values)


def _at(entry: Entry, moment: datetime) -> Entry:
    data = {**entry.data, "publish": {"at": moment.isoformat()}}
    return replace(entry, data=data, made=entry.made | {"publish.at"})
