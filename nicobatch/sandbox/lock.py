"""One server for one state folder: who holds it, and where it answers."""

from __future__ import annotations

import contextlib
import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nicobatch.sandbox.store import write_json

if TYPE_CHECKING:
    from filelock import BaseFileLock

IGNORE: Final = "*\n"
"""What hides the state's folder from git."""

_PATIENCE: Final = 2.0
"""Seconds that a server may take from holding its folder to answering."""


class SandboxError(Exception):
    """The sandbox can't do what it was asked for; the text is for the user."""


class AlreadyRunning(SandboxError):
    """Another server is at work on the same state folder."""


def running(state: Path) -> str | None:
    """Return the URL of the server that is serving `state`, or None when there is none."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline and _is_held(state):
        try:
            url = json.loads(_address(state).read_text("utf-8"))["url"]
        except (OSError, ValueError, KeyError):
            time.sleep(0.02)
        else:
            return str(url)
    return None


def hold(state: Path) -> BaseFileLock:
    """Take the folder for this process, or raise `AlreadyRunning`."""
    from filelock import Timeout

    state.mkdir(parents=True, exist_ok=True)
    lock = _lock(state)
    try:
        # `running` of another process holds the lock for a moment.
        lock.acquire(timeout=0.3, poll_interval=0.02)
    except Timeout:
        place = running(state) or "an address that it has not told yet"
        message = f"another sandbox is serving {state} already, at {place}"
        raise AlreadyRunning(message) from None
    _address(state).unlink(missing_ok=True)
    return lock


def hide(state: Path) -> None:
    """Keep the folder out of git: rehearsed videos have no place in anybody's history."""
    with (
        contextlib.suppress(FileExistsError),
        (state / ".gitignore").open("x", encoding="utf-8") as ignore,
    ):
        ignore.write(IGNORE)


def announce(state: Path, url: str) -> None:
    """Write down where the holder of the folder answers."""
    write_json(_address(state), {"url": url, "pid": os.getpid()})


def release(state: Path, lock: BaseFileLock) -> None:
    """Give the folder back."""
    _address(state).unlink(missing_ok=True)
    lock.release()


def _is_held(state: Path) -> bool:
    from filelock import Timeout

    if not os.path.isdir(state):  # noqa: PTH112 - Path.is_dir raises for what may not be looked at
        return False
    try:
        with _lock(state).acquire(timeout=0):
            return False
    except Timeout:
        return True
    except OSError:  # who may not even lock the folder is not told whether it is held
        return False


def _lock(state: Path) -> BaseFileLock:
    from filelock import FileLock

    # The server is stopped by another thread than the one that started it.
    return FileLock(state / "server.lock", thread_local=False)


def _address(state: Path) -> Path:
    return state / "server.json"
