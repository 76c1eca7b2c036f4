"""The locks' second home: whoever has an account's turn knows its epoch, which each turn raises.

A queue's lock alone keeps nobody out: a worker that was suspended, and whose turn was given to
another one, goes on where it was. So the epoch is asked for before each request, and by each write
of a receipt in the transaction that writes it.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final, Self

from nicobatch.errors import Later
from nicobatch.fleet.database import Database
from nicobatch.language import N_, _

FRESH: Final = 1.0
"""Seconds that an answer is believed, by both clocks: to take a turn away takes many times that."""
_ASK: Final = """
SELECT epoch = %(epoch)s, paused_at IS NOT NULL FROM nicobatch_accounts WHERE id = %(account)s"""
_OVERTAKEN: Final = N_("another worker has taken over the account's turn")
_GOES_ON: Final = N_("this one writes nothing more; the other one goes on with it")
_PAUSED: Final = N_("the account is paused")
_RESUME: Final = N_("`nicobatch fleet resume ACCOUNT` lets it go on")


class Fence:
    """One turn's right to publish for its account; it is taken for all that a run asks locks of."""

    def __init__(
        self,
        database: Database,
        account: int,
        epoch: int,
        *,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database, self._clocks = database, (wall, monotonic)
        self.given = {"account": account, "epoch": epoch}
        """What statements ask for it by."""
        self._proven: tuple[float, float] | None = None
        """When it was last known to be ours."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        """Keep it: the turn's end is its end."""

    def acquire(self, path: Path, name: str) -> Self:  # noqa: ARG002 - the account is all it needs
        """Return itself."""
        return self

    def check(self) -> None:
        """Return while the turn is this worker's; raise Later once it is not, or is to pause."""
        if self._proven and self._is_near(self._proven):
            return
        now = self.now()
        [(is_ours, is_paused)] = self._database.rows(_ASK, self.given)
        if not is_ours:
            raise overtaken()
        if is_paused:
            raise Later(_(_PAUSED), _(_RESUME))
        self.proven(now)

    def held(self) -> AbstractContextManager[None]:
        """Leave it to the statement within the context: it asks for the epoch itself."""
        return contextlib.nullcontext()

    def now(self) -> tuple[float, float]:
        """Return what both clocks say: a suspended machine stops one, a person sets the other."""
        wall, monotonic = self._clocks
        return wall(), monotonic()

    def proven(self, at: tuple[float, float]) -> None:
        """Note that it was ours at that time or later."""
        self._proven = at

    def _is_near(self, then: tuple[float, float]) -> bool:
        pairs = zip(self.now(), then, strict=True)
        return all(0 <= now - before < FRESH for now, before in pairs)


def overtaken() -> Later:
    """Return what a turn ends with that is no longer its worker's."""
    return Later(_(_OVERTAKEN), _(_GOES_ON))
