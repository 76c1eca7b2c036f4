"""A manifest without a file, by which videos are published that come without one of their own."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Self

from nicobatch import disk
from nicobatch.manifest import defaults, load, patterns, placeholders, series
from nicobatch.manifest.document import Document
from nicobatch.manifest.encoding import decode
from nicobatch.manifest.expansion import stem_of
from nicobatch.manifest.filling import TEXTS
from nicobatch.manifest.loading import LARGEST
from nicobatch.manifest.rules import Fault, fault, problem, shown
from nicobatch.manifest.semantics import missing
from nicobatch.manifest.texts import Texts
from nicobatch.manifest.yaml12 import parse
from nicobatch.model import DEFAULT_SITE, Position, Problem

ALONE: Final = tuple(
    each for each in placeholders.EVERY if each == "count" or each.startswith(("previous", "next"))
)
"""Placeholders that name other videos, which a manifest of a single one has not."""
_START: Final = Position(1, 1)
_NO_MATTER: Final = frozenset(("pattern-unmatched", "publish-at-past", "title-of-several"))
"""Rules about the files that lie beside the template, and about a series that has begun."""


@dataclass(frozen=True, slots=True)
class Template:
    """What is to be published of each video, one entry a site."""

    path: Path
    entries: tuple[defaults.Entry, ...]
    account: object
    """As the manifest has it."""

    @classmethod
    def read(
        cls, path: Path, sites: defaults.Sites, now: datetime
    ) -> tuple[Self | None, tuple[Problem, ...]]:
        """Return the template, None where it is none, and what is wrong with it."""
        problems = _problems(path, sites, now)
        if any(each.stops() for each in problems):
            return None, problems
        document = _document(path)
        if document is None:  # it was edited between two readings
            return None, (problem(fault("not-a-manifest", _START, value=path.name), path),)
        found, texts = list(defaults.entries(document, sites)), Texts(path, document)
        whole = tuple(texts.whole(entry)[0] for _number, entry in found)
        faults = [*_unfit(found), *(each for entry in whole for each in _of_others(entry))]
        if faults:
            return None, (*problems, *(problem(each, path) for each in faults))
        data: Any = document.data
        return cls(path, whole, data.get("account")), problems

    def takes(self, name: str) -> bool:
        """Tell whether a file of that name is meant: all are, where it names no pattern."""
        file = self.entries[0].data.get("file")
        return not isinstance(file, str) or patterns.select(patterns.split(file)[1], [name]) != []

    def times(self, last: Mapping[str, datetime], now: datetime) -> dict[str, datetime]:
        """Return by site the next time of its series: behind the last one, and still to come."""
        found: dict[str, datetime] = {}
        for entry in self.entries:
            meant = series.of(entry.data.get("publish"))
            after = max(now, last.get(entry.site, now))
            moments = meant.moments() if meant else iter(())
            if moment := next((each for each in moments if each > after), None):
                found[entry.site] = moment.astimezone(meant.start.tzinfo if meant else None)
        return found

    def manifest(self, file: str, index: int, times: Mapping[str, datetime]) -> str:
        """Return the manifest of the video that has this number, and these times by their sites."""
        own = {each.site: _own(each, file, index, times.get(each.site)) for each in self.entries}
        top: dict[str, Any] = {"version": 1}
        if self.account is not None:
            top["account"] = self.account
        if list(own) == [DEFAULT_SITE]:
            top |= {"file": file, **own[DEFAULT_SITE]}
        else:
            top |= {"sites": list(own), "file": file, **own}
        words = json.dumps(self.path.name, ensure_ascii=False)
        body = json.dumps(top, ensure_ascii=False, indent=2)
        return f"# nicobatch watch --template {words}\n{body}\n"


def _problems(path: Path, sites: defaults.Sites, now: datetime) -> tuple[Problem, ...]:
    """Return what is wrong with the template, but that it names no file."""
    without = problem(missing("file", _START), path).message
    found = load([str(path)], sites=sites, now=now).problems
    return tuple(each for each in found if each.rule not in _NO_MATTER and each.message != without)


def _document(path: Path) -> Document | None:
    text = decode(disk.head(path, LARGEST))
    return parse(text)[0] if isinstance(text, str) else None


def _unfit(found: Sequence[tuple[int, defaults.Entry]]) -> Iterator[Fault]:
    """Yield what a manifest may have, and a template not."""
    for number, entry in found:
        file = entry.data.get("file")
        if number:
            yield fault("template-several", entry.place(""))
        elif "pages" in entry.own:
            yield fault("template-pages", entry.place("pages"))
        elif isinstance(file, str) and not (patterns.is_pattern(file) and "/" not in file):
            yield fault("template-file", entry.place("file"), file=shown(file))


def _of_others(entry: defaults.Entry) -> Iterator[Fault]:
    for name in TEXTS:
        text = entry.data.get(name)
        if isinstance(text, str) and placeholders.uses(text, *ALONE):
            written = ", ".join(f"{{{each}}}" for each in ALONE if placeholders.uses(text, each))
            yield fault("template-others", entry.place(name), written=written)


def _own(entry: defaults.Entry, file: str, index: int, at: datetime | None) -> dict[str, Any]:
    """Return what the template's entry has for one video: its number, and its time."""
    at_top = {"file", "version", *({"account"} - entry.own)}
    given = entry.data.items()
    data = {key: each for key, each in given if key not in at_top and not key.startswith("x-")}
    for name in TEXTS:
        if isinstance(data.get(name), str):
            data[name] = placeholders.numbered(data[name], index)
    if isinstance(data.get("id"), str):
        data["id"] = placeholders.fill(data["id"], {"stem": stem_of(file), "index": index})
    if at:
        data["publish"] = {"at": at.isoformat()}
    return data
