"""Manifests written from data: what is read back is what was given, whatever its characters.

Pure: from values as a manifest has them to the text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from nicobatch.manifest.skeleton import UNPRINTABLE, URL, scalar
from nicobatch.model import DEFAULT_SITE, Json
from nicobatch.sites.description import Site

_INDENT: Final = "  "
_UNFIT: Final = re.compile(rf"(?!\n)(?:{UNPRINTABLE.pattern})|\A[ \t\n]|(?m:^[ \t]+$)")
"""What can't stand in a block of text: it needs an escape, or would be taken for indentation."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One video of a manifest that is to be written."""

    data: Mapping[str, Json]
    """By keys, in their order."""
    remarks: Sequence[str] = ()
    """What stands above it, for people."""


def manifest(
    pieces: Sequence[Piece], *, sites: Sequence[str], account: str = "", remarks: Sequence[str] = ()
) -> str:
    """Return the text of a manifest of these videos; `remarks` stand at its head."""
    lines = [f"# yaml-language-server: $schema={URL}"]
    lines += ["#", *map(_comment, remarks)] if remarks else []
    lines.append("version: 1")
    if tuple(sites) != (DEFAULT_SITE,):
        lines.append(f"sites: [{', '.join(sites)}]")
    if account:
        lines.append(f"account: {scalar(account)}")
    lines += ["", "videos:"]
    for number, piece in enumerate(pieces):
        lines += [""] if number else []
        lines += [_INDENT + _comment(each) for each in piece.remarks]
        lines += _item(piece.data, _INDENT)
    return "\n".join(lines) + "\n"


def of_site(data: Mapping[str, Json], site: Site) -> dict[str, Json]:
    """Return data that is all of one site with the site's own keys in its block."""
    block = {"pages", *site.own} if site.name != DEFAULT_SITE else frozenset()
    own = {key: value for key, value in data.items() if key in block}
    common = {key: value for key, value in data.items() if key not in block}
    return {**common, site.name: own} if own else common


def _comment(words: str) -> str:
    return f"# {UNPRINTABLE.sub(' ', words)}"


def _item(data: Mapping[str, Json], indent: str) -> Iterator[str]:
    """Yield a mapping as a member of a list."""
    deeper = indent + _INDENT
    for number, line in enumerate(_pairs(data, deeper)):
        yield line if number else f"{indent}- {line.removeprefix(deeper)}"


def _pairs(data: Mapping[str, Json], indent: str) -> Iterator[str]:
    for key, value in data.items():
        name = f"{indent}{scalar(key)}:"
        if isinstance(value, Mapping):
            yield name
            yield from _pairs(value, indent + _INDENT)
        elif isinstance(value, list | tuple) and any(isinstance(each, Mapping) for each in value):
            yield name
            for each in value:
                yield from _item(each if isinstance(each, Mapping) else {}, indent + _INDENT)
        elif isinstance(value, str) and "\n" in value and not _UNFIT.search(value):
            yield f"{name} |"
            yield from (f"{indent}{_INDENT}{line}" if line else "" for line in value.split("\n"))
        else:
            yield f"{name} {_written(value)}"


def _written(value: Json) -> str:
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_written, value))}]"
    return scalar(value) if isinstance(value, str) else json.dumps(value)
