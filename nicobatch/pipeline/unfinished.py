"""Uploads of ours that were begun and not brought to their end: they are in the way of others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from nicobatch.errors import Blocked, Busy
from nicobatch.language import N_, _
from nicobatch.model import Receipt, StepState
from nicobatch.pipeline.deciding import Ready
from nicobatch.plan import KnownFiles
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
            return receipt is None or not self._is_open(receipt)

        return sorted(videos, key=is_new)

    def demand_none(self, busy: Busy) -> None:
        """Raise Blocked where what is in the way is ours: it would be waited for in vain.

        Nobody is at work on it, as the caller holds the account.
        """
        if busy.blocker is None:
            return
        receipt = self.known().remotes.get((self.target.origin, busy.blocker))
        if receipt and self._is_open(receipt):
            name = f"{receipt.manifest}#{receipt.video}"
            message = _(_IN_THE_WAY).format(video=name, id=busy.blocker)
            raise Blocked(message, _(_FINISH).format(video=name))

    def _is_open(self, receipt: Receipt) -> bool:
        """Tell whether the site waits for something of the video that only we can send."""
        closed = (receipt.state(step) is StepState.DONE for step in self.target.closing_steps)
        return receipt.remote is not None and not receipt.is_deleted and not any(closed)
