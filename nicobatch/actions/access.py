"""Which site a run talks to, on whose behalf, and where what it leaves behind is kept."""

from __future__ import annotations

import contextlib
import functools
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from nicobatch import sites
from nicobatch.actions import rehearsing
from nicobatch.config import Config
from nicobatch.errors import SignInNeeded
from nicobatch.journal import FOLDER, REHEARSAL, Journal, demand_within
from nicobatch.journal.refusals import Refusals
from nicobatch.language import _
from nicobatch.model import DEFAULT_SITE

if TYPE_CHECKING:
    from nicobatch.model import Secret
    from nicobatch.pipeline import Owner
    from nicobatch.receipt import Receipt
    from nicobatch.sites.description import Site as Described
    from nicobatch.sites.service import Account, Reach, Service
    from nicobatch.sites.session import Credentials

SANDBOX_ORIGIN: Final = "sandbox"
"""What receipts of a rehearsal name as their site: its port is another one every time."""

SANDBOX_PORT: Final = 8025
SANDBOX_GARAGE: Final = f"http://127.0.0.1:{SANDBOX_PORT}/garage/videos"
SANDBOX_WATCH: Final = f"{SANDBOX_GARAGE}#{{video_id}}"
"""Where a rehearsed video can be looked at, while `nicobatch sandbox` runs."""
SANDBOX_POLL: Final = 0.5
"""Seconds of `poll_interval`; the sandbox encodes quickly, and nobody is bothered by questions."""


def one_time_code() -> str:
    """Return the code that NICOBATCH_OTP holds; raise SignInNeeded, as nobody can be asked."""
    if given := os.environ.get("NICOBATCH_OTP"):
        return given
    raise SignInNeeded(
        _("niconico asks for a one-time code, and there is nobody to ask for it"),
        _("set NICOBATCH_OTP to the code, or run it in a terminal"),
    )


class KeptSessions(Protocol):
    """Where sign-ins at one site are kept."""

    def get(self, account: str) -> Secret | None:
        """Return the account's session, if there is one."""
        ...

    def set(self, account: str, value: Secret, /) -> object:
        """Keep what the site gave in its place."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Where runs publish to, and where their receipts are kept."""

    journal: Path | None = None
    """The folder of all receipts; None keeps them in `.nicobatch` beside each manifest."""
    profile: str = ""
    """The version of the site's interface that has this name; others' is their first one."""
    api_origin: str | None = None
    """Another place to talk to than the profile's: `https://HOST[:PORT]`."""
    proxy: str | None = None
    sandbox: bool = False
    """Whether it is a rehearsal, with receipts of its own."""
    sites: tuple[str, ...] = ()
    """Whose part of manifests and receipts is meant; none is every site's."""
    credentials: Callable[[str], Credentials] | None = None
    """Returns the sign-in of an account; None takes what environment and this machine hold."""
    kept: Callable[[Described], KeptSessions] | None = None
    """Returns what has the sign-ins at a site, in place of this machine's keyring or file."""
    gained: Callable[[Secret], None] = lambda secret: None  # noqa: ARG005 - nobody listens
    """Is told of sessions that are read or gained, before they are used."""
    config: Config = field(default_factory=Config)
    """What the user allows an account, and has set right of a site."""
    code: Callable[[], str] = one_time_code
    """Returns the one-time code that a sign-in by password may ask for."""

    def means(self, site: str) -> bool:
        """Tell whether what is for the site is meant."""
        return not self.sites or site in self.sites

    @property
    def receipts(self) -> Journal:
        """Return the journal of this kind of run."""
        return Journal(self.journal, rehearsal=self.sandbox)

    @property
    def poll_interval(self) -> float:
        """Return the seconds between two looks at the site's work, where nobody says otherwise."""
        from nicobatch.settings import Settings

        return SANDBOX_POLL if self.sandbox else Settings().poll_interval

    def site(self, name: str = DEFAULT_SITE) -> Site:
        """Return the site as far as a plan needs it, without starting anything."""
        return Site(self, name, self.api_origin)

    @contextlib.contextmanager
    def online(self, name: str = DEFAULT_SITE) -> Iterator[Site]:
        """Return the site; a sandbox runs as long as the context, unless one runs already."""
        site = self.site(name)
        if not self.sandbox:
            yield site
            return
        with rehearsing.joined(self.own_site_folder()) as url:
            yield replace(site, url=url)

    def site_folder(self) -> Path:
        """Return where the sandbox keeps what it received, beside the rehearsals' receipts."""
        return (self.journal or Path(FOLDER)) / REHEARSAL / ".site"

    def own_site_folder(self) -> Path:
        """Return `site_folder`; raise JournalError where a link has the sandbox write elsewhere."""
        base, folder = self.journal or Path(), self.site_folder()
        demand_within(base, folder)
        for root, folders, files in os.walk(folder):
            for name in (*folders, *files):
                demand_within(folder, Path(root, name))
        return folder

    def signed_in_as(self, account: str, site: str = DEFAULT_SITE) -> Credentials:
        """Return the account's sign-in at the site, as far as it is known."""
        if self.credentials and not self.sandbox:
            return self.credentials(account)
        from nicobatch.credentials import Store, from_environment

        described = sites.site(site)
        session = described.session
        environment = rehearsing.variables(account, session) if self.sandbox else os.environ
        found = from_environment(environment, account, session)
        if self.sandbox:
            return found
        found = replace(found, gained=self.gained, one_time_code=self.code)
        if found.user_session or (self.api_origin and not self.kept):
            return found  # what is kept here for the site stays with it
        store = self.kept(described) if self.kept else Store.of_user(described)
        kept = store.get(account)
        if kept is None:
            return found
        self.gained(kept)
        renewed = functools.partial(store.set, account)
        return replace(found, user_session=kept, renewed=renewed)


@dataclass(frozen=True, slots=True)
class Site:
    """A site that a run publishes to, for as long as it is there."""

    access: Access
    name: str
    url: str | None
    """Where all sites are, in place of their own hosts."""

    def at(self, name: str) -> Site:
        """Return another site, reached likewise."""
        return replace(self, name=name)

    @property
    def profile(self) -> str:
        """Return which version of its interface is meant."""
        profiles = sites.site(self.name).profiles
        return self.access.profile if self.access.profile in profiles else profiles[0]

    @property
    def reach(self) -> Reach:
        """Return where it is, and how requests come there."""
        from nicobatch.sites.service import Reach

        access, profile = self.access, self.profile
        budget = access.config.budgets.get(self.name)
        if access.sandbox:
            return Reach(
                profile=profile,
                origin=self.url,
                called=SANDBOX_ORIGIN,
                watch=SANDBOX_WATCH,
                budget=budget,
            )
        moved = access.config.moved.get(profile, {})  # which the imitation has not
        return Reach(
            profile=profile, origin=self.url, proxy=access.proxy, moved=moved, budget=budget
        )

    @property
    def service(self) -> Service:
        """Return by what it is reached."""
        return sites.service_of(self.name)

    @property
    def origin(self) -> str:
        """Return what receipts name as its origin."""
        return self.service.origin(self.reach)

    def has(self, receipt: Receipt) -> bool:
        """Tell whether the receipt is of a site as it is reached here, and of no other place."""
        return receipt.site in sites.SITES and receipt.origin == self.at(receipt.site).origin

    def takes(self, key: str) -> bool:
        """Tell whether its profile takes a manifest's key that others do not."""
        return self.service.takes(self.profile, key)

    def target(self, account: str, stop: threading.Event | None = None) -> Account:
        """Return the site on behalf of the account; who takes it closes it."""
        stop = stop or threading.Event()
        credentials = self.access.signed_in_as(account, self.name)
        add = self.refusals.add
        return self.service.target(self.reach, credentials, stop=stop, refused=add)

    def targets(self, owners: Iterable[Owner], stop: threading.Event) -> dict[Owner, Account]:
        """Return a target for each, at whichever site."""
        return {owner: self.at(owner.site).target(owner.account, stop) for owner in owners}

    @contextlib.contextmanager
    def reaching(self, owners: Iterable[Owner]) -> Iterator[dict[Owner, Account]]:
        """Give a target for each, at whichever site, and close them at the end."""
        targets = self.targets(owners, threading.Event())
        with contextlib.ExitStack() as stack:
            for target in targets.values():
                stack.callback(target.close)
            yield targets

    @property
    def refusals(self) -> Refusals:
        """Return what this machine remembers of the site's refusals."""
        return Refusals(self.origin)
