"""The fleet's accounts: their rows, and the right to publish for one, which is its epoch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from nicobatch.errors import Locked, UsageError
from nicobatch.fleet.database import Connection, Database, fetched
from nicobatch.fleet.queue import wake
from nicobatch.language import N_, _
from nicobatch.model import on_site
from nicobatch.pipeline import Owner

_MAKE: Final = """
INSERT INTO nicobatch_accounts (site, name, origin) VALUES (%(site)s, %(name)s, %(origin)s)
ON CONFLICT (site, name) DO UPDATE SET name = EXCLUDED.name
RETURNING id, origin"""
_REMOVE: Final = """
DELETE FROM nicobatch_accounts AS account WHERE id = ANY(%(accounts)s) AND epoch = 0
AND paused_at IS NULL
AND NOT EXISTS (SELECT FROM nicobatch_videos WHERE account_id = account.id)
AND NOT EXISTS (SELECT FROM nicobatch_receipts WHERE account_id = account.id)"""
_NUMBER: Final = "SELECT id FROM nicobatch_accounts WHERE site = %(site)s AND name = %(name)s"
_PAUSE: Final = """
UPDATE nicobatch_accounts SET paused_at = coalesce(paused_at, now())
WHERE site = %(site)s AND name = %(name)s RETURNING id"""
_RESUME: Final = """
UPDATE nicobatch_accounts SET paused_at = NULL, failures = 0, blocked = '', hint = ''
WHERE site = %(site)s AND name = %(name)s RETURNING id"""
_UNPARK: Final = """
UPDATE nicobatch_paces SET until = NULL
WHERE site = %(site)s AND account = %(name)s AND address = ''"""
_AT_ONCE: Final = """
UPDATE nicobatch_videos SET not_before = now(), at = now()
WHERE account_id = %(account)s AND state = 'due' AND not_before > now()"""
_DUE: Final = """
UPDATE nicobatch_accounts SET due_at = now() WHERE id = %(account)s AND EXISTS (
    SELECT 1 FROM nicobatch_videos WHERE account_id = %(account)s AND state = 'due'
)"""
_NEXT: Final = """
SELECT extract(epoch FROM min(due_at) - now())::float8 FROM nicobatch_accounts
WHERE paused_at IS NULL AND (%(accounts)s::integer[] IS NULL OR id = ANY(%(accounts)s))"""
_AT_WORK: Final = """
SELECT EXISTS (
    SELECT FROM procrastinate_jobs WHERE lock = %(lock)s AND status = 'doing'
) FROM nicobatch_accounts WHERE id = %(account)s FOR UPDATE"""
_BUSY: Final = N_("a worker is publishing for {account}")
_BUSY_HINT: Final = N_(
    "run `nicobatch fleet pause {account}`, and this again once its turn is over; then resume it"
)
_OTHER_ORIGIN: Final = N_("the fleet's account {account} is of {origin}, and this is {other}")
_APART: Final = N_("give what is for another address, such as a rehearsal, a database of its own")
"""Each site has one origin in a database: a sandbox's videos must never go to the site itself."""


def named(owner: Owner) -> str:
    """Return what a job is locked by, which is what people see of the account in the queue."""
    return f"{owner.site}/{owner.account}"


def called(owner: Owner) -> str:
    """Return how commands take the account: `NAME`, or `NAME@SITE`."""
    return f"{owner.account}{on_site(owner.site)}"


def number(connection: Connection, owner: Owner, origin: str) -> int:
    """Return the account's number, made where there is none; UsageError where it is elsewhere's."""
    given = {"site": owner.site, "name": owner.account, "origin": origin}
    [(id_, there)] = fetched(connection, _MAKE, given)
    demand_origin(owner, there, origin)
    return int(id_)


def hold(connection: Connection, origins: Mapping[Owner, str]) -> dict[Owner, int]:
    """Hold the accounts, made where there are none, until the transaction ends.

    Return their numbers; raise UsageError where one is of another origin. It takes them in one
    order, whoever asks: of two who want the same ones, one waits for the other.
    """
    return {owner: number(connection, owner, origins[owner]) for owner in sorted(origins)}


def remove_unused(connection: Connection, among: Sequence[int]) -> None:
    """Remove the accounts for which there is nothing."""
    fetched(connection, _REMOVE, {"accounts": among})


def demand_origin(owner: Owner, there: str, origin: str) -> None:
    """Raise UsageError where the account's origin is not the one that is reached."""
    if there != origin:
        words = _(_OTHER_ORIGIN)
        raise UsageError(words.format(account=owner.account, origin=there, other=origin), _(_APART))


def demand_idle(connection: Connection, owner: Owner, account: int) -> None:
    """Keep turns of the account from beginning until the transaction ends; Locked during one."""
    if fetched(connection, _AT_WORK, {"lock": named(owner), "account": account}) == [(True,)]:
        name = called(owner)
        raise Locked(_(_BUSY).format(account=name), _(_BUSY_HINT).format(account=name))


def numbers(database: Database, owners: Sequence[Owner]) -> list[int]:
    """Return the numbers of those of the accounts that are known by now."""
    return [
        id_
        for owner in owners
        for (id_,) in database.rows(_NUMBER, {"site": owner.site, "name": owner.account})
    ]


def next_due(database: Database, accounts: Sequence[int] | None) -> float | None:
    """Return the seconds until the first of the accounts is due; None where none will be."""
    [(seconds,)] = database.rows(_NEXT, {"accounts": accounts})
    return None if seconds is None else float(seconds)


def demand_origins(database: Database, origins: Mapping[str, str]) -> None:
    """Raise UsageError where an account is not of the origin by which its site is reached."""
    for site, name, origin in database.rows("SELECT site, name, origin FROM nicobatch_accounts"):
        demand_origin(Owner(site, name), origin, origins[site])


def pause(database: Database, owner: Owner) -> None:
    """Have nothing more sent for the account; UsageError where there is none."""
    database.transaction(lambda open_: _changed(open_, _PAUSE, owner))


def resume(database: Database, owner: Owner) -> None:
    """Have the account go on at once, be it paused, blocked or parked; UsageError if none."""

    def work(connection: Connection) -> None:
        id_ = _changed(connection, _RESUME, owner)
        fetched(connection, _UNPARK, {"site": owner.site, "name": owner.account})
        fetched(connection, _AT_ONCE, {"account": id_})
        fetched(connection, _DUE, {"account": id_})
        wake(connection, id_)

    database.transaction(work)


def _changed(connection: Connection, query: str, owner: Owner) -> int:
    rows = fetched(connection, query, {"site": owner.site, "name": owner.account})
    if not rows:
        words = _("the fleet has no account {account}")
        raise UsageError(
            words.format(account=called(owner)), _("`nicobatch fleet enqueue` makes accounts known")
        )
    return int(rows[0][0])
