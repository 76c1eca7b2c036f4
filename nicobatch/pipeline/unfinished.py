"""Uploads of ours that were begun and not brought to their end: they are in the way of others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from nicobatch.errors import Blocked, Busy
from nicobatch.language import N_, _
from nicobatch.model import Receipt
from nicobatch.pipeline.deciding import Ready
from nicobatch.plan import KnownFiles, Taker
from nicobatch.target import Target

_IN_THE_WAY: Final = N_("the unfinished upload of {video} is in the way (id {id})")
_FINISH: Final = N_(
    "publish {video} first, after mending what is wrong with it; or `nicobatch delete` it"
)


@dataclass(frozen=True, slots=True)
class Unfinished:
    """What one account's runs have left unfinished on a site that takes one upload at a time."""

    target: Target
    known: Callable[[], KnownFiles]
    """Reads the receipts, as the journal has them now."""

    def first(
        self, videos: Sequence[Ready], receipt_of: Callable[[Ready], Receipt | None]
    ) -> list[Ready]:
        """Return the videos in the order in which the site lets them begin."""

        def is_new(ready: Ready) -> bool:
            receipt = receipt_of(ready)
            taker = receipt and Taker.of(ready.video.key, receipt)
            return not taker or not self._is_open(taker)

        return sorted(videos, key=is_new)

    def demand_none(self, busy: Busy) -> None:
        """Raise Blocked where what is in the way is ours: it would be waited for in vain.

        Nobody is at work on it, as the caller holds the account.
        """
        if busy.blocker is None:
            return
        taker = self.known().remotes.get((self.target.origin, busy.blocker))
        if taker and self._is_open(taker):
            message = _(_IN_THE_WAY).format(video=taker.name, id=busy.blocker)
            raise Blocked(message, _(_FINISH).format(video=taker.name))

    def _is_open(self, taker: Taker) -> bool:
        """Tell whether the site waits for something of the video that only we can send."""
        is_there = taker.number is not None and not taker.is_deleted
        return is_there and self.target.closing_steps.isdisjoint(taker.done)
