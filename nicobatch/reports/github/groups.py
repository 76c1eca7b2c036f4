"""Progress as folds of a log: each video's lines together, whichever other videos are at work."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

from nicobatch import events
from nicobatch.events import Event
from nicobatch.language import pictured
from nicobatch.reports.github.commands import command
from nicobatch.reports.progress import Lines

_OPEN: Final = "group"
_CLOSE: Final = "endgroup"


class Groups:
    """One video's lines appear as they come; those of others wait until its group is closed."""

    def __init__(self, lines: Lines, write: Callable[[str], object]) -> None:
        self._lines = lines
        self._write = write
        """Takes a workflow command, to stand among the lines."""
        self._held: dict[str, list[str]] = {}
        """By video, in the order in which they began; the first has its group open."""
        self._ended: set[str] = set()
        self._lock = threading.Lock()

    def show(self, event: Event) -> None:
        """Print what of the happening is worth it, or keep it; may be called by several threads."""
        with self._lock:
            self._take(event)

    def close(self) -> None:
        """Print what was kept, and close the groups."""
        with self._lock:
            while self._held:
                self._end()

    def _take(self, event: Event) -> None:
        video = event.about
        if isinstance(event, events.VideoStarted) and video not in self._held:
            self._held[video] = []
            if len(self._held) == 1:
                self._begin()
        lines = self._lines.worth(event)
        if video in self._held and not self._is_open(video):
            self._held[video] += lines
        else:
            self._print(lines)
        if isinstance(event, events.ENDS) and video in self._held:
            self._ended.add(video)
            self._go_on()

    def _is_open(self, video: str) -> bool:
        return next(iter(self._held)) == video

    def _go_on(self) -> None:
        """Close groups as long as the first video has ended, and open the next one's."""
        while self._held and next(iter(self._held)) in self._ended:
            self._end()

    def _begin(self) -> None:
        video = next(iter(self._held))
        self._write(command(_OPEN, pictured(video)))
        self._print(self._held[video])
        self._held[video] = []

    def _end(self) -> None:
        self._write(command(_CLOSE, ""))
        video = next(iter(self._held))
        del self._held[video]
        self._ended.discard(video)
        if self._held:
            self._begin()

    def _print(self, lines: list[str]) -> None:
        for line in lines:
            self._lines.print(line)
