"""The user's own sign-ins: kept in the system's keyring where there is one, else in a private file.

A session is a full-access credential. It is read from standard input, a hidden prompt or the
environment, never from an argument, and leaves this module as a `Secret`.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Final

import platformdirs

from nicobatch import disk
from nicobatch.errors import UsageError
from nicobatch.language import N_, _, reason
from nicobatch.model import DEFAULT_ACCOUNT, DEFAULT_SITE, Secret
from nicobatch.sites.description import Site
from nicobatch.sites.session import Credentials, Session

SERVICE: Final = "nicobatch"
KEYRING: Final = N_("the system's keyring")
_NOTED: Final = "-accounts"
"""Behind the service's name: under which the keyring has whose sessions it has."""


def from_environment(environment: Mapping[str, str], account: str, session: Session) -> Credentials:
    """Return what variables hold of the account's sign-in; UsageError if that can be no session."""
    ends = {**session.cookies, **session.optional}
    given = {name: variable(environment, account, end) for name, end in ends.items()}
    values = {name: value for name, (_variable, value) in given.items() if value}
    password = mail = ""
    if session.by_password:
        mail, password = (variable(environment, account, end)[1] for end in ("MAIL", "PASSWORD"))
    user_session = None
    if any(name in values for name in session.cookies):
        user_session = session.of_cookies(values, next(iter(given.values()))[0])
    return Credentials(
        user_session=user_session,
        mail=mail or None,
        password=Secret(password) if password else None,
    )


def own_variable(account: str, end: str) -> str:
    """Return the name of a variable that is for this account alone."""
    own = re.sub(r"\W", "_", account).upper()
    return f"NICOBATCH_{own}_{end}"


def variable(environment: Mapping[str, str], account: str, end: str) -> tuple[str, str]:
    """Return `NICOBATCH_<ACCOUNT>_<END>`, else `NICOBATCH_<END>`, and what that holds."""
    names = (own_variable(account, end), f"NICOBATCH_{end}")
    values = ((name, environment.get(name, "").strip()) for name in names)
    return next((each for each in values if each[1]), (names[-1], ""))


@dataclass(frozen=True, slots=True)
class Kept:
    """A sign-in that is kept on this machine; nothing of it is secret."""

    account: str
    ends: float | None
    """Unix time at which the site ends it; None where that can't be read in it."""
    file: Path | None
    """Where it lies; None is the system's keyring."""


@dataclass(frozen=True, slots=True)
class Store:
    """The sessions of one site that are kept on this machine, by account."""

    file: Path
    session: Session
    service: str = SERVICE
    """What the keyring has them under."""
    again: str = "nicobatch session set"
    """The command that makes a new one."""

    @classmethod
    def of_user(cls, site: Site) -> Store:
        """Return the store of the user who runs this; the default site's is without its name."""
        end = "" if site.name == DEFAULT_SITE else f"-{site.name}"
        folder = Path(platformdirs.user_config_dir(SERVICE))
        return cls(folder / f"sessions{end}.json", site.session, f"{SERVICE}{end}")

    def get(self, account: str) -> Secret | None:
        """Return the account's session, from the keyring or the file."""
        with self._unlocked() as keyring:
            value = keyring.get_password(self.service, account) if keyring else None
        value = value or self._read().get(account)
        return self.session.read(value, _("the kept session")) if value else None

    def listed(self) -> Iterator[Kept]:
        """Yield every sign-in that is kept, by account; raise UsageError as `get` does.

        A keyring lists nothing: of what is in there, only names that were kept with it are known,
        and the one of manifests that name none.
        """
        inside = dict[str, str | None]()
        with self._unlocked() as keyring:
            if keyring:
                names = self._names(keyring)
                inside = {each: keyring.get_password(self.service, each) for each in names}
        files = self._read()
        for account in sorted({*files, *(name for name, value in inside.items() if value)}):
            value = inside.get(account)
            text = self.session.read(value or files[account], _("the kept session"))
            place = None if value else self.file
            yield Kept(account, self.session.ends(text), place)

    def set(self, account: str, value: Secret) -> str:
        """Keep the session and return where."""
        with self._unlocked() as keyring:
            if keyring:
                keyring.set_password(self.service, account, value.reveal())
                self._rename(keyring, lambda names: names | {account})
                return _(KEYRING)
        self._write({**self._read(), account: value.reveal()})
        return str(self.file)

    def forget(self, account: str) -> bool:
        """Remove the session wherever it is kept; return whether there was one."""
        sessions = self._read()
        with self._unlocked() as keyring:
            found = bool(keyring and keyring.get_password(self.service, account))
            if keyring and found:
                keyring.delete_password(self.service, account)
                self._rename(keyring, lambda names: names - {account})
        if account in sessions:
            self._write({name: value for name, value in sessions.items() if name != account})
            found = True
        return found

    def _names(self, keyring: ModuleType) -> frozenset[str]:
        """Return whose sessions the keyring may have: the default one's, and those noted in it."""
        noted = keyring.get_password(self.service + _NOTED, _NOTED) or ""
        return frozenset({DEFAULT_ACCOUNT, *filter(None, noted.split("\n"))})

    def _rename(
        self, keyring: ModuleType, change: Callable[[frozenset[str]], frozenset[str]]
    ) -> None:
        """Note in the keyring whose sessions it has now, but for the default one's."""
        before = self._names(keyring)
        after = change(before) | {DEFAULT_ACCOUNT}
        if after != before:
            noted = "\n".join(sorted(after - {DEFAULT_ACCOUNT}))
            keyring.set_password(self.service + _NOTED, _NOTED, noted)

    def _read(self) -> dict[str, str]:
        try:
            content = json.loads(self.file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError):
            content = None
        if not isinstance(content, dict):
            raise UsageError(
                _("{file} can't be read").format(file=self.file),
                _("remove it, and run `{command}` again").format(command=self.again),
            )
        return {str(name): str(value) for name, value in content.items()}

    def _write(self, sessions: Mapping[str, str]) -> None:
        """Replace the file, which is the user's alone (0600) from its first byte on."""
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            disk.replace(self.file, json.dumps(sessions).encode(), mode=0o600)
        except OSError as error:
            raise UsageError(
                _("the session can't be kept in {file}: {reason}").format(
                    file=self.file, reason=reason(error)
                )
            ) from None

    @contextlib.contextmanager
    def _unlocked(self) -> Iterator[ModuleType | None]:
        """Give the keyring module if it has a real backend, else None; UsageError if it fails."""
        try:
            import keyring
            from keyring.backends import fail, null
            from keyring.errors import KeyringError
        except ImportError:
            yield None
            return
        try:
            yield (
                None if isinstance(keyring.get_keyring(), fail.Keyring | null.Keyring) else keyring
            )
        except KeyringError:
            raise UsageError(
                _("the system's keyring can't be used"),
                _("unlock it, or set {variables} for this run").format(
                    variables=self.session.variables
                ),
            ) from None
