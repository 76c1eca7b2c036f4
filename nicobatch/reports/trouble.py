"""What a watched folder, an account or a person has to do with it that nothing goes on.

Each trouble is told once, until it is over.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from nicobatch import events
from nicobatch.language import _
from nicobatch.reports import words

_READY: Final = "ready"
_DONE: Final = "done"
_FAULTS: Final = frozenset({"invalid", "hopeless", "later", "failed"})
"""States of a manifest in which something is left to be done."""
_MOST: Final = 10_000
"""Causes that are remembered: a watcher runs for a year."""


@dataclass(slots=True)
class Troubles:
    """What others were told of, and is not over; and which manifests are under way."""

    under_way: set[str] = field(default_factory=set)
    _told: dict[str, None] = field(default_factory=dict)
    """The causes, in the order in which they were told."""
    _faults: dict[str, str] = field(default_factory=dict)
    """By manifest, why it was not published the last time."""
    _blocked: dict[str, events.UnitChanged] = field(default_factory=dict)
    """By manifest, which account it waits for."""

    def new(self, cause: str, hint: str = "", text: str = "") -> Iterator[str]:
        """Yield what to tell of the cause, in other words if there are any, unless that is done."""
        if cause in self._told:
            return
        while len(self._told) >= _MOST:
            del self._told[next(iter(self._told))]
        self._told[cause] = None
        yield "\n".join(filter(None, (text or cause, hint)))

    def person(self, event: events.VideoFailed) -> Iterator[str]:
        """Yield what only a person can do something about."""
        return self.new(event.message, event.hint, words.event_lines(event)[0])

    def folder(self, event: events.FolderChanged) -> Iterator[str]:
        """Yield that the folder is away, or there again."""
        if event.state == "available":
            self._told.clear()
            yield event.message
        else:
            yield from self.new(event.state + event.folder, event.hint, event.message)

    def unit(self, event: events.UnitChanged | events.Moved) -> Iterator[str]:
        """Yield what keeps an account, or all of the watch, from going on, or no longer does."""
        path = event.path or ""
        if isinstance(event, events.UnitChanged):
            if event.state is None:
                yield from self.new(event.message, event.hint)
                return
            if event.state == _READY:
                self.under_way.add(path)
                return
        self.under_way.discard(path)
        if isinstance(event, events.UnitChanged) and event.account:
            self._blocked[path] = event
            yield from self.new(event.reason, event.hint, event.message)
        elif blocked := self._blocked.pop(path, None):
            yield from self._well_again(blocked, event)

    def faults(self, event: events.UnitChanged | events.Moved) -> Iterator[str]:
        """Yield why a manifest is not published, unless that is known."""
        path = event.path or ""
        if isinstance(event, events.Moved) or event.state == _DONE:
            self._faults.pop(path, None)
        elif event.state in _FAULTS and not event.account:
            reason = event.reason or event.message
            if self._faults.get(path) != reason:
                self._faults[path] = reason
                yield event.message

    def _well_again(
        self, blocked: events.UnitChanged, event: events.UnitChanged | events.Moved
    ) -> Iterator[str]:
        """Yield that an account can publish, where the last of what waited for it has ended."""
        accounts = {each.account for each in self._blocked.values()}
        is_done = isinstance(event, events.Moved) or event.state == _DONE
        if blocked.account not in accounts:
            self._told.pop(blocked.reason, None)
            if is_done:
                yield _("the account {account} publishes again").format(account=blocked.account)
