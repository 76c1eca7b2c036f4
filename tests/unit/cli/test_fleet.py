"""`nicobatch fleet`: how the database is named, and what is said of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nicobatch.cli.app import run
from nicobatch.config import Given
from tests.support.postgres import Database


def fleet(*words: str) -> int:
    return run(["fleet", *words], Given())


@pytest.fixture
def named(database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    monkeypatch.setenv("NICOBATCH_FLEET_DSN", database.dsn)
    return database


def test_init_says_what_it_did(named: Database, capsys: pytest.CaptureFixture[str]) -> None:
    assert fleet("init") == 0
    assert capsys.readouterr().out.startswith("prepared: 0001_fleet")
    assert fleet("init", "--format", "json") == 0
    assert json.loads(capsys.readouterr().out)["applied"] == []


def test_a_file_may_hold_the_connection_string(
    database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fleet("init") == 2
    assert "no database is named" in capsys.readouterr().err
    (tmp_path / "dsn").write_text(f"{database.dsn}\n")
    assert fleet("init", "--dsn-file", str(tmp_path / "dsn")) == 0
    for content in (b"hunter2", b"\xff\xfehunter2", b"", b"\n"):
        (tmp_path / "dsn").write_bytes(content)
        assert fleet("init", "--dsn-file", str(tmp_path / "dsn")) == 2
        err = capsys.readouterr().err
        assert "dsn has is no connection string" in err
        assert "hunter2" not in err


def test_a_database_that_is_away_is_told_of(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NICOBATCH_FLEET_DSN", "postgresql://me:hunter2@/x?host=/nonexistent")
    assert fleet("init") == 1
    err = capsys.readouterr().err
    assert "the database can't be reached" in err
    assert "hunter2" not in err


def test_a_newer_ones_database_and_one_without_rights_are_told_of(
    named: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fleet("init") == 0
    role = f"reader_{named.name}"
    named.sql(f"CREATE ROLE {role} LOGIN PASSWORD 'hunter2'")
    dsn = named.dsn.replace("postgres@", f"{role}:hunter2@")
    capsys.readouterr()
    for command in ("init", "status", "work"):
        with monkeypatch.context() as patched:
            patched.setenv("NICOBATCH_FLEET_DSN", dsn)
            assert fleet(command) == 2
        err = capsys.readouterr().err
        assert "the database's user has not the right: permission denied for" in err
        assert "hunter2" not in err
    named.sql("INSERT INTO nicobatch_migrations (name) VALUES ('9999_next')")
    for command in ("init", "status", "work"):
        assert fleet(command) == 2
        assert "prepared by a newer nicobatch" in capsys.readouterr().err
    named.sql(f"DROP ROLE {role}")
