"""Receipts to another name: copied first and removed last, so that one is there at any moment."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from nicobatch import disk
from nicobatch.errors import JournalError
from nicobatch.journal import codec
from nicobatch.journal.files import Journal
from nicobatch.language import N_, _, reason
from nicobatch.model import Video

_UNMOVED: Final = N_("the receipt {path} can't be moved: {reason}")
_UNMOVED_HINT: Final = N_("let the folder be written to, and run the same command again")


def copy(journal: Journal, video: Video, target: Video) -> None:
    """Write the video's receipt as the target's too; raise JournalError.

    It counts as this machine's own only where the video's does.
    """
    receipt = journal.read(video)
    if receipt is None:
        return
    moved = replace(receipt, manifest=target.manifest.name, video=target.id)
    path = journal.path(target)
    with _told(path):
        disk.make_folder(path.parent)
        disk.replace(path, codec.encode(moved).encode())
    if journal.is_own(video, receipt):
        journal.vouch(target, moved)


def drop(journal: Journal, video: Video) -> None:
    """Remove the video's receipt; raise JournalError."""
    path = journal.path(video)
    with _told(path):
        disk.patiently(lambda: path.unlink(missing_ok=True))
        disk.sync_folder(path.parent)


@contextlib.contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        message = _(_UNMOVED).format(path=path, reason=reason(error))
        raise JournalError(message, _(_UNMOVED_HINT)) from error
