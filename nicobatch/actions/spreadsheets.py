"""A spreadsheet's rows as a manifest: what `check` would find is found at the cells."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from nicobatch import disk, language, manifest, sites
from nicobatch.errors import UsageError
from nicobatch.language import N_, _, cant_read
from nicobatch.manifest import columns, spreadsheet, writing, yaml12
from nicobatch.manifest.document import Document
from nicobatch.manifest.rules import fault, problem, shown
from nicobatch.manifest.spreadsheet import Row, Table
from nicobatch.model import DEFAULT_ACCOUNT, DEFAULT_SITE, Json, Position, Problem

_MADE: Final = N_("made of {file}")


def read(path: Path, folder: Path) -> tuple[str, Table]:
    """Return the manifest of the table's rows for the folder, and what was found.

    There is no text where there is an error. Raise UsageError where the table can't be read.
    """
    described = dict(sites.Described())
    try:
        data = disk.read(path, spreadsheet.LARGEST)
    except OSError as error:
        raise UsageError(cant_read(path, error)) from None
    known = columns.known(described)
    table = spreadsheet.read(path, data, known, language=language.chosen())
    table.problems += _twice(table)
    if table.problems:
        return "", table
    text = _text(table)
    table.problems += _checked(text, table, folder)
    return ("" if any(each.stops() for each in table.problems) else text), table


def _twice(table: Table) -> Iterator[Problem]:
    """Yield the ids that stand in several rows for one site."""
    seen: dict[tuple[str, str], int] = {}
    for row in table.rows:
        name = row.data.get("id") or Path(str(row.data.get("file", ""))).stem
        for site in _sites(row) or (DEFAULT_SITE,):
            first = seen.setdefault((site, str(name).casefold()), row.place.line)
            if first != row.place.line:
                place = row.places.get(("id",), row.place)
                found = fault("id-repeated", place, id=shown(name), first=first)
                yield problem(found, table.path)


def _text(table: Table) -> str:
    """Return the manifest, with sites and account at its top where all rows have the same."""
    sites_of, accounts = set(map(_sites, table.rows)), {_account(row) for row in table.rows}
    shared = sites_of.pop() if len(sites_of) == 1 else ()
    account = accounts.pop() if len(accounts) == 1 else None
    pieces = []
    for row in table.rows:
        data = {key: value for key, value in row.data.items() if key != "account"}
        if shared:
            data.pop("sites", None)
        for site in _sites(row) or (DEFAULT_SITE,) if account is None else ():
            block = data.get(site)
            mine = {"account": _account(row)}
            data[site] = {**mine, **block} if isinstance(block, dict) else mine
        pieces.append(writing.Piece(data))
    remarks = [_(_MADE).format(file=table.path.name)]
    top = "" if account in {None, DEFAULT_ACCOUNT} else str(account)
    return writing.manifest(pieces, sites=shared or [DEFAULT_SITE], account=top, remarks=remarks)


def _account(row: Row) -> str:
    return str(row.data.get("account", DEFAULT_ACCOUNT))


def _sites(row: Row) -> tuple[str, ...]:
    named = row.data.get("sites")
    return tuple(map(str, named)) if isinstance(named, list) else ()


def _checked(text: str, table: Table, folder: Path) -> list[Problem]:
    """Return what is wrong with the manifest, at the cells from which it came."""
    handle, name = tempfile.mkstemp(dir=folder, prefix=".nicobatch-", suffix=".yaml")
    with os.fdopen(handle, "wb") as file:
        file.write(text.encode())
    try:
        now = datetime.now(UTC).astimezone()
        found = manifest.load([name], sites=sites.Described(), now=now).problems
    finally:
        Path(name).unlink(missing_ok=True)
    document, _found = yaml12.parse(text)
    places = dict(_places(document, table.rows)) if document else {}
    return [_at_cell(each, name, places, table) for each in found]


def _places(document: Document, rows: Sequence[Row]) -> Iterator[tuple[Position, Position]]:
    """Yield where each value stands in the manifest, and its cell."""
    for item in range(len(_sites(rows[0])) if rows else 0):
        yield document.place("sites", item), rows[0].places[("sites",)]
    yield from (
        (document.place("account"), row.places.get(("account",), row.place)) for row in rows[:1]
    )
    for number, row in enumerate(rows):
        yield document.place("videos", number), row.place
        for keys, place in row.places.items():
            yield document.key_place("videos", number, *keys), place
            yield document.place("videos", number, *keys), place
            value: Json = row.data
            for key in keys:
                value = value.get(key) if isinstance(value, Mapping) else None
            for item in range(len(value)) if isinstance(value, list) else ():
                yield document.place("videos", number, *keys, item), place
            for inner in value if isinstance(value, Mapping) else ():
                yield document.place("videos", number, *keys, inner), place


def _at_cell(
    found: Problem, name: str, places: Mapping[Position, Position], table: Table
) -> Problem:
    """Return the problem at its cell, or at the row in which its line is."""
    here = Position(found.line, found.column)
    before = [at for at in places if at <= here]
    place = places.get(here) or (places[max(before)] if before else Position(1, 1))
    message, hint = (each.replace(name, str(table.path)) for each in (found.message, found.hint))
    line, column = place.line, place.column
    return replace(found, path=table.path, message=message, hint=hint, line=line, column=column)
