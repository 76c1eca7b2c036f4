"""Deleting own videos: that they are the user's, the intent, the one request, and its outcome."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from nicobatch import sites
from nicobatch.actions.access import Site
from nicobatch.actions.naming import Held, Meant, Names
from nicobatch.actions.patience import Hold, asked, lock_folder, telling
from nicobatch.errors import EntryGone, Later, NicobatchError, Passing, VideoFailed
from nicobatch.events import Event
from nicobatch.journal import Journal
from nicobatch.language import N_, _
from nicobatch.locks import Locks
from nicobatch.pipeline import Owner
from nicobatch.pipeline.locking import AccountLocks, Take
from nicobatch.pipeline.receipt_writer import ReceiptWriter
from nicobatch.receipt import DELETION, Receipt, Remote, StepState, nothing
from nicobatch.sites.abilities import OwnVideo, printable
from nicobatch.sites.service import Account

_NOT_OURS: Final = N_("{id} is not among the videos of {who}: nothing was deleted")
_NOT_OURS_HINT: Final = N_(
    "check the id, and that --account names who posted it; a draft, or a video that is still"
    " being encoded, is not listed: name it by MANIFEST#VIDEO, where its receipt is"
)
_THERE: Final = N_("it is on niconico all the same ({sight}): check whether that account posted it")
_MOVED_ON: Final = N_("the receipt {path} became another one meanwhile: {id} was not deleted")
_MOVED_ON_HINT: Final = N_("see `nicobatch status`, and run it again")
_STAYS: Final = N_("niconico does not delete {id}: it answers that there is none, and still has it")
_STAYS_HINT: Final = N_(
    "delete it in the garage; run this again afterwards, and the receipt says so"
)
_UNKNOWN: Final = N_("whether {id} is deleted is not known: run this again, it asks niconico first")


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A video that is to be deleted, as the site and the journal know it."""

    owner: Owner
    who: str
    remote: Remote
    title: str
    views: int | None = None
    listed: bool
    """Whether the account's list has it."""
    there: bool
    held: Held | None

    @property
    def is_buried(self) -> bool:
        """Whether it is gone, and its receipt says so."""
        return not self.there and self.held is not None and self.held.receipt.is_deleted


@dataclass(frozen=True, slots=True)
class Deletion:
    """What is done about one video once its owner has decided."""

    candidate: Candidate
    target: Account
    journal: Journal
    take: Take

    def carry_out(self) -> None:
        """Delete what is there, and make its receipt a tombstone; raise what prevents that."""
        if self.candidate.is_buried:
            return
        with self._locks() as locks:
            locks.hold(self.take)
            held = self.candidate.held
            with self._writing(held, locks) if held else contextlib.nullcontext() as writer:
                if self.candidate.there:
                    self._delete(locks, writer)
                if writer:
                    writer.finish(DELETION, {}, nothing)

    def withdraw(self) -> None:
        """Forget an earlier run's intent, of which it is known by now that it came to nothing."""
        held = self.candidate.held
        if held and held.receipt.state(DELETION) is StepState.OPEN:
            with self._locks() as locks, self._writing(held, locks) as writer:
                writer.forget(frozenset({DELETION}))

    def _delete(self, locks: AccountLocks, writer: ReceiptWriter | None) -> None:
        if writer:
            writer.intend(DELETION, {})
        trial = _Trial(self.candidate, self.target, writer.guards.check if writer else locks.check)
        try:
            asked(trial)
        except NicobatchError as error:
            if trial.is_unsettled:
                error.hint = _(_UNKNOWN).format(id=self.candidate.remote.video_id)
            elif writer:
                writer.forget(frozenset({DELETION}))
            raise

    def _locks(self) -> AccountLocks:
        return AccountLocks(lock_folder(), self.target.origin, self.candidate.owner)

    @contextlib.contextmanager
    def _writing(self, held: Held, locks: AccountLocks) -> Iterator[ReceiptWriter]:
        """Hold the receipt, open a new attempt in it, and write down what comes of it."""
        video, journal = held.video, self.journal
        with locks.of_receipt(journal, video, self.take) as guards:
            newest = self._newest(held)
            writer = ReceiptWriter(video=video, receipt=newest, journal=journal, guards=guards)
            writer.begin()
            try:
                yield writer
            finally:
                writer.save()

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
    target: Account
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


@contextlib.contextmanager
def deletions(
    names: Sequence[str],
    journal: Journal,
    site: Site,
    account: str | None,
    listen: Callable[[Event], None],
) -> Iterator[list[Deletion]]:
    """Give what is to be done to have the videos deleted: nothing is, unless all are ours.

    `names` are ids, addresses, `MANIFEST#VIDEO` or MANIFEST; `account` whose they are, whatever
    receipts say. Signs in. Raise UsageError, VideoFailed, JournalError, and what asking raises.
    """
    locks, meant = Locks("delete"), Names(journal, site, account).meant(names)

    def deletion(candidate: Candidate, target: Account) -> Deletion:
        name = candidate.held.video.key if candidate.held else candidate.remote.video_id
        take = Hold(locks=locks, waiting=telling(listen, name))
        return Deletion(candidate, target, journal, take)

    with site.reaching({each.owner for each in meant}) as targets:
        people = {owner: asked(target.sign_in) for owner, target in targets.items()}
        found = [_looked_up(each, targets[each.owner], people[each.owner]) for each in meant]
        yield [deletion(each, targets[each.owner]) for each in found]


def _looked_up(meant: Meant, target: Account, who: str) -> Candidate:
    """Ask the site about the video; raise VideoFailed where it is not the account's."""
    held, own = meant.held, asked(lambda: target.find(meant.id))
    if own:
        remote, there = target.remote(own), not own.deleted
    elif held and held.receipt.remote:
        remote, known = held.receipt.remote, held.receipt.is_deleted
        there = not known and asked(lambda: target.is_entry(remote.id))
        if not (there or known):
            _demand_unseen(remote, target, who)
    elif empty := asked(lambda: target.untouched(meant.id)):
        remote, there = empty, True
    else:
        raise VideoFailed(
            _(_NOT_OURS).format(id=sites.site(meant.owner.site).shown_id(meant.id), who=who),
            _(_NOT_OURS_HINT),
        )
    return Candidate(
        owner=meant.owner,
        who=who,
        remote=remote,
        title=_title(own, held),
        views=own.views if own else None,
        listed=own is not None,
        there=there,
        held=held,
    )


def _demand_unseen(remote: Remote, target: Account, who: str) -> None:
    """Raise VideoFailed where visitors meet what the account doesn't have: it is another's."""
    try:
        view = asked(lambda: target.look(remote, {}))
    except (Passing, VideoFailed):  # the page tells nothing, and the account's own answers count
        return
    if not view.is_absent:
        raise VideoFailed(
            _(_NOT_OURS).format(id=remote.video_id, who=who), _(_THERE).format(sight=view.told)
        )


def _title(own: OwnVideo | None, held: Held | None) -> str:
    """Return the site's title, or else what was sent there."""
    if own and own.title:
        return printable(own.title)
    for record in held.receipt.steps.values() if held else ():
        if "title" in record.inputs:
            return printable(record.inputs["title"])
    return ""
