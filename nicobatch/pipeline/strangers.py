"""Receipts that were not written here: what they name is looked at before it is changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from nicobatch.errors import ListUnreadable, SiteRefuses, VideoFailed
from nicobatch.journal import Journal
from nicobatch.language import N_, _
from nicobatch.pipeline import commands
from nicobatch.pipeline.deciding import PlannedVideo
from nicobatch.sites.base import Role, Target

_ANOTHER: Final = N_(
    "its receipt, which was not written here, may be another video's: {difference}"
)
_ANOTHER_HINT: Final = N_(
    "if {id} is this video all the same, `nicobatch adopt {id} {video}{options}` says so;"
    " else remove the receipt {path}"
)
_UNTOLD: Final = N_(
    "not changed, as its receipt was not written here and the account's list of videos, which"
    " would tell whether it is right, can't be read ({reason})"
)
_WITHOUT_LIST: Final = N_(
    "look at {url}; if it is this video, --without-list changes it all the same"
)


@dataclass(frozen=True, slots=True)
class Strangers:
    """Asks one account's site about what the receipts of others name."""

    target: Target
    journal: Journal
    without_list: bool

    def demand_same(self, decided: PlannedVideo) -> None:
        """Raise VideoFailed where the site's video, which is to be changed, is not the receipt's.

        Raise ListUnreadable where the site doesn't tell, and what else asking raises.
        """
        receipt, video = decided.receipt, decided.ready.video
        if receipt is None or receipt.remote is None or not self._changes(decided):
            return
        if self.journal.is_own(video, receipt):
            return
        try:
            difference = self.target.mismatch(receipt, video, decided.ready.media)
        except (SiteRefuses, VideoFailed) as error:
            if self.without_list:
                return
            hint = _(_WITHOUT_LIST).format(url=receipt.remote.url)
            raise ListUnreadable(_(_UNTOLD).format(reason=error), hint) from None
        if difference:
            hint = _(_ANOTHER_HINT).format(
                id=receipt.remote.video_id,
                video=commands.word(video.key),
                options=commands.options(self.journal, video.account),
                path=self.journal.path(video),
            )
            raise VideoFailed(_(_ANOTHER).format(difference=difference), hint)
        self.journal.vouch(video, receipt)

    def _changes(self, decided: PlannedVideo) -> bool:
        """Tell whether there is more to do than to look on."""
        return not self.target.table.names(Role.WAITS).issuperset(decided.plan.steps)
