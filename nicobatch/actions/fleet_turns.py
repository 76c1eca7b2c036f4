"""An account's turn in the fleet: the same batch, steps and retries as of any run."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from nicobatch import sites
from nicobatch.actions import publishing
from nicobatch.actions.access import Site
from nicobatch.actions.announcing import announcer
from nicobatch.credentials import own_variable
from nicobatch.errors import (
    Effect,
    Later,
    NicobatchError,
    Parked,
    UsageError,
    VideoFailed,
    raised_at,
)
from nicobatch.events import Event, Waiting
from nicobatch.fleet import accounts, turns, worker
from nicobatch.fleet.database import Connection, Database
from nicobatch.fleet.fence import Fence
from nicobatch.fleet.known import FleetKnown
from nicobatch.fleet.paces import FleetPaces
from nicobatch.fleet.packing import unpack
from nicobatch.fleet.queue import TurnJob
from nicobatch.fleet.receipts import FleetJournal
from nicobatch.fleet.scratch import Scratch, staging
from nicobatch.fleet.turns import Due, End, Rest, Turn
from nicobatch.fleet.worker import Worker
from nicobatch.language import N_, _
from nicobatch.model import DEFAULT_SITE
from nicobatch.origin import stored
from nicobatch.pipeline import CheckedVideo, Owner
from nicobatch.pipeline.batch import Batch
from nicobatch.pipeline.deciding import Identified
from nicobatch.pipeline.outcome import Outcome, State
from nicobatch.pipeline.session import Run
from nicobatch.plan import content
from nicobatch.settings import Settings
from nicobatch.watch import reporting
from nicobatch.watch.worker import Pauses

_AGAIN: Final = Pauses(30.0, 3600.0)
"""For a video that failed and may not fail again, and for an account that can't go on."""
_LATER: Final = 60.0
"""Seconds after which what nothing is wrong with is looked at again, where nobody says when."""
_OTHER_FILE: Final = N_("{file} is not the file that was enqueued")
_ENQUEUE: Final = N_("enqueue it again")
_BUG: Final = N_("this is a bug in nicobatch: {error} at {places}")
_REPORT: Final = N_(
    "please report it with that line, which holds no secret; what was published stays recorded"
)
_OF_MACHINE: Final = "`nicobatch session"
"""In a hint: a command that keeps a sign-in on one machine."""
_SIGN_IN: Final = N_(
    "run `nicobatch fleet session set --account {account} --key-file FILE`, or give the workers"
    " {variables}; `nicobatch fleet resume {called}` goes on at once"
)
_NOTHING: Final = N_("nothing is due; this worker waits for `nicobatch fleet enqueue`")
_OTHERS: Final = N_("all that is due is at other workers; this one waits for more")
_NOT_YET: Final = N_("nothing is due before {time}; this worker waits")
_IN_STORE: Final = N_("{file} lies in a store, and this worker has no folder to fetch it into")
_GIVE_SCRATCH: Final = N_("give it one: `nicobatch fleet work --scratch DIR`")


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetTurns:
    """Gives accounts their turns; threads may share it."""

    site: Site
    settings: Settings
    listen: Callable[[Event], None]
    scratch: Scratch | None = None
    """Where files that lie in a store are fetched into."""
    address: str
    """Of the line by which this worker asks sites."""

    def __call__(self, job: TurnJob, database: Database) -> None:
        """Publish what is due of the account, and end the job; raise Stopped and nothing else."""
        turn = database.transaction(lambda open_: turns.begin(open_, job))
        fence = Fence(database, turn.account, turn.epoch)
        journal = FleetJournal(database, fence)

        def end(open_: Connection) -> bool:
            told = ends if journal.is_kept else _but_done(ends)
            return turns.end(open_, job, turn, told, rest)

        try:
            run = self._run(journal, fence, database)
            ends, rest = self._published(turn, run) if turn.videos else ([], Rest())
            database.transaction(end)
        except NicobatchError:
            raise
        except Exception as error:  # noqa: BLE001 - what we do wrong for one account is no other's
            self._blocked(_rest(turn, _bug(error)), job, turn, database)

    def _blocked(self, rest: Rest, job: TurnJob, turn: Turn, database: Database) -> None:
        """Say why the account can't go on, and end the job."""
        database.transaction(lambda open_: turns.end(open_, job, turn, [], rest))
        words = reporting.cant_publish(accounts.called(turn.owner), rest.blocked)
        reporting.stamped(self.listen)(Waiting(reason=words, seconds=rest.seconds))

    def _published(self, turn: Turn, run: Run) -> tuple[list[End], Rest]:
        videos = tuple(unpack(each.checked, options_of) for each in turn.videos)
        due = {each.video.key: row for each, row in zip(videos, turn.videos, strict=True)}
        try:
            there = self.site.at(turn.owner.site)
            accounts.demand_origin(turn.owner, turn.origin, there.origin)
            with staged(self.scratch, videos, run) as (ready, staged_run):
                checking = replace(staged_run, read=_Enqueued(due, staged_run.read))
                targets = there.targets([turn.owner], run.stop)
                outcomes = Batch(checking, targets).publish(ready)
        except NicobatchError as error:
            return [], _rest(turn, error)
        ends = (_end(each, due[each.video]) for each in outcomes)
        return list(filter(None, ends)), _rest(turn, _lost(outcomes))

    def _run(self, journal: FleetJournal, fence: Fence, database: Database) -> Run:
        known = FleetKnown(database)
        run = publishing.run_with(
            journal,
            lambda: known,
            settings=self.settings,
            locks=fence,
            stop=database.stop,
            listen=self.listen,
            announcements=announcer(self.site, journal, database.stop).steps,
        )
        return replace(run, paces=FleetPaces(database, self.address), sign_in_hint=sign_in_hint)


@contextlib.contextmanager
def staged(
    scratch: Scratch | None, videos: Sequence[CheckedVideo], run: Run
) -> Iterator[tuple[Sequence[CheckedVideo], Run]]:
    """Give the videos with their files where they can be opened; UsageError where there is none."""
    if scratch:
        with staging(scratch, videos, run) as given:
            yield given
        return
    for each in videos:
        if address := next(filter(None, map(stored, each.video.named)), ""):
            raise UsageError(_(_IN_STORE).format(file=address), _(_GIVE_SCRATCH))
    yield videos, run


@dataclass(frozen=True, slots=True)
class _Enqueued:
    """Identifies files, and refuses those that are not what was checked."""

    due: Mapping[str, Due]
    read: Callable[[CheckedVideo], Identified]

    def __call__(self, ready: CheckedVideo) -> Identified:
        found = self.read(ready)
        if content(found.files) != self.due[ready.video.key].content:
            file = ", ".join(map(str, ready.video.files))
            raise VideoFailed(_(_OTHER_FILE).format(file=file), _(_ENQUEUE))
        return found


def make_worker(
    turns: FleetTurns, database: Database, *, served: Sequence[Owner], concurrency: int
) -> Worker:
    """Return what gives turns; raise UsageError where the fleet's accounts are of other origins.

    `served` are the accounts that it works for; none is all.
    """
    reached = {site: turns.site.at(site).origin for site in sites.SITES}
    accounts.demand_origins(database, reached)
    tell = reporting.stamped(turns.listen)

    def idle(numbers: Sequence[int] | None) -> None:
        seconds = accounts.next_due(database, numbers)
        tell(Waiting(reason=_idle(seconds), seconds=max(0.0, round(seconds or 0.0, 1))))

    return Worker(
        database=database,
        take=turns,
        concurrency=concurrency,
        accounts=lambda: accounts.numbers(database, served) if served else None,
        away=lambda error: tell(Waiting(reason=str(error))),
        idle=idle,
        beat=worker.BEAT,
        stall=worker.STALL,
    )


def _idle(seconds: float | None) -> str:
    """Say what a worker waits for that has nothing to do, by when an account is due."""
    if seconds is None:
        return _(_NOTHING)
    if seconds <= 0:
        return _(_OTHERS)
    at = datetime.now().astimezone() + timedelta(seconds=seconds)
    return _(_NOT_YET).format(time=at.isoformat(" ", "seconds"))


def options_of(site: str) -> type:
    """Return the class of what only the site has of a video."""
    return type(sites.site(site).make({}))


def sign_in_hint(owner: Owner, hint: str) -> str:
    """Return the hint with a fleet's command and variables for a machine's own."""
    if _OF_MACHINE not in hint:
        return hint
    ends = sites.site(owner.site).session.cookies.values()
    names = (own_variable(owner.account, end) for end in ends)
    on = "" if owner.site == DEFAULT_SITE else f" --site {owner.site}"
    account, called = f"{owner.account}{on}", accounts.called(owner)
    return _(_SIGN_IN).format(account=account, called=called, variables=", ".join(names))


def _bug(error: Exception) -> NicobatchError:
    """Return what people are told of a bug of ours."""
    words = _(_BUG).format(error=type(error).__name__, places=raised_at(error))
    return NicobatchError(words, _(_REPORT))


def _end(outcome: Outcome, due: Due) -> End | None:
    """Return what the row is to say; None where nothing was tried, or the account is why."""
    error, now = outcome.error, datetime.now(UTC)
    if outcome.state in {State.SKIPPED, State.STOPPED}:
        return None
    if outcome.state is State.REFUSED:
        reasons, hint = (outcome.plan.reasons, outcome.plan.hint) if outcome.plan else ((), "")
        return End(video=due, state="refused", message="; ".join(reasons) or str(error), hint=hint)
    if error is None:
        rest = outcome.rest(now)
        return End(video=due, state="due" if rest else "done", rest=rest, message=outcome.note)
    if error.effect is Effect.ACCOUNT:
        return None
    end = End(video=due, state="due", message=str(error), hint=error.hint)
    if error.effect is Effect.PERMANENT:
        return replace(end, state="failed")
    if error.effect is Effect.LATER:
        return replace(end, rest=_until(error))
    failures = due.failures + 1
    return replace(end, rest=_AGAIN.after(failures), failures=failures)


def _but_done(ends: Sequence[End]) -> list[End]:
    """Leave to another turn what is done, as a server that crashed may have lost its receipt."""
    return [each for each in ends if each.state != "done"]


def _lost(outcomes: Sequence[Outcome]) -> NicobatchError | None:
    """Return what keeps the account from going on, if anything does."""
    errors = (
        each.error
        for each in outcomes
        if each.error and (each.state is State.SKIPPED or each.error.ends_account)
    )
    return next((each for each in errors if each.effect is not Effect.STOPPED), None)


def _rest(turn: Turn, error: NicobatchError | None) -> Rest:
    """Return how long the account is to wait."""
    if error is None or error.effect is Effect.STOPPED:
        return Rest()
    if error.effect is Effect.LATER:
        return Rest(seconds=_until(error))
    failures = turn.failures + 1
    pause = _AGAIN.after(failures)
    return Rest(seconds=pause, failures=failures, blocked=str(error), hint=error.hint)


def _until(error: NicobatchError) -> float:
    """Return the seconds until the error may be over; another address may be free at once."""
    at = error.retry_at if isinstance(error, Later) else None
    if at is None or (isinstance(error, Parked) and error.of_address):
        return _LATER
    return max(0.0, (at - datetime.now(UTC)).total_seconds())
