"""The sign-ins of this machine's user: which are kept, and how one is renewed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime

from nicobatch import sites
from nicobatch.actions import commenting
from nicobatch.actions.access import Site
from nicobatch.actions.patience import Hold, asked, lock_folder
from nicobatch.credentials import Kept, Store
from nicobatch.errors import Again, Parked, UsageError
from nicobatch.language import _
from nicobatch.locks import Locks
from nicobatch.pipeline import Owner
from nicobatch.pipeline.locking import AccountLocks
from nicobatch.pipeline.pace import Pace, PaceFolder
from nicobatch.sites.service import Person


def kept(names: Iterable[str]) -> Iterator[tuple[str, Kept]]:
    """Yield each site's name with every sign-in there that is kept for the user; asks no site."""
    for name in names:
        for each in Store.of_user(sites.site(name)).listed():
            yield name, each


def kept_at_livetube() -> Iterator[Kept]:
    """Yield every sign-in at Livetube that is kept for the user, by the address it is for."""
    yield from commenting.store().listed()


def parked(site: Site, account: str) -> Parked | None:
    """Return until when, and why, the site is not to be asked on behalf of the account."""
    with closing(site.target(account, threading.Event())) as target:
        pace = Pace.of(
            target, Owner(site.name, account), PaceFolder(lock_folder()), lambda: datetime.now(UTC)
        )
    try:
        pace.demand_free()
    except Parked as error:
        return error
    return None


def renew(site: Site, account: str, waiting: Callable[[Again, float], None]) -> Person:
    """Have the site give a new sign-in for the account's kept one, and return whose it is.

    Raise Locked while a run of the account is at work, which would lose its sign-in; UsageError
    where the site is reached at another place, whose sign-ins are not kept.
    """
    if site.url is not None or site.access.sandbox:
        label = sites.site(site.name).label
        raise UsageError(
            _("what is kept is for {site} itself: nothing else can renew it").format(site=label),
            _("run it without --sandbox and --api-origin, with NICOBATCH_API_ORIGIN unset"),
        )
    with closing(site.target(account, threading.Event())) as target:
        locks = AccountLocks(lock_folder(), target.origin, Owner(site.name, account))
        with locks:
            locks.hold(Hold(locks=Locks("session"), waiting=waiting))
            return asked(target.renew)
