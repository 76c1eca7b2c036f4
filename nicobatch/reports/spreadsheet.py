"""Receipts as a table for spreadsheet programs: what was sent, in the columns that `init` reads."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, TextIO

from nicobatch import language
from nicobatch.events import Event
from nicobatch.manifest import columns
from nicobatch.model import DEFAULT_SITE, Json, PublishMode
from nicobatch.receipt import Receipt, ReceiptPlace
from nicobatch.reports import ReceiptsRead, Report
from nicobatch.reports.words import receipt_state
from nicobatch.sites.base import Role
from nicobatch.sites.description import Site

_FIRST: Final = ("file", "id", "title", "description", "tags", "publish", "account", "sites")
_MODES: Final[Mapping[str, Json]] = {
    PublishMode.PUBLIC: True,
    PublishMode.PRIVATE: False,
    PublishMode.DRAFT: "draft",
}
_Sites = Mapping[str, Site]


class CsvReport:
    """Writes receipts as CSV of UTF-8 with a mark, as Excel opens it; people read the rest."""

    def __init__(self, out: TextIO, people: Report, sites: _Sites) -> None:
        self._out = out
        self._people = people
        self._sites = sites

    def tell(self, event: Event) -> None:
        """Write the receipts; have people told all else."""
        if not isinstance(event, ReceiptsRead):
            self._people.tell(event)
            return
        rows = [self._row(event, path, receipt) for path, receipt in event.receipts.items()]
        more = dict.fromkeys(key for row in rows for key in row if key not in _FIRST)
        keys = [*_FIRST, *(key for key in more if key not in columns.BESIDE), *columns.BESIDE]
        text = io.StringIO()
        table = csv.writer(text)
        table.writerow(map(_heading, keys))
        for row in rows:
            table.writerow([columns.harmless(columns.written(row.get(key))) for key in keys])
        self._out.flush()
        self._out.buffer.write(codecs.BOM_UTF8 + text.getvalue().encode("utf-8", "replace"))
        self._out.buffer.flush()

    def close(self) -> None:
        """Leave the terminal as it was."""
        self._people.close()

    def _row(self, read: ReceiptsRead, path: Path, receipt: Receipt) -> dict[str, Json]:
        """Return what was sent of a video, by the manifest's keys."""
        table = read.tables(receipt.site)
        steps = (*table.names(Role.PUBLISHES), *sorted(table.names(Role.CLOSES)))
        records = (receipt.steps[name] for name in steps if name in receipt.steps)
        record = next(records, None)
        sent = record.inputs if record else {}
        return {
            "file": receipt.files[0].name,
            "id": ReceiptPlace.of(path, receipt.site).video,
            **{name: sent.get(name) for name in ("title", "description", "tags")},
            "publish": sent.get("publish.at") or _MODES.get(str(sent.get("publish"))),
            "account": receipt.account,
            "sites": receipt.site,
            **dict(_own(self._sites[receipt.site], sent)),
            "state": receipt_state(receipt, table),
            "url": receipt.remote.url if receipt.remote else "",
        }


def _heading(key: str) -> str:
    names = {**columns.NAMES, **columns.BESIDE}.get(key, (key,))
    spoken = columns.LANGUAGES.index(language.chosen()[:2])
    return names[spoken] if spoken < len(names) else names[0]


def _own(site: Site, sent: Mapping[str, Json]) -> Iterator[tuple[str, Json]]:
    """Yield what else was chosen and fits into a cell; a thumbnail's shape is the video's."""
    timing = sent.get("thumbnail.timing")
    if isinstance(timing, int):
        yield "thumbnail.timing", timing / 1000
    block = "" if site.name == DEFAULT_SITE else f"{site.name}."
    for field in (each for each in site.fields if not each.name.startswith("thumbnail.")):
        value = _inside(sent, field.name)
        if (
            field.kind
            and not isinstance(value, Mapping)
            and _is_chosen(value, None if field.is_example else field.default)
        ):
            yield f"{block}{field.name}", value


def _inside(sent: Mapping[str, Json], name: str) -> Json:
    around, _, key = name.rpartition(".")
    mapping = sent.get(around)
    return mapping.get(key) if isinstance(mapping, Mapping) else sent.get(name)


def _is_chosen(value: Json, default: Json) -> bool:
    if isinstance(value, list | tuple):
        return bool(value)
    return value not in (None, "", default)
