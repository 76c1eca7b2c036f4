"""`nicobatch fleet`: many accounts on many machines, kept in one PostgreSQL database."""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from nicobatch import installation
from nicobatch.cli import i18n
from nicobatch.cli.options import Common, LocalPath, common, with_options
from nicobatch.errors import Exit, UsageError
from nicobatch.language import N_, _
from nicobatch.model import Secret
from nicobatch.reports import Answered

if TYPE_CHECKING:
    from nicobatch.fleet.database import Database

_F = TypeVar("_F", bound=Callable[..., int])
VARIABLE: Final = "NICOBATCH_FLEET_DSN"
_HELP: Final = _("""Publish for many accounts on many machines, kept in one PostgreSQL database.

The database is named by NICOBATCH_FLEET_DSN, or by a file (--dsn-file): a connection string such as
postgresql://USER:PASSWORD@HOST/DATABASE. It is to be the fleet's alone.
""")
_NO_CLIENT: Final = N_("what a fleet needs is not installed")
_NO_LIBRARY: Final = N_("PostgreSQL's client library (libpq) is missing")
_LIBRARY: Final = N_("install libpq with the system's packages, or psycopg[binary] with Python's")
_NO_DATABASE: Final = N_("no database is named")
_NAME_IT: Final = N_("set NICOBATCH_FLEET_DSN, or give --dsn-file FILE")
_DSN: Final = click.option(
    "--dsn-file",
    metavar="FILE",
    type=LocalPath(exists=True, dir_okay=False, path_type=Path),
    help=_("Read the database's connection string from this file, not NICOBATCH_FLEET_DSN."),
)


def with_database(command: _F, *, formats: Sequence[str] = ("text", "json")) -> _F:
    """Take which database it is, and hand it over as `database`; a stranger's waits for nobody."""

    @functools.wraps(command)
    def connected(*, options: Common, dsn_file: Path | None, **given: Any) -> int:
        dsn, place = _dsn(dsn_file)
        options.gained(dsn)
        with contextlib.closing(_database(dsn, place)) as database:
            return command(options=options, database=database, **given)

    return common(with_options(connected, (_DSN,)), formats=formats)  # type: ignore[return-value]


def _dsn(file: Path | None) -> tuple[Secret, str]:
    """Return the connection string, and where it was found."""
    if file is not None:
        return Secret(file.read_text("utf-8").strip()), str(file)
    if given := os.environ.get(VARIABLE, "").strip():
        return Secret(given), VARIABLE
    raise UsageError(_(_NO_DATABASE), _(_NAME_IT))


def _database(dsn: Secret, place: str) -> Database:
    """Return the database, or say what is missing to use one."""
    if not (importlib.util.find_spec("psycopg") and importlib.util.find_spec("procrastinate")):
        raise UsageError(_(_NO_CLIENT), installation.missing("fleet"))
    try:
        from nicobatch.fleet.database import Database
    except ImportError:
        raise UsageError(_(_NO_LIBRARY), _(_LIBRARY)) from None
    return Database(dsn, threading.Event(), place=place)


@click.group("fleet", cls=i18n.Group, help=_HELP)
def fleet_command() -> None:
    """Publish for many accounts on many machines, kept in one PostgreSQL database."""


@fleet_command.command(
    "init", help=_("Prepare the database, or bring it up to date with this version.")
)
@with_database
def init(options: Common, database: Database) -> int:
    """Prepare the database, or bring it up to date with this version."""
    from nicobatch.fleet.schema import migrate

    applied = migrate(database)
    words = _("prepared: {names}").format(names=_(", ").join(applied))
    told = words if applied else _("nothing to do: the database is up to date")
    options.report().tell(Answered(told, {"applied": applied}))
    return Exit.FINE


from nicobatch.cli import fleet_receipts, fleet_session, fleet_status  # noqa: E402, F401 - commands
