"""What became of a video."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from nicobatch.errors import Blocked, Busy, Later, Locked, NicobatchError, NotYet, Stopped
from nicobatch.language import N_
from nicobatch.model import Json, Publish, Receipt
from nicobatch.pipeline.deciding import Decided, Ready
from nicobatch.plan import Plan, Verdict


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
    def of_decision(cls, decided: Decided) -> State:
        """Return what became of a video that was carried through."""
        if decided.only_proves:
            return cls.UNCHANGED
        return cls.UPDATED if decided.plan.verdict is Verdict.UPDATE else cls.PUBLISHED

    @classmethod
    def of_error(cls, error: NicobatchError) -> State:
        """Return what became of a video that the error ended."""
        if isinstance(error, Stopped):
            return cls.STOPPED
        passing = isinstance(error, Busy | NotYet | Locked | Later | Blocked)
        return cls.UNFINISHED if passing else cls.FAILED


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

    @classmethod
    def of(
        cls,
        ready: Ready,
        state: State,
        decided: Decided | None = None,
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
            size=ready.media.size,
            state=state,
            receipt=receipt or (decided.receipt if decided else None),
            plan=plan,
            error=error,
            note="; ".join(plan.reasons) if plan and state is State.LEFT else "",
        )

    def success(self) -> dict[str, Json]:
        """Say what there is now, for an event."""
        at = self.publish.at
        data: dict[str, Json] = {
            "state": self.state.value,
            "title": self.title,
            "publish": self.publish.mode.value,
            "publish_at": at.isoformat() if at else None,
            "size": self.size,
        }
        if self.note:
            data["note"] = self.note
        if self.plan and self.plan.hint:
            data["hint"] = self.plan.hint
        if self.receipt and self.receipt.remote and self.state is not State.LEFT:
            data |= {"id": self.receipt.remote.video_id, "url": self.receipt.remote.url}
        return data

    def failure(self) -> dict[str, Json]:
        """Say why it did not come further, for an event."""
        told = self.error or self.plan
        message = (
            str(self.error) if self.error else "; ".join(self.plan.reasons if self.plan else ())
        )
        return {
            "state": self.state.value,
            "title": self.title,
            "size": self.size,
            "message": message,
            "hint": told.hint if told else "",
            "type": self.error.word if self.error else self.state.value,
        }
