"""Runs one video's steps, with every intent and every result in the journal.

An intent is there before its request leaves. A result is there before the next one does, but what
is repeated at little cost, or asked for: that goes with the next writing.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from nicobatch import plan
from nicobatch.errors import (
    Again,
    Busy,
    EntryGone,
    NicobatchError,
    Passing,
    StartOver,
    Stopped,
    VideoFailed,
)
from nicobatch.events import ProblemFound, StepDone, StepStarted
from nicobatch.language import N_, _
from nicobatch.model import Inputs, Problem
from nicobatch.pipeline import mending
from nicobatch.pipeline.afterwards import Afterwards
from nicobatch.pipeline.deciding import PlannedVideo
from nicobatch.pipeline.meter import Emit, Meter
from nicobatch.pipeline.receipt_writer import Keep, ReceiptWriter
from nicobatch.pipeline.retry import Retry, told
from nicobatch.pipeline.side_by_side import side_by_side
from nicobatch.plan import Verdict
from nicobatch.receipt import Receipt, StepState, nothing
from nicobatch.sites.base import Call, Change, Job, Role, Step, Target

SMALL: Final = 1_000_000
"""Bytes that are sent in no time: what was prepared for more is written down before them."""
NEW_STARTS: Final = 3
"""How often a video's upload may begin again, by the site's wish, before it counts as failed."""

_UNKNOWN: Final = N_(
    "what became of the step {step} is not known, and the site can't be asked: it is not repeated"
)
_UNKNOWN_HINT: Final = N_(
    "look at the site whether it happened, and go on there by hand; its receipt is {path}"
)
_PUT_BACK: Final = N_("it has to be uploaded again: put {file} back, and run it again")


@dataclass(slots=True, kw_only=True)
class StepRunner:
    """Runs one video's steps."""

    decided: PlannedVideo
    target: Target
    writer: ReceiptWriter
    retry: Retry
    meter: Meter
    emit: Emit
    recheck_duplicates: Callable[[], None]
    """Raises where the site has the video already, made by somebody else or a lost journal's."""
    on_busy: Callable[[Busy], None]
    """Raises where what is in the way won't go by waiting."""
    claimed_ids: Callable[[], Container[str]] = frozenset
    """Looks up the ids that receipts name."""
    spend: Callable[[str], None] = lambda kind: None  # noqa: ARG005 - there is no budget
    """Counts a request of this kind; raises RateLimited where it may not leave yet."""
    announcements: Sequence[Step] = ()
    """What is to be done behind the target's own steps."""
    parallel: int | None = None
    """How many parts the user wants on their way at once."""
    afterwards: Afterwards = field(init=False)

    def __post_init__(self) -> None:
        notice = functools.partial(_notice, self.emit)  # a method would keep all this alive
        self.afterwards = Afterwards(decided=self.decided, writer=self.writer, notice=notice)

    def run(self) -> Receipt:
        """Do every step that is still to be done and return the last receipt."""
        try:
            self.writer.begin()
            return self._run()
        finally:
            self.writer.save()

    def _run(self) -> Receipt:
        steps = self.decided.plan.steps
        for _start in range(NEW_STARTS):
            if self._reaches_the_end(steps):
                return self.writer.receipt
            steps = tuple(self.decided.wanted.steps)
        raise VideoFailed(
            _("the site wanted the upload to begin again {times} times").format(times=NEW_STARTS)
        )

    def _reaches_the_end(self, steps: Sequence[str]) -> bool:
        """Do the steps of these names in order; False asks to begin again, with all of them."""
        by_name = {step.name: step for step in (*self.target.steps, *self.announcements)}
        for name in steps:
            step, inputs = by_name[name], self.decided.wanted.steps[name]
            if not plan.needs(self.writer.receipt, name, inputs):
                continue  # an earlier start has come as far as that
            try:
                do = functools.partial(self._do, step, inputs)
                self.afterwards(step, do) if _comes_after(step) else do()
            except StartOver as error:
                self._forget_parts(error.page)
                return False
            except EntryGone as error:
                if self.writer.receipt.state(self.decided.wanted.publishing_step) is not None:
                    raise
                if self.decided.wanted.is_away:
                    files = ", ".join(map(str, self.decided.ready.video.files))
                    error.hint = _(_PUT_BACK).format(file=files)
                    raise
                self.writer.abandon()
                return False
        return True

    def _do(self, step: Step, inputs: Inputs) -> None:
        spec, sends = step.spec, step.has(Role.SENDS)
        self.emit(StepStarted(step=spec.name, label=spec.label, sends=sends))
        if step.has(Role.SEALS):
            self._check_file()
        if step.ask and self.writer.receipt.state(step.name) is StepState.OPEN:
            self._settle(step, step.ask)
        if plan.needs(self.writer.receipt, step.name, inputs):
            self._perform(step, inputs)
        self.emit(StepDone(step=step.name))

    def _settle(self, step: Step, ask: Callable[[Job], Change | None]) -> None:
        """Close an intent that an earlier run left open, by asking what became of it."""
        self.writer.save(Keep.SOON)
        change = self._patience(step)(lambda: ask(self._job()), self._waiting)
        if change is None:
            self.writer.forget(frozenset({step.name}))
        else:
            self.writer.settle(step.name, change)

    def _perform(self, step: Step, inputs: Inputs) -> None:
        """Make the step's calls; what a part brings is noted at once, the rest with the step."""
        calls, keep = step.calls(self._job()), self._keep(step)
        if step.has(Role.SENDS):
            self.meter.begin(self._received())
            if self.meter.total > SMALL:
                self.writer.save()
            while calls:
                send = functools.partial(self._send, step, inputs)
                side_by_side(send, calls, step.at_once(self._job()))
                calls = step.calls(self._job())
            self.writer.finish(step.name, inputs, nothing, keep)
            return
        for call in calls:
            self.writer.finish(step.name, inputs, self._repeated(step, inputs, call), keep)

    def _keep(self, step: Step) -> Keep:
        """Return when what the step brought has to be written."""
        if step.has(Role.CREATES) or (step.spec.once and step.ask is None):
            return Keep.DURABLY
        return Keep.SOON if step.has(Role.SENDS) or step.has(Role.PUBLISHES) else Keep.LATER

    def _send(self, step: Step, inputs: Inputs, call: Call) -> None:
        change = self._repeated(step, inputs, call)
        self._check_file()  # a part of another file is none of this one's
        self.writer.note(change, self._keep(step))
        if self._received() < self.meter.total:  # the last one goes with what comes next
            self.writer.save(Keep.SOON)

    def _repeated(self, step: Step, inputs: Inputs, call: Call) -> Change:
        attempt = functools.partial(self._attempt, step, inputs, call)
        return self._patience(step)(attempt, self._waiting)

    def _waiting(self, error: Again, seconds: float) -> None:
        """Write down what is noted before a pause, and tell of it."""
        self.writer.save()
        told(self.emit)(error, seconds)

    def _patience(self, step: Step) -> Retry:
        return self.afterwards.patience(step, self.retry) if _comes_after(step) else self.retry

    def _attempt(self, step: Step, inputs: Inputs, call: Call) -> Change:
        """Make one call; before one that can't be repeated blindly, ask, and record the intent."""
        state = self.writer.receipt.state(step.name)
        unsettled, intends = state is StepState.OPEN, step.spec.once and state is None
        may_be_there = step.has(Role.CREATES) and self._may_be_there()
        if not intends or may_be_there:
            self.writer.save(Keep.SOON)
        if unsettled and step.leaves_unknown:
            raise self._unknown(step)
        if (unsettled or may_be_there) and step.ask and (change := step.ask(self._job())):
            return change
        mending.demand_future(step, inputs, self.writer)
        if may_be_there:
            self.recheck_duplicates()
        if intends:
            self.writer.intend(step.name, inputs, step.sent(self._job()))
        self.writer.guards.check()  # as late as can be: a run may be suspended at any moment before
        try:
            return call(replace(self._job(), unsettled=unsettled))
        except NicobatchError as error:
            self._note_failure(step, error, intends=intends)
            mending.advise(error, step, inputs, self.writer, self.target.table)
            raise

    def _may_be_there(self) -> bool:
        """Tell whether the site may have the video, as an earlier run's work or a blocker."""
        receipt, verdict = self.writer.receipt, self.decided.plan.verdict
        return receipt.remote is None and (verdict is not Verdict.CREATE or bool(receipt.blockers))

    def _note_failure(self, step: Step, error: NicobatchError, *, intends: bool) -> None:
        """Write down what a failed call tells; raise where trying it again would be in vain."""
        if isinstance(error, Busy):
            self.writer.block(error.blocker)
        if intends and not _may_have_acted(error):
            self.writer.forget(frozenset({step.name}))
        if isinstance(error, Busy):
            self.on_busy(error)
        if step.leaves_unknown and isinstance(error, Passing) and error.outcome_unknown:
            raise self._unknown(step) from error

    def _unknown(self, step: Step) -> VideoFailed:
        """Return the end of a step of which nobody can tell whether it happened."""
        place = self.writer.journal.path(self.writer.video)
        hint = _(_UNKNOWN_HINT).format(path=place)
        return VideoFailed(_(_UNKNOWN).format(step=step.name), hint, outcome_unknown=True)

    def _job(self) -> Job:
        ready, wanted = self.decided.ready, self.decided.wanted
        return Job(
            video=ready.video,
            medias=ready.medias,
            files=wanted.files,
            receipt=self.writer.receipt,
            progress=self._leave,
            parallel=self.parallel,
            spend=self.spend,
            claimed_ids=self.claimed_ids,
            notice=self.afterwards.notice,
        )

    def _leave(self, size: int) -> None:
        """Count bytes as they leave, which they may as long as this run has the right to."""
        if size > 0:
            self.writer.guards.check()
        self.meter(size)

    def _check_file(self) -> None:
        """Raise VideoFailed once a file is not what it was: no part and no seal counts then."""
        ready = self.decided.ready
        for path, now, before in zip(
            ready.video.files, ready.stamps(), self.decided.identified.stamps, strict=True
        ):
            if now != before:
                raise VideoFailed(
                    _("{name} changed while it was being uploaded, so it is not published").format(
                        name=path.name
                    ),
                    _("run it again once the file is finished: its upload starts over"),
                )

    def _received(self) -> int:
        """Return how many bytes of the files have arrived."""
        files, uploads = self.decided.wanted.files, self.writer.receipt.uploads
        return sum(
            min(upload.part_size, files[page].size - index * upload.part_size)
            for page, upload in uploads.items()
            for index in upload.done_parts
        )

    def _forget_parts(self, page: int | None) -> None:
        """Begin the upload again at part 0 of the same entry; None means all of its files."""
        self.writer.forget(self.target.table.names(Role.SENDS))
        self.writer.forget_parts(page)


def _comes_after(step: Step) -> bool:
    return step.has(Role.PROVES) or step.has(Role.ANNOUNCES)


def _notice(emit: Emit, problem: Problem) -> None:
    emit(ProblemFound(problem=problem))


def _may_have_acted(error: NicobatchError) -> bool:
    """Tell whether the site may have done what we only know the failure of."""
    return isinstance(error, Stopped) or (isinstance(error, Passing) and error.outcome_unknown)
