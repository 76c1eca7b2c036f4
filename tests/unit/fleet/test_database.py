"""The connection: what is told of a server that is away, and what is waited for."""

from __future__ import annotations

import threading

import pytest

from nicobatch.errors import Passing, Stopped, UsageError
from nicobatch.fleet.database import Connection, Database, fetched
from nicobatch.model import Secret
from tests.support.postgres import Postgres
from tests.unit.fleet.conftest import Fleet

NOBODY = "postgresql://me:hunter2@/fleet?host=/nonexistent"


def test_a_server_that_is_away_is_told_of_without_the_password() -> None:
    with pytest.raises(Passing, match=r"the database can't be reached: .*nonexistent") as caught:
        Database(Secret(NOBODY), threading.Event()).rows("SELECT 1")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("dsn", ["hunter2", "postgresql://me:hunter2@h/x?y=z", "host=a hunter2"])
def test_what_is_no_connection_string_is_not_repeated(dsn: str) -> None:
    with pytest.raises(UsageError, match="what FILE has is no connection string") as caught:
        Database(Secret(dsn), threading.Event(), place="FILE")
    assert "hunter2" not in f"{caught.value} {caught.value.hint} {caught.value.__cause__}"


def test_who_waits_for_the_server_stops_when_asked_to() -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(Stopped):
        Database(Secret(NOBODY), stop, patient=True).rows("SELECT 1")


def test_a_cut_connection_is_made_anew(fleet: Fleet) -> None:
    database = fleet.connect(patient=True)
    tries = []

    def work(connection: Connection) -> int:
        tries.append(1)
        fetched(connection, "INSERT INTO nicobatch_migrations (name) VALUES ('try')")
        if len(tries) == 1:
            fleet.server.cut()
        return len(fetched(connection, "SELECT 1 FROM nicobatch_migrations WHERE name = 'try'"))

    assert (database.transaction(work), len(tries)) == (1, 2)


def test_an_impatient_one_says_that_it_was_cut(fleet: Fleet) -> None:
    database = fleet.connect()
    database.rows("SELECT 1")
    fleet.server.cut()
    with pytest.raises(Passing, match="can't be reached"):
        database.rows("SELECT 1")
    assert database.rows("SELECT 1") == [(1,)]


def test_a_restart_is_waited_for(fleet: Fleet, postgres: Postgres) -> None:
    database = fleet.connect(patient=True)
    database.rows("SELECT 1")
    postgres.stop(crash=True)
    later = threading.Timer(0.2, postgres.start)
    later.start()
    try:
        assert database.rows("SELECT 1") == [(1,)]
    finally:
        later.join()
