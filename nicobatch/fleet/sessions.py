"""The fleet's sign-ins: in the database, sealed by a key that lies in a file beside each worker."""

from __future__ import annotations

import json
import os
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Self

from cryptography.fernet import Fernet, InvalidToken

from nicobatch import disk
from nicobatch.errors import UsageError, unwritable
from nicobatch.fleet.database import Database
from nicobatch.language import N_, _, cant_read
from nicobatch.model import Secret
from nicobatch.sites.session import Session

_LARGEST: Final = 1000
"""Bytes of a key's file."""
_OTHERS: Final = 0o077
"""What a mode must not have: rights of the group and of everybody else."""
_OTHERS_OF_ROOT: Final = 0o037
"""Likewise where root gave the file to a group that may read it, as a cluster mounts secrets."""
_FIND: Final = "SELECT sealed FROM nicobatch_sessions WHERE site = %(site)s AND name = %(name)s"
_ANY: Final = "SELECT site, name, sealed FROM nicobatch_sessions LIMIT 1"
_SET: Final = """
INSERT INTO nicobatch_sessions (site, name, sealed) VALUES (%(site)s, %(name)s, %(sealed)s)
ON CONFLICT (site, name) DO UPDATE SET sealed = EXCLUDED.sealed, at = now()"""
_FORGET: Final = """
DELETE FROM nicobatch_sessions WHERE site = %(site)s AND name = %(name)s RETURNING true"""
_LIST: Final = "SELECT site, name, at FROM nicobatch_sessions ORDER BY site, name"
_NO_KEY: Final = N_("{file} is no key of a fleet's")
_KEY_HINT: Final = N_("`nicobatch fleet session set` makes one, where the file is not there yet")
_OTHER_KEY: Final = N_("the fleet's sign-ins were sealed by another key than {file} has")
_OTHER_HINT: Final = N_("give the file that the first of them was kept with, or forget them all")


@dataclass(frozen=True, slots=True)
class Key:
    """What the sign-ins are sealed by."""

    fernet: Fernet
    file: Path

    @classmethod
    def read(cls, file: Path) -> Self:
        """Return the key in the file; UsageError where there is none, or others may read it."""
        try:
            content = disk.read(file, _LARGEST)
            is_others = _is_others(file)
        except OSError as error:
            raise UsageError(cant_read(file, error), _(_KEY_HINT)) from None
        if is_others:
            raise UsageError(
                _("others may read the key in {file}").format(file=file),
                _("run `chmod 600 {file}`").format(file=file),
            )
        try:
            return cls(Fernet(content.strip()), file)
        except ValueError:
            raise UsageError(_(_NO_KEY).format(file=file), _(_KEY_HINT)) from None

    @classmethod
    def made(cls, file: Path) -> Self:
        """Return the key in the file, which gets a new one where it is not there; UsageError."""
        if not os.path.lexists(file):
            try:
                file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                disk.replace(file, Fernet.generate_key() + b"\n", mode=0o600)
            except OSError as error:
                raise unwritable(file, error) from None
        return cls.read(file)

    def seal(self, site: str, name: str, session: Secret) -> str:
        """Return the account's session as only the key's owner can read it."""
        content = json.dumps([site, name, session.reveal()])
        return self.fernet.encrypt(content.encode()).decode("ascii")

    def open(self, site: str, name: str, sealed: str) -> str:
        """Return what was sealed for this account; raise UsageError for anything else."""
        try:
            *owner, session = json.loads(self.fernet.decrypt(sealed.encode()))
        except InvalidToken:
            words = _(_OTHER_KEY).format(file=self.file)
            raise UsageError(words, _(_OTHER_HINT)) from None
        if owner != [site, name]:  # one row's content in another's
            raise UsageError(
                _("the kept sign-in of {account} is another account's").format(account=name),
                _("keep it anew with `nicobatch fleet session set`"),
            )
        return str(session)


def _is_others(file: Path) -> bool:
    """Tell whether others may read the file, whom nobody but its owner or root has let in."""
    if sys.platform == "win32":
        return False
    found = file.stat()
    is_roots = found.st_uid == 0 != os.geteuid()
    return bool(stat.S_IMODE(found.st_mode) & (_OTHERS_OF_ROOT if is_roots else _OTHERS))


@dataclass(frozen=True, slots=True)
class Sessions:
    """The kept sign-ins at one site, as `credentials.Store` has a machine's."""

    database: Database
    key: Key
    site: str
    session: Session

    def get(self, account: str) -> Secret | None:
        """Return the account's session, None where none is kept; raise UsageError, Passing."""
        rows = self.database.rows(_FIND, {"site": self.site, "name": account})
        opened = [self.key.open(self.site, account, sealed) for (sealed,) in rows]
        return self.session.read(opened[0], _("the kept session")) if opened else None

    def set(self, account: str, value: Secret) -> None:
        """Keep the session in place of an older one; UsageError where the others' key differs."""
        for site, name, sealed in self.database.rows(_ANY):
            self.key.open(site, name, sealed)
        sealed = self.key.seal(self.site, account, value)
        self.database.rows(_SET, {"site": self.site, "name": account, "sealed": sealed})


def kept(database: Database) -> Iterator[tuple[str, str, datetime]]:
    """Yield site, account and time of each sign-in that is kept; needs no key."""
    yield from database.rows(_LIST)


def forget(database: Database, site: str, account: str) -> bool:
    """Remove the account's sign-in; return whether there was one."""
    return bool(database.rows(_FORGET, {"site": site, "name": account}))
