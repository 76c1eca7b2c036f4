"""`nicobatch fleet import` and `export`: receipts between files, as in git, and the database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from nicobatch.cli.fleet_options import with_database
from nicobatch.cli.options import Common, paths
from nicobatch.errors import Exit
from nicobatch.language import _
from nicobatch.manifest.discover import discover
from nicobatch.reports import Answered, Listed

if TYPE_CHECKING:
    from nicobatch.fleet.database import Database
    from nicobatch.fleet.exchange import Exchanged


@click.command("import", help=_("Bring receipts that lie beside manifests into the database."))
@paths()
@with_database
def import_(paths: tuple[str, ...], options: Common, database: Database) -> int:
    """Bring receipts that lie beside manifests into the database."""
    from nicobatch.actions import receipts
    from nicobatch.fleet.exchange import import_receipts

    journal = options.receipts
    there = receipts.of(paths, journal, options.exclude)
    found = {path: each for path, each in there.items() if options.means(each.site)}
    lying = discover(paths, options.exclude)[0] if journal.root else []
    manifests = {each.path.name: each.path for each in lying}
    return _told(import_receipts(database, journal, found, manifests), options)


@click.command("export", help=_("Write the database's receipts into files beside their manifests."))
@paths()
@with_database
def export(paths: tuple[str, ...], options: Common, database: Database) -> int:
    """Write the database's receipts into files beside their manifests."""
    from nicobatch.fleet.exchange import export_receipts

    there = export_receipts(
        database, options.receipts, paths, exclude=options.exclude, means=options.means
    )
    return _told(there, options)


def _told(exchanged: Iterable[Exchanged], options: Common) -> int:
    """Tell what came of each receipt; of those that are fine, people are told how many."""
    found = list(exchanged)
    counts = Counter(each.result.value for each in found)
    refused = [each for each in found if each.message]
    report = options.report()
    report.tell(
        Listed(
            member="receipt",
            members=[each.data for each in found],
            words="\n".join(f"{each.message}\n    {each.hint}" for each in refused),
        )
    )
    words = _("receipts: {written} written, {same} the same, {older} left, {refused} refused")
    told = {name: counts[name] for name in ("written", "same", "older", "refused")}
    report.tell(Answered(words.format(**told), told))
    return Exit.FAILED if refused else Exit.FINE
