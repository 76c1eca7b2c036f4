"""What the videos of a run share, and those of one account: its sign-in and its locks."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from nicobatch.events import Event, SignedIn
from nicobatch.journal import Journal
from nicobatch.locks import Lease, Locks
from nicobatch.model import Video
from nicobatch.pipeline import locking
from nicobatch.pipeline.addresses import Addresses
from nicobatch.pipeline.locking import Owner
from nicobatch.pipeline.meter import Emit, Throttle
from nicobatch.pipeline.retry import Retry, told
from nicobatch.plan import KnownFiles
from nicobatch.settings import Settings
from nicobatch.sites.base import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """The surroundings of a run; what happens is told to `listen`, which threads may call."""

    journal: Journal
    known_files: Callable[[], KnownFiles]
    """Reads what was published before, as the journal has it now."""
    settings: Settings
    retry: Retry
    locks: Locks
    lock_folder: Path
    """Where this machine's runs of an account meet, whatever folders they publish from."""
    stop: threading.Event
    listen: Callable[[Event], None]
    now: Callable[[], datetime]
    addresses: Addresses
    """What its videos wait for of each other."""
    throttle: Throttle | None = None
    failed: threading.Event = field(default_factory=threading.Event)
    """Set by the first failure where that is to end the run."""

    def tell(self, event: Event, video: str | None = None) -> None:
        """Let the listener know of what happens now, to the video of this key if to one."""
        self.listen(replace(event, at=self.now(), video=video))


@dataclass(slots=True)
class SignIn:
    """One account's sign-in: it is made once, and not before a video needs it."""

    target: Target
    account: str
    retry: Retry
    _is_made: bool = False

    def ensure(self, emit: Emit) -> None:
        """Sign in unless that is done; raise what signing in raises."""
        if self._is_made:
            return
        who = self.retry(self.target.sign_in, told(emit))
        self._is_made = True
        emit(SignedIn(account=self.account, who=who))

    def renew(self, emit: Emit) -> None:
        """Sign in again, as the site has ended it."""
        self._is_made = False
        self.ensure(emit)


@dataclass(slots=True)
class AccountLocks:
    """One account's lock on this machine, and those of its receipts; close lets go of them."""

    run: Run
    owner: Owner
    origin: str
    _held: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    _lease: Lease | None = None

    def hold(self, emit: Emit) -> bool:
        """Hold the account from now on; return whether it was not held before."""
        is_held = self._lease is not None
        self._hold(emit)
        return not is_held

    def of_receipt(self, video: Video, leases: contextlib.ExitStack, emit: Emit) -> locking.Guards:
        """Hold the video's receipt until the stack's end, and its account from now on."""
        account = self._hold(emit)
        return locking.of_receipt(leases, self._taking(emit), account, self.run.journal, video)

    def _hold(self, emit: Emit) -> Lease:
        if self._lease is None:
            folder, take = self.run.lock_folder, self._taking(emit)
            self._lease = locking.of_account(self._held, take, folder, self.origin, self.owner)
        return self._lease

    def close(self) -> None:
        """Let go of the account."""
        self._held.close()

    def _taking(self, emit: Emit) -> locking.Take:
        acquire = self.run.locks.acquire
        return lambda place: self.run.retry(lambda: acquire(place.path, place.name), told(emit))
