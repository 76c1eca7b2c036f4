"""Writes one video's receipt: what is in memory is what is on disk."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

from nicobatch.journal import Receipts
from nicobatch.model import Inputs, Video
from nicobatch.pipeline.locking import Guards
from nicobatch.plan import digest
from nicobatch.receipt import Receipt, StepRecord, StepState, Upload
from nicobatch.sites.base import Change

NO_INPUTS: Final[Inputs] = MappingProxyType({})


@dataclass(slots=True, kw_only=True)
class ReceiptWriter:
    """Every change is written before anything is done about it; threads may share it.

    Those that are not `durable` a crash of the journal's machine may undo: they can be had again.
    """

    video: Video
    receipt: Receipt
    journal: Receipts
    guards: Guards
    """The right to write."""
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def begin(self) -> None:
        """Open a new attempt, which no older one can write over, on a disk that takes it."""
        self.change(lambda receipt: replace(receipt, attempt=receipt.attempt + 1), durable=False)

    def change(self, change: Change, *, durable: bool = True) -> None:
        """Apply the change to the receipt; raise JournalError, and Later where it was overtaken."""
        with self._lock:
            receipt = change(self.receipt)
            if receipt != self.receipt:
                self.guards.check()
                with self.guards.held():
                    self.journal.write(self.video, receipt, durable=durable)
                self.receipt = receipt

    def intend(self, step: str, inputs: Inputs, sent: Inputs = NO_INPUTS) -> None:
        """Write down that the step is about to be asked for, and what is `sent` in it."""
        record = self._record(inputs, StepState.OPEN)
        records = {step: replace(record, inputs={**inputs, **sent})}
        self.change(lambda receipt: _with(receipt, records))

    def settle(self, step: str, change: Change) -> None:
        """Write down that a step that is open was done as it was begun, and what it brought."""
        at = self._moment()
        record = replace(self.receipt.steps[step], state=StepState.DONE, at=at)
        self.change(lambda receipt: _with(change(receipt), {step: record}))

    def finish(self, step: str, inputs: Inputs, change: Change, *, durable: bool = True) -> None:
        """Write down that the step is done, together with what it brought."""
        self.finish_all({step: inputs}, change, durable=durable)

    def finish_all(
        self, steps: Mapping[str, Inputs], change: Change, *, durable: bool = True
    ) -> None:
        """Write down, at once, that the steps are done, together with what they brought."""
        records = {step: self._record(steps[step], StepState.DONE) for step in steps}
        self.change(lambda receipt: _with(change(receipt), records), durable=durable)

    def forget(self, steps: frozenset[str]) -> None:
        """Write down that the steps did not happen, or have to happen again."""
        self.change(lambda receipt: _without(receipt, steps))

    def forget_parts(self, page: int | None = None) -> None:
        """Write down that no part of the page, or of any, has arrived."""

        def change(receipt: Receipt) -> Receipt:
            uploads = {
                number: upload if page not in {None, number} else _unsent(upload)
                for number, upload in receipt.uploads.items()
            }
            return replace(receipt, uploads=uploads)

        self.change(change)

    def abandon(self) -> None:
        """Write down that the entry is lost: everything begins again with a new one."""

        def change(receipt: Receipt) -> Receipt:
            lost = (receipt.remote.id,) if receipt.remote else ()
            abandoned = receipt.abandoned + lost
            return replace(receipt, remote=None, uploads={}, steps={}, abandoned=abandoned)

        self.change(change)

    def block(self, entry: str | None) -> None:
        """Write down whose entry is in the way: it will never be ours."""

        def change(receipt: Receipt) -> Receipt:
            if entry is None or entry in receipt.blockers:
                return receipt
            return replace(receipt, blockers=(*receipt.blockers, entry))

        self.change(change)

    def _record(self, inputs: Inputs, state: StepState) -> StepRecord:
        return StepRecord(state=state, digest=digest(inputs), inputs=inputs, at=self._moment())

    def _moment(self) -> str:
        return self.now().isoformat(timespec="seconds")


def _unsent(upload: Upload) -> Upload:
    return replace(upload, done_parts=frozenset())


def _with(receipt: Receipt, records: Mapping[str, StepRecord]) -> Receipt:
    return replace(receipt, steps={**receipt.steps, **records})


def _without(receipt: Receipt, steps: frozenset[str]) -> Receipt:
    kept = {name: record for name, record in receipt.steps.items() if name not in steps}
    return replace(receipt, steps=kept)
