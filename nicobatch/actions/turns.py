"""Publishing a watched folder's turns, and what came of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from nicobatch.actions.access import Site
from nicobatch.actions.surveying import demand_there
from nicobatch.errors import NicobatchError, VideoFailed, worst_code
from nicobatch.model import Json
from nicobatch.pipeline.batch import Batch
from nicobatch.pipeline.outcome import Outcome, State
from nicobatch.pipeline.session import Run
from nicobatch.watch.worker import Ending, JobPart, Result


@dataclass(frozen=True, slots=True)
class Publisher:
    """Publishes turns, each as one batch; threads may share it."""

    run: Run
    site: Site
    confirms: bool
    """Whether a turn counts as done only once the site was asked whether all of it is there."""

    def __call__(self, turn: JobPart) -> Result:
        """Publish the turn's videos; never raises what is to be expected."""
        try:
            targets = self.site.targets([turn.owner], self.run.stop)
            outcomes = Batch(self.run, targets).publish(turn.videos)
        except NicobatchError as error:
            return _of_error(error)
        result = _of(outcomes)
        if self.confirms and result.ending is Ending.DONE:
            return self._unconfirmed(turn, outcomes) or result
        return result

    def _unconfirmed(self, turn: JobPart, outcomes: Sequence[Outcome]) -> Result | None:
        target = self.site.at(turn.owner.site).target(turn.account, self.run.stop)
        try:
            demand_there(outcomes, target, self.run.stop)
        except VideoFailed as error:  # it was published: no reason to call it a failure
            return Result(ending=Ending.LATER, message=str(error), hint=error.hint)
        except NicobatchError as error:
            return _of_error(error)
        finally:
            target.close()
        return None


def _of_error(error: NicobatchError) -> Result:
    ending = Ending[error.effect.name]
    return Result(ending=ending, message=str(error), hint=error.hint, code=error.exit_code)


def _of(outcomes: Sequence[Outcome]) -> Result:
    order = list(Ending)
    worst = max(outcomes, key=lambda each: order.index(_ending(each)))
    ending = _ending(worst)
    why = worst.event().data if ending is not Ending.DONE else {}
    rests = [each.rest(datetime.now(UTC)) for each in outcomes]
    return Result(
        ending=ending,
        rest=min(filter(None, rests), default=0.0),
        message=str(why.get("message", "") or why.get("note", "")),
        hint=str(why.get("hint", "")),
        code=worst_code(each.exit_code for each in outcomes),
        videos=tuple(_told(each) for each in outcomes),
    )


def _ending(outcome: Outcome) -> Ending:
    if outcome.state is State.REFUSED:
        return Ending.PERMANENT
    if outcome.again_at:
        return Ending.LATER
    if outcome.error is None or outcome.state is State.SKIPPED:  # another video's end tells why
        return Ending.DONE
    return Ending[outcome.error.effect.name]


def _told(outcome: Outcome) -> dict[str, Json]:
    """Say what became of the video, for a result that is kept."""
    remote = outcome.receipt and outcome.receipt.remote
    there: dict[str, Json] = {"id": remote.video_id, "url": remote.url} if remote else {}
    return {"video": outcome.video, **outcome.event().data, **there}
