"""What opens the uploads that are under way: kept by the user alone, and never in a receipt."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import platformdirs

from nicobatch import disk
from nicobatch.errors import JournalError
from nicobatch.language import _, reason
from nicobatch.model import Secret
from nicobatch.sites.bilibili.limits import AUTH_DAYS
from nicobatch.sites.bilibili.upos import Allowed

_LARGEST: Final = 20_000
"""Bytes of one file."""
_NAME: Final = re.compile("[A-Za-z0-9_-]{1,200}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """One page's upload that has begun: what the site allows for it, and its id once it has one."""

    to: Allowed
    name: str
    """The file's, as the site was told it."""
    upload_id: str = ""
    at: datetime


@dataclass(frozen=True, slots=True)
class Uploads:
    """The uploads at one origin, by the site's name of the file."""

    origin: str
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    @property
    def folder(self) -> Path:
        """Return where they are kept, those of other origins among them."""
        return platformdirs.user_state_path("nicobatch") / "bilibili"

    def get(self, filename: str) -> Begun | None:
        """Return the upload; None where this machine can't go on with it."""
        if not _NAME.fullmatch(filename):
            return None
        try:
            kept = json.loads(disk.read(self._file(filename), _LARGEST, follow=False))
            return _begun(kept) if kept["origin"] == self.origin else None
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            return None

    def put(self, begun: Begun) -> None:
        """Keep the upload, in a file that is the user's alone from its first byte on (0600).

        Raise JournalError where it can't be written.
        """
        to = {**asdict(begun.to), "auth": begun.to.auth.reveal()}
        facts = {"name": begun.name, "upload_id": begun.upload_id, "at": begun.at.isoformat()}
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            content = json.dumps({"origin": self.origin, **facts, "to": to}).encode()
            disk.replace(self._file(begun.to.filename), content, mode=0o600)
        except OSError as error:
            raise JournalError(
                _("the upload can't be kept in {folder}: {reason}").format(
                    folder=self.folder, reason=reason(error)
                )
            ) from None

    def forget(self, filename: str) -> None:
        """Remove the upload, and whatever is too old to be gone on with; never raises."""
        with contextlib.suppress(OSError):
            if _NAME.fullmatch(filename):
                self._file(filename).unlink(missing_ok=True)
            oldest = (self.now() - timedelta(days=AUTH_DAYS + 1)).timestamp()
            for each in self.folder.glob("*.json"):
                if each.stat().st_mtime < oldest:
                    each.unlink(missing_ok=True)

    def _file(self, filename: str) -> Path:
        return self.folder / f"{filename}.json"


def _begun(kept: Any) -> Begun:
    to = {**kept["to"], "auth": Secret(kept["to"]["auth"])}
    at = datetime.fromisoformat(kept["at"])
    return Begun(to=Allowed(**to), name=kept["name"], upload_id=kept["upload_id"], at=at)
