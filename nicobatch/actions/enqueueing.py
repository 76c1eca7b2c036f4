"""Enqueuing what was checked for the fleet: what is new of it, and what has changed."""

from __future__ import annotations

import contextlib
import threading
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from nicobatch import plan, sites
from nicobatch.actions.access import Access
from nicobatch.actions.announcing import announcer
from nicobatch.actions.beside import Beside
from nicobatch.actions.checking import journal_for
from nicobatch.actions.fleet_turns import options_of
from nicobatch.actions.letting_go import Gone, let_go
from nicobatch.announcing.steps import Announcer
from nicobatch.errors import NicobatchError, Passing, UsageError
from nicobatch.fleet import accounts, exchange, videos
from nicobatch.fleet.database import Connection, Database, Transaction
from nicobatch.fleet.exchange import Exchange, Exchanged
from nicobatch.fleet.known import FleetKnown
from nicobatch.fleet.packing import pack, unpack
from nicobatch.fleet.queue import wake
from nicobatch.fleet.receipts import FleetJournal, key, place
from nicobatch.language import N_, _
from nicobatch.pipeline import Checked, CheckedVideo, Owner, addresses
from nicobatch.pipeline.deciding import Identified, PlannedVideo, decide, wanted
from nicobatch.pipeline.prefetch import Reader
from nicobatch.plan import Plan, Verdict, content
from nicobatch.sites.base import Target

_WORK: Final = {Verdict.CREATE, Verdict.RESUME, Verdict.UPDATE}
_ENDED: Final = {"failed", "refused"}
"""States of rows that say why."""
_TAKEN: Final = N_("the same video file is enqueued as {other}")
_LEAVE_OUT: Final = N_("leave it out here, or set allow_duplicate: true")


class QueueChange(StrEnum):
    """What enqueuing a video came to."""

    NEW = "new"
    CHANGED = "changed"
    AGAIN = "again"
    """It is as it was, and is to be tried again."""
    UNCHANGED = "unchanged"
    REFUSED = "refused"


_FIRST: Final = {
    Verdict.CREATE: QueueChange.NEW,
    Verdict.RESUME: QueueChange.NEW,
    Verdict.UPDATE: QueueChange.CHANGED,
}
"""What is said of a video that the fleet didn't have: it may be published by then."""


@dataclass(frozen=True, slots=True)
class Enqueued:
    """What became of each video, by its key."""

    entries: Mapping[str, QueueChange]
    refused: tuple[Plan, ...]
    """Why videos were refused."""
    taken_in: tuple[Exchanged, ...]
    """Receipts beside the manifests that the database lacked, or had as they were before."""
    gone: tuple[Gone, ...]
    """What manifests had when they were enqueued before, and have no more."""


@dataclass(slots=True)
class _Enqueuing:
    """One enqueuing, within its transaction."""

    connection: Connection
    access: Access
    beside: Beside
    entries: dict[str, QueueChange] = field(default_factory=dict)
    refused: list[Plan] = field(default_factory=list)
    taken_in: list[Exchanged] = field(default_factory=list)
    gone: list[Gone] = field(default_factory=list)
    due: set[Owner] = field(default_factory=set)
    _accounts: Mapping[Owner, int] = field(default_factory=dict)
    _journal: FleetJournal = field(init=False)
    _known: FleetKnown = field(init=False)
    _others: Announcer = field(init=False)

    def __post_init__(self) -> None:
        open_ = Transaction(self.connection)
        self._journal = FleetJournal(open_)
        self._known = FleetKnown(open_, self.beside.files)
        self._others = announcer(self.access.site(), self._journal, threading.Event())

    def hold(self, owners: Sequence[Owner], manifests: Iterable[str]) -> None:
        """Hold all accounts of which anything may be written, those of the manifests' rows, too."""
        rows = (each for name in manifests for each in videos.undone(self.connection, name))
        enqueued = (Owner(site, name) for _id, _video, site, _number, name in rows)
        taken_in = (Owner(each.site, each.account) for each in self.beside.own.values())
        meant = (each for each in (*enqueued, *taken_in) if self.access.means(each.site))
        there = self.access.site()
        origins = {each: there.at(each.site).origin for each in (*owners, *meant)}
        self._accounts = accounts.hold(self.connection, origins)

    def take(self, ready: CheckedVideo, files: Identified, target: Target) -> None:
        """Take in what is known of the video, and write down what is wanted of it."""
        try:
            place(ready.video.manifest)
            refusal = self._take_in(ready, files, target)
            decided = refusal or self._decided(ready, files, target)
        except Passing:  # it is the database that is away
            raise
        except NicobatchError as error:
            decided = _refusal(ready, str(error), error.hint)
        if isinstance(decided, PlannedVideo):
            self._write(decided)
        else:
            self.refuse(decided)

    def refuse(self, refusal: Plan) -> None:
        """Leave the video out, for the plan's reasons."""
        self.entries[refusal.video] = QueueChange.REFUSED
        self.refused.append(refusal)

    def wake(self) -> None:
        """Have the accounts that are due a turn, and let go of those that have nothing to do."""
        for owner in sorted(self.due):
            videos.due(self.connection, self._accounts[owner])
            wake(self.connection, self._accounts[owner])
        accounts.remove_unused(self.connection, list(self._accounts.values()))

    def _take_in(self, ready: CheckedVideo, files: Identified, target: Target) -> Plan | None:
        """Bring the receipt beside the manifest into the table, or return why that can't be.

        One with which the video would be refused stays where it is: what is wrong may be the file.
        """
        video, journal = ready.video, self.beside.journal
        receipt = self.beside.own.get(video.key)
        if receipt is None:
            return None
        if exchange.standing(self.connection, video, receipt) is Exchange.WRITTEN:
            goal = wanted(ready, files.files, target, self._journal, wait=True)
            refusal = plan.decide(goal, receipt, self._known)
            if refusal.verdict is Verdict.REFUSE:
                return refusal
        done = exchange.take_in(self.connection, journal, video, receipt)
        if done.result is Exchange.REFUSED:
            return _refusal(ready, done.message, done.hint)
        if done.result is Exchange.WRITTEN:
            self.taken_in.append(done)
        return None

    def _decided(
        self, ready: CheckedVideo, files: Identified, target: Target
    ) -> PlannedVideo | Plan:
        now = datetime.now(UTC)
        whole, _missing = addresses.known(ready, self._journal, sites.table, now)
        after = self._others.steps(ready.video)
        found = decide(whole, files, target, self._journal, self._known, announcements=after)
        if found.plan.verdict is Verdict.REFUSE:
            return found.plan
        self._known.claim(found.wanted)
        return replace(found, ready=ready)

    def _write(self, decided: PlannedVideo) -> None:
        ready, verdict = decided.ready, decided.plan.verdict
        video = ready.video
        row = key(video.manifest, video.id, video.site)
        owner = Owner.of(video)
        digest = bytes.fromhex(content(decided.wanted.files))
        given = {**row, "account": self._accounts[owner], "content": digest}
        if refusal := self._taken(decided, given):
            self.refuse(refusal)
            return
        there = videos.find(self.connection, given)
        self.entries[video.key] = entry = _entry(ready, digest, verdict, there)
        if entry is not QueueChange.UNCHANGED or there is None or there[2] in _ENDED:
            state = "due" if verdict in _WORK else "done"
            videos.write(self.connection, {**given, "checked": pack(ready), "state": state})
            self.due |= {owner} if verdict in _WORK else set()

    def _taken(self, decided: PlannedVideo, given: Mapping[str, Any]) -> Plan | None:
        """Return why the video is refused, where its file is enqueued under another name."""
        if decided.ready.video.allow_duplicate or decided.plan.verdict is not Verdict.CREATE:
            return None
        other = videos.of_same_file(self.connection, given)
        if not other:
            return None
        return _refusal(decided.ready, _(_TAKEN).format(other=other), _(_LEAVE_OUT))


def enqueue(
    checked: Checked,
    access: Access,
    database: Database,
    *,
    partly: Collection[Path] = (),
    deleted: Collection[Path] = (),
) -> Enqueued:
    """Have the fleet publish what was checked: all of it, or what is not refused, at once.

    Receipts that lie beside the manifests are taken in. What a manifest has no more is removed, but
    not of those that were read `partly`, and so is what `deleted` ones had. Files are read whole.
    It may be done again: what is as it was is left as it is. Raise JournalError where a receipt
    can't be read.
    """
    read, beside = Reader(), Beside.of(checked, journal_for(checked, access))
    files = [_identified(each, read) for each in checked.ready]
    whole = _whole(checked, {*partly, *checked.left_out})

    def work(connection: Connection) -> Enqueued:
        enqueuing = _Enqueuing(connection, access, beside)
        manifests = {**whole, **dict.fromkeys(map(place, deleted))}
        enqueuing.hold(checked.owners, manifests)
        for manifest, kept in manifests.items():
            enqueuing.gone += let_go(connection, access, manifest, kept)
        for ready, found in zip(checked.ready, files, strict=True):
            if isinstance(found, Plan):
                enqueuing.refuse(found)
            else:
                enqueuing.take(ready, found, targets[Owner.of(ready.video)])
        enqueuing.wake()
        return Enqueued(
            enqueuing.entries,
            refused=tuple(enqueuing.refused),
            taken_in=tuple(enqueuing.taken_in),
            gone=tuple(enqueuing.gone),
        )

    with access.site().reaching(checked.owners) as targets:
        return database.transaction(work)


def _whole(checked: Checked, but: Collection[Path]) -> dict[str, set[tuple[str, str]]]:
    """Return the ids and sites of all videos of each manifest but of some."""
    found = defaultdict[str, set[tuple[str, str]]](set)
    for each in checked.videos:
        if each.manifest not in but:
            with contextlib.suppress(UsageError):  # told where its videos are taken
                found[place(each.manifest)].add((each.id, each.site))
    return found


def _identified(ready: CheckedVideo, read: Reader) -> Identified | Plan:
    """Return what the video's files are, or why that can't be said."""
    try:
        return read(replace(ready, known=ready.stored))
    except NicobatchError as error:
        return _refusal(ready, str(error), error.hint)


def _entry(
    ready: CheckedVideo, digest: bytes, verdict: Verdict, row: tuple[str, str, str] | None
) -> QueueChange:
    """Return what is to be said of a video, by its row."""
    if row is None:
        return _FIRST.get(verdict, QueueChange.UNCHANGED)
    checked, content_before, state = row
    if unpack(checked, options_of) != unpack(pack(ready), options_of):
        return QueueChange.CHANGED
    if bytes.fromhex(content_before) != digest:
        return QueueChange.CHANGED
    return QueueChange.AGAIN if verdict in _WORK and state != "due" else QueueChange.UNCHANGED


def _refusal(ready: CheckedVideo, reason: str, hint: str) -> Plan:
    return Plan(video=ready.video.key, verdict=Verdict.REFUSE, reasons=(reason,), hint=hint)
