"""What steps find in a receipt, and what they learn for it."""

from __future__ import annotations

from dataclasses import replace

from nicobatch.errors import EntryGone
from nicobatch.language import _
from nicobatch.model import Receipt, Remote, Upload
from nicobatch.target import Job


def remote_of(job: Job) -> Remote:
    """Return the video on niconico; raise EntryGone where the receipt names none."""
    if job.receipt.remote is None:
        raise EntryGone(_("the receipt names no video on niconico"))
    return job.receipt.remote


def upload_of(job: Job) -> Upload:
    """Return how far the upload has come; raise EntryGone where the receipt names none."""
    if job.receipt.upload is None:
        raise EntryGone(_("the receipt names no upload on niconico"))
    return job.receipt.upload


def nothing(receipt: Receipt) -> Receipt:
    """Learn nothing beyond that it worked."""
    return receipt


def without(receipt: Receipt, step: str) -> Receipt:
    """Learn that the step has to be done again, whatever came of it before."""
    steps = {name: each for name, each in receipt.steps.items() if name != step}
    return replace(receipt, steps=steps)
