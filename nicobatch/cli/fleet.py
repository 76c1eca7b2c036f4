"""`nicobatch fleet`: many accounts on many machines, kept in one PostgreSQL database."""

from __future__ import annotations

import contextlib
import functools
import signal
import socket
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from nicobatch.cli import fleet_receipts, fleet_session, fleet_status, i18n, plan, runner
from nicobatch.cli.fleet_options import key_file, with_database, with_scratch
from nicobatch.cli.options import Common, paths
from nicobatch.cli.retrying import retry_options
from nicobatch.errors import Ended, Exit, worst_code
from nicobatch.language import N_, _
from nicobatch.manifest.discover import discover
from nicobatch.model import DEFAULT_SITE, Json
from nicobatch.pipeline import Owner
from nicobatch.reports import Answered, CommandEnded, Listed, Report, VideosPlanned
from nicobatch.settings import Settings
from nicobatch.sites import SITES

if TYPE_CHECKING:
    from nicobatch.actions import checking
    from nicobatch.actions.letting_go import Gone, MissingManifest
    from nicobatch.fleet.database import Database
    from nicobatch.fleet.scratch import Scratch
    from nicobatch.sites.description import Site as Described

_HELP: Final = _("""Publish for many accounts on many machines, kept in one PostgreSQL database.

The database is named by NICOBATCH_FLEET_DSN, or by a file (--dsn-file): a connection string such as
postgresql://USER:PASSWORD@HOST/DATABASE. It is to be the fleet's alone.
""")
_ENTRIES: Final = {
    "new": N_("{count} new"),
    "changed": N_("{count} changed"),
    "again": N_("{count} to be tried again"),
    "unchanged": N_("{count} unchanged"),
    "refused": N_("{count} refused"),
    "removed": N_("{count} removed"),
    "taken_in": N_("receipts taken in from beside the manifests: {count}"),
}
_GO_ON: Final = N_("stopped; everything is saved, and other workers go on with it")


def _owner(context: click.Context, parameter: click.Parameter, value: str) -> Owner:  # noqa: ARG001
    """Read `NAME`, or `NAME@SITE`."""
    name, _at, site = value.rpartition("@")
    return Owner(site, name) if name and site in SITES else Owner(DEFAULT_SITE, value)


def _owners(
    context: click.Context, parameter: click.Parameter, values: tuple[str, ...]
) -> tuple[Owner, ...]:
    return tuple(_owner(context, parameter, value) for value in values)


@click.group("fleet", cls=i18n.Group, help=_HELP)
def fleet_command() -> None:
    """Publish for many accounts on many machines, kept in one PostgreSQL database."""


@fleet_command.command(
    "init", help=_("Prepare the database, or bring it up to date with this version.")
)
@functools.partial(with_database, is_prepared=False)
def init(options: Common, database: Database) -> int:
    """Prepare the database, or bring it up to date with this version."""
    from nicobatch.fleet.schema import migrate

    applied = migrate(database)
    words = _("prepared: {names}").format(names=_(", ").join(applied))
    told = words if applied else _("nothing to do: the database is up to date")
    options.report().tell(Answered(told, {"applied": applied}))
    return Exit.FINE


@fleet_command.command(
    "enqueue", help=_("Check manifests and have the fleet publish them; may be done again.")
)
@paths()
@click.option(
    "--account", metavar="NAME", help=_("Enqueue for this account, whatever manifests say.")
)
@with_database
@with_scratch
def enqueue(
    paths: tuple[str, ...],
    options: Common,
    database: Database,
    *,
    scratch: Scratch | None,
    account: str | None,
) -> int:
    """Check manifests and have the fleet publish them; may be done again."""
    from nicobatch.actions import enqueueing, letting_go

    report = options.report()
    fetch = _fetching(scratch, database) if scratch else None
    found = plan.sound(paths, options, report, all_or_nothing=False, fetch=fetch)
    named, _problems = discover(paths, options.exclude)
    missing = letting_go.missing(database, paths, [each.path for each in named])
    _tell_apart(report, "away", [each for each in missing if not each.is_deleted])
    if found is None:
        return Exit.FAILED
    if account is not None:
        found = found.signed_in_as(account)
    partly = {each.path for each in named if each.videos is not None}
    deleted = [each.manifest for each in missing if each.is_deleted]
    done = enqueueing.enqueue(found, options, database, partly=partly, deleted=deleted)
    if done.refused:
        report.tell(VideosPlanned(done.refused, are_all=False))
    _tell_apart(report, "gone", done.gone)
    counts = Counter(each.value for each in done.entries.values())
    counts["taken_in"] = len(done.taken_in)
    counts["removed"] = sum(each.is_removed for each in done.gone)
    told: dict[str, Json] = {each: counts[each] for each in _ENTRIES}
    videos = {video: entry.value for video, entry in done.entries.items()}
    words = (_(_ENTRIES[each]).format(count=count) for each, count in told.items() if count)
    report.tell(Answered(_(", ").join(words), {**told, "videos": videos}))
    left_out = plan.tell_left_out(found, report)
    return worst_code([left_out, Exit.FAILED if done.refused else Exit.FINE])


def _tell_apart(report: Report, member: str, found: Sequence[Gone | MissingManifest]) -> None:
    """Tell of each what happens to it, and what can be done."""
    if found:
        lines = ["\n    ".join(filter(None, [each.message, each.hint])) for each in found]
        members = [each.data for each in found]
        report.tell(Listed(member=member, members=members, words="\n".join(lines)))


@fleet_command.command("work", help=_("Publish what is enqueued, until it is told to stop."))
@click.option(
    "--concurrency",
    metavar="N",
    type=click.IntRange(1, 1000),
    default=4,
    show_default=True,
    help=_("How many accounts publish at once in this process."),
)
@click.option(
    "--accounts",
    metavar="ACCOUNT",
    multiple=True,
    callback=_owners,
    help=_("Serve only this account: NAME, or NAME@SITE (repeatable).  [default: all]"),
)
@click.option(
    "--address",
    metavar="NAME",
    default=socket.gethostname,
    help=_(
        "Name the line by which this worker asks sites: workers of one name wait together where a"
        " site parks the address.  [default: the host's name]"
    ),
)
@key_file
@with_database
@with_scratch
@functools.partial(retry_options, ends=False, whose=False)
def work(  # noqa: PLR0913 - an argument an option
    options: Common,
    database: Database,
    settings: Settings,
    *,
    key_file: Path | None,
    scratch: Scratch | None,
    concurrency: int,
    accounts: tuple[Owner, ...],
    address: str,
) -> int:
    """Publish what is enqueued, until it is told to stop."""
    from nicobatch.actions.fleet_turns import FleetTurns, make_worker

    report, process = options.report(), runner.Work[bool](database.stop)
    if key_file:
        options = _with_sessions(options, database, key_file)
    with contextlib.closing(report), options.online() as site:
        turns = FleetTurns(
            site=site, settings=settings, listen=report.tell, scratch=scratch, address=address
        )
        worker = make_worker(turns, database, served=accounts, concurrency=concurrency)
        if not process.run(worker.run):
            report.tell(CommandEnded(Ended(_(_GO_ON))))
            runner.leave(128 + (process.signal or signal.SIGTERM))
    raise Ended(_(_GO_ON), signal=process.signal or signal.SIGTERM)


def _with_sessions(options: Common, database: Database, file: Path) -> Common:
    """Have sign-ins that the environment lacks come from the database; raise UsageError."""
    from nicobatch.fleet.sessions import Key, Sessions

    key = Key.read(file)

    def kept(site: Described) -> Sessions:
        return Sessions(database, key, site.name, site.session)

    return replace(options, kept=kept)


def _fetching(scratch: Scratch, database: Database) -> checking.Fetch:
    from nicobatch.fleet.scratch import fetched
    from nicobatch.fleet.stored import StoredFiles

    return lambda video: fetched(scratch, video, database.stop.is_set, StoredFiles(database))


@fleet_command.command(
    "pause", help=_("Send nothing more for an account, until it is resumed; all is kept.")
)
@click.argument("account", metavar="ACCOUNT", callback=_owner)
@with_database
def pause(account: Owner, options: Common, database: Database) -> int:
    """Send nothing more for an account, until it is resumed; all is kept."""
    from nicobatch.fleet import accounts

    accounts.pause(database, account)
    name = accounts.called(account)
    options.report().tell(Answered(_("{account} is paused").format(account=name), {"paused": name}))
    return Exit.FINE


@fleet_command.command(
    "resume", help=_("Let an account go on at once, be it paused, blocked or parked.")
)
@click.argument("account", metavar="ACCOUNT", callback=_owner)
@with_database
def resume(account: Owner, options: Common, database: Database) -> int:
    """Let an account go on at once, be it paused, blocked or parked."""
    from nicobatch.fleet import accounts

    accounts.resume(database, account)
    name = accounts.called(account)
    options.report().tell(Answered(_("{account} goes on").format(account=name), {"resumed": name}))
    return Exit.FINE


fleet_command.add_command(fleet_receipts.import_)
fleet_command.add_command(fleet_receipts.export)
fleet_command.add_command(fleet_session.session_command)
fleet_command.add_command(fleet_status.status)
