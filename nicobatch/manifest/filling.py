"""What each video of a manifest has for itself: its time in a series, and its texts filled."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Final

from nicobatch.manifest import announcing, placeholders, series, times
from nicobatch.manifest.defaults import Entry
from nicobatch.manifest.expansion import Expansion, is_of_file, stem_of
from nicobatch.manifest.identity import id_of
from nicobatch.manifest.placeholders import Values
from nicobatch.manifest.rules import Fault, fault
from nicobatch.model import NEXT, PREVIOUS

TEXTS: Final = ("title", "description")


def filled(expansions: Sequence[Expansion], sent: Callable[[str], series.Sent]) -> list[Expansion]:
    """Return the videos with their own times and texts, in the order in which they were given.

    `sent` returns which times a site was sent for the manifest's videos. Beside a pattern
    `{index}` and `{count}` count its files, elsewhere all videos that go to the site.
    """
    done = dict(enumerate(expansions))
    by_site: dict[str, list[int]] = {}
    for number, each in done.items():
        if each.entries:
            by_site.setdefault(each.entries[0].site, []).append(number)
    for site, numbers in by_site.items():
        groups = [done[number] for number in numbers]
        if any(_has_own(each.entries[0]) for each in groups):
            done |= zip(numbers, _of_site(groups, site, sent), strict=True)
    return list(done.values())


def _has_own(entry: Entry) -> bool:
    """Tell whether anything is to be filled in."""
    publish, texts = entry.data.get("publish"), [str(entry.data.get(name)) for name in TEXTS]
    texts += (text for text, _ in announcing.texts(entry))
    return isinstance(publish, dict) or any("{" in text or "}" in text for text in texts)


def _of_site(
    groups: Sequence[Expansion], site: str, sent: Callable[[str], series.Sent]
) -> Iterator[Expansion]:
    """Yield the videos that go to one site, each with what it has for itself."""
    every = [entry for each in groups for entry in each.entries]
    entries, faults = series.timed(every, lambda: sent(site))
    numbers = [each for group in groups for each in _numbers(group)]
    values = [
        _values(entry, number or (place, len(entries)))
        for place, (entry, number) in enumerate(zip(entries, numbers, strict=True), start=1)
    ]
    titled = list(map(_titled, entries, values, map(bool, numbers)))
    ready = map(_described, titled, values, (None, *titled[:-1]), (*titled[1:], None))
    ready = map(_announced, ready, values)
    for group in groups:
        own, first = tuple(islice(ready, len(group.entries))), group.entries[0]
        found = (*group.faults, *faults, *_undated(first, own))
        yield replace(group, entries=own, faults=found, varying=_varying(first))


def _numbers(group: Expansion) -> Iterator[tuple[int, int] | None]:
    """Yield of each file that a pattern stands for its number, and how many there are."""
    count = len(group.entries)
    for index in range(1, count + 1):
        yield (index, count) if group.of_pattern else None


def _values(entry: Entry, number: tuple[int, int]) -> Values:
    moment, file = times.moment_of(entry), entry.data.get("file")
    return {
        "stem": stem_of(file) if isinstance(file, str) else "",
        "index": number[0],
        "count": number[1],
        "date": moment.date().isoformat() if moment else None,
    }


def _titled(entry: Entry, values: Values, of_pattern: bool) -> Entry:  # noqa: FBT001 - for `map`
    title = entry.data.get("title")
    if not isinstance(title, str):
        return entry
    is_prose = is_of_file(entry, title) or not placeholders.is_template(title)
    if is_prose and not of_pattern:
        return entry
    return _made(entry, title=placeholders.fill(title, values))


def _described(entry: Entry, values: Values, before: Entry | None, behind: Entry | None) -> Entry:
    text = entry.data.get("description")
    if not isinstance(text, str) or not placeholders.is_template(text):
        return entry
    known = {**values, "title": entry.data.get("title")}
    for which, other in ((PREVIOUS, before), (NEXT, behind)):
        known[f"{which}.title"] = other.data.get("title") if other else None
        if other is None:
            known[f"{which}.url"] = None
    ids = [id_of(each) or "" if each else "" for each in (before, behind)]
    filled = _made(entry, description=placeholders.filled_lines(text, known))
    return replace(filled, neighbours=(ids[0], ids[1]))


def _announced(entry: Entry, values: Values) -> Entry:
    """Return the entry with its announcements filled, but for addresses: they are yet to come."""
    if not any("{" in text for text, _ in announcing.texts(entry)):
        return entry
    known = {**values, "title": entry.data.get("title")}

    def fill(text: str) -> str:
        return placeholders.fill(text, known) if placeholders.is_template(text) else text

    return replace(entry, data={**entry.data, announcing.FIELD: announcing.filled(entry, fill)})


def _made(entry: Entry, **texts: str) -> Entry:
    """Return the entry with other texts; those that are other ones count as made."""
    others = {name for name, text in texts.items() if text != entry.data[name]}
    return replace(entry, data={**entry.data, **texts}, made=entry.made | others)


def _undated(template: Entry, own: Sequence[Entry]) -> Iterator[Fault]:
    """Yield where the day of publication is named, of which there is none."""
    if all(map(times.moment_of, own)):
        return
    for name in TEXTS:
        text = template.data.get(name)
        if isinstance(text, str) and placeholders.uses(text, "date"):
            yield fault("placeholder-date", template.place(name), written="{date}")


def in_common(template: Entry) -> Entry:
    """Return what all videos of a pattern have, without a description that each has for itself."""
    if "description" not in _varying(template):
        return template
    data = {name: value for name, value in template.data.items() if name != "description"}
    return replace(template, data=data)


def _varying(template: Entry) -> frozenset[str]:
    """Return what each of a pattern's videos has otherwise, beside its title."""
    publish, text = template.data.get("publish"), template.data.get("description")
    timed = isinstance(publish, dict) and "every" in publish
    described = isinstance(text, str) and placeholders.is_template(text)
    return frozenset(["publish.at"] * timed + ["description"] * described)
