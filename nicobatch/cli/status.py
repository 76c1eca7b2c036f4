"""`nicobatch status`: what the journal knows, and what the site says of it."""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

from nicobatch import disk
from nicobatch.cli.ci import ci
from nicobatch.cli.exits import Exit
from nicobatch.cli.options import Common, common, paths
from nicobatch.errors import JournalError, UsageError
from nicobatch.events import ProblemFound
from nicobatch.journal import FOLDER, Journal
from nicobatch.language import N_, _, reason
from nicobatch.manifest.discover import Search, discover
from nicobatch.model import Problem, Receipt

_ONLY_REHEARSED: Final = N_("what was rehearsed has receipts of its own: add --sandbox to see them")
_ONLY_REAL: Final = N_("what was published to niconico is shown without --sandbox")
_HINT: Final = N_("check that the file may be read, and that no other program holds it")


@click.command(
    "status", help=_("Show the receipts of manifests, or all below a folder (default: this one).")
)
@paths(required=False)
@click.option(
    "--remote", is_flag=True, help=_("Ask niconico too: what is there now, and what more is there.")
)
@common
@functools.partial(ci, junit=False)
def command(paths: tuple[str, ...], options: Common, *, remote: bool) -> int:
    """Show the receipts of manifests, or all below a folder (default: this one)."""
    journal = Journal(options.journal, rehearsal=options.sandbox)
    found = _receipts(paths, journal, options.exclude)
    if remote:
        _with_site(found, paths, journal, options)
    else:
        options.report().receipts(list(found.items()))
    if not found and not options.quiet:
        _say_where_else(paths, options)
    return Exit.FINE


def _receipts(
    paths: Sequence[str], journal: Journal, exclude: Sequence[str]
) -> dict[Path, Receipt]:
    found: dict[Path, Receipt] = {}
    for each in paths or (".",):
        found.update(_there(each, journal, exclude))
    return found


def _say_where_else(paths: Sequence[str], options: Common) -> None:
    """Name the option by which receipts of the other kind of run are shown, if there are any."""
    other = Journal(options.journal, rehearsal=not options.sandbox)
    with contextlib.suppress(JournalError, UsageError):
        if _receipts(paths, other, options.exclude):
            words = _ONLY_REAL if options.sandbox else _ONLY_REHEARSED
            click.echo(_(words), err=True)


def _with_site(
    found: Mapping[Path, Receipt], paths: tuple[str, ...], journal: Journal, options: Common
) -> None:
    """Report the receipts beside what the site says, then what no receipt names."""
    from nicobatch.cli import wiring  # with all of HTTP, which a look at the disk spares
    from nicobatch.cli.remote import survey

    known: dict[Path, Receipt] = {}
    for each in paths or (".",):
        known.update(_around(each, journal, options.exclude))
    with wiring.online(options) as site:
        said = survey(found, known, site)
    report = options.report()
    report.receipts(list(found.items()), said.receipts)
    for receipt, problem in said.problems:
        video = f"{receipt.manifest}#{receipt.video}"
        report.event(ProblemFound(problem=problem, at=datetime.now(UTC), video=video))
    report.answer(*said.told(rehearsal=options.sandbox))


def below(
    folder: Path, journal: Journal, exclude: Sequence[str] = ()
) -> Iterator[tuple[Path, Receipt]]:
    """Yield every receipt in the folder and below, also of manifests that are gone.

    Folders that match a glob of `exclude` are passed over. Raise JournalError where a receipt can't
    be read, or may be lying unseen.
    """
    if journal.root:
        yield from journal.receipts(folder)
        return
    search = Search(folder, exclude)
    for root, folders, _files in os.walk(folder, onerror=_unseen):
        if FOLDER in folders:
            yield from journal.receipts(Path(root, FOLDER))
        folders[:] = sorted(name for name in folders if search.is_open(Path(root, name)))


def _unseen(error: OSError) -> None:
    """Say that a folder can't be looked into, which may hold receipts; one that is gone can't."""
    if not isinstance(error, FileNotFoundError):
        message = _("{file} can't be read: {reason}")
        raise JournalError(message.format(file=error.filename, reason=reason(error)), _(_HINT))


def _is_folder(path: str) -> bool:
    return os.path.isdir(path)  # noqa: PTH112 - Path.is_dir raises for what may not be looked at


def _around(path: str, journal: Journal, exclude: Sequence[str]) -> Iterator[tuple[Path, Receipt]]:
    """Yield every receipt that lies where those of the path do."""
    if _is_folder(path):
        yield from below(Path(path), journal, exclude)
        return
    for manifest in _manifests(path, exclude)[0]:
        yield from journal.receipts(manifest)


def _there(path: str, journal: Journal, exclude: Sequence[str]) -> Iterator[tuple[Path, Receipt]]:
    """Yield the path's own receipts; raise UsageError where there is nothing of the name."""
    if _is_folder(path):
        yield from below(Path(path), journal, exclude)
        return
    manifests, problems = _manifests(path, exclude)
    receipts = [
        found
        for manifest in manifests
        for found in journal.receipts(manifest)
        if disk.is_same_name(found[0].parent.name, manifest.name)
    ]
    if problems and not receipts:
        raise UsageError(problems[0].message, problems[0].hint)
    yield from receipts


def _manifests(path: str, exclude: Sequence[str]) -> tuple[list[Path], list[Problem]]:
    """Return what the path names, or the path itself where only its receipts are left."""
    found, problems = discover((path,), exclude)
    return [each.path for each in found] or [Path(path)], problems
