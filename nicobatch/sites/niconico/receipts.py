"""What steps find in a receipt, and what they learn for it."""

from __future__ import annotations

import re
from dataclasses import replace

from nicobatch.errors import EntryGone, VideoFailed
from nicobatch.language import _
from nicobatch.model import Receipt, Remote, Upload
from nicobatch.sites.base import Job


def remote_of(job: Job) -> Remote:
    """Return the video on niconico; raise EntryGone where the receipt names none."""
    if job.receipt.remote is None:
        raise EntryGone(_("the receipt names no video on niconico"))
    return job.receipt.remote


def upload_of(job: Job) -> Upload:
    """Return how far the upload has come; raise EntryGone where the receipt names none.

    Raise VideoFailed where its parts would go to another address than the entry's.
    """
    upload = job.receipt.upload
    if upload is None:
        raise EntryGone(_("the receipt names no upload on niconico"))
    if not is_of_entry(upload.url, remote_of(job).id):
        raise VideoFailed(
            _("the receipt wants the parts sent to another address than the video's"),
            _("somebody changed the receipt: put the right one back"),
        )
    return upload


def is_of_entry(path: str, entry: int) -> bool:
    """Tell whether the path is the one of the entry to which parts go, on some base of the API."""
    return bool(re.fullmatch(rf"(?:/[A-Za-z0-9_-]+)*/v2/videos/{entry}/file/chunks", path))


def is_uuid(text: str) -> bool:
    """Tell whether it is a UUID as Fine Uploader writes them, which a form takes as it is."""
    return bool(re.fullmatch("[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", text))


def nothing(receipt: Receipt) -> Receipt:
    """Learn nothing beyond that it worked."""
    return receipt


def without(receipt: Receipt, step: str) -> Receipt:
    """Learn that the step has to be done again, whatever came of it before."""
    steps = {name: each for name, each in receipt.steps.items() if name != step}
    return replace(receipt, steps=steps)
