"""Asking the site, once more, whether what was published is there: before any file is moved."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Final

from nicobatch.cli.asking import asked
from nicobatch.errors import NotYet, VideoFailed
from nicobatch.language import _
from nicobatch.model import Receipt, StepState
from nicobatch.pipeline import Outcome, State
from nicobatch.sites.niconico.steps import Niconico
from nicobatch.sites.niconico.waiting import ENCODED

_ENCODED: Final = "encoded"
"""The step that reads the entry's state until the site has made the video of it."""


def demand_there(outcomes: Sequence[Outcome], target: Niconico, stop: threading.Event) -> None:
    """Ask for every video whose state this very run has not read, and raise where one isn't there.

    Raise NotYet while the site is at work, VideoFailed where it has the video no more, and what
    asking raises.
    """
    asked_for = (each for each in outcomes if each.state is not State.LEFT and not _was_read(each))
    receipts = [each.receipt for each in asked_for if each.receipt]
    if receipts:
        asked(target.sign_in, stop)
    for receipt in receipts:
        _demand(receipt, target, stop)


def _was_read(outcome: Outcome) -> bool:
    done = outcome.plan is not None and _ENCODED in outcome.plan.steps
    return done and outcome.state is not State.UNCHANGED


def _demand(receipt: Receipt, target: Niconico, stop: threading.Event) -> None:
    """Look into the account's list; drafts and fresh videos, which it lacks, are asked for."""
    remote = receipt.remote
    if remote is None:
        return
    own = asked(lambda: target.library.find(remote.id), stop)
    listed = (target.publishing_step, _ENCODED)
    fresh = any(receipt.state(step) is not StepState.DONE for step in listed)
    if own.deleted if own else not fresh:
        raise VideoFailed(_("{video} is not there any more").format(video=remote.url))
    if own is None:
        status = asked(lambda: target.waiting.client.status(remote.id), stop)
        if status.file != ENCODED:
            message = _("{video} is published, and niconico is still at work on it")
            raise NotYet(message.format(video=remote.url))
