"""`nicobatch fleet session`: the fleet's sign-ins, in the database, sealed by a key in a file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nicobatch import sites
from nicobatch.cli.fleet_options import key_file, with_database
from nicobatch.cli.options import Common
from nicobatch.cli.session import Group, given_session, whose
from nicobatch.errors import Exit, UsageError
from nicobatch.language import _
from nicobatch.model import Json
from nicobatch.reports import Answered, Listed

if TYPE_CHECKING:
    from nicobatch.fleet.database import Database


@click.group("session", cls=Group, help=_("Look after the sign-ins of a fleet's accounts."))
def session_command() -> None:
    """Look after the sign-ins of a fleet's accounts."""


@session_command.command(
    "set",
    help=_("Keep an account's session, read hidden or from stdin; makes the key if there is none."),
)
@whose
@key_file
@with_database
def set_(
    account: str, site: str, key_file: Path | None, options: Common, database: Database
) -> int:
    """Keep an account's session in the database, sealed."""
    from nicobatch.fleet.sessions import Key, Sessions

    if key_file is None:
        raise UsageError(
            _("no file is named for the key to the sign-ins"),
            _("give --key-file FILE, or set NICOBATCH_FLEET_KEY_FILE"),
        )
    session = sites.site(site).session
    value = given_session(session)
    options.gained(value)
    Sessions(database, Key.made(key_file), site, session).set(account, value)
    words = _("the session of {account} is kept in the database, sealed by the key in {file}")
    told = {"account": account, "site": site, "key": os.fspath(key_file)}
    options.report().tell(Answered(words.format(account=account, file=key_file), told))
    return Exit.FINE


@session_command.command("list", help=_("Show whose sessions are kept, and since when; no key."))
@with_database
def list_(options: Common, database: Database) -> int:
    """Show whose sessions are kept, and since when."""
    from nicobatch.fleet.sessions import kept

    rows = [
        (site, account, at.isoformat(timespec="seconds")) for site, account, at in kept(database)
    ]
    headings = ("site", "account", "at")
    options.report().tell(
        Listed(
            member="session",
            members=[dict(zip(headings, row, strict=True)) for row in rows],
            headings=[_("site"), _("account"), _("kept since")],
            rows=rows,
            words="" if rows else _("no session is kept in the database"),
        )
    )
    return Exit.FINE


@session_command.command("forget", help=_("Remove the account's session from the database."))
@whose
@with_database
def forget(account: str, site: str, options: Common, database: Database) -> int:
    """Remove the account's session from the database."""
    from nicobatch.fleet.sessions import forget as forgotten

    words = _("no session of {account} is kept in the database")
    there = forgotten(database, site, account)
    if there:
        words = _("the session of {account} is forgotten; it stays valid at {site}")
    told: dict[str, Json] = {"account": account, "site": site, "forgotten": there}
    options.report().tell(Answered(words.format(account=account, site=site), told))
    return Exit.FINE
