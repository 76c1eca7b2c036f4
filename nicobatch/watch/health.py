"""Signs of life for whoever looks after the watcher: a heartbeat file, and systemd's notify."""

from __future__ import annotations

import contextlib
import json
import os
import socket
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Self

from nicobatch import disk
from nicobatch.errors import NicobatchError
from nicobatch.language import N_, _, reason
from nicobatch.model import Json

_PATIENCE: Final = 1.0
"""Seconds that a supervisor with a full queue may keep the loop waiting."""
_SLACK: Final = 30.0
"""Seconds that a word to the supervisor may be late."""
_UNWRITABLE: Final = N_("the heartbeat {path} can't be written: {reason}")
_HINT: Final = N_("make room, or let the folder be written to; watching goes on")


def _now() -> datetime:
    return datetime.now(UTC)


class Heartbeat:
    """A small JSON file whose age tells whether the loop is alive; without a path there is none.

    Only the loop writes it, so that no thread shows a life which the loop no longer has.
    """

    def __init__(self, path: Path | None, *, now: Callable[[], datetime] = _now) -> None:
        self._path, self._now = path, now
        self._trouble = ""

    def beat(self, data: Mapping[str, Json]) -> NicobatchError | None:
        """Replace the file, with the time and this process added.

        Where that fails, return why, once for each row of failures: the loop goes on.
        """
        if self._path is None:
            return None
        content = {"at": self._now().isoformat(timespec="seconds"), "pid": os.getpid(), **data}
        try:
            text = json.dumps(content) + "\n"
            disk.replace(self._path, text.encode("ascii"), durable=False)
        except OSError as error:
            return self._failed(reason(error))
        self._trouble = ""
        return None

    def _failed(self, why: str) -> NicobatchError | None:
        if why == self._trouble:
            return None
        self._trouble = why
        return NicobatchError(_(_UNWRITABLE).format(path=self._path, reason=why), _(_HINT))


class Supervisor:
    """systemd, or whoever speaks its sd_notify(3); where nobody does, nothing is sent."""

    def __init__(self, address: str = "", interval: float | None = None) -> None:
        self._address = address
        self.interval = interval
        """Seconds within which the next `watchdog` is due; None where nobody waits for it."""

    @classmethod
    def found(cls, environment: Mapping[str, str] = os.environ, pid: int | None = None) -> Self:
        """Return the one that the environment names, as sd_watchdog_enabled(3) has it."""
        address = environment.get("NOTIFY_SOCKET", "")
        if not address.startswith(("/", "@")) or not hasattr(socket, "AF_UNIX"):
            return cls()
        meant = environment.get("WATCHDOG_PID", "")
        microseconds = environment.get("WATCHDOG_USEC", "")
        ours = meant in {"", str(pid or os.getpid())}
        waits = ours and microseconds.isdecimal() and int(microseconds) > 0
        return cls(address, int(microseconds) / 2_000_000 if waits else None)

    def starting(self, text: str, seconds: float) -> None:
        """Say why watching has not begun, and that the next word comes after these seconds."""
        self._send(f"EXTEND_TIMEOUT_USEC={round((seconds + _SLACK) * 1_000_000)}")
        self.status(text)

    def ready(self) -> None:
        """Say that watching has begun."""
        self._send("READY=1")

    def status(self, text: str) -> None:
        """Say in one line what is being done; `systemctl status` shows it."""
        self._send(f"STATUS={' '.join(text.split())}")

    def watchdog(self) -> None:
        """Say that the loop is alive; without it for `2 * interval`, the service is restarted."""
        self._send("WATCHDOG=1")

    def stopping(self) -> None:
        """Say that the end has begun."""
        self._send("STOPPING=1")

    def _send(self, message: str) -> None:
        if not self._address:
            return
        address = "\0" + self._address[1:] if self._address[0] == "@" else self._address
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            line.settimeout(_PATIENCE)
            line.sendto(message.encode(errors="replace"), address)
