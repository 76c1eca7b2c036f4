"""How far the videos have come: bars on a terminal, a line a step elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from rich.console import Console
from rich.filesize import decimal
from rich.progress import BarColumn, ProgressColumn, Task, TaskID, TextColumn
from rich.progress import Progress as RichProgress
from rich.progress_bar import ProgressBar
from rich.table import Column
from rich.text import Text

from nicobatch import events
from nicobatch.events import Event
from nicobatch.language import _
from nicobatch.reports import words
from nicobatch.reports.counting import ECHO, LINES
from nicobatch.reports.terminal import linked, shown

_NAME_WIDTH: Final = 28
_BAR_WIDTH: Final = 16
_NOTE_WIDTH: Final = 34
"""Columns; together with the two between them they make 80."""
_BATCH: Final = ""
"""Names the bar of the whole batch among those of its videos."""
_WATCHED: Final = (events.WatchStarted, events.FolderChanged, events.UnitChanged, events.Moved)
_WORTH_KEEPING: Final = (
    events.SignedIn,
    events.ProblemFound,
    events.End,
    events.Notified,
    *_WATCHED,
)


class Lines:
    """A line for each step, and now and then one that shows that it moves: for logs."""

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._clock = clock
        self._told: dict[str, _Told] = {}

    def tell(self, event: Event) -> None:
        """Print the happening, if it is worth a line."""
        for line in self.worth(event):
            self.print(line)

    def worth(self, event: Event) -> list[str]:
        """Return what is to be said; a wait is told once, and again when nothing else was."""
        told = self._told.setdefault(event.about, _Told(at=self._clock()))
        if isinstance(event, events.End):
            del self._told[event.about]
        elif not told.is_news(event, self._clock()):
            return []
        return list(words.event_lines(event))

    def print(self, line: str) -> None:
        """Print a line as it is."""
        self._console.print(shown(line), soft_wrap=True)

    def close(self) -> None:
        """Have nothing to put back."""


@dataclass(slots=True)
class _Told:
    """What a log has been told of a video."""

    at: float
    """When, by the clock."""
    share: int = 0
    """How many tenths of its bytes have been told of."""
    sent: int = 0
    reason: str = ""
    """What it waits for."""

    def is_news(self, event: Event, now: float) -> bool:
        """Tell whether the happening is worth a line, and take it as said if it is."""
        long_ago = now - self.at >= ECHO
        if isinstance(event, events.Progress):
            news = self._has_moved(event, long_ago=long_ago)
        else:
            reason = event.reason if isinstance(event, events.Waiting) else ""
            news = long_ago or not reason or reason != self.reason
            self.reason = reason
        if news:
            self.at = now
        return news

    def _has_moved(self, event: events.Progress, *, long_ago: bool) -> bool:
        share = event.sent * LINES // max(1, event.total)
        moved = share > self.share or (long_ago and event.sent > self.sent)
        if moved:
            self.share, self.sent = max(share, self.share), event.sent
        return moved


class Bars:
    """A bar for each video: bytes, rate and time left while it uploads, then what it waits for.

    Of a batch, one more above them: how many videos have ended, and bytes and time left of all.
    """

    def __init__(self, console: Console) -> None:
        self._bars: dict[str, TaskID] = {}
        self._all: _Batch | None = None
        name = Column(no_wrap=True, overflow="ellipsis", max_width=_NAME_WIDTH)
        note = Column(no_wrap=True, overflow="ellipsis", max_width=_NOTE_WIDTH)
        self.progress = RichProgress(
            TextColumn("{task.description}", markup=False, table_column=name),
            _Bar(bar_width=_BAR_WIDTH),
            _Doing(table_column=note),
            console=console,
            transient=True,
        )

    def tell(self, event: Event) -> None:
        """Move the video's bar, and leave a line behind for what ends or goes wrong."""
        if isinstance(event, events.BatchStarted):
            self._begin(event)
        elif event.about and not isinstance(event, events.SignedIn | events.ProblemFound):
            self._move(event)
        of_all = isinstance(event, events.Waiting) and not event.about
        if of_all or isinstance(event, _WORTH_KEEPING):
            rule = event.problem.rule if isinstance(event, events.ProblemFound) else ""
            out = self.progress.console
            for line in words.event_lines(event):
                out.print(linked(shown(line), rule, out), soft_wrap=True)

    def close(self) -> None:
        """Take the bars off the terminal."""
        self.progress.stop()

    def _begin(self, event: events.BatchStarted) -> None:
        """Count the whole batch from now on, if it is more than one video."""
        if event.videos > 1:
            self._all = _Batch(event.videos, event.bytes)
            self._show(_BATCH, description=self._all.name, note=_("uploading"), sends=True)

    def _move(self, event: Event) -> None:
        video = event.about
        match event:
            case events.VideoDone() | events.VideoFailed():
                if video in self._bars:
                    self.progress.remove_task(self._bars.pop(video))
            case events.Progress():
                self._show(video, completed=event.sent, total=event.total)
            case events.StepStarted():
                self._show(video, note=words.step(event), sends=event.sends)
            case events.Waiting():
                self._show(video, note=event.reason, sends=False)
            case _:
                self._show(video)
        if batch := self._all:
            batch.count(event)
            self._show(_BATCH, description=batch.name, completed=batch.sent, total=batch.total)

    def _show(self, video: str, **changes: Any) -> None:
        """Change the video's bar, which may be shown for the first time."""
        if video not in self._bars:
            self.progress.start()
            name = str(shown(words.short(video)))
            self._bars[video] = self.progress.add_task(name, total=None, note="", sends=False)
        if changes:
            self.progress.update(self._bars[video], **changes)


class _Bar(BarColumn):
    """A bar that fills while bytes leave, and moves to and fro while the video waits."""

    def render(self, task: Task) -> ProgressBar:
        bar = super().render(task)
        if not task.fields["sends"]:
            bar.total, bar.pulse = None, True
        return bar


class _Doing(ProgressColumn):
    """What is going on beside the bar."""

    def render(self, task: Task) -> Text:
        if not task.fields["sends"] or task.total is None:
            return shown(str(task.fields["note"]), "dim")
        size = f"{decimal(int(task.completed))}/{decimal(int(task.total))}"
        rate = f"{decimal(int(task.speed))}/s" if task.speed else ""
        left = timedelta(seconds=int(task.time_remaining or 0)) if task.speed else ""
        return Text(f"{size} {rate} {left}", "dim")


@dataclass(slots=True)
class _Batch:
    """How far a whole batch has come; what ends without being sent is not waited for."""

    videos: int
    total: int
    """Bytes of all that have left or are still to leave."""
    ended: int = 0
    sent: int = 0
    """Bytes that have left."""
    _running: dict[str, int] = field(default_factory=dict)
    """By video that has not ended, what of these is its own."""

    @property
    def name(self) -> str:
        """Say how many of the videos have ended."""
        return _("{ended} of {videos}").format(ended=self.ended, videos=self.videos)

    def count(self, event: Event) -> None:
        """Learn from a happening of a video."""
        video = event.about
        if isinstance(event, events.Progress):
            self.sent += event.sent - self._running.get(video, 0)
            self._running[video] = event.sent
        elif isinstance(event, events.End):
            self.ended += 1
            self.total -= event.size - self._running.pop(video, 0)
