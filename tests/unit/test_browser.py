"""The sign-in of a browser, from real profiles as browsers on Linux leave them in a home."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import sqlite3
import stat
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from nicobatch import browser, installation
from nicobatch.errors import NicobatchError, SignInNeeded, UsageError
from nicobatch.sites.niconico.fields import SITE

browser_cookie3 = pytest.importorskip("browser_cookie3")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="profiles lie as on Linux")

SESSION = "user_session_1234567_0123456789abcdef"
OTHER = "user_session_7654321_fedcba9876543210"
PLACES = {
    "chrome": ".config/google-chrome/Default/Cookies",
    "edge": ".config/microsoft-edge/Default/Cookies",
    "chromium": ".config/chromium/Default/Cookies",
}
MOZ_COOKIES = """
CREATE TABLE moz_cookies (
    id INTEGER PRIMARY KEY, originAttributes TEXT NOT NULL DEFAULT '', name TEXT, value TEXT,
    host TEXT, path TEXT, expiry INTEGER, lastAccessed INTEGER, creationTime INTEGER,
    isSecure INTEGER, isHttpOnly INTEGER, inBrowserElement INTEGER DEFAULT 0,
    sameSite INTEGER DEFAULT 0, rawSameSite INTEGER DEFAULT 0, schemeMap INTEGER DEFAULT 0,
    CONSTRAINT moz_uniqueid UNIQUE (name, host, path, originAttributes)
)
"""
CHROMIUM_COOKIES = """
CREATE TABLE cookies (
    creation_utc INTEGER NOT NULL, host_key TEXT NOT NULL, top_frame_site_key TEXT NOT NULL,
    name TEXT NOT NULL, value TEXT NOT NULL, encrypted_value BLOB NOT NULL, path TEXT NOT NULL,
    expires_utc INTEGER NOT NULL, is_secure INTEGER NOT NULL, is_httponly INTEGER NOT NULL
)
"""


@pytest.fixture(autouse=True)
def _no_bus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)


@contextlib.contextmanager
def changing(path: Path) -> Iterator[sqlite3.Connection]:
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        yield database


def firefox(
    home: Path, *cookies: tuple[str, str, str], folder: str = "abc.default-release"
) -> Path:
    """Make a Firefox profile with these cookies (host, name, value); return its database."""
    root = home / ".mozilla" / "firefox"
    (root / folder).mkdir(parents=True)
    (root / "profiles.ini").write_text(
        f"[Install4F96D1932A9F858E]\nDefault={folder}\nLocked=1\n\n"
        f"[Profile0]\nName=default-release\nIsRelative=1\nPath={folder}\n\n"
        "[General]\nStartWithLastProfile=1\nVersion=2\n"
    )
    path = root / folder / "cookies.sqlite"
    with changing(path) as database:
        database.execute(MOZ_COOKIES)
        add(database, *cookies)
    return path


def add(database: sqlite3.Connection, *cookies: tuple[str, str, str]) -> None:
    database.executemany(
        "INSERT INTO moz_cookies (host, name, value, path, expiry, isSecure, isHttpOnly)"
        " VALUES (?, ?, ?, '/', 1900000000, 1, 1)",
        cookies,
    )


def sealed(
    value: str, *, host: str = "", password: bytes = b"peanuts", mark: bytes = b"v10"
) -> bytes:
    """Encrypt as Chromium does on Linux (os_crypt_linux.cc); since version 24 a sum goes first."""
    from Cryptodome.Cipher import AES
    from Cryptodome.Util.Padding import pad

    key = hashlib.pbkdf2_hmac("sha1", password, b"saltysalt", 1, 16)
    plain = (hashlib.sha256(host.encode()).digest() if host else b"") + value.encode()
    encrypted: bytes = AES.new(key, AES.MODE_CBC, b" " * 16).encrypt(pad(plain, 16))
    return mark + encrypted


def chromium(home: Path, place: str, *, version: int = 23, **cookies: bytes) -> Path:
    """Make a Chromium profile with these encrypted cookies of niconico; return its database."""
    path = home / place
    path.parent.mkdir(parents=True)
    with changing(path) as database:
        database.execute(CHROMIUM_COOKIES)
        database.execute("CREATE TABLE meta (key TEXT UNIQUE, value TEXT)")
        database.execute("INSERT INTO meta VALUES ('version', ?)", (str(version),))
        add_sealed(database, ".nicovideo.jp", cookies)
    return path


def add_sealed(database: sqlite3.Connection, host: str, cookies: Mapping[str, bytes]) -> None:
    database.executemany(
        "INSERT INTO cookies VALUES (1, ?, '', ?, '', ?, '/', 0, 1, 1)",
        [(host, *each) for each in cookies.items()],
    )


def refusal(name: str) -> NicobatchError:
    """Return how the import fails, which never shows a cookie."""
    with pytest.raises(NicobatchError) as caught:
        browser.session_of(name, SITE)
    assert SESSION not in f"{caught.value}{caught.value.hint}"
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None or caught.value.__suppress_context__
    return caught.value


# Firefox


def test_firefox(home: Path) -> None:
    firefox(home, (".nicovideo.jp", "nicosid", "1.2"), (".nicovideo.jp", "user_session", SESSION))
    found = browser.session_of("firefox", SITE)
    assert found.reveal() == SESSION
    assert SESSION not in repr(found)


def test_what_a_running_firefox_has_not_merged_yet(home: Path) -> None:
    path = firefox(home)
    with contextlib.closing(sqlite3.connect(path)) as running:
        running.execute("PRAGMA journal_mode=WAL")
        with running:
            add(running, (".nicovideo.jp", "user_session", SESSION))
        assert path.with_name("cookies.sqlite-wal").stat().st_size
        assert browser.session_of("firefox", SITE).reveal() == SESSION


@pytest.mark.parametrize(
    ("cookies", "expected"),
    [
        ([(".nicovideo.jp", SESSION), ("www.nicovideo.jp", OTHER)], SESSION),
        ([("www.nicovideo.jp", OTHER), (".nicovideo.jp", SESSION)], SESSION),
        ([("nicovideo.jp", SESSION), ("nicovideo.jp.example.com", OTHER)], SESSION),
        ([("www.nicovideo.jp", SESSION), ("evilnicovideo.jp", OTHER)], SESSION),
    ],
)
def test_which_of_several(home: Path, cookies: list[tuple[str, str]], expected: str) -> None:
    firefox(home, *((host, "user_session", value) for host, value in cookies))
    assert browser.session_of("firefox", SITE).reveal() == expected


@pytest.mark.parametrize(
    "cookie",
    [
        (".nicovideo.jp", "nicosid", SESSION),
        (".nicovideo.jp", "user_session_secure", SESSION),
        (".evilnicovideo.jp", "user_session", SESSION),
        (".nicovideo.jp.example.com", "user_session", SESSION),
        (".example.com", "user_session", SESSION),
    ],
)
def test_not_signed_in(home: Path, cookie: tuple[str, str, str]) -> None:
    place = firefox(home, cookie).parent
    error = refusal("firefox")
    assert isinstance(error, SignInNeeded)
    assert str(error) == f"Firefox is not signed in to niconico (in {place})"
    assert "sign in at https://www.nicovideo.jp with Firefox" in error.hint


@pytest.mark.parametrize("name", browser.BROWSERS)
def test_no_such_browser(home: Path, name: str) -> None:
    error = refusal(name)
    assert isinstance(error, UsageError)
    assert str(error) == f"no cookies of {browser.BROWSERS[name]} are found for this user"
    assert "nicobatch session set" in error.hint


def broken_profiles(path: Path) -> None:
    (path.parents[1] / "profiles.ini").write_text("no section")


def folder_instead(path: Path) -> None:
    path.unlink()
    path.mkdir()


def no_database(path: Path) -> None:
    path.write_bytes(b"not a database, but long enough to be one" * 30)


def cut_short(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)


def no_table(path: Path) -> None:
    with changing(path) as database:
        database.execute("DROP TABLE moz_cookies")


@pytest.mark.parametrize(
    "harm", [broken_profiles, folder_instead, no_database, cut_short, no_table]
)
def test_a_profile_that_can_not_be_read(home: Path, harm: Any) -> None:
    harm(firefox(home, (".nicovideo.jp", "user_session", SESSION)))
    error = refusal("firefox")
    assert isinstance(error, UsageError)
    assert str(error).startswith("the cookies of Firefox can't be read: it may keep them locked")
    assert error.hint.startswith("close Firefox and run this again")


def test_copies_are_the_users_alone_and_gone_at_the_end(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    firefox(home, (".nicovideo.jp", "user_session", SESSION))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    seen: list[tuple[str, int]] = []
    copyfile = shutil.copyfile

    def watched(source: Any, target: Any) -> Any:
        result = copyfile(source, target)
        seen.append((str(target), stat.S_IMODE(Path(target).stat().st_mode)))
        return result

    monkeypatch.setattr(shutil, "copyfile", watched)
    before = os.umask(0o022)
    try:
        assert browser.session_of("firefox", SITE).reveal() == SESSION
        assert os.umask(0o022) == 0o022
    finally:
        os.umask(before)
    assert seen
    assert {mode for _, mode in seen} == {0o600}
    assert list(tmp_path.iterdir()) == []


def test_the_library_says_nothing_by_itself(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = firefox(home, (".nicovideo.jp", "user_session", SESSION))
    path.with_name("sessionstore.js").write_text(f"{{{SESSION}")
    assert browser.session_of("firefox", SITE).reveal() == SESSION
    assert capsys.readouterr() == ("", "")


# Chromium and its kin


@pytest.mark.parametrize("name", PLACES)
def test_chromium(home: Path, name: str) -> None:
    chromium(home, PLACES[name], user_session=sealed(SESSION), nicosid=sealed("1.2"))
    assert browser.session_of(name, SITE).reveal() == SESSION


def test_chromium_since_version_24(home: Path) -> None:
    value = sealed(SESSION, host=".nicovideo.jp")
    chromium(home, PLACES["chrome"], version=24, user_session=value)
    assert browser.session_of("chrome", SITE).reveal() == SESSION


@pytest.mark.parametrize("bus", ["unix:path=/nonexistent/bus", "tcp:host=127.0.0.1,port=1", "x"])
def test_a_bus_that_is_not_there(home: Path, monkeypatch: pytest.MonkeyPatch, bus: str) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus)
    chromium(home, PLACES["chrome"], user_session=sealed(SESSION))
    connect = browser_cookie3.open_dbus_connection
    assert browser.session_of("chrome", SITE).reveal() == SESSION
    assert browser_cookie3.open_dbus_connection is connect


def test_a_system_without_a_bus_is_none_of_its_business(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(browser_cookie3, "open_dbus_connection")
    firefox(home, (".nicovideo.jp", "user_session", SESSION))
    assert browser.session_of("firefox", SITE).reveal() == SESSION


@pytest.mark.parametrize(
    "value",
    [
        sealed(SESSION, password=b"of a keyring", mark=b"v11"),
        sealed(SESSION, password=b"of another home"),
        sealed(SESSION, mark=b"v20"),
        b"v10" + b"odd",
        b"",
    ],
    ids=["keyring", "wrong key", "app-bound", "cut short", "empty"],
)
def test_what_can_not_be_decrypted(home: Path, value: bytes) -> None:
    chromium(home, PLACES["chrome"], user_session=value)
    error = refusal("chrome")
    assert isinstance(error, SignInNeeded)
    assert str(error) == "the cookies of Chrome can't be decrypted"
    assert "--browser firefox" in error.hint
    assert "nicobatch session set" in error.hint


def test_a_database_that_is_no_chromiums(home: Path) -> None:
    path = chromium(home, PLACES["chrome"])
    with changing(path) as database:
        database.execute("DROP TABLE cookies")
    assert isinstance(refusal("chrome"), UsageError)


# Without the extra


def test_without_the_extra(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "browser_cookie3", None)
    error = refusal("firefox")
    assert isinstance(error, UsageError)
    assert error.hint == installation.missing("browser")
