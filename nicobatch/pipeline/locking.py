"""The locks that keep runs from each other's videos: their names, their places, their one order.

Whoever publishes, deletes or adopts takes the account's lock on this machine, then the account's
beside the receipt, then the receipt's own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias

from nicobatch.errors import JournalError
from nicobatch.journal import Journal
from nicobatch.language import N_, _
from nicobatch.locks import Lease
from nicobatch.model import Video, on_site

_UNWRITABLE_HINT: Final = N_(
    "make room, or let the folder be written to; --journal DIR keeps the receipts in another one"
)


class Owner(NamedTuple):
    """Who publishes videos where: accounts of the same name on two sites are two."""

    site: str
    account: str

    @classmethod
    def of(cls, video: Video) -> Owner:
        """Return the video's."""
        return cls(video.site, video.account)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a lock lies, and what messages call that which it stands for."""

    path: Path
    name: str


Take: TypeAlias = Callable[[Place], Lease]
"""Takes a lock, with the patience of the command that needs it."""


@dataclass(frozen=True, slots=True)
class Guards:
    """All that a run holds to write one receipt."""

    account: Lease
    """On this machine."""
    shared: Lease
    """The account's, for all machines that share the receipts' folder."""
    own: Lease

    def check(self) -> None:
        """Raise once this run has lost the right to write, as `Lease.check` does."""
        for lease in (self.account, self.shared, self.own):
            lease.check()

    def held(self) -> AbstractContextManager[None]:
        """Keep the right to write until the context's end, however long that takes."""
        return self.own.held()


def of_account(stack: ExitStack, take: Take, folder: Path, origin: str, owner: Owner) -> Lease:
    """Hold the account on this machine, whose locks lie in the folder, until the stack's end."""
    return stack.enter_context(take(on_machine(folder, origin, owner)))


def of_receipt(
    stack: ExitStack, take: Take, account: Lease, journal: Journal, video: Video
) -> Guards:
    """Hold the video's receipt until the stack's end, by whoever holds its account."""
    journal.prepare(video)
    shared = Place(journal.account_lock(video), _account(video.account))
    own = Place(journal.lock(video), _("the video {video}").format(video=video.id))
    try:
        first = stack.enter_context(take(shared))
        return Guards(account, first, stack.enter_context(take(own)))
    except JournalError as error:
        if isinstance(error.__cause__, OSError):  # where none of them can be written
            error.hint = _(_UNWRITABLE_HINT)
        raise


def on_machine(folder: Path, origin: str, owner: Owner) -> Place:
    """Return where this machine's runs of an account meet; names may not be fit for a file."""
    name = f"{origin} {owner.account}{on_site(owner.site)}"
    digest = hashlib.sha256(name.encode()).hexdigest()
    return Place(folder / f".account-{digest[:16]}.lock", _account(owner.account))


def _account(name: str) -> str:
    return _("the account {account}").format(account=name)
