"""Which site a run talks to, on whose behalf, and where what it leaves behind is kept."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Final

from nicobatch import installation, language
from nicobatch.errors import Locked, SignInNeeded, UsageError
from nicobatch.journal import FOLDER, REHEARSAL, Journal, demand_within
from nicobatch.journal.refusals import Refusals
from nicobatch.language import _, reason
from nicobatch.model import Secret
from nicobatch.origin import origin_of
from nicobatch.pipeline import Owner
from nicobatch.settings import Settings
from nicobatch.sites.base import Target
from nicobatch.sites.niconico.profiles import DEFAULT, Profile, at_origin

if TYPE_CHECKING:
    from nicobatch.sites.niconico.signin import Credentials
    from nicobatch.sites.niconico.target import Niconico

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Where runs publish to, and where their receipts are kept."""

    journal: Path | None = None
    """The folder of all receipts; None keeps them in `.nicobatch` beside each manifest."""
    profile: Profile = DEFAULT
    api_origin: str | None = None
    """Another place to talk to than the profile's: `https://HOST[:PORT]`."""
    proxy: str | None = None
    sandbox: bool = False
    """Whether it is a rehearsal, with receipts of its own."""
    credentials: Callable[[str], Credentials] | None = None
    """Returns the sign-in of an account; None takes what environment and this machine hold."""
    gained: Callable[[Secret], None] = lambda secret: None  # noqa: ARG005 - nobody listens
    """Is told of sessions that are read or gained, before they are used."""
    code: Callable[[], str] = one_time_code
    """Returns the one-time code that a sign-in by password may ask for."""

    @property
    def receipts(self) -> Journal:
        """Return the journal of this kind of run."""
        return Journal(self.journal, rehearsal=self.sandbox)

    @property
    def poll_interval(self) -> float:
        """Return the seconds between two looks at the site's work, where nobody says otherwise."""
        return SANDBOX_POLL if self.sandbox else Settings().poll_interval

    def site(self) -> Site:
        """Return the site as far as a plan needs it, without starting anything."""
        if self.sandbox:
            return Site(self, self.profile, SANDBOX_ORIGIN)
        if self.api_origin:
            return Site(self, at_origin(self.profile, self.api_origin))
        return Site(self, self.profile)

    @contextlib.contextmanager
    def online(self) -> Iterator[Site]:
        """Return the site; a sandbox runs as long as the context, unless one runs already."""
        site = self.site()
        if not self.sandbox:
            yield site
            return
        with _sandbox(self.own_site_folder()) as url:
            yield replace(site, profile=replace(at_origin(site.profile, url), watch=SANDBOX_WATCH))

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


@dataclass(frozen=True, slots=True)
class Site:
    """Where a run publishes to, for as long as it is there."""

    access: Access
    profile: Profile
    origin: str | None = None
    """The receipts' origin, where it is not the profile's own."""

    def target(self, account: str, stop: threading.Event) -> Niconico:
        """Return the site on behalf of the account."""
        from nicobatch.sites.niconico.target import Niconico  # with all of HTTP

        return Niconico(
            self.profile,
            self._credentials(account),
            stop=stop,
            origin=self.origin,
            proxy=self.proxy,
            refused=self.refusals.add,
        )

    def targets(self, owners: Iterable[Owner], stop: threading.Event) -> dict[Owner, Target]:
        """Return a target for each."""
        return {owner: self.target(owner.account, stop) for owner in owners}

    @property
    def proxy(self) -> str | None:
        """Return by which proxy it is reached; the sandbox is on this machine."""
        return None if self.access.sandbox else self.access.proxy

    @property
    def refusals(self) -> Refusals:
        """Return what this machine remembers of the site's refusals."""
        return Refusals(self.origin or origin_of(self.profile.garage))

    def _credentials(self, account: str) -> Credentials:
        if self.access.sandbox:
            return _rehearsal(account)
        if self.access.credentials:
            return self.access.credentials(account)
        return given(account, self.access)


@contextlib.contextmanager
def _sandbox(state: Path) -> Iterator[str]:
    url = sandbox_module().running(state)
    if url:
        yield url
        return
    with serving(state) as url:
        yield url


@contextlib.contextmanager
def serving(state: Path, port: int = 0) -> Iterator[str]:
    """Serve the sandbox as long as the context; raise Locked where another one has the folder."""
    sandbox = sandbox_module()
    with contextlib.ExitStack() as stack:
        try:
            server = stack.enter_context(
                sandbox.Sandbox(state, port=port, language=language.chosen())
            )
        except (sandbox.SandboxError, OSError) as error:
            why = _hindrance(error, sandbox, state, port)
            taken = port and isinstance(error.__cause__, OSError)
            raise Locked(
                _("the sandbox can't be started: {error}").format(error=why),
                _("give another port, or --port 0 for any that is free") if taken else "",
            ) from None
        yield server.url


def _hindrance(error: Exception, sandbox: ModuleType, state: Path, port: int) -> str:
    """Say what kept the sandbox from starting, as it speaks no language but its own."""
    if isinstance(error, sandbox.AlreadyRunning):
        url = sandbox.running(state) or _("an address that it has not told yet")
        words = _("another sandbox is serving {state} already, at {url}")
        return words.format(state=state, url=url)
    if isinstance(error.__cause__, OSError):
        words = _("port {port} of 127.0.0.1 can't be used: {reason}")
        return words.format(port=port, reason=reason(error.__cause__))
    if isinstance(error, OSError):
        words = _("{file} can't be written: {reason}")
        return words.format(file=error.filename or state, reason=reason(error))
    return str(error)


def sandbox_module() -> ModuleType:
    """Return the sandbox, or say how to get it."""
    try:
        import flask  # noqa: F401 - the extra that the sandbox needs

        from nicobatch import sandbox
    except ImportError:
        raise UsageError(
            _("the sandbox is not installed"), installation.missing("sandbox")
        ) from None
    return sandbox


def _rehearsal(account: str) -> Credentials:
    """Sign in to the sandbox as one of its own people: never with a real secret."""
    from nicobatch.sandbox import DEFAULT_ACCOUNTS
    from nicobatch.sites.niconico.signin import Credentials

    person = DEFAULT_ACCOUNTS[0 if account == "main" else 1]
    return Credentials(
        user_session=Secret(person.user_session),
        mail=person.mail,
        password=Secret(person.password),
    )


def given(account: str, access: Access) -> Credentials:
    """Collect what the environment and, for niconico itself, this machine's store hold."""
    from nicobatch.credentials import Store, from_environment
    from nicobatch.sites.niconico.signin import Credentials

    mail = from_environment(os.environ, account, "MAIL")
    session = from_environment(os.environ, account)
    if session is None and not access.api_origin:  # what is kept for niconico stays with it
        session = Store.of_user().get(account)
        if session:
            access.gained(session)
    return Credentials(
        user_session=session,
        gained=access.gained,
        mail=mail.reveal() if mail else None,
        password=from_environment(os.environ, account, "PASSWORD"),
        one_time_code=access.code,
    )
