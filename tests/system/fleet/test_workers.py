"""Workers that are killed, put to sleep, cut off and told to stop: each video is published once."""

from __future__ import annotations

import os
import shutil
import signal
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

import pytest

from nicobatch.fleet.database import Database
from nicobatch.fleet.schema import migrate
from nicobatch.model import Secret
from tests.support.postgres import Database as Server
from tests.support.postgres import Postgres
from tests.support.stages import Stage
from tests.unit.cli.running import end

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows doesn't stop processes")

WORK: Final = ("fleet", "work", "--poll-interval", "0.05", "--format", "json")
ACCOUNTS: Final = ("main", "second")
EACH: Final = 3


def manifest(account: str) -> str:
    return f"version: 1\naccount: {account}\nvideos:\n" + "".join(
        f"  - {{id: {account}-{number}, file: {account}-{number}.mp4, title: {account} {number}}}\n"
        for number in range(EACH)
    )


FILES: Final = [f"{account}-{number}.mp4" for account in ACCOUNTS for number in range(EACH)]


def prepare(dsn: str) -> None:
    with closing(Database(Secret(dsn), threading.Event())) as database:
        migrate(database)


class Fleet(Stage):
    """A stage whose videos are enqueued in a database."""

    server: Server

    def begin(self, server: Server) -> None:
        self.server = server
        self.environment["NICOBATCH_FLEET_DSN"] = server.dsn
        for number, name in enumerate(FILES):
            shutil.copy(self.video, self.folder / name)
            with (self.folder / name).open("ab") as file:  # a box that players skip
                file.write(struct.pack(">I4sI", 12, b"free", number))
        names = [str(self.write(manifest(each), f"{each}.yaml")) for each in ACCOUNTS]
        enqueued = end(self.start("fleet", "enqueue", *names, "--format", "json"))
        assert enqueued.code == 0, enqueued

    def worker(self) -> subprocess.Popen[str]:
        return self.start(*WORK, module="tests.support.fleet")

    def states(self) -> dict[str, int]:
        rows = self.server.sql("SELECT state, count(*) FROM nicobatch_videos GROUP BY state")
        return {state: int(count) for state, count in rows}

    def until_begun(self) -> None:
        until(lambda: len(self.entries()) >= 2)

    def until_done(self) -> None:
        until(lambda: self.states() == {"done": len(FILES)})
        self.demand_published(*FILES)


def until(is_so: Callable[[], bool], seconds: float = 40.0) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@contextmanager
def working(*processes: subprocess.Popen[str]) -> Iterator[None]:
    """End the workers with the test, and demand that they end well."""
    try:
        yield
    except BaseException:
        for each in processes:
            each.kill()
        raise
    for each in processes:
        each.send_signal(signal.SIGTERM)
    for each in processes:
        result = end(each)
        assert result.code in {-signal.SIGKILL, 128 + signal.SIGTERM}, result
        assert "Traceback" not in result.err


@pytest.fixture
def fleet(tmp_path: Path, small_video: Path, postgres: Postgres) -> Iterator[Fleet]:
    with Fleet(tmp_path / "show", small_video) as made:
        made.begin(postgres.database(prepare))
        yield made


def test_a_killed_workers_videos_are_another_ones(fleet: Fleet) -> None:
    first = fleet.worker()
    with working(first):
        fleet.until_begun()
        first.kill()
        second = fleet.worker()
        with working(second):
            fleet.until_done()
    assert fleet.server.sql("SELECT count(*) FROM procrastinate_jobs") == [["0"]]


def test_a_worker_that_slept_too_long_does_nothing_more(fleet: Fleet) -> None:
    first = fleet.worker()
    with working(first):
        fleet.until_begun()
        first.send_signal(signal.SIGSTOP)
        second = fleet.worker()
        with working(second):
            fleet.until_done()
            first.send_signal(signal.SIGCONT)
            time.sleep(0.5)
    fleet.demand_published(*FILES)


def test_a_restarted_database_is_waited_for(fleet: Fleet, postgres: Postgres) -> None:
    worker = fleet.worker()
    with working(worker):
        fleet.until_begun()
        postgres.stop(crash=True)
        time.sleep(0.3)
        before = len(fleet.requests())
        time.sleep(0.5)
        assert len(fleet.requests()) == before
        postgres.start()
        fleet.until_done()
        assert worker.poll() is None


def test_cut_connections_are_made_anew(fleet: Fleet) -> None:
    worker = fleet.worker()
    with working(worker):
        fleet.until_begun()
        for _ in range(10):
            fleet.server.cut()
            time.sleep(0.05)
        fleet.until_done()
        assert worker.poll() is None


def test_a_worker_stops_within_two_seconds_and_another_one_goes_on_at_once(fleet: Fleet) -> None:
    first = fleet.worker()
    fleet.until_begun()
    with working(first):
        begun = time.monotonic()
    assert time.monotonic() - begun < 2
    assert fleet.server.sql("SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'") == [
        ["0"]
    ]
    second = fleet.worker()
    with working(second):
        fleet.until_done()
