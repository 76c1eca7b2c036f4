"""Writes one video's receipt: what must not be lost is on disk before the next request leaves."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import IntEnum
from types import MappingProxyType
from typing import Final

from nicobatch.journal import Receipts
from nicobatch.model import Inputs, Video
from nicobatch.pipeline.locking import Guards
from nicobatch.plan import digest
from nicobatch.receipt import Receipt, StepRecord, StepState, Upload
from nicobatch.sites.base import Change

NO_INPUTS: Final[Inputs] = MappingProxyType({})


class Keep(IntEnum):
    """When what is noted has to be written; what is noted beside it goes with it."""

    LATER = 0
    """At the next pause, or the video's end: it is had again at little cost."""
    SOON = 1
    """Before the next request leaves: then only a crash of the machine can undo it."""
    DURABLY = 2
    """Before the next request leaves, on the disk itself: no question would bring it back."""


@dataclass(slots=True, kw_only=True)
class ReceiptWriter:
    """Notes what is learned of one video, and writes it down in time; threads may share it."""

    video: Video
    receipt: Receipt
    """As it is to be: with what is noted, and not yet written."""
    journal: Receipts
    guards: Guards
    """The right to write."""
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    _due: Keep | None = field(default=None, init=False)
    """None where all that is noted is written."""
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def begin(self) -> None:
        """Note a new attempt, which no older one can write over."""
        self.note(lambda receipt: replace(receipt, attempt=receipt.attempt + 1), Keep.SOON)

    def note(self, change: Change, keep: Keep = Keep.DURABLY) -> None:
        """Apply the change to the receipt; nothing is written yet."""
        with self._lock:
            receipt = change(self.receipt)
            if receipt != self.receipt:
                self.receipt = receipt
                self._due = keep if self._due is None else max(keep, self._due)

    def save(self, least: Keep = Keep.LATER) -> None:
        """Write down all that is noted, if any of it has to be kept so well at least.

        Raise JournalError, and Later where the receipt was overtaken; it is not tried again then.
        """
        with self._lock:
            if self._due is None or self._due < least:
                return
            durable, self._due = self._due is Keep.DURABLY, None
            self.guards.check()
            with self.guards.held():
                self.journal.write(self.video, self.receipt, durable=durable)

    def intend(self, step: str, inputs: Inputs, sent: Inputs = NO_INPUTS) -> None:
        """Write down that the step is about to be asked for, and what is `sent` in it."""
        record = self._record(inputs, StepState.OPEN)
        records = {step: replace(record, inputs={**inputs, **sent})}
        self.note(lambda receipt: _with(receipt, records))
        self.save()

    def settle(self, step: str, change: Change) -> None:
        """Note that a step that is open was done as it was begun, and what it brought."""
        at = self._moment()
        record = replace(self.receipt.steps[step], state=StepState.DONE, at=at)
        self.note(lambda receipt: _with(change(receipt), {step: record}))

    def finish(self, step: str, inputs: Inputs, change: Change, keep: Keep = Keep.DURABLY) -> None:
        """Note that the step is done, together with what it brought."""
        self.finish_all({step: inputs}, change, keep)

    def finish_all(
        self, steps: Mapping[str, Inputs], change: Change, keep: Keep = Keep.DURABLY
    ) -> None:
        """Note that the steps are done, together with what they brought."""
        records = {step: self._record(steps[step], StepState.DONE) for step in steps}
        self.note(lambda receipt: _with(change(receipt), records), keep)

    def forget(self, steps: frozenset[str]) -> None:
        """Note that the steps did not happen, or have to happen again."""
        self.note(lambda receipt: _without(receipt, steps), Keep.SOON)

    def forget_parts(self, page: int | None = None) -> None:
        """Note that no part of the page, or of any, has arrived."""

        def change(receipt: Receipt) -> Receipt:
            uploads = {
                number: upload if page not in {None, number} else _unsent(upload)
                for number, upload in receipt.uploads.items()
            }
            return replace(receipt, uploads=uploads)

        self.note(change)

    def abandon(self) -> None:
        """Note that the entry is lost: everything begins again with a new one."""

        def change(receipt: Receipt) -> Receipt:
            lost = (receipt.remote.id,) if receipt.remote else ()
            abandoned = receipt.abandoned + lost
            return replace(receipt, remote=None, uploads={}, steps={}, abandoned=abandoned)

        self.note(change)

    def block(self, entry: str | None) -> None:
        """Note whose entry is in the way: it will never be ours."""

        def change(receipt: Receipt) -> Receipt:
            if entry is None or entry in receipt.blockers:
                return receipt
            return replace(receipt, blockers=(*receipt.blockers, entry))

        self.note(change)

    def _record(self, inputs: Inputs, state: StepState) -> StepRecord:
        same = (each.digest for each in self.receipt.steps.values() if each.inputs is inputs)
        found = next(same, None) or digest(inputs)
        return StepRecord(state=state, digest=found, inputs=inputs, at=self._moment())

    def _moment(self) -> str:
        return self.now().isoformat(timespec="seconds")


def _unsent(upload: Upload) -> Upload:
    return replace(upload, done_parts=frozenset())


def _with(receipt: Receipt, records: Mapping[str, StepRecord]) -> Receipt:
    return replace(receipt, steps={**receipt.steps, **records})


def _without(receipt: Receipt, steps: frozenset[str]) -> Receipt:
    kept = {name: record for name, record in receipt.steps.items() if name not in steps}
    return replace(receipt, steps=kept)
