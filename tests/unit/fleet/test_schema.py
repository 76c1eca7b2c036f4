"""Migrations: what `init` makes, makes again, and refuses to touch."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from nicobatch.errors import UsageError
from nicobatch.fleet.database import Database
from nicobatch.fleet.schema import demand_current, migrate
from nicobatch.model import Secret
from tests.support.postgres import Database as Server


@pytest.fixture
def empty(database: Server) -> Iterator[Database]:
    with closing(Database(Secret(database.dsn), threading.Event())) as opened:
        yield opened


def test_an_empty_database_is_prepared_once(empty: Database) -> None:
    with pytest.raises(UsageError, match="not prepared") as caught:
        demand_current(empty)
    assert "fleet init" in caught.value.hint
    applied = migrate(empty)
    assert applied[0] == "0001_fleet"
    assert all(re.fullmatch(r"[0-9]{4}_\w+", name) for name in applied)
    demand_current(empty)
    assert migrate(empty) == []


def test_what_was_cut_short_is_brought_to_its_end(empty: Database, database: Server) -> None:
    migrate(empty)
    database.sql(
        "DROP TABLE nicobatch_videos, nicobatch_receipts, nicobatch_paces, nicobatch_accounts;"
        "DELETE FROM nicobatch_migrations WHERE name = '0001_fleet'"
    )
    with pytest.raises(UsageError, match="not prepared"):
        demand_current(empty)
    assert migrate(empty) == ["0001_fleet"]


def test_another_applications_queue_is_left_alone(empty: Database, database: Server) -> None:
    database.sql("CREATE TABLE procrastinate_jobs (id int)")
    with pytest.raises(UsageError, match="another application's queue"):
        migrate(empty)
    assert database.sql("SELECT to_regclass('nicobatch_migrations')") == [[""]]


def test_a_newer_versions_database_is_not_worked_on(empty: Database, database: Server) -> None:
    migrate(empty)
    database.sql("INSERT INTO nicobatch_migrations VALUES ('9999_more')")
    with pytest.raises(UsageError, match="prepared by a newer nicobatch") as caught:
        demand_current(empty)
    assert "upgrade" in caught.value.hint
