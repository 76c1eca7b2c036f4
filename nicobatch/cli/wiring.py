"""From options to working parts: the sandbox where one is asked for, and a target an account."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Final

import click

from nicobatch import installation, language
from nicobatch.cli.masking import mask
from nicobatch.cli.options import Common
from nicobatch.credentials import Store, from_environment
from nicobatch.errors import Locked, SignInNeeded, UsageError
from nicobatch.journal import FOLDER, REHEARSAL, demand_within
from nicobatch.journal.refusals import Refusals
from nicobatch.language import _, reason
from nicobatch.model import Secret
from nicobatch.origin import origin_of
from nicobatch.sites.niconico.profiles import Profile, at_origin
from nicobatch.sites.niconico.signin import Credentials
from nicobatch.sites.niconico.steps import Niconico

SANDBOX_ORIGIN: Final = "sandbox"
"""What receipts of a rehearsal name as their site: its port is another one every time."""

SANDBOX_PORT: Final = 8025
SANDBOX_GARAGE: Final = f"http://127.0.0.1:{SANDBOX_PORT}/garage/videos"
SANDBOX_WATCH: Final = f"{SANDBOX_GARAGE}#{{video_id}}"
"""Where a rehearsed video can be looked at, while `nicobatch sandbox` runs."""


@dataclass(frozen=True, slots=True)
class Site:
    """Where a run publishes to."""

    profile: Profile
    origin: str | None = None
    """The receipts' origin, where it is not the profile's own."""
    rehearsal: bool = False
    proxy: str | None = None
    foreign: bool = False
    """Whether it is neither niconico nor the sandbox: sessions kept for niconico stay away."""

    def target(self, account: str, stop: threading.Event) -> Niconico:
        """Return the site on behalf of the account."""
        credentials = (
            _rehearsal(account) if self.rehearsal else _given(account, kept=not self.foreign)
        )
        return Niconico(
            self.profile,
            credentials,
            stop=stop,
            origin=self.origin,
            proxy=self.proxy,
            refused=self.refusals.add,
        )

    @property
    def refusals(self) -> Refusals:
        """Return what this machine remembers of the site's refusals."""
        return Refusals(self.origin or origin_of(self.profile.garage))


def offline(options: Common) -> Site:
    """Return the site as far as a plan needs it, without starting anything."""
    if options.sandbox:
        return Site(options.profile, SANDBOX_ORIGIN, rehearsal=True)
    if options.api_origin:
        profile = at_origin(options.profile, options.api_origin)
        return Site(profile, proxy=options.proxy, foreign=True)
    return Site(options.profile, proxy=options.proxy)


@contextlib.contextmanager
def online(options: Common) -> Iterator[Site]:
    """Return the site; a sandbox runs as long as the context, unless one is running already."""
    site = offline(options)
    if not options.sandbox:
        yield site
        return
    with _sandbox(own_site_folder(options)) as url:
        profile = replace(at_origin(site.profile, url), watch=SANDBOX_WATCH)
        yield Site(profile, site.origin, rehearsal=True)


def site_folder(options: Common) -> Path:
    """Return where the sandbox keeps what it received, beside the rehearsals' receipts."""
    return (options.journal or Path(FOLDER)) / REHEARSAL / ".site"


def own_site_folder(options: Common) -> Path:
    """Return `site_folder`; raise JournalError where a link has the sandbox write elsewhere."""
    base, folder = options.journal or Path(), site_folder(options)
    demand_within(base, folder)
    for root, folders, files in os.walk(folder):
        for name in (*folders, *files):
            demand_within(folder, Path(root, name))
    return folder


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

    person = DEFAULT_ACCOUNTS[0 if account == "main" else 1]
    return Credentials(
        user_session=Secret(person.user_session),
        mail=person.mail,
        password=Secret(person.password),
    )


def _given(account: str, *, kept: bool) -> Credentials:
    """Collect what the environment and, for niconico itself, this machine's store hold."""
    environment = os.environ
    mail = from_environment(environment, account, "MAIL")
    session = from_environment(environment, account)
    if session is None and kept:
        session = _kept(account)
    return Credentials(
        user_session=session,
        gained=mask,
        mail=mail.reveal() if mail else None,
        password=from_environment(environment, account, "PASSWORD"),
        one_time_code=_one_time_code,
    )


def _kept(account: str) -> Secret | None:
    session = Store.of_user().get(account)
    if session:
        mask(session)
    return session


def _one_time_code() -> str:
    given = os.environ.get("NICOBATCH_OTP")
    if given:
        return given
    if not sys.stdin.isatty():
        raise SignInNeeded(
            _("niconico asks for a one-time code, and there is nobody to ask for it"),
            _("set NICOBATCH_OTP to the code, or run it in a terminal"),
        )
    code: str = click.prompt(_("one-time code from niconico"), err=True)
    return code


def targets(accounts: Iterable[str], site: Site, stop: threading.Event) -> dict[str, Niconico]:
    """Return a target for each account."""
    return {account: site.target(account, stop) for account in accounts}
