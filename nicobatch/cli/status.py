"""`nicobatch status`: what the journal knows, and what the site says of it."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

from nicobatch import sites
from nicobatch.actions import receipts
from nicobatch.cli.ci import ci
from nicobatch.cli.options import Common, common, paths
from nicobatch.errors import Exit, JournalError, UsageError
from nicobatch.events import ProblemFound
from nicobatch.journal import Journal
from nicobatch.language import N_, _
from nicobatch.receipt import Receipt
from nicobatch.reports import Answered, ReceiptsRead

_ONLY_REHEARSED: Final = N_("what was rehearsed has receipts of its own: add --sandbox to see them")
_ONLY_REAL: Final = N_("what was published to niconico is shown without --sandbox")


@click.command(
    "status", help=_("Show the receipts of manifests, or all below a folder (default: this one).")
)
@paths(required=False)
@click.option(
    "--remote",
    is_flag=True,
    help=_("Ask the sites too: what is there now, and what more is there."),
)
@functools.partial(common, formats=("text", "json", "csv"))
@functools.partial(ci, junit=False)
def status_command(paths: tuple[str, ...], options: Common, *, remote: bool) -> int:
    """Show the receipts of manifests, or all below a folder (default: this one)."""
    journal = options.receipts
    there = receipts.of(paths, journal, options.exclude)
    found = {path: each for path, each in there.items() if options.means(each.site)}
    if remote:
        _with_site(found, paths, journal, options)
    else:
        options.report().tell(ReceiptsRead(found, sites.table))
    if not found and not options.quiet:
        _say_where_else(paths, options)
    return Exit.FINE


def _say_where_else(paths: Sequence[str], options: Common) -> None:
    """Name the option by which receipts of the other kind of run are shown, if there are any."""
    other = Journal(options.journal, rehearsal=not options.sandbox)
    with contextlib.suppress(JournalError, UsageError):
        if receipts.of(paths, other, options.exclude):
            words = _ONLY_REAL if options.sandbox else _ONLY_REHEARSED
            click.echo(_(words), err=True)


def _with_site(
    found: Mapping[Path, Receipt], paths: tuple[str, ...], journal: Journal, options: Common
) -> None:
    """Report the receipts beside what the site says, then what no receipt names."""
    from nicobatch.actions.surveying import survey

    known = receipts.of(paths, journal, options.exclude, around=True)
    with options.online() as site:
        said = survey(found, known, site)
    report = options.report()
    report.tell(ReceiptsRead(found, sites.table, said.receipts))
    for receipt, problem in said.problems:
        report.tell(ProblemFound(problem=problem, at=datetime.now(UTC), video=receipt.key))
    report.tell(Answered(*said.told(rehearsal=options.sandbox)))
