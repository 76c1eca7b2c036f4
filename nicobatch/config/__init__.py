"""One person's settings: `config.yaml`, read, and every finding in it told with its place.

It may name a language, defaults of options, budgets, what has moved of a site, and who is told how
runs went. It holds no secret: what looks like one is an error.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import platformdirs

from nicobatch.errors import UsageError
from nicobatch.language import LANGUAGES, _, reason

if TYPE_CHECKING:
    from nicobatch.config.recipients import Recipient
    from nicobatch.manifest.document import Document
    from nicobatch.model import Problem
    from nicobatch.sites.description import Site
    from nicobatch.sites.mending import Budget

VARIABLE: Final = "NICOBATCH_CONFIG"
"""Names the file; empty, there is none."""
_LARGEST: Final = 100_000
"""Bytes of the file."""


@dataclass(frozen=True, slots=True)
class Given:
    """The file as far as it can be read, before anything in it is understood."""

    path: Path | None = None
    """None where there is no file."""
    document: Document | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def data(self) -> Mapping[str, Any]:
        """Return the file's keys and values; none where it has none."""
        data = self.document.data if self.document else None
        return data if isinstance(data, dict) else {}

    @property
    def language(self) -> str | None:
        """Return the language that it asks for, if that is one of ours."""
        found = self.data.get("language")
        return found if isinstance(found, str) and found in LANGUAGES else None

    def part(self, name: str) -> Mapping[str, Any]:
        """Return the mapping of that name at the top."""
        found = self.data.get(name)
        return found if isinstance(found, dict) else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What counts for whoever reaches a site."""

    budgets: Mapping[str, Budget] = field(default_factory=dict)
    """By site."""
    moved: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """By profile, its members that are others by now, and `paths` and `headers`."""
    notify: Mapping[str, Recipient] = field(default_factory=dict)
    """By name, who is told how runs went."""


def place(environment: Mapping[str, str]) -> Path | None:
    """Return where the file is to be: where NICOBATCH_CONFIG says, else in the user's folder."""
    named = environment.get(VARIABLE)
    if named is None:
        return platformdirs.user_config_path("nicobatch") / "config.yaml"
    return Path(named).expanduser() if named else None


def read(path: Path | None, *, named: bool) -> Given:
    """Read the file, which may be missing unless it is `named`; never raises what it finds."""
    if path is None or not (named or path.exists()):
        return Given()
    from nicobatch import disk
    from nicobatch.manifest import encoding, yaml12
    from nicobatch.manifest.rules import fault, problem
    from nicobatch.model import Position

    start, document = Position(1, 1), None
    try:
        text = encoding.decode(disk.read(path, _LARGEST))
    except disk.NotRegular:
        found = [fault("unreadable", start, file=path, reason=_("it is no file"))]
    except (OSError, ValueError) as error:
        found = [fault("unreadable", start, file=path, reason=reason(error))]
    else:
        if isinstance(text, str):
            document, found = yaml12.parse(text)
        else:
            found = [text]
    told = [problem(each, path) for each in found if each.rule != "empty-manifest"]
    return Given(path, document, tuple(each for each in told if each.stops()))


def check(given: Given, sites: Mapping[str, Site]) -> tuple[Config, tuple[Problem, ...]]:
    """Return what counts of the file, and what is wrong with it: then nothing of it counts."""
    if given.path is None or given.problems or given.document is None:
        return Config(), given.problems
    from nicobatch.config import moved, recipients, schema, secrets

    stages = (
        secrets.found(given.document, given.path),  # nothing else repeats what may be one
        schema.violations(given.document, given.path, sites),
        moved.violations(given.document, given.path, sites),
        recipients.violations(given.document, given.path),
    )
    for stage in stages:
        if found := sorted(stage, key=lambda each: (each.line, each.column)):
            return Config(), tuple(found)
    config = Config(
        budgets=dict(_budgets(given)),
        moved=dict(moved.members(given.part("profiles"))),
        notify=dict(recipients.members(given.part("notify"))),
    )
    return config, ()


def load(path: Path, sites: Mapping[str, Site]) -> Config:
    """Return what the file says for whoever reaches a site; raise UsageError for a fault."""
    config, problems = check(read(path, named=True), sites)
    for each in problems:
        words = _("{path}:{line}:{column}: {message}")
        place = {"path": each.path, "line": each.line, "column": each.column}
        raise UsageError(words.format(message=each.message, **place), each.hint)
    return config


def _budgets(given: Given) -> Iterator[tuple[str, Budget]]:
    from nicobatch.sites.mending import Budget

    for site, told in given.part("budgets").items():
        numbers = {name: value for name, value in told.items() if name != "at_loopback"}
        yield site, Budget(numbers, bool(told.get("at_loopback", False)))
