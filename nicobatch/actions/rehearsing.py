"""The imitations that a rehearsal runs against: who serves them, and who signs in there."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from nicobatch import installation, language, sites
from nicobatch.errors import Locked, UsageError
from nicobatch.language import _, cant_write, reason
from nicobatch.model import DEFAULT_ACCOUNT
from nicobatch.sites.session import Session

if TYPE_CHECKING:
    from nicobatch.sandbox import Account as Person


@contextlib.contextmanager
def joined(state: Path) -> Iterator[str]:
    """Give the address of the sandbox that has the folder, or of one as long as the context."""
    url = sandbox_module().running(state)
    if url:
        yield url
        return
    with serving(state) as url:
        yield url


@contextlib.contextmanager
def serving(state: Path, port: int = 0, *, accounts: int = 0) -> Iterator[str]:
    """Serve the sandbox as long as the context; raise Locked where another one has the folder.

    It has so many numbered accounts beside its own.
    """
    sandbox = sandbox_module()
    with contextlib.ExitStack() as stack:
        try:
            people = (*sandbox.DEFAULT_ACCOUNTS, *sandbox.numbered(accounts))
            server = stack.enter_context(
                sandbox.Sandbox(state, port=port, accounts=people, language=language.chosen())
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
        return cant_write(error.filename or state, error)
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


def sign_ins(accounts: int) -> Iterator[tuple[str, str]]:
    """Yield the variables by which the sandbox's numbered accounts sign in to the sites."""
    for person in sandbox_module().numbered(accounts):
        for site in sites.SITES:
            for end, value in _cookies(person, sites.site(site).session).items():
                yield f"NICOBATCH_{person.nickname.upper()}_{end}", value


def variables(account: str, session: Session) -> dict[str, str]:
    """Return the variables by which one of the sandbox's own people signs in: no real secret."""
    from nicobatch.sandbox import DEFAULT_ACCOUNTS

    person = DEFAULT_ACCOUNTS[0 if account == DEFAULT_ACCOUNT else 1]
    given = {**_cookies(person, session), "MAIL": person.mail, "PASSWORD": person.password}
    return {f"NICOBATCH_{end}": value for end, value in given.items()}


def _cookies(person: Person, session: Session) -> dict[str, str]:
    return {end: person.cookie(name) for name, end in session.cookies.items()}
