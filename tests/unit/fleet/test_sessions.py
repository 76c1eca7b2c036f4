"""Sign-ins in the database: sealed, the owner's alone, and by the command as by a worker."""

from __future__ import annotations

import io
import json
import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from nicobatch import sites
from nicobatch.actions.access import Access
from nicobatch.cli.app import run
from nicobatch.config import Given
from nicobatch.errors import UsageError
from nicobatch.fleet.sessions import Key, Sessions, kept
from nicobatch.model import Secret
from tests.unit.fleet.conftest import Fleet

SESSION = "user_session_1_" + "a" * 64


@pytest.fixture
def key(tmp_path: Path) -> Key:
    return Key.made(tmp_path / "folder" / "key")


def of(fleet: Fleet, key: Key, site: str = "niconico") -> Sessions:
    return Sessions(fleet.connect(), key, site, sites.site(site).session)


def test_a_session_comes_back_and_is_not_to_be_seen_in_the_database(fleet: Fleet, key: Key) -> None:
    assert of(fleet, key).get("main") is None
    of(fleet, key).set("main", Secret(SESSION))
    of(fleet, key).set("main", Secret(SESSION))
    found = of(fleet, key).get("main")
    assert found
    assert found.reveal() == SESSION
    assert SESSION not in str(fleet.server.sql("SELECT * FROM nicobatch_sessions"))
    assert [each[:2] for each in kept(fleet.connect())] == [("niconico", "main")]


def test_a_session_is_of_its_own_row_and_key_alone(fleet: Fleet, key: Key, tmp_path: Path) -> None:
    of(fleet, key).set("main", Secret(SESSION))
    other = Key.made(tmp_path / "other")
    with pytest.raises(UsageError, match=r"another key than .*other has"):
        of(fleet, other).get("main")
    with pytest.raises(UsageError, match="another key"):
        of(fleet, other).set("second", Secret(SESSION))
    fleet.server.sql("UPDATE nicobatch_sessions SET name = 'second'")
    with pytest.raises(UsageError, match="sign-in of second is another account's"):
        of(fleet, key).get("second")


@pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX's")
def test_a_key_is_its_owners_alone(key: Key, tmp_path: Path) -> None:
    assert key.file.stat().st_mode & 0o777 == 0o600
    key.file.chmod(0o640)
    with pytest.raises(UsageError, match="others may read the key") as found:
        Key.made(key.file)
    assert f"chmod 600 {key.file}" in found.value.hint
    (tmp_path / "no").write_text("hunter2")
    (tmp_path / "no").chmod(0o600)
    with pytest.raises(UsageError, match="no is no key") as found:
        Key.read(tmp_path / "no")
    assert "hunter2" not in f"{found.value}{found.value.hint}"
    with pytest.raises(UsageError, match="gone can't be read"):
        Key.read(tmp_path / "gone")
    with pytest.raises(UsageError, match="can't be written"):
        Key.made(tmp_path / "no" / "key")


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="only root has such files")
@pytest.mark.parametrize(("mode", "is_taken"), [(0o440, True), (0o444, False), (0o660, False)])
def test_root_may_give_a_key_to_a_group(
    key: Key, monkeypatch: pytest.MonkeyPatch, mode: int, is_taken: bool
) -> None:
    key.file.chmod(mode)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    if is_taken:
        assert Key.read(key.file).file == key.file
    else:
        with pytest.raises(UsageError, match="others may"):
            Key.read(key.file)


def test_a_worker_takes_the_environments_first(
    fleet: Fleet, key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    access = Access(
        api_origin="http://127.0.0.1:1",
        kept=lambda site: Sessions(fleet.connect(), key, site.name, site.session),
    )
    assert access.signed_in_as("main").user_session is None
    of(fleet, key).set("main", Secret(SESSION))
    found = access.signed_in_as("main")
    assert found.user_session
    assert found.user_session.reveal() == SESSION
    assert found.renewed
    found.renewed(Secret(SESSION[:-1] + "b"))
    renewed = of(fleet, key).get("main")
    assert renewed
    assert renewed.reveal().endswith("b")
    monkeypatch.setenv("NICOBATCH_USER_SESSION", SESSION)
    given = access.signed_in_as("main").user_session
    assert given
    assert given.reveal() == SESSION
    assert replace(access, kept=None).signed_in_as("second").renewed is None


def test_the_command_keeps_lists_and_forgets(
    fleet: Fleet,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("NICOBATCH_FLEET_DSN", fleet.server.dsn)

    def session(*words: str) -> int:
        monkeypatch.setattr(sys, "stdin", io.StringIO(f"{SESSION}\n"))
        return run(["fleet", "session", *words], Given())

    assert session("set") == 2
    assert "NICOBATCH_FLEET_KEY_FILE" in capsys.readouterr().err
    monkeypatch.setenv("NICOBATCH_FLEET_KEY_FILE", str(tmp_path / "key"))
    assert session("list") == 0
    assert "no session is kept" in capsys.readouterr().out
    assert session("set", "--account", "shop") == 0
    assert session("set", SESSION) == 2
    assert session("list", "--format", "json") == 0
    out, err = capsys.readouterr()
    assert SESSION not in out + err
    (member,) = [each for each in map(json.loads, out.splitlines()[-2:]) if "account" in each]
    assert (member["site"], member["account"]) == ("niconico", "shop")
    assert session("forget", "--account", "shop") == 0
    assert session("forget", "--account", "shop") == 0
    forgotten, not_there = capsys.readouterr().out.splitlines()
    assert forgotten == "the session of shop is forgotten; it stays valid at niconico"
    assert not_there == "no session of shop is kept in the database"
