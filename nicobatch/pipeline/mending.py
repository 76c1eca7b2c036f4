"""Refusals of a video that is uploaded already: what its owner can mend, and where."""

from __future__ import annotations

from typing import Final

from nicobatch.errors import NicobatchError, VideoFailed
from nicobatch.language import N_, _
from nicobatch.model import Inputs
from nicobatch.pipeline.receipt_writer import ReceiptWriter
from nicobatch.receipt import StepState
from nicobatch.sites.base import Role, Step, StepTable

_PASSED: Final = N_("{place}: {at} has passed meanwhile, so it is not published")
_WRITE_LATER: Final = N_(
    "write a later time there, or `publish: true`, and run it again: nothing is uploaded twice"
)
_MEND: Final = N_("mend it at {place}, and run it again: nothing is uploaded twice")
_MEND_SOON: Final = N_(
    "mend it at {place}, and run it again: nothing is uploaded twice; until then it is in the way"
    " of the account's other new videos"
)


def demand_future(step: Step, inputs: Inputs, writer: ReceiptWriter) -> None:
    """Raise VideoFailed where it is to be published at a time that has passed meanwhile."""
    video = writer.video
    at = video.publish.at
    if at is None or at > writer.now() or not step.has(Role.PUBLISHES):
        return
    sent = writer.receipt.steps.get(step.name)
    done = sent and sent.state is StepState.DONE
    if not (sent and done and sent.inputs.get("publish.at") == inputs.get("publish.at")):
        place = video.where("publish.at")
        message = _(_PASSED).format(place=place, at=at.isoformat(" ", "minutes"))
        raise VideoFailed(message, _(_WRITE_LATER))


def advise(
    error: NicobatchError, step: Step, inputs: Inputs, writer: ReceiptWriter, table: StepTable
) -> None:
    """Have the error say what to do where it leaves the video open on the site.

    Raise as `demand_future` does where that is why the site refuses.
    """
    states = map(writer.receipt.state, table.names(Role.CLOSES))
    if type(error) is not VideoFailed or StepState.DONE in states:
        return
    if step.has(Role.CLOSES) and not error.hint:
        demand_future(step, inputs, writer)
        words = _MEND_SOON if writer.receipt.remote else _MEND
        error.hint = _(words).format(place=writer.video.where())
