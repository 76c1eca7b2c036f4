"""The sign-ins of this machine's user: which are kept, and how one is renewed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing

from nicobatch import sites
from nicobatch.actions.access import Site
from nicobatch.actions.patience import Hold, asked, lock_folder
from nicobatch.credentials import Kept, Store
from nicobatch.errors import Again, UsageError
from nicobatch.language import _
from nicobatch.locks import Locks
from nicobatch.pipeline import Owner
from nicobatch.pipeline.locking import AccountLocks
from nicobatch.sites.service import Person


def kept(names: Iterable[str]) -> Iterator[tuple[str, Kept]]:
    """Yield each site's name with every sign-in there that is kept for the user; asks no site."""
    for name in names:
        for each in Store.of_user(sites.site(name)).listed():
            yield name, each


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
