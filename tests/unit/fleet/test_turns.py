"""Jobs and turns: who has them, who takes them away, and what they leave behind."""

from __future__ import annotations

import itertools
import threading
from dataclasses import dataclass, field

import pytest

from nicobatch.errors import UsageError
from nicobatch.fleet import accounts, turns
from nicobatch.fleet.database import Connection, Database
from nicobatch.fleet.queue import Seat, TurnJob, sweep, wake
from nicobatch.fleet.turns import MOST, End, Rest, Turn
from nicobatch.fleet.worker import Worker
from nicobatch.pipeline import Owner
from tests.unit.fleet.conftest import MAIN, ORIGIN, Fleet

STALL = 30.0
SECOND = Owner("bilibili", "second")


@dataclass
class Bench:
    """A fleet with two accounts, the first of which has a video that is due."""

    fleet: Fleet
    account: int = 0
    second: int = 0
    videos: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.account, self.second = self.fleet.account(), self.fleet.account(SECOND)
        self.database = self.fleet.connect()
        self.enqueue("a")

    def enqueue(self, name: str, *, more: str = "") -> None:
        self.fleet.server.sql(
            "INSERT INTO nicobatch_videos (account_id, manifest, video, site, content, checked,"
            f" state) VALUES ({self.account}, '/m.yaml', '{name}', 'niconico', '', '{name}', 'due')"
            " ON CONFLICT (manifest, video, site) DO UPDATE SET at = now();"
            f"UPDATE nicobatch_accounts SET due_at = now() WHERE id = {self.account}"
        )

    def seat(self) -> Seat:
        seat = Seat(self.fleet.connect(), stall=STALL)
        seat.beat()
        return seat

    def fetch(self, seat: Seat) -> TurnJob:
        job = seat.fetch(None)
        assert job
        return job

    def begin(self, job: TurnJob) -> Turn:
        return self.database.transaction(lambda open_: turns.begin(open_, job))

    def end(self, job: TurnJob, turn: Turn, *states: str, rest: Rest | None = None) -> bool:
        pairs = zip(turn.videos, states, strict=False)
        ends = [End(video=each, state=state, rest=60.0) for each, state in pairs]
        return self.database.transaction(
            lambda open_: turns.end(open_, job, turn, ends, rest or Rest())
        )

    def kill(self) -> None:
        """Let all workers be long dead."""
        self.fleet.server.sql(
            "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '31 s'"
        )

    def sweep(self) -> None:
        self.fleet.connect().transaction(lambda open_: sweep(open_, STALL))

    def jobs(self) -> list[str]:
        rows = self.fleet.server.sql("SELECT status FROM procrastinate_jobs ORDER BY id")
        return [status for (status,) in rows]

    def column(self, name: str) -> str:
        query = f"SELECT {name} FROM nicobatch_accounts WHERE id = {self.account}"
        return self.fleet.server.sql(query)[0][0]


@pytest.fixture
def bench(fleet: Fleet) -> Bench:
    return Bench(fleet)


def test_an_account_has_one_turn_at_a_time(bench: Bench) -> None:
    seat = bench.seat()
    bench.seat()
    assert bench.jobs() == ["todo"]
    job = bench.fetch(seat)
    assert job.account == bench.account
    assert seat.fetch(None) is None
    turn = bench.begin(job)
    assert ([each.checked for each in turn.videos], turn.owner) == (["a"], MAIN)
    bench.database.transaction(wake)
    assert bench.jobs() == ["doing"]
    assert bench.end(job, turn, "done")
    assert (bench.jobs(), bench.column("due_at")) == ([], "")


def test_what_is_left_gets_another_turn_at_once_and_what_rests_does_not(bench: Bench) -> None:
    for number in range(MOST):
        bench.enqueue(f"b{number}")
    seat = bench.seat()
    job = bench.fetch(seat)
    turn = bench.begin(job)
    assert len(turn.videos) == MOST
    assert bench.end(job, turn, *["done"] * MOST)
    assert bench.jobs() == ["todo"]
    job = bench.fetch(seat)
    turn = bench.begin(job)
    assert bench.end(job, turn, "due")
    assert (bench.jobs(), bench.column("due_at > now()")) == ([], "t")


def test_an_account_that_can_t_go_on_waits_whatever_is_due(bench: Bench) -> None:
    job = bench.fetch(bench.seat())
    turn = bench.begin(job)
    assert bench.end(job, turn, rest=Rest(seconds=60.0, failures=1, blocked="sign in"))
    assert bench.jobs() == []
    assert [bench.column(name) for name in ("failures", "blocked")] == ["1", "sign in"]
    accounts.resume(bench.database, MAIN)
    assert [bench.column(name) for name in ("failures", "blocked")] == ["0", ""]
    assert bench.jobs() == ["todo"]


def test_what_was_enqueued_during_the_turn_is_done_in_the_next(bench: Bench) -> None:
    job = bench.fetch(bench.seat())
    turn = bench.begin(job)
    bench.enqueue("a")
    assert bench.end(job, turn, "done")
    assert bench.jobs() == ["todo"]


def test_a_dead_workers_turn_begins_anew(bench: Bench) -> None:
    job = bench.fetch(bench.seat())
    bench.begin(job)
    bench.sweep()
    assert bench.jobs() == ["doing"]
    bench.kill()
    other = bench.seat()
    again = bench.fetch(other)
    assert again == job
    assert bench.fleet.server.sql("SELECT count(*) FROM procrastinate_workers") == [["1"]]


def test_a_dead_workers_turn_ends_where_another_one_waits(bench: Bench) -> None:
    bench.fetch(bench.seat())
    bench.fleet.server.sql(
        "INSERT INTO procrastinate_jobs (queue_name, task_name, lock, queueing_lock, args)"
        " SELECT queue_name, task_name, lock, queueing_lock, args FROM procrastinate_jobs"
    )
    bench.kill()
    bench.sweep()
    assert bench.jobs() == ["failed", "todo"]
    bench.fetch(bench.seat())


def test_two_sweepers_take_a_turn_away_once(bench: Bench) -> None:
    job = bench.fetch(bench.seat())
    epoch = bench.begin(job).epoch
    bench.kill()
    others = [threading.Thread(target=bench.sweep) for _ in range(2)]

    def during(connection: Connection) -> None:
        sweep(connection, STALL)
        for each in others:
            each.start()
        others[0].join(0.1)

    bench.database.transaction(during)
    for each in others:
        each.join()
    assert (bench.jobs(), bench.column("epoch")) == (["todo"], str(epoch + 1))


def test_a_sweeper_waits_for_nobody(bench: Bench) -> None:
    bench.fetch(bench.seat())
    bench.kill()

    def during(connection: Connection) -> None:
        accounts.hold(connection, {SECOND: ORIGIN, MAIN: ORIGIN})
        bench.sweep()

    bench.database.transaction(during)
    assert bench.jobs() == ["doing"]
    bench.sweep()
    assert bench.jobs() == ["todo"]


def test_a_zombie_ends_nobody_elses_job(bench: Bench) -> None:
    job = bench.fetch(bench.seat())
    old = bench.begin(job)
    bench.kill()
    other = bench.seat()
    assert not bench.end(job, old, "done")
    assert bench.jobs() == ["todo"]
    again = bench.fetch(other)
    new = bench.begin(again)
    assert not bench.end(job, old, "done")
    assert bench.jobs() == ["doing"]
    assert bench.end(again, new, "done")


def test_a_worker_that_was_taken_for_dead_makes_itself_known_again(bench: Bench) -> None:
    seat = bench.seat()
    bench.kill()
    bench.sweep()
    assert seat.fetch(None) is None
    seat.beat()
    assert seat.fetch(None) is not None


def test_a_worker_serves_the_accounts_it_is_told_of(bench: Bench) -> None:
    seat = bench.seat()
    assert seat.fetch(accounts.numbers(bench.database, [SECOND, Owner("niconico", "x")])) is None
    assert seat.fetch(accounts.numbers(bench.database, [MAIN]))


def test_a_paused_account_has_no_turns_until_it_is_resumed(bench: Bench) -> None:
    seat = bench.seat()
    accounts.pause(bench.database, MAIN)
    job = bench.fetch(seat)
    turn = bench.begin(job)
    assert turn.videos == ()
    assert bench.end(job, turn)
    seat.beat()
    assert bench.jobs() == []
    accounts.resume(bench.database, MAIN)
    assert bench.jobs() == ["todo"]
    with pytest.raises(UsageError, match="no account x@bilibili"):
        accounts.pause(bench.database, Owner("bilibili", "x"))


def worker(bench: Bench, take: object, idle: list[float | None]) -> Worker:
    database = bench.fleet.connect()
    return Worker(
        database=database,
        take=take,  # type: ignore[arg-type]
        concurrency=1,
        accounts=lambda: None,
        away=lambda error: None,
        idle=lambda served: idle.append(accounts.next_due(database, served)),
        beat=10.0,
        stall=STALL,
    )


def test_a_worker_gives_turns_and_leaves_when_it_is_told_to(bench: Bench) -> None:
    def take(job: TurnJob, database: Database) -> None:
        bench.end(job, bench.begin(job), "done")
        bench.fleet.stop.set()

    idle = list[float | None]()
    assert worker(bench, take, idle).run()
    assert bench.jobs() == []
    assert idle == []
    assert bench.fleet.server.sql("SELECT count(*) FROM procrastinate_workers") == [["0"]]


def test_a_worker_says_once_that_it_waits(bench: Bench) -> None:
    def take(job: TurnJob, database: Database) -> None:
        bench.end(job, bench.begin(job), "due")

    idle, looks = list[float | None](), itertools.count(1)
    made = worker(bench, take, idle)
    made.accounts = lambda: bench.fleet.stop.set() if next(looks) == 4 else None
    made.beat = 0.0
    assert made.run()
    (seconds,) = idle
    assert seconds is not None
    assert 50 < seconds <= 60


def test_a_bug_in_a_turn_ends_the_worker_and_is_told(bench: Bench) -> None:
    def take(job: TurnJob, database: Database) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        worker(bench, take, []).run()
    assert bench.jobs() == ["doing"]
