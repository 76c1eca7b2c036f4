"""What tests of the fleet rely on: a database each, and a server that ends when it is told to."""

from __future__ import annotations

import pytest

from tests.support.postgres import Database, Postgres


def _prepare(dsn: str) -> None:
    name = dsn.partition("@/")[2].partition("?")[0]
    _prepared.append(name)


_prepared: list[str] = []


def test_a_database_keeps_what_was_committed(database: Database, postgres: Postgres) -> None:
    database.sql("CREATE TABLE kept (n int); INSERT INTO kept VALUES (1), (2)")
    postgres.restart(crash=True)
    postgres.restart()
    assert database.sql("SELECT n, 'え' FROM kept ORDER BY n") == [["1", "え"], ["2", "え"]]
    assert postgres.database().sql("SELECT to_regclass('kept')") == [[""]]


def test_databases_are_prepared_once(postgres: Postgres) -> None:
    first, second = (postgres.database(_prepare) for _ in range(2))
    assert (len(_prepared), first.name == second.name) == (1, False)


def test_a_connection_is_cut(database: Database) -> None:
    with pytest.raises(RuntimeError, match="terminating connection"):
        database.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = pg_backend_pid()"
        )
    assert database.cut() == 0
