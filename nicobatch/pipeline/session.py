"""What the videos of a run share, and those of one account: its sign-in."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from nicobatch.events import Event, SignedIn
from nicobatch.journal import Receipts
from nicobatch.language import N_, _
from nicobatch.locks import Rights
from nicobatch.model import DEFAULT_ACCOUNT, DEFAULT_SITE, Video
from nicobatch.pipeline.addresses import Addresses
from nicobatch.pipeline.deciding import Identify
from nicobatch.pipeline.locking import Take
from nicobatch.pipeline.meter import Emit, Throttle
from nicobatch.pipeline.owner import Owner
from nicobatch.pipeline.pace import PaceFolder, Paces
from nicobatch.pipeline.prefetch import Reader
from nicobatch.pipeline.retry import Retry, told
from nicobatch.plan import Known
from nicobatch.settings import Settings
from nicobatch.sites.base import Step, Target

_FOR: Final = N_(
    "{hint}; the account is {account}, so write `--account {account}` behind `nicobatch session …`"
)


def for_account(owner: Owner, hint: str) -> str:
    """Return the hint how to sign in, for this very account."""
    if not hint or owner.account == DEFAULT_ACCOUNT:
        return hint
    return _(_FOR).format(hint=hint, account=owner.account)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """The surroundings of a run; what happens is told to `listen`, which threads may call."""

    journal: Receipts
    known_files: Callable[[], Known]
    """Reads what was published before, as the journal has it now."""
    settings: Settings
    retry: Retry
    locks: Rights
    lock_folder: Path
    """Where this machine's runs of an account meet, whatever folders they publish from."""
    stop: threading.Event
    listen: Callable[[Event], None]
    now: Callable[[], datetime]
    addresses: Addresses
    """What its videos wait for of each other."""
    paces: Paces | None = None
    """Where it is kept how fast sites may be asked; None is beside this machine's locks."""
    sign_in_hint: Callable[[Owner, str], str] = for_account
    """Makes of a site's hint how to sign in what an account's owner is told."""
    announcements: Callable[[Video], Sequence[Step]] = lambda video: ()  # noqa: ARG005 - none
    """Returns the steps that tell others of a video, once it is published."""
    throttle: Throttle | None = None
    read: Identify = field(default_factory=Reader)
    """Identifies their files, each once."""
    failed: threading.Event = field(default_factory=threading.Event)
    """Set by the first failure where that is to end the run."""

    def tell(self, event: Event, video: str | None = None) -> None:
        """Let the listener know of what happens now, to the video of this key if to one."""
        self.listen(replace(event, at=self.now(), video=video))

    def kept_paces(self) -> Paces:
        """Return where it is kept how fast sites may be asked."""
        return self.paces or PaceFolder(self.lock_folder)

    def taking(self, emit: Emit) -> Take:
        """Return what takes locks with the run's patience, and tells of each pause."""
        acquire = self.locks.acquire
        return lambda place: self.retry(lambda: acquire(place.path, place.name), told(emit))


@dataclass(slots=True)
class SignIn:
    """One account's sign-in: it is made once, and not before a video needs it."""

    target: Target
    owner: Owner
    retry: Retry
    _is_made: bool = False

    def ensure(self, emit: Emit) -> None:
        """Sign in unless that is done; raise what signing in raises."""
        if self._is_made:
            return
        who = self.retry(self.target.sign_in, told(emit))
        self._is_made = True
        site = "" if self.owner.site == DEFAULT_SITE else self.owner.site
        emit(SignedIn(account=self.owner.account, who=who, site=site))

    def renew(self, emit: Emit) -> None:
        """Sign in again, as the site has ended it."""
        self._is_made = False
        self.ensure(emit)
