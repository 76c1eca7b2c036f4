"""One video's deletion: its intent in the receipt, the one request, and what came of it."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from nicobatch.actions import publishing
from nicobatch.actions.access import Site
from nicobatch.actions.candidates import Candidate, Held, Search, looked_up
from nicobatch.actions.patience import Hold, asked, telling
from nicobatch.errors import EntryGone, Later, NicobatchError, Passing, VideoFailed
from nicobatch.events import Event
from nicobatch.journal import Journal
from nicobatch.language import N_, _
from nicobatch.locks import Lease, Locks
from nicobatch.model import DEFAULT_SITE, DELETION, Receipt, StepState
from nicobatch.pipeline import Owner, locking
from nicobatch.pipeline.receipt_writer import ReceiptWriter
from nicobatch.sites.abilities import Deletes

_MOVED_ON: Final = N_("the receipt {path} became another one meanwhile: {id} was not deleted")
_MOVED_ON_HINT: Final = N_("see `nicobatch status`, and run it again")
_STAYS: Final = N_("niconico does not delete {id}: it answers that there is none, and still has it")
_STAYS_HINT: Final = N_(
    "delete it in the garage; run this again afterwards, and the receipt says so"
)
_UNKNOWN: Final = N_("whether {id} is deleted is not known: run this again, it asks niconico first")


@dataclass(frozen=True, slots=True)
class Deletion:
    """What is done about one video once its owner has decided."""

    candidate: Candidate
    target: Deletes
    journal: Journal
    hold: Hold
    stop: threading.Event

    def carry_out(self) -> None:
        """Delete what is there, and make its receipt a tombstone; raise what prevents that."""
        if self.candidate.is_buried:
            return
        with contextlib.ExitStack() as stack:
            lease, held = self._lease(stack), self.candidate.held
            writer = self._writer(held, lease, stack) if held else None
            if self.candidate.there:
                self._delete(lease, writer)
            if writer:
                writer.finish(DELETION, {}, _nothing)

    def withdraw(self) -> None:
        """Forget an earlier run's intent, of which it is known by now that it came to nothing."""
        held = self.candidate.held
        if held and held.receipt.state(DELETION) is StepState.OPEN:
            with contextlib.ExitStack() as stack:
                writer = self._writer(held, self._lease(stack), stack)
                writer.forget(frozenset({DELETION}))

    def _delete(self, lease: Lease, writer: ReceiptWriter | None) -> None:
        if writer:
            writer.intend(DELETION, {})
        trial = _Trial(self.candidate, self.target, writer.guard if writer else lease.check)
        try:
            asked(trial, self.stop)
        except NicobatchError as error:
            if trial.is_unsettled:
                error.hint = _(_UNKNOWN).format(id=self.candidate.remote.video_id)
            elif writer:
                writer.forget(frozenset({DELETION}))
            raise

    def _lease(self, stack: contextlib.ExitStack) -> Lease:
        """Hold the account on this machine until the stack's end."""
        held = self.candidate.held
        owner = Owner(held.receipt.site if held else DEFAULT_SITE, self.candidate.account)
        folder, origin = publishing.lock_folder(), self.target.origin
        return locking.of_account(stack, self.hold, folder, origin, owner)

    def _writer(self, held: Held, lease: Lease, stack: contextlib.ExitStack) -> ReceiptWriter:
        """Hold the receipt too, and open a new attempt in it."""
        guards = locking.of_receipt(stack, self.hold, lease, self.journal, held.video)
        writer = ReceiptWriter(
            video=held.video,
            receipt=self._newest(held),
            journal=self.journal,
            guard=guards.check,
            hold=guards.held,
            now=lambda: datetime.now(UTC),
        )
        writer.begin()
        return writer

    def _newest(self, held: Held) -> Receipt:
        """Read the receipt again: others may have been at work while the question was asked."""
        receipt = self.journal.read(held.video)
        if receipt and receipt.remote == held.receipt.remote:
            return receipt
        message = _(_MOVED_ON).format(path=held.path, id=self.candidate.remote.video_id)
        raise Later(message, _(_MOVED_ON_HINT))


@dataclass(slots=True)
class _Trial:
    """One try of the request; after an unknown outcome the next one asks before it repeats it."""

    candidate: Candidate
    target: Deletes
    guard: Callable[[], None]
    is_unsettled: bool = False
    """Whether a try may have reached the site without our knowing."""

    def __call__(self) -> None:
        if self.is_unsettled and not self._is_there():
            return
        self.is_unsettled = False
        self.guard()
        try:
            self.target.delete(self.candidate.remote.id)
        except EntryGone:
            self._demand_gone()
        except Passing as error:
            self.is_unsettled = error.outcome_unknown
            raise

    def _demand_gone(self) -> None:
        """Look whether "there is none" means what it says, and not that the call has moved."""
        if self._is_there():
            message = _(_STAYS).format(id=self.candidate.remote.video_id)
            raise VideoFailed(message, _(_STAYS_HINT))

    def _is_there(self) -> bool:
        candidate = self.candidate
        return self.target.is_there(candidate.remote.id, listed=candidate.listed)


def _nothing(receipt: Receipt) -> Receipt:
    """Keep what the receipt names: a tombstone says of what."""
    return receipt


def deletions(
    names: Sequence[str],
    journal: Journal,
    site: Site,
    account: str | None,
    listen: Callable[[Event], None],
) -> list[Deletion]:
    """Return what is to be done to have the videos deleted: nothing is, unless all are ours.

    `names` are ids, addresses, `MANIFEST#VIDEO` or MANIFEST; `account` whose they are, whatever
    receipts say. Signs in. Raise UsageError, VideoFailed, JournalError, and what asking raises.
    """
    stop, locks = threading.Event(), Locks("delete")
    meant = Search(journal, site.target("main", stop).origin, account).meant(names)
    targets = {each.account: site.target(each.account, stop) for each in meant}
    people = {name: asked(target.sign_in, stop) for name, target in targets.items()}
    found = [looked_up(each, targets[each.account], people[each.account], stop) for each in meant]

    def hold(candidate: Candidate) -> Hold:
        name = candidate.held.video.key if candidate.held else candidate.remote.video_id
        return Hold(locks=locks, stop=stop, waiting=telling(listen, name))

    return [Deletion(each, targets[each.account], journal, hold(each), stop) for each in found]
