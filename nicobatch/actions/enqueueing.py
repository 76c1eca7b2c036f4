"""Enqueuing what was checked for the fleet: what is new of it, and what has changed."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from nicobatch import sites
from nicobatch.actions.access import Access
from nicobatch.actions.announcing import announcer
from nicobatch.actions.fleet_turns import options_of
from nicobatch.errors import NicobatchError, Passing
from nicobatch.fleet import accounts, videos
from nicobatch.fleet.database import Connection, Database
from nicobatch.fleet.known import FleetKnown
from nicobatch.fleet.packing import pack, unpack
from nicobatch.fleet.queue import wake
from nicobatch.fleet.receipts import FleetJournal, key, place
from nicobatch.language import N_, _
from nicobatch.pipeline import Checked, CheckedVideo, Owner, addresses
from nicobatch.pipeline.deciding import PlannedVideo, decide
from nicobatch.pipeline.prefetch import Reader
from nicobatch.plan import Plan, Verdict, content
from nicobatch.sites.base import Target

_WORK: Final = {Verdict.CREATE, Verdict.RESUME, Verdict.UPDATE}
_TAKEN: Final = N_("the same video file is enqueued as {other}")
_LEAVE_OUT: Final = N_("leave it out here, or set allow_duplicate: true")


class Entry(StrEnum):
    """What enqueuing a video came to."""

    NEW = "new"
    CHANGED = "changed"
    AGAIN = "again"
    """It is as it was, and is to be tried again."""
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Enqueued:
    """What became of each video, by its key."""

    entries: Mapping[str, Entry]
    refused: tuple[Plan, ...]
    """Why videos were refused."""


@dataclass(slots=True)
class _Enqueuing:
    """One enqueuing, within its transaction."""

    connection: Connection
    entries: dict[str, Entry] = field(default_factory=dict)
    refused: list[Plan] = field(default_factory=list)
    due: set[int] = field(default_factory=set)

    def take(self, decided: PlannedVideo, origin: str) -> None:
        """Write down what is wanted of the video."""
        ready = decided.ready
        video, plan = ready.video, decided.plan
        row = key(video.manifest, video.id, video.site)
        account = accounts.number(self.connection, Owner.of(video), origin)
        given = {**row, "account": account, "content": bytes.fromhex(content(decided.wanted.files))}
        refusal = plan if plan.verdict is Verdict.REFUSE else self._taken(decided, given)
        if refusal:
            self.refuse(refusal)
            return
        is_due = plan.verdict in _WORK
        entry = self._entry(ready, given, is_due=is_due)
        self.entries[video.key] = entry
        if entry is not Entry.UNCHANGED:
            state = "due" if is_due else "done"
            videos.write(self.connection, {**given, "checked": pack(ready), "state": state})
            self.due |= {account} if is_due else set()

    def refuse(self, plan: Plan) -> None:
        """Leave the video out, for the plan's reasons."""
        self.entries[plan.video] = Entry.REFUSED
        self.refused.append(plan)

    def wake(self) -> None:
        """Have the accounts that are due a turn."""
        for account in sorted(self.due):
            videos.due(self.connection, account)
            wake(self.connection, account)

    def _entry(self, ready: CheckedVideo, given: Mapping[str, Any], *, is_due: bool) -> Entry:
        row = videos.find(self.connection, given)
        if row is None:
            return Entry.NEW
        checked, digest, state = row
        if unpack(checked, options_of) != unpack(pack(ready), options_of):
            return Entry.CHANGED
        if bytes.fromhex(digest) != given["content"]:
            return Entry.CHANGED
        return Entry.AGAIN if is_due and state != "due" else Entry.UNCHANGED

    def _taken(self, decided: PlannedVideo, given: Mapping[str, Any]) -> Plan | None:
        """Return why the video is refused, where its file is enqueued under another name."""
        video, plan = decided.ready.video, decided.plan
        if video.allow_duplicate or plan.verdict is not Verdict.CREATE:
            return None
        other = videos.of_same_file(self.connection, given)
        if not other:
            return None
        reason = _(_TAKEN).format(other=other)
        return Plan(video=video.key, verdict=Verdict.REFUSE, reasons=(reason,), hint=_(_LEAVE_OUT))


def enqueue(checked: Checked, access: Access, database: Database) -> Enqueued:
    """Have the fleet publish what was checked: all of it, or what is not refused, at once.

    Files are read whole. It may be done again: what is as it was is left as it is.
    """
    journal, known, read = FleetJournal(database), FleetKnown(database), Reader()
    others = announcer(access.site(), journal, threading.Event())
    decided = list[PlannedVideo | Plan]()

    def plan(ready: CheckedVideo, target: Target) -> PlannedVideo | Plan:
        try:
            place(ready.video.manifest)
            whole, _missing = addresses.known(ready, journal, sites.table, datetime.now(UTC))
            after = others.steps(ready.video)
            files = read(replace(ready, known=ready.stored))
            found = decide(whole, files, target, journal, known, announcements=after)
        except Passing:  # it is the database that is away
            raise
        except NicobatchError as error:
            reasons = (str(error),)
            return Plan(
                video=ready.video.key, verdict=Verdict.REFUSE, reasons=reasons, hint=error.hint
            )
        if found.plan.verdict is not Verdict.REFUSE:
            known.claim(found.wanted)
        return replace(found, ready=ready)

    with access.site().reaching(checked.owners) as targets:
        origins = {owner: target.origin for owner, target in targets.items()}
        for ready in checked.ready:
            decided.append(plan(ready, targets[Owner.of(ready.video)]))

    def work(connection: Connection) -> Enqueued:
        enqueuing = _Enqueuing(connection)
        for each in decided:
            if isinstance(each, Plan):
                enqueuing.refuse(each)
            else:
                enqueuing.take(each, origins[Owner.of(each.ready.video)])
        enqueuing.wake()
        return Enqueued(enqueuing.entries, tuple(enqueuing.refused))

    return database.transaction(work)
