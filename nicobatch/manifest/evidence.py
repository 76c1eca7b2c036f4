"""Whether a YAML file is meant as a manifest of ours: other tools keep theirs in the same folders.

A manifest with a mistake must not be taken for another tool's file, so what counts is any sign that
it is ours: the schema that editors are told, a video that it names, or `version: 1` where no key
shows whose it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import islice
from pathlib import PurePath

from nicobatch.manifest import keys, kinds

FOREIGN = re.compile(
    # Docker Compose, Kubernetes and Helm, cloud functions
    "services|networks|volumes|apiversion|kind|metadata|spec|resources|service|provider|functions"
    "|runtime|handlers|appversion|dependencies"
    # CI services and automation
    "|jobs|on|workflows|orbs|steps|stages|pipelines|stage|script|phases|frontend|backend"
    "|applications|updates|repos|hooks|runs|inputs|tasks|hosts|roles|vars|rules|includes"
    # documentation, descriptions of APIs, sites
    "|site_name|nav|theme|plugins|openapi|swagger|asyncapi|paths|components|servers|info"
    "|permalink|baseurl|markdown|build|sphinx|mkdocs|python|conda"
    # packages, translations, linters
    "|environment|dev_dependencies|flutter|parts|apps|confinement|lint|breaking|deps|rulesets"
    "|extends|channels"
    # Python's logging, databases, networks
    "|formatters|loggers|disable_existing_loggers|models|sources|seeds|snapshots|network|config"
    "|ethernets"
)
"""Keys at the top by which other tools' files are known, in small letters."""
MODELINE = re.compile(r"^\s*#.*\$schema=\S*manifest\.schema\.json", re.MULTILINE)
PAIR = re.compile(
    r"""^([^\S\n]*[{\[,-]*[^\S\n]*)["']?([^\W\d][\w-]*)["']?\s*[:\uff1a][^\S\n]*(.*)$""",
    re.MULTILINE,
)
ONE = re.compile(r"""["'\s]*1["'\s,}]*(#.*)?""")
ALIKE = 0.75
MOST = 200
"""Pairs that are looked at: who writes a manifest names a video before that."""


@dataclass(slots=True)
class _Signs:
    """Keys and values as far as they could be read: those at the top, and those of entries."""

    top: dict[str, object] = field(default_factory=dict)
    below: list[tuple[str, object]] = field(default_factory=list)

    def is_ours(self) -> bool:
        every = [*self.top.items(), *self.below]
        own = {name for key, _ in every for name in ("title", "file") if _means(key, name)}
        if any(_means(key, "file") and _is_video(value) for key, value in every):
            return _has_own(key for key, value in every if not _is_video(value))
        if own and any(_means(key, "videos") and _is_list(it) for key, it in self.top.items()):
            return True
        if any(map(FOREIGN.fullmatch, self.top)):
            return False
        return any(_means(key, "version") and _is_one(it) for key, it in self.top.items())


def is_manifest(data: object, text: str) -> bool:
    """Tell whether the file is meant as a manifest, whatever is wrong with it.

    `data` is what YAML makes of it, if anything; `text` its text, as far as that could be read.
    """
    signs = _Signs()
    if isinstance(data, dict | list):
        _of_data(data, signs)
    else:
        _of_text(text, signs)
    return signs.is_ours() or MODELINE.search(text) is not None


def _of_data(data: dict[str, object] | list[object], signs: _Signs) -> None:
    if isinstance(data, dict):
        signs.top = {key.casefold(): value for key, value in data.items()}
        inner: Iterable[object] = data.values()
    else:
        inner = [data]
    for value in inner:
        for each in islice(value, MOST) if isinstance(value, list) else [value]:
            if isinstance(each, dict):
                signs.below += ((key.casefold(), it) for key, it in islice(each.items(), MOST))


def _of_text(text: str, signs: _Signs) -> None:
    for before, key, value in islice(_pairs(text), MOST):
        if before:
            signs.below.append((key.casefold(), value))
        else:
            signs.top[key.casefold()] = value


def _pairs(text: str) -> Iterator[tuple[str, str, str]]:
    for match in PAIR.finditer(text):
        before, key, value = match.groups()
        yield before.replace("{", ""), key, value.strip()


def _means(key: str, name: str) -> bool:
    """Tell whether the key is that one, or a slip of it."""
    if key == name or abs(len(key) - len(name)) > 1:
        return key == name
    return SequenceMatcher(None, key, name).ratio() >= ALIKE


def _has_own(given: Iterable[str]) -> bool:
    known = {*keys.known("batch"), *keys.known("single"), *keys.known("video")}
    return any(_means(key, name) for key in given for name in known)


def _is_video(value: object) -> bool:
    """Tell whether the value is the name of a video."""
    if not isinstance(value, str):
        return False
    name = value.partition(" #")[0].strip("\"' ,}")
    return PurePath(name).suffix.lower() in kinds.VIDEOS


def _is_list(value: object) -> bool:
    return isinstance(value, list) or value == ""


def _is_one(value: object) -> bool:
    return value is not True and ONE.fullmatch(str(value)) is not None
