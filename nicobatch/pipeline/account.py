"""One account's videos, one after another."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from typing import Final, Self

from nicobatch.errors import Busy, JournalError, NicobatchError, SignInNeeded, Stopped, VideoFailed
from nicobatch.events import ProblemFound
from nicobatch.language import N_, _
from nicobatch.model import Problem
from nicobatch.pipeline.checked import CheckedVideo
from nicobatch.pipeline.deciding import Identified, PlannedVideo, decide, new_receipt, of_files
from nicobatch.pipeline.duplicates import DuplicateCheck, ReceiptCheck
from nicobatch.pipeline.locking import AccountLocks, Guards
from nicobatch.pipeline.meter import Emit, Meter
from nicobatch.pipeline.outcome import Outcome, State
from nicobatch.pipeline.owner import Owner
from nicobatch.pipeline.pace import VIDEO, Pace
from nicobatch.pipeline.prefetch import fresh, prefetch
from nicobatch.pipeline.receipt_writer import ReceiptWriter
from nicobatch.pipeline.resume_order import ResumeOrder
from nicobatch.pipeline.retry import FaultBudget, told
from nicobatch.pipeline.runner import StepRunner
from nicobatch.pipeline.session import Run, SignIn
from nicobatch.plan import Plan, Verdict
from nicobatch.receipt import Receipt
from nicobatch.sites.base import Target

ACCOUNT_FAULTS: Final = 3
"""Requests' worth of failed tries after which an account's site counts as down."""
VIDEO_FAULTS: Final = 2
"""The same for one video: the rest of the batch may be luckier."""

_STRICT: Final = N_(
    "not published: --strict lets no warning pass, and there are some about this batch"
)
_AT_REST: Final = {
    Verdict.UNCHANGED: State.UNCHANGED,
    Verdict.LEAVE: State.LEFT,
    Verdict.REFUSE: State.REFUSED,
}


class Account:
    """One account's queue: publishes its videos in turn, and lets go of its locks at the end."""

    def __init__(
        self, run: Run, target: Target, owner: Owner, plans: Mapping[str, PlannedVideo]
    ) -> None:
        self._run = run
        self._target = target
        self._plans = plans
        self._known = run.known_files()
        self._order = ResumeOrder(owner.site, target, run.journal, run.known_files)
        without = run.settings.without_list
        self._duplicates = DuplicateCheck(target=target, journal=run.journal, without_list=without)
        self._receipts = ReceiptCheck(target, run.journal, without)
        self._budget = FaultBudget(ACCOUNT_FAULTS * run.settings.retry_attempts)
        self._retry = run.retry.within(self._budget)
        self._look = replace(self._retry, refunds=False)
        self._sign_in = SignIn(target, owner, self._retry)
        self._locks = AccountLocks(run.lock_folder, target.origin, owner)
        self._pace = Pace.of(target, owner, run.kept_paces(), run.now, run.settings.space)
        self._lost: NicobatchError | None = None
        self._videos: Sequence[CheckedVideo] = ()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self._locks.close()
        self._target.close()

    def is_warned(self, videos: Sequence[CheckedVideo]) -> bool:
        """Tell whether the site's list warns of creating the videos, having said of what.

        What keeps it from telling is met again by the first video, and is that one's failure.
        """
        self._videos = videos
        new = self._uncreated()
        if not new:
            return False
        emit = self._emitter(new[0])
        try:
            self._hold(emit)
            with self._pace.kept():
                self._sign_in.ensure(emit)
                return self._is_warned(emit)
        except NicobatchError:
            return False

    def refuse(self, videos: Sequence[CheckedVideo]) -> list[Outcome]:
        """Return the end of videos none of which is to be touched."""
        error = VideoFailed(_(_STRICT))
        outcomes = [Outcome.of(each, State.REFUSED, error=error) for each in videos]
        for each in outcomes:
            self._run.tell(each.event(), each.video)
        return outcomes

    def publish(self, videos: Sequence[CheckedVideo]) -> list[Outcome]:
        """Bring every video as far as it can come; never raises what belongs to one of them.

        What was begun comes first: until it is through, the site lets nothing else begin.
        """
        waiting = sorted(videos, key=lambda each: self._run.addresses.depth(each.video))
        self._videos = videos = self._order.first(waiting, self._newest)
        files = prefetch(videos, self._plans, self._run.read)
        with contextlib.closing(files), self._let_go(videos):
            return [self._publish(ready, file) for ready, file in zip(videos, files, strict=True)]

    @contextlib.contextmanager
    def _let_go(self, videos: Sequence[CheckedVideo]) -> Iterator[None]:
        """Let nobody wait any more for the videos after this, whatever happens."""
        try:
            yield
        finally:
            for ready in videos:
                self._run.addresses.ended(ready.video)

    def _publish(self, ready: CheckedVideo, file: Future[Identified]) -> Outcome:
        outcome = self._outcome(ready, file)
        self._run.addresses.ended(ready.video)
        self._run.tell(outcome.event(), outcome.video)
        if outcome.state in {State.FAILED, State.REFUSED} and self._run.settings.fail_fast:
            self._run.failed.set()
        if (outcome.error and outcome.error.ends_account) or self._budget.is_spent:
            self._lost = outcome.error
        return outcome

    def _outcome(self, ready: CheckedVideo, file: Future[Identified]) -> Outcome:
        if self._lost or self._run.failed.is_set():
            error = self._lost or Stopped(_("not tried, as another video failed (--fail-fast)"))
            return Outcome.of(ready, State.SKIPPED, error=error)
        decided = None
        try:
            ready = self._run.addresses.resolved(ready)
            shown = self._plans.get(ready.video.key)
            decided = self._decide(ready, fresh(ready, file, self._run.read), shown)
            if decided.plan.verdict in _AT_REST:
                return Outcome.of(ready, _AT_REST[decided.plan.verdict], decided)
            return self._carry_out(decided)
        except NicobatchError as error:
            receipt = self._newest(ready)
            if isinstance(error, Busy):
                self._order.explain(error, ready.video)
            if isinstance(error, SignInNeeded):
                error.hint = self._run.sign_in_hint(self._sign_in.owner, error.hint)
            error.__traceback__ = None  # whose frames would keep all that this account has read
            return Outcome.of(ready, State.of_error(error), decided, receipt=receipt, error=error)

    def _newest(self, ready: CheckedVideo) -> Receipt | None:
        """Return what the journal holds after a failure, which may be that it can't be read."""
        try:
            return self._run.journal.read(ready.video)
        except JournalError:
            return None

    def _decide(
        self, ready: CheckedVideo, file: Identified, shown: PlannedVideo | None
    ) -> PlannedVideo:
        """Return the plan that was shown, as long as it holds, or else another one."""
        if self._run.stop.is_set():
            raise Stopped
        run = self._run
        if shown and shown.ready == ready and shown.holds(file, run.journal, self._known):
            return shown
        after, wait = run.announcements(ready.video), run.settings.wait
        return decide(
            ready, file, self._target, run.journal, self._known, announcements=after, wait=wait
        )

    def _carry_out(self, decided: PlannedVideo) -> Outcome:
        ready, run = decided.ready, self._run
        emit = self._emitter(ready)
        emit(decided.summary())
        self._hold(emit)
        if not decided.is_afterwards:
            self._keep_apart(emit)
        of_receipt = self._locks.of_receipt(run.journal, ready.video, run.taking(emit))
        with self._pace.kept(), of_receipt as guards:
            decided = self._decide(ready, decided.identified, decided)  # others may be faster
            if decided.plan.verdict in _AT_REST:
                return Outcome.of(ready, _AT_REST[decided.plan.verdict], decided)
            self._known.claim(decided.wanted)
            if not decided.is_afterwards:
                self._sign_in.ensure(emit)
            if refusal := self._refusal(decided, emit):
                return Outcome.of(ready, State.REFUSED, replace(decided, plan=refusal))
            self._look(functools.partial(self._receipts.demand_same, decided), told(emit))
            for warning in decided.warnings():
                emit(ProblemFound(problem=warning))
            runner = self._runner(decided, guards, emit)
            try:
                self._run_steps(runner, emit)
            finally:  # what it made is no stranger to the videos after it
                self._pace.ended(VIDEO)
                self._known.note(decided.wanted.receipt, runner.writer.receipt)
        state, receipt = State.of_decision(decided), runner.writer.receipt
        after, ended = runner.afterwards, Outcome.of(ready, state, decided, receipt=receipt)
        return replace(ended, note=after.note, again_at=after.again_at)

    def _keep_apart(self, emit: Emit) -> None:
        """Wait until the account's last video is as long ago as the user wants, however long."""
        settings = self._run.settings
        patient = replace(settings, busy_timeout=max(settings.busy_timeout, settings.space))
        retry = replace(self._look, settings=patient)
        retry(functools.partial(self._pace.spend, VIDEO), told(emit))

    def _run_steps(self, runner: StepRunner, emit: Emit) -> None:
        """Run the video's steps; where the sign-in ends on the way, renew it once."""
        try:
            runner.run()
        except SignInNeeded:
            if not self._target.renews_sign_in:
                raise
            self._sign_in.renew(emit)
            runner.run()

    def _refusal(self, decided: PlannedVideo, emit: Emit) -> Plan | None:
        """Look into the site's list before a video is created, and say why it must not be."""
        if decided.plan.verdict is not Verdict.CREATE:
            return None
        if self._is_warned(emit) and self._run.settings.strict:
            return Plan(video=decided.plan.video, verdict=Verdict.REFUSE, reasons=(_(_STRICT),))
        return self._look(lambda: self._duplicates.refusal(decided, self._known), told(emit))

    def _is_warned(self, emit: Emit) -> bool:
        """Say, once, what the site's list warns of; tell whether there was anything."""

        def tell(problem: Problem, ready: CheckedVideo) -> None:
            self._run.tell(ProblemFound(problem=problem), ready.video.key)

        return self._look(
            lambda: self._duplicates.is_warned(self._uncreated, self._known, tell), told(emit)
        )

    def _uncreated(self) -> list[CheckedVideo]:
        """Return the videos that have no entry on the site, as far as the journal knows."""
        receipts = ((ready, self._newest(ready)) for ready in self._videos)
        return [ready for ready, receipt in receipts if not (receipt and receipt.remote)]

    def _emitter(self, ready: CheckedVideo) -> Emit:
        return functools.partial(self._run.tell, video=ready.video.key)

    def _hold(self, emit: Emit) -> None:
        """Hold the account on this machine from now on, and learn what others did before."""
        if self._locks.hold(self._run.taking(emit)):
            self._known = self._run.known_files()

    def _runner(self, decided: PlannedVideo, guards: Guards, emit: Emit) -> StepRunner:
        run, video, origin = self._run, decided.ready.video, self._target.origin
        writer = ReceiptWriter(
            video=video,
            receipt=_receipt(decided, self._target),
            journal=run.journal,
            guards=guards,
            now=run.now,
        )

        def on_busy(error: Busy) -> None:
            if writer.receipt.remote is None:
                self._duplicates.in_the_way = error.blocker
            self._order.demand_none(error)

        return StepRunner(
            decided=decided,
            target=self._target,
            announcements=run.announcements(video),
            writer=writer,
            retry=self._retry.within(FaultBudget(VIDEO_FAULTS * run.settings.retry_attempts)),
            meter=Meter(emit, sum(each.size for each in decided.wanted.files), run.throttle),
            emit=emit,
            parallel=run.settings.parallel_chunks,
            recheck_duplicates=lambda: self._duplicates.demand_none(decided, self._known),
            on_busy=on_busy,
            claimed_ids=lambda: run.known_files().ids(video.site, origin),
            spend=self._pace.spend,
        )


def _receipt(decided: PlannedVideo, target: Target) -> Receipt:
    """Return the receipt to go on with; until it is sealed, the file may be another one."""
    if decided.receipt:
        return of_files(decided.receipt, decided.wanted)
    return new_receipt(decided.ready.video, decided.wanted.files, target)
