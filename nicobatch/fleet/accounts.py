"""The fleet's accounts: their rows, and the right to publish for one, which is its epoch."""

from __future__ import annotations

from typing import Final

from nicobatch.errors import UsageError
from nicobatch.fleet.database import Connection, fetched
from nicobatch.language import N_, _
from nicobatch.model import on_site
from nicobatch.pipeline import Owner

_MAKE: Final = """
INSERT INTO nicobatch_accounts (site, name, origin) VALUES (%(site)s, %(name)s, %(origin)s)
ON CONFLICT (site, name) DO UPDATE SET name = EXCLUDED.name
RETURNING id, origin"""
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


def demand_origin(owner: Owner, there: str, origin: str) -> None:
    """Raise UsageError where the account's origin is not the one that is reached."""
    if there != origin:
        words = _(_OTHER_ORIGIN)
        raise UsageError(words.format(account=owner.account, origin=there, other=origin), _(_APART))
