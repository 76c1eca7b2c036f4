"""One account's way through a run: it signs in once, and not before it has to."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Final, Self

from nicobatch import media
from nicobatch.errors import (
    Again,
    Busy,
    JournalError,
    Later,
    Locked,
    NicobatchError,
    NotYet,
    SignInNeeded,
    SiteRefuses,
    Stopped,
)
from nicobatch.locks import Lease
from nicobatch.model import EventKind, Json, Receipt
from nicobatch.pipeline.deciding import Decided, Identified, Ready, decide, identify
from nicobatch.pipeline.doubles import Doubles
from nicobatch.pipeline.ledger import Ledger
from nicobatch.pipeline.meter import Emit, Meter
from nicobatch.pipeline.outcome import Outcome, State
from nicobatch.pipeline.passage import Passage
from nicobatch.pipeline.retry import Budget
from nicobatch.pipeline.run import Run
from nicobatch.plan import Verdict
from nicobatch.target import Target

ACCOUNT_FAULTS: Final = 3
"""Requests' worth of failed tries after which an account's site counts as down."""
VIDEO_FAULTS: Final = 2
"""The same for one video: the rest of the batch may be luckier."""

_AT_REST: Final = {Verdict.UNCHANGED: State.UNCHANGED, Verdict.REFUSE: State.REFUSED}
_ENDS_ACCOUNT: Final = (SignInNeeded, SiteRefuses, Stopped, Later)


class Account:
    """Publishes one account's videos in turn, and lets go of its locks at the end."""

    def __init__(self, run: Run, target: Target, name: str) -> None:
        self._run = run
        self._target = target
        self._name = name
        self._known = run.known_files()
        self._doubles = Doubles(target=target, journal=run.journal, known=lambda: self._known)
        self._budget = Budget(ACCOUNT_FAULTS * run.settings.retry_attempts)
        self._retry = run.retry.within(self._budget)
        self._held = contextlib.ExitStack()
        self._lease: Lease | None = None
        self._signed_in = False
        self._lost: NicobatchError | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self._held.close()
        self._target.close()

    def publish(self, videos: Sequence[Ready]) -> list[Outcome]:
        """Bring every video as far as it can come; never raises what belongs to one of them."""
        with contextlib.closing(_ahead(videos)) as files:
            return [self._publish(ready, file) for ready, file in zip(videos, files, strict=True)]

    def _publish(self, ready: Ready, file: Future[Identified]) -> Outcome:
        outcome = self._outcome(ready, file)
        if outcome.error or outcome.state is State.REFUSED:
            self._run.tell(EventKind.VIDEO_FAILED, outcome.video, outcome.failure())
        else:
            self._run.tell(EventKind.VIDEO_DONE, outcome.video, outcome.success())
        if outcome.state in {State.FAILED, State.REFUSED} and self._run.settings.fail_fast:
            self._run.failed.set()
        if isinstance(outcome.error, _ENDS_ACCOUNT) or self._budget.is_spent:
            self._lost = outcome.error
        return outcome

    def _outcome(self, ready: Ready, file: Future[Identified]) -> Outcome:
        if self._lost or self._run.failed.is_set():
            error = self._lost or Stopped("not tried, as another video failed (--fail-fast)")
            return Outcome.of(ready, State.SKIPPED, error=error)
        decided = None
        try:
            decided = self._decide(ready, _fresh(ready, file))
            if decided.plan.verdict in _AT_REST:
                return Outcome.of(ready, _AT_REST[decided.plan.verdict], decided)
            return self._carry_out(decided)
        except NicobatchError as error:
            receipt = self._newest(ready)
            return Outcome.of(ready, _state(error), decided, receipt=receipt, error=error)

    def _newest(self, ready: Ready) -> Receipt | None:
        """Return what the journal holds after a failure, which may be that it can't be read."""
        try:
            return self._run.journal.read(ready.video)
        except JournalError:
            return None

    def _decide(self, ready: Ready, file: Identified) -> Decided:
        if self._run.stop.is_set():
            raise Stopped
        run = self._run
        wait = run.settings.wait
        return decide(ready, file, self._target, run.journal, self._known, wait=wait)

    def _carry_out(self, decided: Decided) -> Outcome:
        ready = decided.ready

        def emit(kind: EventKind, data: Mapping[str, Json]) -> None:
            self._run.tell(kind, ready.video.key, data)

        emit(EventKind.VIDEO_STARTED, decided.summary())
        with contextlib.ExitStack() as leases:
            guards = self._lock(ready, leases, emit)
            decided = self._decide(ready, decided.identified)  # others may have been at work
            if decided.plan.verdict in _AT_REST:
                return Outcome.of(ready, _AT_REST[decided.plan.verdict], decided)
            self._sign_in(emit)
            look = replace(self._retry, refunds=False)
            refusal = look(lambda: self._doubles.refusal(decided), _told(emit))
            if refusal:
                return Outcome.of(ready, State.REFUSED, replace(decided, plan=refusal))
            receipt = self._pass(decided, guards, emit)
        state = State.UPDATED if decided.plan.verdict is Verdict.UPDATE else State.PUBLISHED
        return Outcome.of(ready, state, decided, receipt=receipt)

    def _lock(self, ready: Ready, leases: contextlib.ExitStack, emit: Emit) -> list[Lease]:
        """Hold the account on this machine from now on; here and the receipt for this video."""
        run, video, account = self._run, ready.video, f"the account {self._name}"
        if self._lease is None:
            path = machine_lock(run.lock_folder, self._target.origin, self._name)
            self._lease = self._held.enter_context(self._acquire(path, account, emit))
            self._known = run.known_files()
        return [
            self._lease,
            leases.enter_context(self._acquire(run.journal.account_lock(video), account, emit)),
            leases.enter_context(
                self._acquire(run.journal.lock(video), f"the video {video.id}", emit)
            ),
        ]

    def _acquire(self, path: Path, name: str, emit: Emit) -> Lease:
        return self._run.retry(lambda: self._run.locks.acquire(path, name), _told(emit))

    def _sign_in(self, emit: Emit) -> None:
        if self._signed_in:
            return
        who = self._retry(self._target.sign_in, _told(emit))
        self._signed_in = True
        emit(EventKind.SIGNED_IN, {"account": self._name, "who": who})

    def _pass(self, decided: Decided, guards: Sequence[Lease], emit: Emit) -> Receipt:
        """Carry the video through; where the sign-in ends on the way, renew it once."""
        run = self._run

        def guard() -> None:
            for lease in guards:
                lease.check()

        passage = Passage(
            decided=decided,
            target=self._target,
            ledger=Ledger(
                video=decided.ready.video,
                receipt=self._receipt(decided),
                journal=run.journal,
                guard=guard,
                hold=guards[-1].held,
                now=run.now,
            ),
            retry=self._retry.within(Budget(VIDEO_FAULTS * run.settings.retry_attempts)),
            meter=Meter(emit, decided.wanted.file.size, run.throttle),
            emit=emit,
            parallel=run.settings.parallel_chunks or self._target.parallel_chunks,
            look_again=lambda: self._doubles.demand_none(decided),
            taken=self._taken,
        )
        try:
            return passage.run()
        except SignInNeeded:
            if not self._target.renews_sign_in:
                raise
        self._signed_in = False
        self._sign_in(emit)
        return passage.run()

    def _taken(self) -> frozenset[int]:
        """Return the ids at this site that receipts name, those of this run included."""
        remotes = self._run.known_files().remotes
        return frozenset(number for origin, number in remotes if origin == self._target.origin)

    def _receipt(self, decided: Decided) -> Receipt:
        """Return the receipt to go on with; until it is sealed, the file may be another one."""
        file, video = decided.wanted.file, decided.ready.video
        if decided.receipt:
            return replace(decided.receipt, file=file)
        return Receipt(
            video=video.id,
            manifest=video.manifest.name,
            origin=self._target.origin,
            profile=self._target.profile,
            account=self._name,
            file=file,
        )


def machine_lock(folder: Path, origin: str, account: str) -> Path:
    """Return where this machine's runs of an account meet; names may not be fit for a file."""
    owner = hashlib.sha256(f"{origin} {account}".encode()).hexdigest()
    return folder / f".account-{owner[:16]}.lock"


def _ahead(videos: Sequence[Ready]) -> Generator[Future[Identified], None, None]:
    """Yield each video's identity; while one is worked on, the file of the next is being read."""
    with ThreadPoolExecutor(1) as reader:
        following = reader.submit(identify, videos[0])
        for ready in videos[1:]:
            current, following = following, reader.submit(identify, ready)
            yield current
        yield following


def _fresh(ready: Ready, file: Future[Identified]) -> Identified:
    """Return the file's identity, read again where it changed while the video waited its turn."""
    identified = file.result()
    if media.unchanged(ready.video.file, identified.stamp):
        return identified
    return identify(ready)


def _told(emit: Emit) -> Callable[[Again, float], None]:
    def waiting(error: Again, seconds: float) -> None:
        emit(EventKind.WAITING, {"reason": str(error), "seconds": round(seconds, 1)})

    return waiting


def _state(error: NicobatchError) -> State:
    if isinstance(error, Stopped):
        return State.STOPPED
    return State.UNFINISHED if isinstance(error, Busy | NotYet | Locked | Later) else State.FAILED
