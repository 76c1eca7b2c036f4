"""`doctor`: what works, what to do, and nothing that may not be shown to everybody."""

from __future__ import annotations

import time
from collections import namedtuple
from pathlib import Path

import pytest

from nicobatch import credentials, sites
from nicobatch.model import Secret
from nicobatch.sandbox import Sandbox
from tests.unit.cli.conftest import Cli
from tests.unit.cli.running import MAIN


def states(cli: Cli, *arguments: str) -> dict[str, list[str]]:
    """Return by topic the states of the findings."""
    found: dict[str, list[str]] = {}
    for each in cli("doctor", "--format", "json", *arguments).of("finding"):
        found.setdefault(each["topic"], []).append(each["state"])
    return found


@pytest.fixture
def kept(home: Path) -> credentials.Store:
    """A sign-in at bilibili that ends in 20 days."""
    store = credentials.Store.of_user(sites.site("bilibili"))
    ends(store, 20)
    return store


def ends(store: credentials.Store, days: int) -> None:
    at = int(time.time()) + days * 86_400 + 60
    store.set("studio", Secret(f"SESSDATA=a%2C{at}%2Cgeheim; bili_jct=geheim"))


def test_all_is_well_and_nothing_is_sent(
    cli: Cli, site: Sandbox, kept: credentials.Store, home: Path
) -> None:
    result = cli("doctor")
    assert result.code == 0
    assert "ok: bilibili: the sign-in of studio is kept, and lasts for 20 more days" in result.out
    assert "note: niconico: no sign-in is kept here" in result.out
    assert "note: the variable NICOBATCH_USER_SESSION is set" in result.out
    assert f"niconico is reached at {site.url}/api, without a proxy" in result.out
    assert "GB are free in ~/.local/state/nicobatch" in result.out
    for secret in ("geheim", MAIN.user_session, str(home)):
        assert secret not in result.out + result.err
    assert site.audit()["requests"] == []


def test_what_is_looked_at(cli: Cli) -> None:
    found = states(cli)
    topics = {"version", "libraries", "extras", "language", "config", "proxy", "sign-in"}
    assert {*topics, "certificates", "clock", "room", "watch"} == {*found}


@pytest.mark.parametrize(
    ("days", "code", "state", "hint"),
    [
        (13, 0, "warning", "session refresh --site bilibili --account studio"),
        (-1, 3, "error", "sign in again"),
    ],
)
def test_a_sign_in_that_ends(
    cli: Cli, kept: credentials.Store, days: int, code: int, state: str, hint: str
) -> None:
    ends(kept, days)
    result = cli("doctor", "--format", "json")
    (found,) = (each for each in result.of("finding") if each["state"] == state)
    assert result.code == code
    assert hint in found["hint"]


def test_sites_are_asked_where_that_is_wanted(
    cli: Cli, site: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = cli("doctor", "--online", "--format", "json")
    online = [each for each in result.of("finding") if each["topic"] == "online"]
    assert [each["state"] for each in online] == ["ok", "error"]
    assert online[0]["message"] == "niconico answers, and accepts the sign-in of main"
    assert "bilibili: main: nobody is signed in" in online[1]["message"]
    assert MAIN.nickname not in result.out
    assert result.code == 3
    monkeypatch.setenv("NICOBATCH_API_ORIGIN", "http://127.0.0.1:1")
    monkeypatch.setattr("nicobatch.pipeline.retry.Retry.__call__", lambda self, call, told: call())
    assert "127.0.0.1:1 can't be reached" in cli("doctor", "--online").out


Usage = namedtuple("Usage", "total used free")  # noqa: PYI024 - shutil's own shape


def test_what_is_wrong_with_the_machine(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://me:geheim@127.0.0.1:3128")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    monkeypatch.setattr("shutil.disk_usage", lambda path: Usage(9, 8, 1))
    monkeypatch.setattr("nicobatch.actions.diagnosing.time.time", lambda: 1_000_000_000.0)
    result = cli("doctor")
    assert result.code == 2
    assert "by the proxy http://127.0.0.1:3128 (HTTPS_PROXY)" in result.out
    assert "geheim" not in result.out
    assert "error: SSL_CERT_FILE names " in result.out
    assert "warning: 0.0 GB are free in " in result.out
    assert "which is before nicobatch was installed" in result.out
    monkeypatch.setenv("HTTPS_PROXY", "nonsense at all")
    assert "error: HTTPS_PROXY does not name a proxy" in cli("doctor").out


@pytest.mark.usefixtures("_rightless")
def test_a_folder_that_takes_nothing(cli: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "shut"
    folder.mkdir(mode=0o500)
    assert f"warning: nothing can be written in {folder}" in cli("doctor", str(folder)).out


def test_a_disk_that_does_not_answer(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(path: object) -> Usage:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("shutil.disk_usage", gone)
    result = cli("doctor")
    assert result.code == 1
    assert "can't be looked at: Input/output error" in result.out
    assert cli("doctor", "nowhere").code == 2


def test_a_store_that_can_not_be_read(cli: Cli, kept: credentials.Store) -> None:
    kept.file.write_text("{", encoding="utf-8")
    result = cli("doctor")
    assert result.code == 2
    assert "sessions-bilibili.json can't be read" in result.out


def test_what_is_set_and_where(cli: Cli, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = home / ".config" / "nicobatch" / "config.yaml"
    path.parent.mkdir(parents=True)
    path.write_text("language: en\noptions:\n  publish: {limit-rate: 5M}\n", encoding="utf-8")
    told = cli("doctor").out
    assert "ok: ~/.config/nicobatch/config.yaml:1: language: en" in told
    assert 'ok: ~/.config/nicobatch/config.yaml:3: options.publish: {"limit-rate": "5M"}' in told
    path.write_text("languge: en\n", encoding="utf-8")
    result = cli("doctor")
    assert result.code == 2
    wrong = "error: ~/.config/nicobatch/config.yaml:1:1: error: the key languge is unknown"
    assert f"{wrong} [unknown-key]\n    did you mean language?\n" in result.out
    assert "GB are free" in result.out
    monkeypatch.setenv("NICOBATCH_CONFIG", "")
    assert "no config is read, as NICOBATCH_CONFIG is empty" in cli("doctor").out
