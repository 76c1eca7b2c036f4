"""What a schema can't say of a video's fields: blank titles, widths, dates, genres."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from nicobatch.manifest import lookalikes, schema, times
from nicobatch.manifest.defaults import Entry
from nicobatch.manifest.rules import RULES, Fault, fault, quoted, shown
from nicobatch.manifest.schema import definitions
from nicobatch.model import ADDRESS, LONGEST_ADDRESS, Inputs, Position
from nicobatch.sites.description import Site
from nicobatch.sites.fields import Choices, Field, Limits

LOOKED_AT = 1000
"""Items of a list."""
FAR = timedelta(days=366)
ANY_ADDRESS = "x" * LONGEST_ADDRESS
"""What stands for an address that is not known yet, where lengths are counted."""
# A tab and a newline may stand in a text; the halves of surrogate pairs are no characters.
INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
GARBLED = re.compile("[à-ôğ]")
"""What Japanese begins with that was read in a Western encoding, and hardly any other text has."""


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

    def beyond(
        self, rule: str, item: int | None = None, *, count: int, limit: int, **values: object
    ) -> Fault:
        """Say that there is more than the site takes; on another site it may be fine."""
        counts: Mapping[str, Any] = {**values, "count": count, "limit": limit}
        found = fault(rule, self.place(item), excess=count - limit, **counts)
        return replace(found, limited=self.name)


def check(entry: Entry, now: datetime, site: Site) -> Iterator[Fault]:
    """Yield what is wrong with the fields that are there and are of the right type."""
    for name, types, look in CHECKS:
        value = _value(entry, name)
        if type(value) in types:
            yield from look(Given(name, value, entry, now, site.limits))
    for field in site.fields:
        if field.kind in {"string", "array"} or field.choices:
            value = _value(entry, field.name)
            if field.choices and type(value) is int:
                value = str(value)
            yield from _own(field, Given(field.name, value, entry, now, site.limits))


def _value(entry: Entry, name: str) -> Any:
    value: Any = entry.data
    for step in name.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _own(field: Field, given: Given) -> Iterator[Fault]:
    """Hold a text of the site's own, or the texts of a list, against its row."""
    if type(given.value) is str and (field.kind == "string" or field.choices):
        texts: list[tuple[int | None, str]] = [(None, given.value)]
    elif type(given.value) is list and field.items == "string":
        texts = list(given.texts())
    else:
        return
    if not (field.choices or "pattern" in field.schema):
        yield from _text(given)
    for item, text in texts:
        yield from _held(field, given, item, text)


def _held(field: Field, given: Given, item: int | None, text: str) -> Iterator[Fault]:
    pattern, longest = field.schema.get("pattern"), field.schema.get("maxLength")
    if field.choices:
        yield from _choice(field.name, text, field.choices, given.place(item))
    elif isinstance(pattern, str) and not re.fullmatch(pattern, text):
        examples: Any = field.schema.get("examples") or [""]
        values = {"value": shown(text), "field": field.name, "example": shown(examples[0])}
        yield fault(field.rule, given.place(item), **values)
    elif isinstance(longest, int) and len(text) > longest:
        yield given.beyond("text-too-long", item, field=field.name, count=len(text), limit=longest)


def _title(field: Given) -> Iterator[Fault]:
    title, longest = _longest(field.value), field.limits.title
    if not title.strip():
        yield fault("title-blank", field.place())
    elif "\n" in title.strip("\n"):
        yield fault("title-newline", field.place())
    if len(title) > longest:
        yield field.beyond("title-too-long", count=len(title), limit=longest)


def _description(field: Given) -> Iterator[Fault]:
    text, limits = _longest(field.value.rstrip("\n")), field.limits
    count = len(text) + (limits.newline - 1) * text.count("\n")
    if count > limits.description:
        found = field.beyond("description-too-long", count=count, limit=limits.description)
        yield found if limits.newline > 1 else replace(found, advice="shorten")


def _longest(text: str) -> str:
    """Return the text as long as it can become once its addresses are known."""
    return ADDRESS.sub(ANY_ADDRESS, text) if "{" in text else text


def _text(field: Given) -> Iterator[Fault]:
    texts = [(None, field.value)] if type(field.value) is str else field.texts()
    for item, text in texts:
        name = field.name if item is None else f"{field.name} #{item + 1}"
        if match := INVISIBLE.search(text):
            character = f"U+{ord(match[0]):04X}"
            yield fault(
                "text-control-character", field.place(item), field=name, character=character
            )
        if GARBLED.search(text) and (repaired := _repaired(text)):
            yield fault("mojibake", field.place(item), field=name, repaired=shown(repaired))


def _repaired(text: str) -> str | None:
    from nicobatch.manifest.mojibake import repair  # with its tables

    return repair(text)


def _tags(field: Given) -> Iterator[Fault]:
    most = field.limits.tags
    if len(field.value) > most:
        yield field.beyond("too-many-tags", most, count=len(field.value), limit=most)
    seen: dict[str, str] = {}
    for index, tag in field.texts():
        yield from _tag(field, index, tag)
        folded = unicodedata.normalize("NFKC", tag).casefold()
        if first := seen.get(folded):
            advice = "delete" if first == tag else ""
            values = {"tag": shown(tag), "first": shown(first)}
            yield fault("tag-repeated", field.place(index), advice=advice, **values)
        seen.setdefault(folded, tag)


def _tag(field: Given, index: int, tag: str) -> Iterator[Fault]:
    limits, place = field.limits, field.place(index)
    if not tag.strip():
        yield fault("tag-empty", place)
        return
    if tag.startswith(("#", "＃")):
        yield fault("tag-with-hash", place, tag=shown(tag), suggestion=shown(tag[1:]))
    if not limits.tag_blanks and any(char.isspace() for char in tag):
        suggestion = shown("_".join(tag.split()))
        found = fault("tag-with-blank", place, tag=shown(tag), suggestion=suggestion)
        yield replace(found, limited="tags")
    count = width(tag) if limits.wide > 1 else len(tag)
    if count > limits.tag_width:
        rule = "tag-too-wide" if limits.wide > 1 else "tag-too-long"
        yield field.beyond(rule, index, tag=shown(tag), count=count, limit=limits.tag_width)


def width(text: str) -> int:
    """Return how many half-width characters the text takes up."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _choice(name: str, value: str, choices: Choices, place: Position) -> Iterator[Fault]:
    if choices.key(value):
        return
    by_label = {label: key for key, label in choices.labels.items()}
    named = unicodedata.normalize("NFKC", value)
    suggestion = schema.suggest(named, [*choices.labels, *by_label])
    rule = f"unknown-{name}" if choices.fits(value) else "unknown-choice"
    yield fault(
        rule if rule in RULES else "unlisted-choice",
        place,
        field=name,
        advice="did-you-mean" if suggestion else "",
        value=shown(value),
        suggestion=choices.names[by_label.get(suggestion, suggestion)] if suggestion else "",
        known=", ".join(choices.names.values()),
    )


def refused(unknown: Fault, file: Path) -> Fault:
    """Make an error of a genre that is unknown, as the file remembers that the site refused it."""
    return replace(
        unknown, rule="refused-genre", advice="", values={**unknown.values, "file": file}
    )


def _timing(field: Given) -> Iterator[Fault]:
    in_bounds = type(field.value) is float and not math.isnan(field.value)  # or the schema says so
    if not in_bounds and times.parse(field.value) is None:
        odd = lookalikes.hint(field.value)
        yield fault("bad-timing", field.place(), value=quoted(field.value), **odd)


def _picture(field: Given) -> Iterator[Fault]:
    """Yield that the site takes no picture."""
    if field.limits.picture is None:
        has_timing = "timing" in field.entry.data["thumbnail"]
        advice = "picture-idle" if has_timing else ""
        yield fault("picture-unused", field.place(), advice=advice, site=field.limits.site)


def _publish_at(field: Given) -> Iterator[Fault]:
    match = times.MOMENT.fullmatch(field.value)
    moment = times.parse_moment(field.value)
    value, place = shown(field.value), field.place()
    if match is None or moment is None:
        advice, meant = times.meant_moment(field.value)
        odd = lookalikes.hint(field.value)
        hint = {"advice": advice, "moment": meant} if meant and not odd else odd
        yield fault("publish-at-invalid", place, value=value, **hint)
    elif moment.tzinfo is None:
        yield fault("publish-at-zone", place, value=value)
    elif moment - field.now > FAR:
        yield fault("publish-at-far", place, value=value)


def text_of(found: Fault) -> str:
    """Return the text whose characters or length are at fault: `title`, `description`, `tags`."""
    if found.rule.startswith("title-"):
        return "title"
    if found.rule.startswith("tag-") or found.rule == "too-many-tags":
        return "tags"
    is_text = found.rule == "text-control-character"
    return str(found.values["field"]).partition(" ")[0] if is_text else ""


def is_as_sent(entry: Entry, name: str, sent: Inputs) -> bool:
    """Tell whether a text, or the tags, are what was sent."""
    value, there = entry.data.get(name), sent.get(name)
    if isinstance(value, str) and name == "description":
        value = value.rstrip("\n")
    return value == (list(there) if isinstance(there, tuple) else there)


def incomplete(entry: Entry, site: Site) -> Iterator[Fault]:
    """Yield what is missing after the merge; before it, it might stand in `defaults`."""
    for name in ("file", "title"):
        if name not in entry.data and not (name == "file" and "pages" in entry.own):
            yield missing(name, entry.place(""))
    for field in site.fields:
        around, _, key = field.name.rpartition(".")
        value = _value(entry, around) if field.is_required else None
        if isinstance(value, dict) and key not in value:
            example = f"{key}: {shown(field.default)}"
            yield fault("missing-key", entry.place(around), key=field.name, example=example)


def missing(name: str, place: Position) -> Fault:
    """Say that a key of every video is missing."""
    example = shown(definitions()[name]["examples"][0])
    return fault("missing-key", place, key=name, example=f"{name}: {example}")


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
    ("thumbnail.file", TEXT, _picture),
    ("publish.at", TEXT, _publish_at),
)
