"""What the watcher tells: happenings as events, and signs of life to whoever looks after it."""

from __future__ import annotations

import contextlib
import json
import math
import os
import socket
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Final, Self

from nicobatch import disk, events
from nicobatch.errors import NicobatchError
from nicobatch.events import Event
from nicobatch.language import _, reason
from nicobatch.model import Json
from nicobatch.watch.judging import Notice
from nicobatch.watch.worker import AccountBlocked, Ending, Result

_PATIENCE: Final = 1.0
"""Seconds that a supervisor with a full queue may keep the loop waiting."""
_SLACK: Final = 30.0
"""Seconds that a word to the supervisor may be late."""


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
        before, self._trouble = self._trouble, ""
        try:
            text = json.dumps(content) + "\n"
            disk.replace(self._path, text.encode("ascii"), durable=False)
        except OSError as error:
            self._trouble = reason(error)
        if self._trouble in {"", before}:
            return None
        words = _("the heartbeat {path} can't be written: {reason}")
        message = words.format(path=self._path, reason=self._trouble)
        return NicobatchError(
            message, _("make room, or let the folder be written to; watching goes on")
        )


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


def stamped(
    listen: Callable[[Event], None], now: Callable[[], datetime] = _now
) -> Callable[[Event], None]:
    """Return what tells `listen` of events, each with the moment at which it is told."""
    return lambda event: listen(replace(event, at=now()))


def held(folder: Path, error: NicobatchError, seconds: float) -> Event:
    """Say that the folder may be another watcher's, and how long it takes to show."""
    words = _("{reason}; whether it is still there shows within {seconds} s")
    message = words.format(reason=error, seconds=round(seconds))
    return events.FolderChanged(folder=str(folder), state="held", message=message, hint=error.hint)


def noticed(notice: Notice) -> Iterator[Event]:
    """Yield what a look came to: every problem, then where it leaves the manifest, if there."""
    for each in notice.problems:
        yield events.ProblemFound(problem=each)
    if notice.message:
        yield manifest(notice.path, notice.state, notice.message, notice.hint)


def manifest(
    path: Path, state: StrEnum | None, message: str = "", hint: str = ""
) -> events.UnitChanged:
    """Say that a manifest came to a state; without one, that something else is the matter."""
    value = state.value if state else None
    return events.UnitChanged(path=str(path), state=value, message=message, hint=hint)


def failed(path: Path, result: Result, seconds: float) -> Event:
    """Say why a manifest is not published, and when it is tried again.

    That is after no time where it has changed, and never where time is infinite.
    """
    is_later = result.ending is Ending.LATER
    if not seconds:
        words = _("{manifest} failed: {reason}; it has changed since, and is read again")
    elif math.isinf(seconds):
        later, worse = _("{manifest} is not finished: {reason}"), _("{manifest} failed: {reason}")
        words = later if is_later else worse
    elif is_later:
        words = _(
            "{manifest} is not finished: {reason}; it is tried again in {seconds} s,"
            " or as soon as it or one of its files changes"
        )
    else:
        words = _(
            "{manifest} failed: {reason}; it is tried again in {seconds} s,"
            " or as soon as it or one of its files changes"
        )
    again = None if math.isinf(seconds) else round(seconds, 1)
    message = words.format(manifest=path, reason=result.message, seconds=round(again or 0))
    told = manifest(path, result.ending, message, result.hint)
    return replace(told, seconds=again, reason=result.message)


def cant_publish(account: str, why: str) -> str:
    """Say that nothing of an account can be published for the time being."""
    words = _("the account {account} can't publish: {reason}; it is tried again later")
    return words.format(account=account, reason=why)


def blocked(ended: AccountBlocked) -> Event:
    """Say why an account can't publish, and which manifest waits for it."""
    account, result = ended.turn.account, ended.result
    message = cant_publish(account, result.message)
    path = ended.turn.job.manifest
    told = manifest(path, result.ending, message, result.hint)
    return replace(told, account=account, reason=result.message)


def moved(path: Path, folder: Path, kept: Collection[Path]) -> Event:
    """Say where a manifest lies now with its files, and which of them stay."""
    message = _("{manifest} and its files were moved to {folder}")
    files = ", ".join(sorted(map(str, kept)))
    hint = _("what other manifests of the folder name as well stays: {files}")
    return events.Moved(
        path=str(path),
        folder=str(folder),
        message=message.format(manifest=path, folder=folder),
        hint=hint.format(files=files) if files else "",
    )


def recovered(folder: Path) -> Event:
    """Say that a move that an earlier run had begun is finished."""
    words = _("{folder} is complete: an earlier run had begun to move it")
    return events.Moved(path=None, folder=str(folder), message=words.format(folder=folder))


def trouble(folder: Path, error: NicobatchError) -> Event:
    """Say what does not work, and keeps nothing else in the watched folder from working."""
    return manifest(folder, None, str(error), error.hint)
