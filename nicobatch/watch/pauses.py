"""How long to leave alone what went wrong: longer each time, and never all at the same moment."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

_SPREAD: Final = 0.1
"""The part of a pause by which it may be shorter or longer."""
_DOUBLINGS: Final = 64
"""Beyond them every pause has reached its cap; a year of failures would overflow."""


@dataclass(frozen=True, slots=True)
class Pauses:
    """Growing pauses in seconds: `base` after the first failure, doubled up to `cap`, +-10 %."""

    base: float
    cap: float
    jitter: Callable[[], float] = random.random
    """Gives numbers from 0 to 1."""

    def after(self, failures: int) -> float:
        """Return the pause after so many failures in a row, 1 or more."""
        pause = min(self.cap, self.base * 2.0 ** min(failures - 1, _DOUBLINGS))
        return pause * (1 - _SPREAD + 2 * _SPREAD * self.jitter())
