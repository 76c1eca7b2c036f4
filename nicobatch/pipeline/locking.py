"""The locks that keep runs from each other's videos: their names, their places, their one order.

Whoever publishes, deletes or adopts takes the account's lock on this machine, then the account's
beside the receipt, then the receipt's own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self, TypeAlias

from nicobatch.errors import JournalError
from nicobatch.journal import Receipts
from nicobatch.language import N_, _
from nicobatch.locks import Right
from nicobatch.model import Video, on_site
from nicobatch.pipeline.owner import Owner

_UNWRITABLE_HINT: Final = N_(
    "make room, or let the folder be written to; --journal DIR keeps the receipts in another one"
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a lock lies, and what messages call that which it stands for."""

    path: Path
    name: str


Take: TypeAlias = Callable[[Place], Right]
"""Takes a lock, with the patience of the command that needs it."""


@dataclass(frozen=True, slots=True)
class Guards:
    """All that a run holds to write one receipt."""

    account: AccountLocks
    """On this machine."""
    shared: Right
    """The account's, for all machines that share the receipts' folder."""
    own: Right

    def check(self) -> None:
        """Raise once this run has lost the right to write, as `Right.check` does."""
        for each in (self.account, self.shared, self.own):
            each.check()

    def held(self) -> AbstractContextManager[None]:
        """Keep the right to write until the context's end, however long that takes."""
        return self.own.held()


@dataclass(slots=True)
class AccountLocks:
    """One account's lock on this machine, and those of its receipts; a context ends its hold."""

    folder: Path
    """Where this machine's runs of an account meet, whatever folders they publish from."""
    origin: str
    owner: Owner
    _held: ExitStack = field(default_factory=ExitStack)
    _lease: Right | None = None
    _shared: Right | None = None
    """The account's beside receipts of which many are written."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the account."""
        self._held.close()

    def hold(self, take: Take) -> bool:
        """Hold the account from now on; return whether it was not held before."""
        if self._lease:
            return False
        place = on_machine(self.folder, self.origin, self.owner)
        self._lease = self._held.enter_context(take(place))
        return True

    def check(self) -> None:
        """Raise once the hold of the account is lost, as `Right.check` does."""
        if self._lease:
            self._lease.check()

    @contextmanager
    def of_receipt(self, journal: Receipts, video: Video, take: Take) -> Iterator[Guards]:
        """Hold the video's receipt until the context's end, and its account from now on."""
        self.hold(take)
        journal.prepare(video)
        own = Place(journal.lock(video), _("the video {video}").format(video=video.id))
        with ExitStack() as stack:
            with _hinting():
                shared = self._shared or stack.enter_context(take(_beside(journal, video)))
                lease = stack.enter_context(take(own))
            yield Guards(self, shared, lease)

    @contextmanager
    def of_receipts(self, journal: Receipts, video: Video, take: Take) -> Iterator[None]:
        """Hold the account beside the video's receipt, for many of there, until the context's end.

        Whoever shares the folder waits meanwhile: for what is quickly written.
        """
        self.hold(take)
        journal.prepare(video)
        with ExitStack() as stack:
            with _hinting():
                self._shared = stack.enter_context(take(_beside(journal, video)))
            try:
                yield
            finally:
                self._shared = None


def _beside(journal: Receipts, video: Video) -> Place:
    return Place(journal.account_lock(video), _account(video.account))


@contextmanager
def _hinting() -> Iterator[None]:
    """Say what to do where no lock can be written."""
    try:
        yield
    except JournalError as error:
        if isinstance(error.__cause__, OSError):
            error.hint = _(_UNWRITABLE_HINT)
        raise


def on_machine(folder: Path, origin: str, owner: Owner) -> Place:
    """Return where this machine's runs of an account meet; names may not be fit for a file."""
    return Place(folder / f".account-{file_name(origin, owner)}.lock", _account(owner.account))


def file_name(origin: str, owner: Owner) -> str:
    """Return what stands for the owner in a file's name, whatever the account is called."""
    name = f"{origin} {owner.account}{on_site(owner.site)}"
    return hashlib.sha256(name.encode()).hexdigest()[:16]


def _account(name: str) -> str:
    return _("the account {account}").format(account=name)
