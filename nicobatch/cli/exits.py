"""Exit codes: what a script may rely on, and which of several ends is told."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum


class Exit(IntEnum):
    """The command's exit codes."""

    FINE = 0
    FAILED = 1
    """A manifest has problems, or a video failed."""
    USAGE = 2
    SIGN_IN = 3
    """A person must sign in."""
    REFUSED = 4
    """The site refuses every write, or its API has moved."""
    LATER = 5
    """Busy or locked: a later run may succeed."""
    CHANGES = 6
    """Nothing was wrong, and there is something to publish: for `plan --exit-code` alone."""
    BUG = 70
    INTERRUPTED = 130
    """128 and the signal: 143 by SIGTERM."""


_ORDER = (Exit.SIGN_IN, Exit.REFUSED, Exit.USAGE, Exit.FAILED, Exit.LATER, Exit.CHANGES)
"""Of several ends, the first of these: a person's turn comes before a mere failure."""


def worst(codes: Iterable[int]) -> int:
    """Return the exit code of a run that ended in several ways."""
    found = set(codes)
    stopped = [code for code in found if code > Exit.BUG]
    return next(iter([*stopped, *(code for code in _ORDER if code in found)]), Exit.FINE)
