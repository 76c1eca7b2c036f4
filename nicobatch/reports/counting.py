"""How far a command has come that looks at many things: a count on a terminal, else a line."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Self

from nicobatch.language import _

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

_SOON: Final = 5.0
"""Seconds within which nothing is said: most commands are over by then."""
ECHO: Final = 30.0
"""Seconds of silence after which it is worth a line that it goes on."""
LINES: Final = 10
"""A line at every tenth, so that a log shows that it moves."""


class Counting:
    """Counts on a terminal what is done, and takes that off it at the end; a log has some lines.

    `console` makes where it is shown, once there is something to show.
    """

    def __init__(
        self, console: Callable[[], Console], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._make, self._clock = console, clock
        self._console: Console | None = None
        self._progress: Progress | None = None
        self._begun = self._said = clock()
        self._doing, self._tenth = "", 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        if self._progress:
            self._progress.stop()

    def __call__(self, doing: str, done: int, total: int) -> None:
        """Show how many are done of what is being done, unless it is over soon."""
        if self._clock() - self._begun < _SOON:
            return
        self._console = self._console or self._make()
        if self._console.is_interactive and not self._console.is_dumb_terminal:
            self._count(self._console, doing, done, total)
        elif self._is_news(doing, done, total):
            words = _("{doing}: {done} of {total}")
            told = words.format(doing=doing, done=f"{done:,}", total=f"{total:,}")
            self._console.print(told, soft_wrap=True)

    def _is_news(self, doing: str, done: int, total: int) -> bool:
        now, tenth = self._clock(), done * LINES // total
        if doing != self._doing:
            self._doing, self._tenth = doing, 0
        if tenth == self._tenth and now - self._said < ECHO:
            return False
        self._said, self._tenth = now, tenth
        return True

    def _count(self, console: Console, doing: str, done: int, total: int) -> None:
        if self._progress is None:
            from rich.progress import MofNCompleteColumn, Progress, TextColumn

            columns = TextColumn("{task.description}", markup=False), MofNCompleteColumn()
            self._progress = Progress(*columns, console=console, transient=True)
            self._progress.start()
            self._progress.add_task("")
        (task,) = self._progress.task_ids
        self._progress.update(task, description=doing, completed=done, total=total)
