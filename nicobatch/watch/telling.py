"""What the watcher tells: its happenings as events, each with its sentence."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from nicobatch import events
from nicobatch.errors import NicobatchError
from nicobatch.events import Event
from nicobatch.language import N_, _
from nicobatch.watch.backend import Choice
from nicobatch.watch.clearing import Moved
from nicobatch.watch.inbox import Notice
from nicobatch.watch.publishing import Blocked, Ending, Result

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


def _now() -> datetime:
    return datetime.now(UTC)


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
        """Tell what a look came to: every problem, then where it leaves the unit, if there."""
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
        account, result = blocked.job.account, blocked.result
        message = _(_BLOCKED).format(account=account, reason=result.message)
        manifest = blocked.job.unit.manifest
        self._unit(manifest, Ending.BLOCKED.value, message, result.hint, account=account)

    def moved(self, moved: Moved) -> None:
        """Tell where the unit lies now, or why an earlier run's move is still unfinished."""
        if moved.place is None:
            self.trouble(moved.error) if moved.error else None
        elif moved.unit is None:
            words = _(_RECOVERED).format(folder=moved.place)
            self._tell(events.Moved(path=None, folder=str(moved.place), message=words))
        else:
            path = moved.unit.manifest
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
