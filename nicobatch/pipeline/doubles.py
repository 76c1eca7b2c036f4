"""Videos that are on the site already, though the journal knows nothing of them: it may be lost."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from nicobatch.errors import SiteRefuses, VideoFailed
from nicobatch.journal import Journal
from nicobatch.model import Remote
from nicobatch.pipeline.deciding import Decided
from nicobatch.plan import KnownFiles, Plan, Verdict
from nicobatch.target import Target

_THERE: Final = "the account already has a video of this title and length: {videos}"
_ADOPT: Final = (
    "if it is this one, `nicobatch adopt {video_id} {video}{options}` writes its receipt;"
    " to publish another one like it, set allow_duplicate: true"
)
_PLAIN: Final = re.compile(r"[\w./\\:#~@+-]+")
"""What every shell takes as one word as it is."""


@dataclass(slots=True, kw_only=True)
class Doubles:
    """Asks one account's site before anything is created there."""

    target: Target
    journal: Journal
    known: Callable[[], KnownFiles]
    _is_told: bool = True

    def refusal(self, decided: Decided) -> Plan | None:
        """Return why the video must not be created, if it looks like one that no receipt names.

        Raise what asking raises; where the site has no list to look at, there is nothing to find.
        """
        video = decided.ready.video
        if decided.plan.verdict is not Verdict.CREATE or video.allow_duplicate:
            return None
        known, origin = self.known().remotes, self.target.origin
        found = [each for each in self._lookalikes(decided) if (origin, each.id) not in known]
        if not found:
            return None
        hint = _ADOPT.format(
            video_id=found[0].video_id, video=_word(video.key), options=self._options()
        )
        reason = _THERE.format(videos=", ".join(f"{each.video_id} ({each.url})" for each in found))
        return Plan(video=video.key, verdict=Verdict.REFUSE, reasons=(reason,), hint=hint)

    def demand_none(self, decided: Decided) -> None:
        """Raise VideoFailed where there is a reason not to create the video."""
        refusal = self.refusal(decided)
        if refusal:
            raise VideoFailed("; ".join(refusal.reasons), refusal.hint)

    def _lookalikes(self, decided: Decided) -> Sequence[Remote]:
        if not self._is_told:
            return ()
        try:
            return self.target.lookalikes(decided.ready.video, decided.ready.media)
        except (SiteRefuses, VideoFailed):
            self._is_told = False
            return ()

    def _options(self) -> str:
        """Return the options by which another command finds this run's receipts."""
        journal = f" --journal {_word(str(self.journal.root))}" if self.journal.root else ""
        return journal + (" --sandbox" if self.journal.rehearsal else "")


def _word(text: str) -> str:
    """Quote what a shell would take apart, in the one way that all of them know."""
    return text if _PLAIN.fullmatch(text) else f'"{text}"'
