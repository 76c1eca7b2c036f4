"""A CSV or TSV table to the videos of a manifest; every cell keeps its place.

Never raises for what the table holds. Its encoding is told by a byte order mark, or else is UTF-8
where that fits, or of Shift_JIS and GB18030 the one in which more of the columns' names are known.
"""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from nicobatch.language import N_, _
from nicobatch.manifest import columns, schema
from nicobatch.manifest.columns import Column
from nicobatch.manifest.rules import shown
from nicobatch.model import Json, Position, Problem

LARGEST: Final = 20_000_000
"""Bytes of a table."""
_MARKS: Final = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_OLD: Final = ("cp932", "gb18030")
_CALLED: Final = {
    **dict.fromkeys(("utf-8", "utf-8-sig"), "UTF-8"),
    "utf-16": "UTF-16",
    "cp932": "Shift_JIS",
    "gb18030": "GB18030",
}
_DELIMITERS: Final = ",\t;"
RULES: Final = {
    "table-encoding": (
        N_("the table is in none of the known encodings: UTF-8, UTF-16, Shift_JIS, GB18030"),
        N_("save it as “CSV UTF-8”"),
    ),
    "table-empty": (N_("the table has no row of names at its top"), N_("begin it with: {known}")),
    "table-syntax": (N_("from here on this is no CSV: {reason}"), N_("save the table anew as CSV")),
    "unknown-column": (N_("the column {name} is unknown"), N_("known here: {known}")),
    "repeated-column": (
        N_("the column {name} is there twice"),
        N_("delete one of the two, or give it another name"),
    ),
    "missing-column": (N_("there is no column {name}"), N_("add it: each video needs one")),
    "cell-beyond": (
        N_("this cell has no column above it"),
        N_("put a text that holds the delimiter between double quotes"),
    ),
}
"""By rule, message and hint."""
_REQUIRED: Final = ("file", "title")


@dataclass(frozen=True, slots=True)
class Row:
    """One video of the table."""

    data: Mapping[str, Json]
    place: Position
    """Where it begins."""
    places: Mapping[tuple[str, ...], Position]
    """Where each value stands, by the keys that lead to it."""


@dataclass(slots=True)
class Table:
    """What a table holds, as far as it could be read."""

    path: Path
    encoding: str = "UTF-8"
    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def tell(self, rule: str, place: Position, *, hint: str = "", **values: object) -> None:
        """Note what is wrong at the place."""
        message, advice = RULES[rule]
        self.problems.append(
            Problem(
                rule=rule,
                message=_(message).format(**values),
                hint=hint or _(advice).format(**values),
                path=self.path,
                line=place.line,
                column=place.column,
            )
        )


def read(path: Path, data: bytes, known: Mapping[str, Column], *, language: str) -> Table:
    """Read the table; `known` are the columns there are, by their names."""
    table = Table(path)
    texts = _decoded(data, language)
    if not texts:
        table.tell("table-encoding", Position(1, 1))
        return table
    table.encoding, (delimiter, text) = max(
        ((name, (each, text)) for name, text in texts.items() for each in _DELIMITERS),
        key=lambda one: _known(one[1][1], one[1][0], known),
    )
    records = _records(table, text, delimiter)
    header = next(records, [])
    names = [cell.strip() for cell, _place in header]
    if not any(names):
        table.tell("table-empty", Position(1, 1), known=", ".join(_REQUIRED))
        return table
    chosen = list(_columns(table, header, known))
    table.rows = [row for record in records if (row := _row(table, record, chosen))]
    return table


def _decoded(data: bytes, language: str) -> dict[str, str]:
    """Return the text by each encoding that fits, the likeliest first."""
    marked = next((name for mark, name in _MARKS.items() if data.startswith(mark)), "")
    old = sorted(_OLD, reverse=language.startswith("zh"))
    found: dict[str, str] = {}
    for name in [marked] if marked else ["utf-8", *old]:
        with contextlib.suppress(UnicodeDecodeError):
            found[_CALLED[name]] = data.decode(name)
        if found and name not in _OLD:
            break
    return found


def _known(text: str, delimiter: str, known: Mapping[str, Column]) -> int:
    """Return how many names of the first line are known, if this parts them."""
    names = next(iter(text.splitlines()), "").split(delimiter)
    return sum(columns.folded(name.strip('"')) in known for name in names)


def _records(table: Table, text: str, delimiter: str) -> Iterator[list[tuple[str, Position]]]:
    """Yield the cells of each row that has any, each with its place."""
    lines = io.StringIO(text, newline="").readlines()
    reader, done = csv.reader(lines, delimiter=delimiter, strict=True), 0
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            table.tell("table-syntax", Position(done + 1, 1), reason=error)
            return
        if cells is None:
            return
        written = "".join(lines[done : reader.line_num])
        places = _starts(written, delimiter, done + 1)
        if any(cell.strip() for cell in cells):
            yield [(each, next(places)) for each in cells]
        done = reader.line_num


def _starts(written: str, delimiter: str, line: int) -> Iterator[Position]:
    """Yield where each cell of a row begins."""
    column, within, opens = 1, False, True
    yield Position(line, column)
    for char in written:
        column += 1
        if char == '"' and (within or opens):  # one in the middle of a cell is a sign like others
            within, opens = not within, within
            continue
        opens = char == delimiter and not within
        if char == "\n":
            line, column = line + 1, 1
        elif opens:
            yield Position(line, column)


def _columns(
    table: Table, header: Sequence[tuple[str, Position]], known: Mapping[str, Column]
) -> Iterator[Column | None]:
    """Yield what each column is; None where that is not known, or it has no name."""
    seen = set[str]()
    for name, place in header:
        column = known.get(columns.folded(name))
        if column is None and name.strip():
            near = schema.suggest(columns.folded(name), known)
            hint = _("did you mean {suggestion}?").format(suggestion=near) if near else ""
            names = ", ".join(columns.NAMES)
            table.tell("unknown-column", place, hint=hint, name=shown(name.strip()), known=names)
        elif column and column.key:
            if column.key in seen:
                table.tell("repeated-column", place, name=name.strip())
            seen.add(column.key)
        yield column
    for name in _REQUIRED:
        if name not in seen and not table.problems:
            table.tell("missing-column", Position(1, 1), name=name)


def _row(
    table: Table, record: Sequence[tuple[str, Position]], chosen: Sequence[Column | None]
) -> Row | None:
    data: dict[str, Any] = {}
    places: dict[tuple[str, ...], Position] = {}
    for (cell, _place), column in zip(record, chosen, strict=False):
        text = columns.meant(cell).replace("\r\n", "\n")
        if column and column.key and text.strip():
            keys = tuple(column.key.split("."))
            _put(data, keys, column.read(text))
            places[keys] = _place
    for cell, place in record[len(chosen) :]:
        if cell.strip():
            table.tell("cell-beyond", place)
            break
    return Row(data, record[0][1], places) if data else None


def _put(data: dict[str, Any], keys: tuple[str, ...], value: Json) -> None:
    *around, last = keys
    for key in around:
        data = data.setdefault(key, {})
    data[last] = value
