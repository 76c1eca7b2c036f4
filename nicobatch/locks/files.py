"""A lock on the disk: a small file that names its holder, and the guard around every look at it."""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import json
import os
import stat
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from nicobatch import disk
from nicobatch.errors import JournalError, Locked
from nicobatch.language import N_, _, reason

GUARD: Final = ".locks.guard"
"""Held for the moment of a look into any lock of its folder. It is empty, and stays."""
LIMIT: Final = 100_000
"""Bytes that a lock has at most."""
PATIENCE: Final = 5.0
"""Seconds that another run may stay within the guard."""
_PIDS: Final = range(1, 2**31)
_GUARDED = N_("{name} is in use: another run does not let go of {path}")
_GUARDED_HINT = N_("let it finish or stop it, then run this again")
_NO_LOCK = N_("{path} is in a lock's place, and is none: a link, a folder or a device")
_UNWRITABLE = N_("the lock {path} can't be written: {reason}")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """What a lock tells of the run that holds it."""

    host: str
    pid: int
    born: str
    """When the process began, as far as the system tells: a pid may come to be another's."""
    place: str
    """Within one place, a pid at one time is one process."""
    operation: str
    since: datetime
    """With its zone; for people only."""
    token: str
    """Never the same for two holds."""
    beat: int = 0


@contextlib.contextmanager
def guarded(path: Path, name: str, *, make: bool = False) -> Iterator[None]:
    """Keep every other run from the locks of the folder; raise Locked, or JournalError.

    `make` the folder where there is none: not for what was held in it, as a share that went away
    may leave its mount point behind.
    """
    from filelock import FileLock, Timeout

    guard = path.with_name(GUARD)
    try:
        if make:
            disk.make_folder(path.parent)
        path.parent.stat()  # filelock would make it
        _demand_regular(guard)
        with FileLock(guard).acquire(timeout=PATIENCE, poll_interval=0.01):
            yield
    except Timeout:
        raise Locked(_(_GUARDED).format(name=name, path=guard), _(_GUARDED_HINT)) from None
    except disk.NotRegular as error:
        message = _(_NO_LOCK).format(path=error.filename)
        raise JournalError(message, _("see who put it there, and remove it")) from None
    except OSError as error:
        message = _(_UNWRITABLE).format(path=path, reason=reason(error))
        raise JournalError(message, _("make room, or let the folder be written to")) from error


def _demand_regular(guard: Path) -> None:
    """Raise NotRegular where something else lies there, which filelock would open all the same."""
    if os.path.lexists(guard) and not stat.S_ISREG(guard.lstat().st_mode):
        raise disk.NotRegular(errno.EINVAL, os.strerror(errno.EINVAL), str(guard))


def read(path: Path) -> bytes | None:
    """Return what the lock says, None where there is none, nothing of too much; raise OSError."""
    try:
        return disk.read(path, LIMIT, follow=False)
    except FileNotFoundError:
        return None
    except disk.TooLarge:
        return b""


def write(path: Path, holder: Holder) -> None:
    """Replace the lock, within the guard; raise OSError and keep the old one.

    Nothing waits for the disk: a machine that goes down takes its own holds with it.
    """
    fields = dataclasses.asdict(holder) | {"since": holder.since.isoformat(timespec="seconds")}
    content = json.dumps(fields, indent=1) + "\n"
    disk.replace(path, content.encode("ascii"), durable=False)


def decode(content: bytes | None) -> Holder | None:
    """Return whom the content names, None where that can't be understood."""
    try:
        raw = json.loads(content or b"")
        holder = Holder(
            host=str(raw["host"]),
            pid=int(raw["pid"]),
            born=str(raw["born"]),
            place=str(raw["place"]),
            operation=str(raw["operation"]),
            since=datetime.fromisoformat(raw["since"]).astimezone(),
            token=str(raw["token"]),
            beat=int(raw["beat"]),
        )
    except (ValueError, TypeError, LookupError, OverflowError, RecursionError):
        return None
    is_legible = f"{holder.host}{holder.operation}".isprintable()
    return holder if holder.pid in _PIDS and is_legible else None
