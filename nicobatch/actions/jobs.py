"""A watched folder's turns: each is one batch of the pipeline, and what became of it in a word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from nicobatch import errors
from nicobatch.actions.access import Site
from nicobatch.actions.surveying import demand_there
from nicobatch.errors import Effect, NicobatchError, worst_code
from nicobatch.model import Json
from nicobatch.pipeline import Batch, Outcome, Owner, Run, State
from nicobatch.watch.worker import Ending, Result, Turn

_BY_STATE: Final = {
    State.PUBLISHED: Ending.DONE,
    State.UPDATED: Ending.DONE,
    State.UNCHANGED: Ending.DONE,
    State.LEFT: Ending.DONE,
    State.SKIPPED: Ending.DONE,  # for the reason that another video's end tells
    State.REFUSED: Ending.PERMANENT,
    State.UNFINISHED: Ending.LATER,
    State.STOPPED: Ending.STOPPED,
}
_BY_EFFECT: Final = {
    Effect.PERMANENT: Ending.PERMANENT,
    Effect.TRANSIENT: Ending.FAILED,
    Effect.LATER: Ending.LATER,
    Effect.ACCOUNT: Ending.BLOCKED,
    Effect.STOPPED: Ending.STOPPED,
}
_ORDER: Final = list(Ending)


@dataclass(frozen=True, slots=True)
class Publisher:
    """Publishes turns; threads may share it."""

    run: Run
    site: Site
    confirms: bool
    """Whether a turn counts as done only once the site was asked whether all of it is there."""

    def __call__(self, turn: Turn) -> Result:
        """Publish the turn's videos; never raises what is to be expected."""
        try:
            owners = {Owner.of(each.video) for each in turn.videos}
            targets = self.site.targets(owners, self.run.stop)
            outcomes = Batch(self.run, targets).publish(turn.videos)
        except NicobatchError as error:
            return _of_error(error)
        result = _of(outcomes)
        if self.confirms and result.ending is Ending.DONE:
            return self._confirmed(turn, outcomes, result)
        return result

    def _confirmed(self, turn: Turn, outcomes: Sequence[Outcome], result: Result) -> Result:
        target = self.site.target(turn.account, self.run.stop)
        try:
            demand_there(outcomes, target, self.run.stop)
        except errors.VideoFailed as error:  # it was published: no reason to call it a failure
            return Result(ending=Ending.LATER, message=str(error), hint=error.hint)
        except NicobatchError as error:
            return _of_error(error)
        finally:
            target.close()
        return result


def _of_error(error: NicobatchError) -> Result:
    return Result(
        ending=_BY_EFFECT[error.effect], message=str(error), hint=error.hint, code=error.exit_code
    )


def _of(outcomes: Sequence[Outcome]) -> Result:
    ends = {outcome.video: _end(outcome) for outcome in outcomes}
    worst = max(outcomes, key=lambda each: _ORDER.index(ends[each.video]))
    why = worst.event().data if ends[worst.video] is not Ending.DONE else {}
    return Result(
        ending=ends[worst.video],
        message=str(why.get("message", "")),
        hint=str(why.get("hint", "")),
        code=worst_code(each.exit_code for each in outcomes),
        videos=tuple(_told(each) for each in outcomes),
    )


def _end(outcome: Outcome) -> Ending:
    if outcome.state is State.FAILED and outcome.error:
        return _BY_EFFECT[outcome.error.effect]
    return _BY_STATE[outcome.state]


def _told(outcome: Outcome) -> dict[str, Json]:
    """Say what became of the video, for a result that is kept."""
    remote = outcome.receipt and outcome.receipt.remote
    there: dict[str, Json] = {"id": remote.video_id, "url": remote.url} if remote else {}
    return {"video": outcome.video, **outcome.event().data, **there}
