"""Keeping an observer alive: it is started anew when it dies, unless it keeps dying."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nicobatch.errors import NicobatchError
from nicobatch.language import _
from nicobatch.watch.backend import Backend, Choice, Limited
from nicobatch.watch.pauses import Pauses
from nicobatch.watch.waking import Waking

DEATHS: Final = 3
"""Deaths in a row, none of them after a good minute, that end the command."""
GOOD: Final = 60.0
"""Seconds after which an observer counts as sound."""


@dataclass(slots=True)
class Observing:
    """Has the system tell of changes, as long as the folder is there; for the loop's thread."""

    choose: Callable[[], Choice]
    """Asked anew whenever the folder came back: it may be on another file system."""
    make: Callable[[Backend], Waking]
    pauses: Pauses
    clock: Callable[[], float] = time.monotonic
    choice: Choice | None = None
    """None while nothing is observed."""
    limited: Limited | None = None
    """Why the system can't watch, where it was to."""
    _waking: Waking | None = None
    _born: float = 0.0
    _deaths: int = 0
    _due: float = 0.0

    def begin(self) -> bool:
        """Begin, or begin again once it is time; tell whether a backend was chosen just now.

        To be called before each look at the folder: what comes after it is told of.
        """
        if self._waking is not None or self.clock() < self._due:
            return False
        is_new = self.choice is None
        choice = self.choice or self.choose()
        self.limited = None
        try:
            self._start(choice.backend)
        except Limited as error:
            self.limited, choice = error, Choice(Backend.POLL, str(error))
            self._start(Backend.POLL)
        except OSError:  # the folder went away: the look that follows says so
            return False
        self.choice = choice
        return is_new

    def check(self) -> None:
        """Look after the observer, while the folder is known to be there.

        Raise NicobatchError where it has died too often.
        """
        if self._waking is None or self._waking.alive:
            return
        self._waking.close()
        self._waking = None
        self._deaths = 1 if self.clock() - self._born >= GOOD else self._deaths + 1
        if self._deaths >= DEATHS:
            raise NicobatchError(
                _("the system has stopped telling of changes {number} times in a row").format(
                    number=self._deaths
                ),
                _("start it again, or with --poll, which does without"),
            )
        self._due = self.clock() + self.pauses.after(self._deaths)

    @property
    def alive(self) -> bool:
        """Whether nothing is wrong with it, as far as can be told without knowing the folder."""
        return self._waking is None or self._waking.alive

    @property
    def due(self) -> float | None:
        """When it is to be begun again, by the clock; None where it is under way."""
        return self._due if self._waking is None and self.choice else None

    def renamed(self) -> set[Path]:
        """Return, once, what came into the folder by a rename."""
        return self._waking.renamed() if self._waking else set()

    def close(self) -> None:
        """Let go of the folder, whatever it comes back as."""
        if self._waking:
            self._waking.close()
        self._waking, self.choice, self._due = None, None, 0.0

    def _start(self, backend: Backend) -> None:
        waking = self.make(backend)
        waking.start()
        self._waking, self._born = waking, self.clock()
