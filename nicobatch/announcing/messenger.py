"""Brings a run's messages to whoever is told, beside the run: nothing of it waits or depends."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from nicobatch.announcing.recipients import Send
from nicobatch.errors import NicobatchError
from nicobatch.events import Event, Notified
from nicobatch.language import N_, _

_FAILED: Final = N_("{name} was not told: {reason}")
_REHEARSED: Final = N_("a rehearsal sends nothing to {name}, which would be told: {text}")


@dataclass(slots=True, kw_only=True)
class Messenger:
    """Sends one text after another to everybody, in a thread that lives as long as there is one.

    What fails is told once, and again only after it has worked meanwhile, or fails otherwise.
    """

    recipients: Mapping[str, Send]
    """By name, what brings a text there."""
    tell: Callable[[Event], None]
    _texts: deque[str] = field(default_factory=deque)
    _thread: threading.Thread | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _failed: dict[str, str] = field(default_factory=dict)
    """By name, why the last text could not be brought."""

    def send(self, text: str) -> None:
        """Have the text brought to everybody; never waits and never raises."""
        with self._lock:
            self._texts.append(text)
            if not (self._thread and self._thread.is_alive()):
                self._thread = threading.Thread(target=self._work, name="notify", daemon=True)
                self._thread.start()

    def finish(self) -> None:
        """Wait until everything is brought, or is known not to be."""
        while (thread := self._thread) and thread.is_alive():
            thread.join()

    def _work(self) -> None:
        while text := self._next():
            for name, send in self.recipients.items():
                self._bring(name, send, text)

    def _next(self) -> str | None:
        with self._lock:
            if self._texts:
                return self._texts.popleft()
            self._thread = None
            return None

    def _bring(self, name: str, send: Send, text: str) -> None:
        try:
            send(text)
        except NicobatchError as error:
            if self._failed.get(name) != str(error):
                self.tell(failed(name, error))
            self._failed[name] = str(error)
        else:
            self._failed.pop(name, None)
            self.tell(Notified(name=name, state="sent", message=text))


def failed(name: str, error: NicobatchError) -> Event:
    """Say that somebody was not told, and why."""
    message = _(_FAILED).format(name=name, reason=error)
    return Notified(name=name, state="failed", message=message, hint=error.hint)


def rehearsed(names: str, text: str) -> Event:
    """Say what these would be told, were it no rehearsal."""
    message = _(_REHEARSED).format(name=names, text=text)
    return Notified(name=names, state="rehearsed", message=message)
