"""The locks that keep runs from each other's videos: what each one is called, and where it lies."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from nicobatch.journal import Journal
from nicobatch.language import _
from nicobatch.model import Video


@dataclass(frozen=True, slots=True)
class Place:
    """Where a lock lies, and what messages call that which it stands for."""

    path: Path
    name: str


def on_machine(folder: Path, origin: str, account: str) -> Place:
    """Return where this machine's runs of an account meet; names may not be fit for a file."""
    owner = hashlib.sha256(f"{origin} {account}".encode()).hexdigest()
    return Place(folder / f".account-{owner[:16]}.lock", _account(account))


def of_receipt(journal: Journal, video: Video) -> tuple[Place, Place]:
    """Make room for the two locks of a video's receipt: its account's there, then its own."""
    journal.prepare(video)
    return (
        Place(journal.account_lock(video), _account(video.account)),
        Place(journal.lock(video), _("the video {video}").format(video=video.id)),
    )


def _account(name: str) -> str:
    return _("the account {account}").format(account=name)
