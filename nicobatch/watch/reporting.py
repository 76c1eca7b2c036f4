"""What the watcher tells: happenings as events, and signs of life to whoever looks after it."""

from __future__ import annotations

import contextlib
import json
import math
import os
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Self

from nicobatch import disk, events
from nicobatch.errors import NicobatchError
from nicobatch.events import Event
from nicobatch.language import N_, _, reason
from nicobatch.model import Json
from nicobatch.watch.backend import Choice
from nicobatch.watch.inbox import Notice
from nicobatch.watch.worker import Blocked, Ending, Moved, Result

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


READY: Final = "ready"
MOVED: Final = "moved"

_BACK: Final = N_("{folder} is there again")
_LATER: Final = N_(
    "{manifest} is not finished: {reason}; it is tried again in {seconds} s,"
    " or as soon as it or one of its files changes"
)
_FAILED: Final = N_(
    "{manifest} failed: {reason}; it is tried again in {seconds} s,"
    " or as soon as it or one of its files changes"
)
_FAILED_ONCE: Final = N_("{manifest} failed: {reason}")
_LATER_ONCE: Final = N_("{manifest} is not finished: {reason}")
_CHANGED: Final = N_("{manifest} failed: {reason}; it has changed since, and is read again")
_BLOCKED: Final = N_("the account {account} can't publish: {reason}; it is tried again later")
_MOVED: Final = N_("{manifest} and its files were moved to {folder}")
_HELD: Final = N_("{reason}; whether it is still there shows within {seconds} s")
_KEPT: Final = N_("what other manifests of the folder name as well stays: {files}")
_RECOVERED: Final = N_("{folder} is complete: an earlier run had begun to move it")
_SENTENCES: Final[Mapping[tuple[bool, bool], str]] = {
    (False, False): _FAILED,
    (True, False): _LATER,
    (False, True): _FAILED_ONCE,
    (True, True): _LATER_ONCE,
}
"""Whether nothing is wrong, and whether it is tried no more."""


@dataclass(frozen=True, slots=True)
class Telling:
    """Tells `listen` what happens to the folder and to the manifests in it."""

    folder: Path
    listen: Callable[[Event], None]
    now: Callable[[], datetime] = _now

    def started(self, choice: Choice) -> None:
        """Tell how the folder is watched, and why."""
        self._tell(
            events.WatchStarted(
                folder=str(self.folder), backend=choice.backend.value, message=choice.reason
            )
        )

    def held(self, error: NicobatchError, seconds: float) -> None:
        """Tell that the folder may be another watcher's, and how long it takes to show."""
        message = _(_HELD).format(reason=error, seconds=round(seconds))
        self._folder("held", message, error.hint)

    def limited(self, error: NicobatchError) -> None:
        """Tell that the folder is polled as there was no other way."""
        self._tell(
            events.WatchStarted(
                folder=str(self.folder), backend="poll", message=str(error), hint=error.hint
            )
        )

    def unavailable(self, error: NicobatchError) -> None:
        """Tell that the folder is not to be seen."""
        self._folder("unavailable", str(error), error.hint)

    def available(self) -> None:
        """Tell that the folder is there again."""
        self._folder("available", _(_BACK).format(folder=self.folder), "")

    def notice(self, notice: Notice) -> None:
        """Tell what a look came to: every problem, then where it leaves the job, if there."""
        for each in notice.problems:
            self._tell(events.ProblemFound(problem=each))
        if notice.message:
            state = notice.state.value if notice.state else None
            self._unit(notice.path, state, notice.message, notice.hint)

    def queued(self, manifest: Path) -> None:
        """Tell that the manifest is whole, and has its place in the queue."""
        self._unit(manifest, READY, "", "")

    def done(self, manifest: Path) -> None:
        """Tell that everything of the manifest is published."""
        self._unit(manifest, Ending.DONE.value, "", "")

    def stale(self, manifest: Path) -> None:
        """Tell that the manifest is read anew."""
        self._unit(manifest, Ending.STALE.value, "", "")

    def failed(self, manifest: Path, result: Result, seconds: float) -> None:
        """Tell why the manifest is not published, and when it is tried again.

        That is after no time where it has changed, and never where time is infinite.
        """
        never = math.isinf(seconds)
        words = _CHANGED if not seconds else _SENTENCES[result.ending is Ending.LATER, never]
        again = None if never else round(seconds, 1)
        message = _(words).format(
            manifest=manifest, reason=result.message, seconds="" if never else round(seconds)
        )
        self._unit(manifest, result.ending.value, message, result.hint, seconds=again)

    def blocked(self, blocked: Blocked) -> None:
        """Tell why an account can't publish, and which manifest waits for it."""
        account, result = blocked.turn.account, blocked.result
        message = _(_BLOCKED).format(account=account, reason=result.message)
        manifest = blocked.turn.job.manifest
        self._unit(manifest, Ending.BLOCKED.value, message, result.hint, account=account)

    def moved(self, moved: Moved) -> None:
        """Tell where the job lies now, or why an earlier run's move is still unfinished."""
        if moved.place is None:
            self.trouble(moved.error) if moved.error else None
        elif moved.job is None:
            words = _(_RECOVERED).format(folder=moved.place)
            self._tell(events.Moved(path=None, folder=str(moved.place), message=words))
        else:
            path = moved.job.manifest
            words = _(_MOVED).format(manifest=path, folder=moved.place)
            files = ", ".join(sorted(str(each) for each in moved.kept))
            hint = _(_KEPT).format(files=files) if files else ""
            place = str(moved.place)
            self._tell(events.Moved(path=str(path), folder=place, message=words, hint=hint))

    def trouble(self, error: NicobatchError) -> None:
        """Tell what does not work and keeps nothing else from working."""
        self._unit(self.folder, None, str(error), error.hint)

    def _folder(self, state: str, message: str, hint: str) -> None:
        folder = str(self.folder)
        self._tell(events.FolderChanged(folder=folder, state=state, message=message, hint=hint))

    def _unit(  # noqa: PLR0913 - the members of the event
        self,
        path: Path,
        state: str | None,
        message: str,
        hint: str,
        *,
        seconds: float | None = None,
        account: str = "",
    ) -> None:
        self._tell(
            events.UnitChanged(
                path=str(path),
                state=state,
                message=message,
                hint=hint,
                seconds=seconds,
                account=account,
            )
        )

    def _tell(self, event: Event) -> None:
        self.listen(replace(event, at=self.now()))
