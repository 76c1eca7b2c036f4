"""Which receipts this machine's user has had written here, to tell others' from them.

A receipt may come from a repository, where anybody can propose one that names any video of the
account. So it is noted, outside of the repository, which place's receipt came to name what.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

import platformdirs

from nicobatch import disk
from nicobatch.model import on_site

if TYPE_CHECKING:
    from nicobatch.receipt import Receipt

LIMIT: Final = 64_000_000
"""Bytes, of 33 a note."""


def note(path: Path, receipt: Receipt) -> None:
    """Note that the receipt there names what it names by this machine's doing; never raises."""
    file, flags = _file(), os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
    with contextlib.suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(file, flags, 0o600), "ab") as notes:
            notes.write(_mark(path, receipt) + b"\n")


def is_noted(path: Path, receipt: Receipt) -> bool:
    """Tell whether it was noted; what can't be read was not."""
    try:
        return _mark(path, receipt) in disk.read(_file(), LIMIT, follow=False)
    except OSError:
        return False


def _file() -> Path:
    return platformdirs.user_state_path("nicobatch") / "written"


def _mark(path: Path, receipt: Receipt) -> bytes:
    """Return a short name for the place and what the receipt there names."""
    import hashlib  # with OpenSSL

    number = receipt.remote.id if receipt.remote else None
    site = on_site(receipt.site)
    parts = (str(path.resolve()), receipt.origin + site, receipt.account, str(number))
    text = "\0".join(parts).encode("utf-8", "surrogateescape")
    return hashlib.sha256(text).hexdigest()[:32].encode("ascii")
