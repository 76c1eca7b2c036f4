"""What comes behind a video's publication: proofs, and telling others. Neither can fail it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from nicobatch.errors import (
    Again,
    JournalError,
    Later,
    NicobatchError,
    SiteRefuses,
    Stopped,
    VideoFailed,
)
from nicobatch.language import N_, _
from nicobatch.model import Problem, Video
from nicobatch.pipeline.deciding import PlannedVideo
from nicobatch.pipeline.receipt_writer import ReceiptWriter
from nicobatch.pipeline.retry import Retry
from nicobatch.receipt import StepState
from nicobatch.sites.base import Role, Step

RULE: Final = "not-announced"
"""Of a warning that others were not told of a video, or that nobody knows whether they were."""
TRIES: Final = 3
"""How often one place is asked to take an announcement: other videos wait meanwhile."""
_LATER: Final = N_("others are told once they can see it: run it again after {time}")
_NOT_ANNOUNCED: Final = N_("not announced: {reason}")


@dataclass(slots=True, kw_only=True)
class Afterwards:
    """Does what comes behind one video's publication, as far as it can be done now."""

    decided: PlannedVideo
    writer: ReceiptWriter
    notice: Callable[[Problem], None]
    note: str = ""
    """What is left to a later run, and why."""
    again_at: datetime | None = None
    """When others can be told."""

    def __call__(self, step: Step, do: Callable[[], None]) -> None:
        """Do such a step by `do`; raise only what ends the run, or takes the video from it."""
        if step.has(Role.PROVES):
            self._prove(do)
        elif not self._is_early():
            self._announce(do)

    def patience(self, step: Step, retry: Retry) -> Retry:
        """Return how long a call of the step is tried.

        A proof is waited for where this run has done something to be proven. What fails on the way
        is not held against the account: the video is published.
        """
        settings = retry.settings
        timeout = 0.0 if self.decided.is_afterwards else settings.visible_timeout
        if step.has(Role.ANNOUNCES):
            tries = min(TRIES, settings.retry_attempts)
            settings = replace(settings, retry_attempts=tries)
        return replace(retry, settings=replace(settings, busy_timeout=timeout), budgets=())

    def _prove(self, do: Callable[[], None]) -> None:
        """Have a look: what can't be seen is left to a later run."""
        try:
            do()
        except (Again, Later, SiteRefuses, VideoFailed) as error:
            self.writer.guards.check()
            self.note = str(error)

    def _is_early(self) -> bool:
        """Tell whether others can't see the video yet, or nobody knows that they can."""
        at, wanted = self.decided.ready.video.publish.at, self.decided.wanted
        if at and at > self.writer.now():
            time = at.isoformat(" ", "minutes")
            self.note, self.again_at = _(_LATER).format(time=time), at
            return True
        state = self.writer.receipt.state
        proofs = wanted.proofs.intersection(wanted.steps)
        return any(state(each) is not StepState.DONE for each in proofs)

    def _announce(self, do: Callable[[], None]) -> None:
        try:
            do()
        except (Stopped, JournalError):
            raise
        except NicobatchError as error:
            self.writer.guards.check()
            video = self.decided.ready.video
            self.notice(warning(video, _(_NOT_ANNOUNCED).format(reason=error), error.hint))


def warning(video: Video, message: str, hint: str) -> Problem:
    """Return a warning at the place of the video's announcements."""
    return video.problem("announce", RULE, message, hint)
