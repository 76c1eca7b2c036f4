"""The order in which videos are published: what was begun comes first, as it is in the way."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from nicobatch.errors import Blocked, Busy, NicobatchError
from nicobatch.journal import Receipts
from nicobatch.language import N_, _
from nicobatch.model import Video
from nicobatch.pipeline import commands
from nicobatch.pipeline.checked import CheckedVideo
from nicobatch.plan import Known, Taker
from nicobatch.receipt import Receipt
from nicobatch.sites.base import Role, Target

_IN_THE_WAY: Final = N_("the unfinished upload of {video} is in the way (id {id})")
_ON_ITS_WAY: Final = N_("the site is still at work on {video} (id {id})")
_FINISH: Final = N_(
    "publish {video} first, after mending what is wrong with it; or `nicobatch delete` it"
)
_PERHAPS_OURS: Final = N_(
    "{id} is still empty: something in between may have sent this run's request for it twice."
    " If nobody is uploading to this account just now, `nicobatch adopt {id} {video}{options}`"
    " lets publish go on with it, and `nicobatch delete {id}{options}` removes it"
)


@dataclass(frozen=True, slots=True)
class ResumeOrder:
    """What one account's runs have left unfinished on a site that takes one upload at a time."""

    site: str
    target: Target
    journal: Receipts
    known: Callable[[], Known]
    """Reads the receipts, as the journal has them now."""

    def first(
        self, videos: Sequence[CheckedVideo], receipt_of: Callable[[CheckedVideo], Receipt | None]
    ) -> list[CheckedVideo]:
        """Return the videos in the order in which the site lets them begin."""

        def is_new(ready: CheckedVideo) -> bool:
            receipt = receipt_of(ready)
            taker = receipt and Taker.of(str(self.journal.path(ready.video)), receipt)
            return not taker or not self._is_open(taker)

        return sorted(videos, key=is_new)

    def demand_none(self, busy: Busy) -> None:
        """Raise Blocked where what is in the way is ours: it would be waited for in vain.

        Nobody is at work on it, as the caller holds the account. What is ours and complete is the
        site's to finish, so it is waited for by its name.
        """
        if busy.blocker is None:
            return
        for taker in self.known().holders(self.site, self.target.origin, busy.blocker):
            if self._is_open(taker):
                message = _(_IN_THE_WAY).format(video=taker.name, id=busy.blocker)
                raise Blocked(message, _(_FINISH).format(video=taker.name))
            busy.message = _(_ON_ITS_WAY).format(video=taker.name, id=busy.blocker)

    def explain(self, busy: Busy, video: Video) -> None:
        """Hint at what to do about what stayed in the way, where it may be the run's very own.

        A proxy that repeats a request hands on the second answer alone: that the entry of the first
        is in the way. It looks like anybody's, so it is not for us to say whose it is.
        """
        if busy.blocker is None:
            return
        with contextlib.suppress(NicobatchError):
            entry = self.target.untouched(busy.blocker)
            if entry:
                options = commands.options(self.journal, video.account)
                name = commands.word(video.key)
                busy.hint = _(_PERHAPS_OURS).format(id=entry.video_id, video=name, options=options)

    def _is_open(self, taker: Taker) -> bool:
        """Tell whether the site waits for something of the video that only we can send."""
        is_there = taker.id is not None and not taker.is_deleted
        return is_there and self.target.table.names(Role.CLOSES).isdisjoint(taker.done)
