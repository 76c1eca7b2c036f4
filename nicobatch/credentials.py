"""The user's own sign-ins: kept in the system's keyring where there is one, else in a private file.

A session is a full-access credential. It is read from standard input, a hidden prompt or the
environment, never from an argument, and leaves this module as a `Secret`.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Final

import platformdirs

from nicobatch import disk
from nicobatch.errors import UsageError
from nicobatch.language import _, reason
from nicobatch.model import Secret

SERVICE: Final = "nicobatch"
_SESSION_SHAPE: Final = re.compile(r"[!#-+\--:<-\[\]-~]+")
"""What a cookie's value may hold. RFC 6265, section 4.1.1."""


def from_environment(
    environment: Mapping[str, str], account: str, name: str = "USER_SESSION"
) -> Secret | None:
    """Return `NICOBATCH_<ACCOUNT>_<NAME>`, else `NICOBATCH_<NAME>`; UsageError if unusable."""
    own = re.sub(r"\W", "_", account).upper()
    for variable in (f"NICOBATCH_{own}_{name}", f"NICOBATCH_{name}"):
        if value := environment.get(variable, "").strip():
            return session(value, variable) if name == "USER_SESSION" else Secret(value)
    return None


def session(value: str, where: str) -> Secret:
    """Return the session as a Secret; raise UsageError if it can't be a cookie's value."""
    text = value.strip().removeprefix("user_session=").rstrip(";")
    if not _SESSION_SHAPE.fullmatch(text):
        raise UsageError(
            _("{where} is no value of the user_session cookie").format(where=where),
            _("copy the cookie's value alone: it looks like user_session_1234567_0123abcd…"),
        )
    return Secret(text)


@dataclass(frozen=True, slots=True)
class Store:
    """The sessions kept on this machine, by account."""

    file: Path

    @classmethod
    def of_user(cls) -> Store:
        """Return the store of the user who runs this."""
        return cls(Path(platformdirs.user_config_dir("nicobatch")) / "sessions.json")

    def get(self, account: str) -> Secret | None:
        """Return the account's session, from the keyring or the file."""
        with _unlocked() as keyring:
            value = keyring.get_password(SERVICE, account) if keyring else None
        value = value or self._read().get(account)
        return session(value, _("the kept session")) if value else None

    def set(self, account: str, value: Secret) -> str:
        """Keep the session and return where."""
        with _unlocked() as keyring:
            if keyring:
                keyring.set_password(SERVICE, account, value.reveal())
                return _("the system's keyring")
        self._write({**self._read(), account: value.reveal()})
        return str(self.file)

    def forget(self, account: str) -> bool:
        """Remove the session wherever it is kept; return whether there was one."""
        sessions = self._read()
        with _unlocked() as keyring:
            found = bool(keyring and keyring.get_password(SERVICE, account))
            if keyring and found:
                keyring.delete_password(SERVICE, account)
        if account in sessions:
            self._write({name: value for name, value in sessions.items() if name != account})
            found = True
        return found

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
                _("remove it, and run `nicobatch session set` again"),
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
def _unlocked() -> Iterator[ModuleType | None]:
    """Give the keyring module where it has a real backend, else None; UsageError if it fails."""
    try:
        import keyring
        from keyring.backends import fail, null
        from keyring.errors import KeyringError
    except ImportError:
        yield None
        return
    try:
        yield None if isinstance(keyring.get_keyring(), fail.Keyring | null.Keyring) else keyring
    except KeyringError:
        raise UsageError(
            _("the system's keyring can't be used"),
            _("unlock it, or set NICOBATCH_USER_SESSION for this run"),
        ) from None
