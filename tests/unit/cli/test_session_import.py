"""`session import`: from a browser's profile to a sign-in that works."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from nicobatch import credentials, installation, sites
from nicobatch.sandbox import Sandbox
from nicobatch.sites.niconico.fields import SITE
from tests.unit.cli.conftest import Cli
from tests.unit.cli.running import MAIN, process
from tests.unit.test_browser import PLACES, add_sealed, changing, chromium, firefox, sealed

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="profiles lie as on Linux")


def test_a_session_is_kept_and_never_shown(cli: Cli, home: Path) -> None:
    firefox(home, (".nicovideo.jp", "user_session", MAIN.user_session))
    result = cli("session", "import", "--browser", "firefox", "--account", "mine")
    store = credentials.Store.of_user(SITE)
    assert (result.code, result.err) == (0, "")
    assert result.out == f"the session of mine, of Firefox, is kept in {store.file}\n"
    assert json.loads(store.file.read_text("utf-8")) == {"mine": MAIN.user_session}
    assert store.file.stat().st_mode & 0o777 == 0o600


def test_what_was_imported_signs_in(
    cli: Cli, home: Path, site: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    firefox(home, (".nicovideo.jp", "user_session", MAIN.user_session))
    assert cli("session", "import", "--browser", "firefox").code == 0
    kept = credentials.Store.of_user(SITE).get("main")
    assert kept
    monkeypatch.setenv("NICOBATCH_USER_SESSION", kept.reveal())
    told = cli("session", "check").out
    assert told == "main is signed in as サンドボックス (user 10000001, premium)\n"


@pytest.mark.parametrize("arguments", [(), ("--browser", "lynx")])
def test_a_browser_has_to_be_named(cli: Cli, arguments: tuple[str, ...]) -> None:
    result = cli("session", "import", *arguments)
    assert result.code == 2
    assert "firefox" in result.err


def test_a_browser_that_is_not_there(cli: Cli, home: Path) -> None:
    result = cli("session", "import", "--browser", "chrome")
    assert result.code == 2
    assert result.err.startswith("error: no cookies of Chrome are found for this user\n")


def test_a_browser_that_is_not_signed_in(cli: Cli, home: Path) -> None:
    firefox(home)
    result = cli("session", "import", "--browser", "firefox")
    assert result.code == 3
    assert not credentials.Store.of_user(SITE).file.exists()


def test_a_cookie_that_can_be_no_session(cli: Cli, home: Path) -> None:
    firefox(home, (".nicovideo.jp", "user_session", "two words"))
    result = cli("session", "import", "--browser", "firefox")
    assert result.code == 2
    assert "what Firefox keeps is no value of the user_session cookie" in result.err
    assert "two words" not in result.err


def test_without_the_extra(cli: Cli, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "browser_cookie3", None)
    result = cli("session", "import", "--browser", "firefox")
    assert result.code == 2
    assert installation.missing("browser") in result.err


def test_a_process_of_its_own(home: Path) -> None:
    firefox(home, (".nicovideo.jp", "user_session", MAIN.user_session))
    result = process("session", "import", "--browser", "firefox")
    assert result.code == 0, result.err
    assert MAIN.user_session not in result.out + result.err


BILIBILI = (
    (".bilibili.com", "SESSDATA", "abc%2C1799999999%2Cdef%2A11"),
    (".bilibili.com", "bili_jct", "0123456789abcdef"),
    (".bilibili.com", "DedeUserID", "10000001"),
    (".bilibili.com", "buvid3", "A-B-Cinfoc"),
    (".bilibili.com.evil.example", "SESSDATA", "evil"),
    (".evilbilibili.com", "bili_jct", "evil"),
    (".bilibili.com", "other", "left"),
)


@pytest.mark.parametrize("name", ["firefox", "chromium"])
def test_another_site_s_cookies_are_taken_whole(cli: Cli, home: Path, name: str) -> None:
    if name == "firefox":
        firefox(home, *BILIBILI)
    else:
        told = {each: sealed(value) for host, each, value in BILIBILI if "evil" not in host}
        path = chromium(home, PLACES["chromium"])
        with changing(path) as database:
            add_sealed(database, ".bilibili.com", told)
    result = cli("session", "import", "--site", "bilibili", "--browser", name)
    assert (result.code, result.err) == (0, "")
    store = credentials.Store.of_user(sites.site("bilibili"))
    assert json.loads(store.file.read_text("utf-8")) == {
        "main": "SESSDATA=abc%2C1799999999%2Cdef%2A11; bili_jct=0123456789abcdef;"
        " DedeUserID=10000001; buvid3=A-B-Cinfoc"
    }
    assert "abc" not in result.out
    assert cli("session", "list").out.splitlines()[-1].startswith("bilibili\tmain\t")


def test_half_of_a_sign_in_is_none(cli: Cli, home: Path) -> None:
    firefox(home, BILIBILI[0])
    result = cli("session", "import", "--site", "bilibili", "--browser", "firefox")
    assert result.code == 3
    assert result.err.startswith("error: Firefox is not signed in to bilibili (in ")
