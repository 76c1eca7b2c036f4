"""A fleet from end to end in one process: what is enqueued, and what its turns come to."""

from __future__ import annotations

import json
import os
import shutil
import struct
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest

from nicobatch.actions.access import Access
from nicobatch.actions.fleet_turns import FleetTurns, make_worker, sign_in_hint
from nicobatch.cli.app import run
from nicobatch.config import Given
from nicobatch.errors import Passing, UsageError
from nicobatch.events import Event, VideoDone, Waiting
from nicobatch.fleet import accounts
from nicobatch.fleet.database import Connection, Database
from nicobatch.fleet.queue import Seat
from nicobatch.model import Secret
from nicobatch.pipeline import Owner
from nicobatch.sandbox import DEFAULT_ACCOUNTS, Sandbox
from nicobatch.settings import Settings
from tests.support.postgres import Postgres
from tests.unit.fleet.conftest import Fleet, prepare

_T = TypeVar("_T")
_WAITS = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
MAIN = DEFAULT_ACCOUNTS[0]


class Unhurried(threading.Event):
    """A stop that nobody waits for: pauses take no time."""

    def wait(self, timeout: float | None = None) -> bool:
        return self.is_set()


class CutOff(Database):
    """Cuts each transaction off thrice: before it, right before its end, and before its answer."""

    tries = 0
    ends = 0

    def transaction(self, work: Callable[[Connection], _T]) -> _T:
        def cut(connection: Connection) -> _T:
            result = work(connection)
            self.ends += 1
            if self.ends % 2:
                connection.close()
            return result

        return super().transaction(cut)

    def _once(self, work: Callable[[Connection], _T]) -> _T:
        self.tries += 1
        if self.tries % 3 == 1:
            self._let_go()
            raise Passing("cut off")
        result = super()._once(work)
        if self.tries % 3 == 2:
            self._let_go()
            raise Passing("its answer is lost")
        return result


@dataclass
class Depot:
    """A folder with videos, a site, and a fleet."""

    folder: Path
    video: Path
    site: Sandbox
    fleet: Fleet
    capsys: pytest.CaptureFixture[str]
    events: list[Event] = field(default_factory=list)
    faulty: str = ""
    """The video at whose events we fail."""

    def write(self, *names: str, more: str = "", account: str = "main") -> Path:
        path = self.folder / f"{account}.yaml"
        entries = "".join(
            f"  - {{id: {name}, file: {name}.mp4, title: T {name}{more}}}\n" for name in names
        )
        path.write_text(f"version: 1\naccount: {account}\nvideos:\n{entries}", "utf-8")
        for name in names:
            if not (self.folder / f"{name}.mp4").exists():
                self.fill(name, name)
        return path

    def fill(self, name: str, content: str) -> None:
        """Make a video that is like no other one, by a box that players skip."""
        path = self.folder / f"{name}.mp4"
        shutil.copy(self.video, path)
        with path.open("ab") as file:
            file.write(struct.pack(">I4s4s", 12, b"free", content.encode()))

    def enqueue(self, path: Path, *options: str, code: int = 0) -> dict[str, Any]:
        words = ["fleet", "enqueue", str(path), "--format", "json", *options]
        assert run(words, Given()) == code
        found = [json.loads(line) for line in self.capsys.readouterr().out.splitlines()]
        return next(each for each in found if each["event"] == "result")

    def listen(self, event: Event) -> None:
        self.events.append(event)
        assert self.faulty != event.video or 1 / 0

    def turns(self, **settings: Any) -> FleetTurns:
        return FleetTurns(
            site=Access(api_origin=self.site.url).site(),
            settings=Settings(poll_interval=0.01, **settings),
            listen=self.listen,
            address="here",
        )

    def work(self, database: Database | None = None, **settings: Any) -> None:
        """Give every account that is due its turns."""
        seat, turns = Seat(self.fleet.connect(), stall=30.0), self.turns(**settings)
        seat.beat()
        while job := seat.fetch(None):
            turns(job, database or self.fleet.connect(patient=True))
        seat.leave()

    def publish(self, path: Path, *options: str) -> None:
        """Publish without the fleet."""
        assert run(["publish", str(path), "--poll-interval", "0.01", *options], Given()) == 0
        self.capsys.readouterr()

    def created(self) -> int:
        return sum(each["received"]["create"] for each in self.site.audit()["entries"])

    def column(self, name: str, table: str = "videos") -> list[str]:
        rows = self.fleet.server.sql(f"SELECT {name} FROM nicobatch_{table} ORDER BY id")
        return [value for (value,) in rows]

    def published(self) -> list[str]:
        entries = self.site.audit()["entries"]
        return sorted(each["metadata"]["title"] for each in entries if each["published"])


@pytest.fixture
def depot(
    tmp_path: Path,
    small_video: Path,
    sandbox: Sandbox,
    fleet: Fleet,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Depot:
    monkeypatch.setenv("NICOBATCH_API_ORIGIN", sandbox.url)
    monkeypatch.setenv("NICOBATCH_USER_SESSION", MAIN.user_session)
    monkeypatch.setenv("NICOBATCH_FLEET_DSN", fleet.server.dsn)
    return Depot(tmp_path, small_video, sandbox, fleet, capsys)


@pytest.fixture
def fleet(postgres: Postgres) -> Iterator[Fleet]:
    fleet = Fleet(postgres.database(prepare))
    yield fleet
    for each in fleet.made:
        each.close()


def test_enqueuing_says_what_is_new_and_what_has_changed(depot: Depot) -> None:
    path = depot.write("a", "b")
    first = depot.enqueue(path)
    assert (first["new"], first["refused"]) == (2, 0)
    assert first["videos"] == {f"{path}#a": "new", f"{path}#b": "new"}
    assert depot.enqueue(path)["unchanged"] == 2
    depot.write("a", "b", more="!")
    assert depot.enqueue(path)["changed"] == 2
    depot.fill("b", "else")
    again = depot.enqueue(path)
    assert (again["changed"], again["unchanged"]) == (1, 1)
    depot.work()
    assert depot.published() == ["T a!", "T b!"]
    assert depot.column("state") == ["done", "done"]
    assert depot.enqueue(path)["unchanged"] == 2
    depot.write("a", "b")
    assert depot.enqueue(path)["changed"] == 2
    depot.work()
    assert depot.published() == ["T a", "T b"]


def test_a_file_is_one_video_of_an_account(depot: Depot) -> None:
    path = depot.write("a")
    depot.enqueue(path)
    depot.fill("c", "a")
    other = depot.folder / "other.yaml"
    other.write_text("version: 1\nfile: c.mp4\ntitle: C\n", "utf-8")
    assert depot.enqueue(other, code=1)["refused"] == 1
    depot.work()
    refused = depot.enqueue(other, code=1)
    assert refused["videos"] == {f"{other}#c": "refused"}
    assert depot.enqueue(other, "--account", "second")["new"] == 1


def test_what_was_published_without_the_fleet_is_taken_in(depot: Depot) -> None:
    path = depot.write("a", "b")
    depot.publish(path)
    first = depot.enqueue(path)
    assert (first["unchanged"], first["taken_in"]) == (2, 2)
    depot.work()
    assert (depot.created(), depot.published()) == (2, ["T a", "T b"])
    assert depot.enqueue(path)["taken_in"] == 0
    depot.write("a", "b", more="!")
    depot.publish(path)
    depot.write("a", "b", more="?")
    second = depot.enqueue(path)
    assert (second["changed"], second["taken_in"]) == (2, 2)
    depot.work()
    assert (depot.created(), depot.published()) == (2, ["T a?", "T b?"])


def test_receipts_in_a_folder_of_their_own_are_taken_in(depot: Depot) -> None:
    path, apart = depot.write("a"), ("--journal", str(depot.folder / "receipts"))
    depot.publish(path, *apart)
    assert depot.enqueue(path, *apart)["unchanged"] == 1
    depot.work()
    assert depot.created() == 1


def test_what_lies_beside_a_manifest_under_another_name_is_no_new_video(depot: Depot) -> None:
    path = depot.write("a")
    depot.publish(path)
    renamed = path.rename(depot.folder / "renamed.yaml")
    assert depot.enqueue(renamed, code=1)["refused"] == 1
    assert (depot.column("id"), depot.column("id", "accounts")) == ([], [])


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere names are Unicode")
def test_a_manifest_whose_name_is_no_utf_8_is_refused_alone(depot: Depot) -> None:
    odd = depot.write("a").rename(depot.folder / os.fsdecode(b"m\xff.yaml"))
    depot.publish(odd)
    depot.write("b")
    found = depot.enqueue(depot.folder, code=1)
    assert (found["new"], found["refused"]) == (1, 1)


def test_a_copy_of_receipts_leaves_nothing_behind(depot: Depot) -> None:
    path = depot.write("a")
    depot.publish(path)
    depot.enqueue(path)
    copy = shutil.copytree(depot.folder, depot.folder / "copy")
    assert depot.enqueue(copy / path.name, code=1)["refused"] == 1
    assert depot.enqueue(path)["unchanged"] == 1


def test_a_rehearsals_receipts_are_not_taken_in(depot: Depot) -> None:
    path = depot.write("a")
    depot.publish(path)
    with Sandbox(depot.folder / "elsewhere") as other:
        elsewhere = ("--api-origin", other.url)
        assert run(["fleet", "enqueue", str(path), *elsewhere], Given()) == 1
    assert "belongs to" in depot.capsys.readouterr().out
    assert depot.column("id", "accounts") == []


@pytest.mark.parametrize(
    ("here", "there", "entry", "taken_in"),
    [("!", "", "changed", 1), ("", "?", "unchanged", 0), ("!", "?", "refused", 0)],
)
def test_a_receipt_was_changed_in_git_or_by_the_fleet_meanwhile(
    depot: Depot, here: str, there: str, entry: str, taken_in: int
) -> None:
    path = depot.write("a")
    depot.publish(path)
    depot.enqueue(path)
    if there:
        depot.enqueue(depot.write("a", more=there))
        depot.work()
    if here:
        depot.publish(depot.write("a", more=here))
    found = depot.enqueue(path, code=1 if entry == "refused" else 0)
    assert (found[entry], found["taken_in"]) == (1, taken_in)
    depot.work()
    assert (depot.created(), depot.published()) == (1, [f"T a{here or there}"])


def test_what_was_changed_here_and_by_the_fleet_is_put_right_as_it_says(depot: Depot) -> None:
    path, file = depot.write("a"), depot.folder / ".nicobatch" / "main.yaml" / "a.json"
    depot.publish(path)
    depot.enqueue(path)
    depot.enqueue(depot.write("a", more="?"))
    depot.work()
    depot.publish(depot.write("a", more="!"))
    assert run(["fleet", "enqueue", str(path)], Given()) == 1
    out = " ".join(depot.capsys.readouterr().out.split())
    assert "was changed here and in the fleet's database" in out
    assert str(file) in out
    mine = file.read_bytes()
    file.unlink()
    assert run(["fleet", "export", str(path)], Given()) == 0
    depot.capsys.readouterr()
    file.write_bytes(mine)
    assert depot.enqueue(path)["taken_in"] == 1


def test_nothing_is_taken_in_while_a_worker_publishes_for_the_account(depot: Depot) -> None:
    depot.enqueue(depot.write("a"))
    seat = Seat(depot.fleet.connect(), stall=30.0)
    seat.beat()
    job = seat.fetch(None)
    path = depot.write("b")
    depot.publish(path)
    assert depot.enqueue(path, code=1)["refused"] == 1
    assert run(["fleet", "enqueue", str(path)], Given()) == 1
    out = depot.capsys.readouterr().out
    assert "a worker is publishing for main" in out
    assert job
    depot.turns()(job, depot.fleet.connect(patient=True))
    assert depot.enqueue(path)["unchanged"] == 1
    assert depot.created() == 2


def test_what_a_manifest_has_no_more_is_let_go(depot: Depot) -> None:
    path = depot.write("a", "b", "c")
    depot.enqueue(path)
    depot.write("a")
    assert depot.enqueue(Path(f"{path}#a"))["removed"] == 0
    found = depot.enqueue(path)
    assert (found["removed"], found["unchanged"]) == (2, 1)
    depot.write("renamed")
    depot.fill("renamed", "a")
    assert depot.enqueue(path)["removed"] == 1
    depot.work()
    assert depot.published() == ["T renamed"]
    assert depot.enqueue(depot.write("b"))["removed"] == 0


def test_what_was_begun_or_has_its_turn_is_not_let_go(depot: Depot) -> None:
    path = depot.write("a", "b")
    depot.enqueue(path)
    seat = Seat(depot.fleet.connect(), stall=30.0)
    seat.beat()
    job = seat.fetch(None)
    assert job
    depot.write("b")
    assert run(["fleet", "enqueue", str(path)], Given()) == 0
    out = depot.capsys.readouterr().out
    assert f"{path}#a is in its manifest no more, and stays in the fleet: a worker is" in out
    depot.turns()(job, depot.fleet.connect(patient=True))
    depot.fleet.server.sql("UPDATE nicobatch_videos SET state = 'due'")
    assert run(["fleet", "enqueue", str(path)], Given()) == 0
    assert "stays in the fleet: it was begun" in depot.capsys.readouterr().out


def test_what_a_deleted_manifest_had_is_let_go(depot: Depot) -> None:
    path = depot.write("a", "b")
    depot.enqueue(path)
    depot.work()
    depot.enqueue(depot.write("a", "b", "c"))
    path.unlink()
    other = depot.write("d", account="second")
    found = depot.enqueue(depot.folder)
    assert (found["removed"], found["new"]) == (1, 1)
    other.unlink()
    assert run(["fleet", "enqueue", str(depot.write("a"))], Given()) == 0
    assert "gone" not in depot.capsys.readouterr().out  # no folder was named
    assert run(["fleet", "enqueue", str(depot.folder)], Given()) == 0
    assert f"{other}#d is gone with its manifest" in depot.capsys.readouterr().out


@pytest.mark.parametrize("left", ["nothing", "other", "video"])
def test_a_share_that_is_away_empties_no_queue(depot: Depot, left: str) -> None:
    share = depot.folder / "share" / "series"
    share.mkdir(parents=True)
    path = share / "m.yaml"
    shutil.move(depot.write("a"), path)
    shutil.move(depot.folder / "a.mp4", share)
    depot.write("b")
    assert depot.enqueue(depot.folder)["new"] == 2
    path.unlink()
    if left != "video":
        (share / "a.mp4").unlink()
    if left == "other":
        (share / "n.yaml").write_text("version: 1\nfile: ../../b.mp4\ntitle: B\n", "utf-8")
    assert run(["fleet", "enqueue", str(depot.folder), "--format", "json"], Given()) == (
        1 if left == "other" else 0
    )
    events = [json.loads(line) for line in depot.capsys.readouterr().out.splitlines()]
    away = [each["manifest"] for each in events if each["event"] == "away"]
    gone = [each["video"] for each in events if each["event"] == "gone"]
    expected = ([str(path)], []) if left == "nothing" else ([], [f"{path}#a"])
    assert (away, gone) == expected


def test_an_empty_folder_is_told_of_and_its_videos_stay(depot: Depot) -> None:
    path = depot.write("a")
    depot.enqueue(path)
    for each in (path, depot.folder / "a.mp4"):
        each.unlink()
    assert run(["fleet", "enqueue", str(depot.folder)], Given()) == 1
    assert (
        "main.yaml is not there; its videos stay in the fleet (1)" in depot.capsys.readouterr().out
    )
    assert depot.column("state") == ["due"]


def test_a_bug_in_a_turn_blocks_the_account_and_no_other(
    depot: Depot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NICOBATCH_SECOND_USER_SESSION", DEFAULT_ACCOUNTS[1].user_session)
    path = depot.write("a")
    depot.enqueue(path)
    depot.enqueue(depot.write("b", account="second"))
    with monkeypatch.context() as patched:
        patched.setattr(depot, "faulty", f"{path}#a")
        depot.work()
    assert depot.published() == ["T b"]
    assert depot.column("state") == ["due", "done"]
    blocked, fine = depot.column("blocked", "accounts")
    assert blocked.startswith("this is a bug in nicobatch: ZeroDivisionError at test_fleet.py:")
    assert not fine
    told = [each.reason for each in depot.events if isinstance(each, Waiting)]
    assert told[0].startswith("the account main can't publish: this is a bug")
    assert run(["fleet", "resume", "main"], Given()) == 0
    depot.work()
    assert depot.published() == ["T a", "T b"]


def test_what_is_faulty_is_left_out(depot: Depot) -> None:
    path = depot.write("a")
    path.write_text("version: 1\nfile: none.mp4\n", "utf-8")
    assert run(["fleet", "enqueue", str(path)], Given()) == 1
    assert depot.column("id") == []


def test_every_transaction_may_be_cut_off_at_either_end(depot: Depot) -> None:
    depot.enqueue(depot.write("a", "b", "c"))
    with closing(CutOff(Secret(depot.fleet.server.dsn), Unhurried(), patient=True)) as database:
        depot.work(database)
        assert database.tries > 60
    assert depot.published() == ["T a", "T b", "T c"]
    calls = [each["received"] for each in depot.site.audit()["entries"]]
    assert [each["create"] for each in calls] == [1, 1, 1]
    assert depot.column("state") == ["done"] * 3
    assert depot.fleet.server.sql("SELECT count(*) FROM procrastinate_jobs") == [["0"]]


def test_what_a_crash_of_the_database_may_have_undone_is_looked_at_again(depot: Depot) -> None:
    depot.enqueue(depot.write("a"))
    seat = Seat(depot.fleet.connect(), stall=30.0)
    seat.beat()
    job, database = seat.fetch(None), depot.fleet.connect(patient=True)
    assert job
    turns = depot.turns()

    def crash(event: Event) -> None:
        if isinstance(event, VideoDone):
            database.close()

    replace(turns, listen=crash)(job, database)
    assert (depot.column("state"), depot.published()) == (["due"], ["T a"])
    depot.work()
    assert (depot.column("state"), depot.created()) == (["done"], 1)


def test_two_who_enqueue_for_the_same_accounts_wait_for_each_other(depot: Depot) -> None:
    paths = [depot.write("b", account="second"), depot.write("a")]
    words = ["fleet", "enqueue", *map(str, paths)]
    assert run(words, Given()) == 0
    with ThreadPoolExecutor(1) as pool:

        def during(connection: Connection) -> Future[int]:
            accounts.number(connection, Owner("niconico", "main"), depot.site.url)
            other = pool.submit(run, words, Given())
            while not depot.fleet.server.sql(_WAITS):
                assert not other.done()
            accounts.number(connection, Owner("niconico", "second"), depot.site.url)
            return other

        assert depot.fleet.connect().transaction(during).result() == 0


def test_a_file_that_is_not_what_was_enqueued_is_not_published(depot: Depot) -> None:
    path = depot.write("a")
    depot.enqueue(path)
    depot.fill("a", "else")
    depot.work()
    assert (depot.column("state"), depot.published()) == (["failed"], [])
    assert "not the file that was enqueued" in depot.column("message")[0]
    assert depot.enqueue(path)["changed"] == 1
    depot.work()
    assert depot.published() == ["T a"]


def test_an_account_that_must_sign_in_waits_and_loses_nothing(
    depot: Depot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NICOBATCH_USER_SESSION", "user_session_1_nobody")
    depot.enqueue(depot.write("a", "b"))
    depot.work()
    assert depot.column("state") == ["due", "due"]
    assert depot.column("failures", "accounts") == ["1"]
    assert depot.column("blocked", "accounts") != [""]
    assert depot.column("due_at > now() + interval '20 s'", "accounts") == ["t"]
    monkeypatch.setenv("NICOBATCH_USER_SESSION", MAIN.user_session)
    assert run(["fleet", "resume", "main"], Given()) == 0
    depot.work()
    assert (depot.published(), depot.column("blocked", "accounts")) == (["T a", "T b"], [""])


def test_whoever_must_sign_in_is_told_of_the_fleets_own_command(
    depot: Depot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NICOBATCH_USER_SESSION")
    depot.enqueue(depot.write("a", account="second"))
    depot.work()
    (told,) = depot.column("hint", "accounts")
    assert told == (
        "run `nicobatch fleet session set --account second --key-file FILE`, or give the workers"
        " NICOBATCH_SECOND_USER_SESSION; `nicobatch fleet resume second` goes on at once"
    )
    depot.capsys.readouterr()
    assert run(["fleet", "status"], Given()) == 0
    assert f"\nsecond: {told}\n" in depot.capsys.readouterr().out
    hint = sign_in_hint(Owner("bilibili", "a-b"), "run `nicobatch session login`")
    assert "session set --account a-b --site bilibili --key-file" in hint
    assert "NICOBATCH_A_B_BILIBILI_SESSDATA, NICOBATCH_A_B_BILIBILI_BILI_JCT;" in hint
    assert "`nicobatch fleet resume a-b@bilibili`" in hint
    assert sign_in_hint(Owner("niconico", "main"), "ask for a new code") == "ask for a new code"


def test_a_worker_says_what_it_waits_for(depot: Depot) -> None:
    worker = make_worker(depot.turns(), depot.fleet.connect(), served=(), concurrency=1)
    worker.idle(None)
    depot.enqueue(depot.write("a"))
    worker.idle(None)
    depot.fleet.server.sql("UPDATE nicobatch_accounts SET due_at = now() + interval '1 h'")
    worker.idle(None)
    nothing, others, later = depot.events
    assert isinstance(nothing, Waiting)
    assert isinstance(others, Waiting)
    assert isinstance(later, Waiting)
    assert "waits for `nicobatch fleet enqueue`" in nothing.reason
    assert "at other workers" in others.reason
    assert later.reason.startswith("nothing is due before 2")
    assert later.seconds == pytest.approx(3600, abs=60)


def test_what_can_t_be_done_yet_waits_for_its_time(depot: Depot) -> None:
    depot.enqueue(depot.write("a"))
    until = datetime.now(UTC) + timedelta(hours=1)
    depot.fleet.server.sql(
        "INSERT INTO nicobatch_paces (site, origin, account, address, until, why)"
        f" VALUES ('niconico', '{depot.site.url}', 'main', '', '{until.isoformat()}', 'too fast')"
    )
    depot.work()
    assert (depot.column("state"), depot.published()) == (["due"], [])
    assert "too fast; nothing more is asked" in depot.column("message")[0]
    assert depot.column("due_at > now() + interval '59 min'", "accounts") == ["t"]
    assert run(["fleet", "resume", "main"], Given()) == 0
    depot.work()
    assert depot.published() == ["T a"]


def test_a_fleet_of_another_origin_is_not_worked_for(depot: Depot) -> None:
    depot.enqueue(depot.write("a"))
    depot.fleet.server.sql("UPDATE nicobatch_accounts SET origin = 'https://elsewhere'")
    with pytest.raises(UsageError, match="account main is of https://elsewhere"):
        make_worker(depot.turns(), depot.fleet.connect(), served=(), concurrency=1)
    depot.work()
    assert (depot.column("state"), depot.published()) == (["due"], [])
    assert "is of https://elsewhere" in depot.column("blocked", "accounts")[0]
    assert run(["fleet", "enqueue", str(depot.folder / "main.yaml")], Given()) == 2


def test_an_account_is_paused_and_resumed_by_its_name(
    depot: Depot, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["fleet", "pause", "main"], Given()) == 2
    assert "the fleet has no account main" in capsys.readouterr().err
    depot.enqueue(depot.write("a"))
    assert run(["fleet", "pause", "main"], Given()) == 0
    depot.work()
    assert depot.published() == []
    assert run(["fleet", "resume", "main"], Given()) == 0
    depot.work()
    assert depot.published() == ["T a"]
