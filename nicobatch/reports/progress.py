"""How far the videos have come: bars on a terminal, a line a step elsewhere."""

from __future__ import annotations

from datetime import timedelta
from typing import Final, Protocol

from rich.console import Console
from rich.filesize import decimal
from rich.progress import BarColumn, ProgressColumn, Task, TaskID, TextColumn
from rich.progress import Progress as RichProgress
from rich.table import Column
from rich.text import Text

from nicobatch.model import Event, EventKind
from nicobatch.reports import words
from nicobatch.reports.terminal import shown

_NAME_WIDTH: Final = 28
_BAR_WIDTH: Final = 16
_NOTE_WIDTH: Final = 34
"""Columns; together with the two between them they make 80."""
_WORTH_A_LINE: Final = 100_000_000
"""Bytes between two lines of a long upload, so that a log shows that it moves."""


_WORTH_KEEPING: Final = frozenset(
    {EventKind.SIGNED_IN, EventKind.PROBLEM, EventKind.VIDEO_DONE, EventKind.VIDEO_FAILED}
)


class Progress(Protocol):
    """Shows happenings while they happen."""

    def show(self, event: Event) -> None:
        """Show one happening; may be called by several threads."""
        ...

    def close(self) -> None:
        """Leave the terminal as it was; nothing more is shown in place."""
        ...


class Lines:
    """A line for each step, for logs."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._awaited: dict[str | None, object] = {}
        self._sent: dict[str | None, int] = {}

    def show(self, event: Event) -> None:
        """Print the happening, if it is worth a line; a wait is told once, not at every look."""
        if event.kind is EventKind.PROGRESS and not self._has_moved(event):
            return
        reason = event.data.get("reason")
        if reason and self._awaited.get(event.video) == reason:
            return
        self._awaited[event.video] = reason
        for line in words.event_lines(event):
            self._console.print(shown(line), soft_wrap=True)

    def close(self) -> None:
        """Have nothing to put back."""

    def _has_moved(self, event: Event) -> bool:
        sent, _ = words.bytes_of(event)
        reached, before = sent // _WORTH_A_LINE, self._sent.get(event.video, 0)
        self._sent[event.video] = max(reached, before)
        return reached > before


class Bars:
    """A bar for each video: bytes, rate and time left while it uploads, then what it waits for."""

    def __init__(self, console: Console) -> None:
        self._bars: dict[str, TaskID] = {}
        name = Column(no_wrap=True, overflow="ellipsis", max_width=_NAME_WIDTH)
        note = Column(no_wrap=True, overflow="ellipsis", max_width=_NOTE_WIDTH)
        self._progress = RichProgress(
            TextColumn("{task.description}", markup=False, table_column=name),
            BarColumn(bar_width=_BAR_WIDTH),
            _Doing(table_column=note),
            console=console,
            transient=True,
        )

    def show(self, event: Event) -> None:
        """Move the video's bar, and leave a line behind for what ends or goes wrong."""
        if event.video and event.kind not in {EventKind.SIGNED_IN, EventKind.PROBLEM}:
            self._move(event, event.video)
        if event.kind in _WORTH_KEEPING:
            for line in words.event_lines(event):
                self._progress.console.print(shown(line), soft_wrap=True)

    def close(self) -> None:
        """Take the bars off the terminal."""
        self._progress.stop()

    def _move(self, event: Event, video: str) -> None:
        if event.kind in {EventKind.VIDEO_DONE, EventKind.VIDEO_FAILED}:
            if video in self._bars:
                self._progress.remove_task(self._bars.pop(video))
            return
        bar = self._bar(video)
        if event.kind is EventKind.PROGRESS:
            sent, total = words.bytes_of(event)
            self._progress.update(bar, completed=sent, total=total)
        elif event.kind in {EventKind.STEP_STARTED, EventKind.WAITING}:
            self._progress.update(bar, note=words.bar_note(event))

    def _bar(self, video: str) -> TaskID:
        if video not in self._bars:
            self._progress.start()
            name = str(shown(words.short(video)))
            self._bars[video] = self._progress.add_task(name, total=None, note="")
        return self._bars[video]


class _Doing(ProgressColumn):
    """What is going on beside the bar."""

    def render(self, task: Task) -> Text:
        note = str(task.fields["note"])
        if note != words.UPLOADING or task.total is None:
            return shown(note, "dim")
        size = f"{decimal(int(task.completed))}/{decimal(int(task.total))}"
        rate = f"{decimal(int(task.speed))}/s" if task.speed else ""
        left = timedelta(seconds=int(task.time_remaining or 0)) if task.speed else ""
        return Text(f"{size} {rate} {left}", "dim")
