"""The database's tables, ours and Procrastinate's: versioned, and brought up to date by `init`."""

from __future__ import annotations

import functools
import re
from importlib import resources
from pathlib import Path
from typing import Final

from procrastinate.schema import SchemaManager

from nicobatch import installation
from nicobatch.errors import UsageError
from nicobatch.fleet.database import Connection, Database, fetched
from nicobatch.language import N_, _

_QUEUE: Final = "procrastinate/"
"""What the names of Procrastinate's migrations begin with."""
_OURS: Final = re.compile(r"[0-9]{4}_\w+")
_LEDGER: Final = """
CREATE TABLE IF NOT EXISTS nicobatch_migrations (
    name text PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now()
)"""
_ONE_AT_A_TIME: Final = "SELECT pg_advisory_xact_lock(hashtext('nicobatch_migrations'))"
_OLD: Final = N_("the database is not prepared for this version of nicobatch")
_NEWER: Final = N_("the database was prepared by a newer nicobatch")
_TAKEN: Final = N_("the database has another application's queue")


def migrate(database: Database) -> list[str]:
    """Bring the database up to date and return what was applied, each in its own transaction.

    Raise UsageError where it is a newer version's, or another application's.
    """
    _demand_no_newer(_applied(database))
    database.transaction(_begin)
    return [
        name
        for name, script in _scripts().items()
        if database.transaction(functools.partial(_apply, name=name, script=script))
    ]


def demand_current(database: Database) -> None:
    """Raise UsageError where the database is not prepared for this version."""
    applied = _applied(database)
    _demand_no_newer(applied)
    if not applied.issuperset(_scripts()):
        raise UsageError(_(_OLD), _("`nicobatch fleet init` prepares it"))


def _applied(database: Database) -> set[str]:
    """Return the names of the migrations that the database had."""
    [(there,)] = database.rows("SELECT to_regclass('nicobatch_migrations') IS NOT NULL")
    names = database.rows("SELECT name FROM nicobatch_migrations") if there else []
    return {name for (name,) in names}


def _demand_no_newer(applied: set[str]) -> None:
    known = _scripts()
    if any(_OURS.fullmatch(name) and name not in known for name in applied):
        raise UsageError(_(_NEWER), installation.upgrade())


def _begin(connection: Connection) -> None:
    """Make the queue, as it is now, where there is none: its older migrations count as applied."""
    fetched(connection, _ONE_AT_A_TIME)
    fetched(connection, _LEDGER)
    [(is_there,)] = fetched(connection, "SELECT to_regclass('procrastinate_jobs') IS NOT NULL")
    [(is_ours,)] = fetched(
        connection,
        "SELECT EXISTS (SELECT FROM nicobatch_migrations WHERE starts_with(name, %(queue)s))",
        {"queue": _QUEUE},
    )
    if is_there and not is_ours:
        raise UsageError(_(_TAKEN), _("give the fleet a database of its own"))
    if not is_there:
        fetched(connection, SchemaManager.get_schema())
        for name in _scripts():
            if name.startswith(_QUEUE):
                _note(connection, name)


def _apply(connection: Connection, *, name: str, script: str) -> bool:
    """Apply the migration; tell whether that was still to be done."""
    fetched(connection, _ONE_AT_A_TIME)
    given = {"name": name}
    if fetched(connection, "SELECT 1 FROM nicobatch_migrations WHERE name = %(name)s", given):
        return False
    fetched(connection, script)
    _note(connection, name)
    return True


def _note(connection: Connection, name: str) -> None:
    fetched(connection, "INSERT INTO nicobatch_migrations (name) VALUES (%(name)s)", {"name": name})


def _scripts() -> dict[str, str]:
    """Return by their names all migrations, in order: the queue's, then ours."""
    folders = {
        _QUEUE: Path(SchemaManager.get_migrations_path()),
        "": resources.files("nicobatch.fleet") / "sql",
    }
    return {
        f"{prefix}{Path(each.name).stem}": each.read_text("utf-8")
        for prefix, folder in folders.items()
        for each in sorted(folder.iterdir(), key=lambda each: each.name)
        if each.name.endswith(".sql")
    }
