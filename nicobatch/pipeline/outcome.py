"""What became of a video."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from nicobatch import events
from nicobatch.errors import Effect, Later, NicobatchError, PersonNeeded, VideoFailed
from nicobatch.events import Event
from nicobatch.language import N_
from nicobatch.model import Publish
from nicobatch.pipeline.checked import CheckedVideo
from nicobatch.pipeline.deciding import PlannedVideo
from nicobatch.plan import Plan, Verdict
from nicobatch.receipt import Receipt


class State(StrEnum):
    """The end of one video's way through a run."""

    PUBLISHED = N_("published")
    UPDATED = N_("updated")
    UNCHANGED = N_("unchanged")
    LEFT = N_("left alone")
    """It was deleted on purpose."""
    REFUSED = N_("refused")
    FAILED = N_("failed")
    UNFINISHED = N_("unfinished")
    """The site is still at work, or in the way; a later run goes on."""
    STOPPED = N_("stopped")
    SKIPPED = N_("skipped")
    """Never begun, because of what befell another video."""

    @classmethod
    def of_decision(cls, decided: PlannedVideo) -> State:
        """Return what became of a video that was carried through."""
        if decided.is_afterwards:
            return cls.UNCHANGED
        return cls.UPDATED if decided.plan.verdict is Verdict.UPDATE else cls.PUBLISHED

    @classmethod
    def of_error(cls, error: NicobatchError) -> State:
        """Return what became of a video that the error ended."""
        states = {Effect.STOPPED: cls.STOPPED, Effect.LATER: cls.UNFINISHED}
        return states.get(error.effect, cls.FAILED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One video's end, with its newest receipt and the error that ended it, if one did."""

    video: str
    title: str
    state: State
    publish: Publish
    """Who was to see it."""
    size: int = 0
    """Of its file, in bytes."""
    receipt: Receipt | None = None
    plan: Plan | None = None
    error: NicobatchError | None = None
    note: str = ""
    """What is yet to be seen of it, or why it is left alone, which is no failure."""
    again_at: datetime | None = None
    """When another run is to tell others of it, as they can't see it before."""

    @classmethod
    def of(
        cls,
        ready: CheckedVideo,
        state: State,
        decided: PlannedVideo | None = None,
        *,
        receipt: Receipt | None = None,
        error: NicobatchError | None = None,
    ) -> Outcome:
        """Return the video's end, as far as it had come."""
        plan = decided.plan if decided else None
        return cls(
            video=ready.video.key,
            title=ready.video.title,
            publish=ready.video.publish,
            size=ready.size,
            state=state,
            receipt=receipt or (decided.receipt if decided else None),
            plan=plan,
            error=error,
            note="; ".join(plan.reasons) if plan and state is State.LEFT else "",
        )

    @property
    def exit_code(self) -> int:
        """Return the exit code that tells what became of the video."""
        if self.state is State.SKIPPED:  # for the reason that another video's code tells
            return 0
        if self.state is State.UNFINISHED:
            return Later.exit_code
        if self.error:
            return self.error.exit_code
        return VideoFailed.exit_code if self.state is State.REFUSED else 0

    def rest(self, now: datetime) -> float:
        """Return the seconds until there is something to do about it."""
        return max(0.0, (self.again_at - now).total_seconds()) if self.again_at else 0.0

    def event(self) -> Event:
        """Return the happening that tells of it."""
        return self._failed() if self.error or self.state is State.REFUSED else self._done()

    def _done(self) -> Event:
        at, hint = self.publish.at, self.plan.hint if self.plan else ""
        remote = self.receipt.remote if self.receipt and self.state is not State.LEFT else None
        return events.VideoDone(
            state=self.state.value,
            title=self.title,
            publish=self.publish.mode.value,
            publish_at=at.isoformat() if at else None,
            size=self.size,
            note=self.note,
            hint=hint,
            id=remote.video_id if remote else "",
            url=remote.url if remote else "",
            again_at=self.again_at.isoformat() if self.again_at else None,
        )

    def _failed(self) -> Event:
        told = self.error or self.plan
        reasons = self.plan.reasons if self.plan else ()
        again_at = self.error.retry_at if isinstance(self.error, Later) else None
        return events.VideoFailed(
            state=self.state.value,
            title=self.title,
            size=self.size,
            message=str(self.error) if self.error else "; ".join(reasons),
            hint=told.hint if told else "",
            type=self.error.word if self.error else self.state.value,
            again_at=again_at.isoformat() if again_at else None,
            needs_person=_needs_person(self.error),
        )


def _needs_person(error: NicobatchError | None) -> bool:
    """Tell whether nothing goes on before somebody acts at the site, or looks there."""
    is_unknown = isinstance(error, VideoFailed) and error.outcome_unknown
    return is_unknown or isinstance(error, PersonNeeded)
