from __future__ import annotations

import contextlib
import io
import json
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import segno

from nicobatch import credentials, installation, sites
from nicobatch.actions import commenting
from nicobatch.actions.access import Access
from nicobatch.actions.patience import lock_folder
from nicobatch.cli import qr
from nicobatch.errors import Parked
from nicobatch.model import Secret
from nicobatch.pipeline import Owner
from nicobatch.pipeline.pace import Pace, PaceFolder
from nicobatch.sandbox import Sandbox
from nicobatch.sites.niconico.fields import SITE
from tests.unit.cli.conftest import Cli, Shelf
from tests.unit.cli.running import MAIN, SECOND, Result

SIGN_IN = "run `nicobatch session set`, or set NICOBATCH_USER_SESSION, and run it again"


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What comes in by standard input, from the start."""
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stdin", stream)
    return stream


def give(stream: io.StringIO, text: str) -> None:
    stream.seek(0)
    stream.truncate()
    stream.write(text)
    stream.seek(0)


def test_set_and_forget(cli: Cli, typed: io.StringIO, home: Path) -> None:
    give(typed, f"user_session={MAIN.user_session};\n")
    result = cli("session", "set")
    assert result.code == 0
    assert result.err == ""
    store = credentials.Store.of_user(SITE)
    assert result.out == f"the session of main is kept in {store.file}\n"
    assert store.file.is_relative_to(home)
    assert json.loads(store.file.read_text("utf-8")) == {"main": MAIN.user_session}

    give(typed, SECOND.user_session)
    assert cli("session", "set", "--account", "second").code == 0
    forgotten = "the session of main is forgotten here; it stays valid at niconico\n"
    assert cli("session", "forget") == Result(0, forgotten, "")
    assert cli("session", "forget") == Result(0, "no session of main is kept here\n", "")
    kept = store.get("second")
    assert kept
    assert kept.reveal() == SECOND.user_session


@pytest.mark.parametrize("text", ["", "\n", "two words", "a;b", "猫"])
def test_what_can_be_no_session_is_not_kept(cli: Cli, typed: io.StringIO, text: str) -> None:
    give(typed, text)
    result = cli("session", "set")
    assert result.code == 2
    assert result.out == ""
    assert "the input is no value of the user_session cookie" in result.err
    assert not credentials.Store.of_user(SITE).file.exists()
    if text.strip():
        assert text not in result.err


def test_a_person_is_asked_without_an_echo(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def prompt(text: str, **options: object) -> str:
        asked.append((text, options))
        return MAIN.user_session

    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("click.prompt", prompt)
    result = cli("session", "set")
    assert result.code == 0
    assert asked == [("user_session (not shown)", {"hide_input": True, "err": True})]
    assert MAIN.user_session not in result.out + result.err


def test_check(cli: Cli, site: Sandbox) -> None:
    who = "main is signed in as サンドボックス (user 10000001, premium)\n"
    assert cli("session", "check") == Result(0, who, "")
    assert cli("session", "check", "--format", "json").events == [
        {
            "event": "result",
            "account": "main",
            "user_id": "10000001",
            "nickname": "サンドボックス",
            "premium": True,
        }
    ]


def test_check_in_the_sandbox(cli: Cli, shelf: Shelf) -> None:
    result = cli("session", "check", "--sandbox", "--account", "second")
    assert result == Result(0, "second is signed in as 砂場の友だち (user 10000002, normal)\n", "")


@pytest.mark.parametrize("options", [(), ("--format", "json")], ids=["text", "json"])
def test_a_session_that_is_no_longer_good(
    cli: Cli, site: Sandbox, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]
) -> None:
    monkeypatch.setenv("NICOBATCH_USER_SESSION", "user_session_1_worn-out")
    result = cli("session", "check", *options)
    assert result.code == 3
    assert result.err == (
        f"error: niconico does not accept the sign-in: it may have expired\n    {SIGN_IN}\n"
    )
    assert "worn-out" not in result.out
    if options:
        assert result.of("error")[0]["hint"] == SIGN_IN


def test_a_session_kept_for_niconico_goes_nowhere_else(cli: Cli, site: Sandbox) -> None:
    credentials.Store.of_user(SITE).set("main", Secret(MAIN.user_session))
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("NICOBATCH_USER_SESSION")
        result = cli("session", "check")
    assert result.code == 3
    assert "nobody is signed in" in result.err
    assert site.audit()["requests"] == []


def test_a_kept_session_is_for_niconico(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    from nicobatch.cli.options import Common

    credentials.Store.of_user(SITE).set("main", Secret("user_session_1_a"))
    given = Common().signed_in_as("main")
    assert given.user_session
    assert given.user_session.reveal() == "user_session_1_a"


def test_a_one_time_code_is_asked_for_in_a_terminal(
    cli: Cli, site: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NICOBATCH_MAIL", "otp@example.com")
    monkeypatch.setenv("NICOBATCH_PASSWORD", "sandbox")
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("click.prompt", lambda *_, **__: "123456")
    assert cli("session", "check", "--profile", "article-2021").code == 0


def test_a_session_in_the_environment_that_can_be_none(
    cli: Cli, site: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NICOBATCH_USER_SESSION", "two words")
    result = cli("session", "check")
    assert result.code == 2
    assert "NICOBATCH_USER_SESSION is no value of the user_session cookie" in result.err
    assert "two words" not in result.err


GIVEN_AWAY = [
    "set SECRET",
    "set SECRET SECRET",
    "set --account x SECRET",
    "set user_session=SECRET",
    "set --password=SECRET",
    "set --password SECRET",
    "set -pSECRET",
    "set --SECRET",
    "set --account=x -- SECRET",
    "import SECRET",
    "import --browser SECRET",
    "import --browser=chrome SECRET",
    "check SECRET",
    "check --user-session=SECRET",
    "check --profile SECRET",
    "check --format SECRET",
    "check --api-origin SECRET",
    "check --api-origin http://me:SECRET@[",
    "check --proxy SECRET",
    "check --proxy me:SECRET@127.0.0.1:3128",
    "check --lang SECRET",
    "check -q=SECRET",
    "check --no-color=SECRET",
    "forget SECRET",
    "SECRET",
    "--session SECRET",
    "--password=SECRET set",
    "--lang=SECRET set",
]


@pytest.mark.parametrize("line", GIVEN_AWAY)
@pytest.mark.parametrize("language", ["en", "ja"])
def test_what_was_given_is_not_repeated(cli: Cli, line: str, language: str) -> None:
    secret = "user_session_1234567_0123abcd"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LANG", f"{language}_JP.UTF-8")
        result = cli("session", *line.replace("SECRET", secret).split())
    assert result.code == 2
    assert "--help" in result.err
    assert secret not in result.out + result.err
    assert "0123abcd" not in result.out + result.err
    assert "Traceback" not in result.err
    assert not credentials.Store.of_user(SITE).file.exists()


def test_a_site_may_have_no_sign_in_by_phone(cli: Cli, site: Sandbox) -> None:
    result = cli("session", "login", "--site", "niconico")
    assert result.code == 2
    assert result.err.startswith("error: niconico has no sign-in by a code that a phone scans\n")


def test_an_unknown_site_is_none(cli: Cli) -> None:
    result = cli("session", "forget", "--site", "youtube")
    assert result.code == 2
    assert "niconico" in result.err


def test_what_is_missing_is_named(cli: Cli) -> None:
    assert "--browser" in cli("session", "import").err
    assert "set" in cli("session", "sett").err


def test_what_a_rehearsal_gave_is_not_kept(cli: Cli) -> None:
    result = cli("session", "login", "--site", "bilibili", "--sandbox")
    assert result.code == 0, result.err
    assert "main was signed in; that is not kept, as it is not bilibili itself" in result.out
    assert not credentials.Store.of_user(sites.site("bilibili")).file.exists()


# What is kept, and how it is renewed


def test_what_is_kept_is_listed(cli: Cli) -> None:
    assert cli("session", "list") == Result(0, "no session is kept on this machine\n", "")
    there, second = (credentials.Store.of_user(sites.site(name)) for name in sites.SITES)
    there.set("main", Secret(MAIN.user_session))
    ends = int(time.time()) + 20 * 86_400 + 60
    second.set("studio", Secret(f"SESSDATA=a%2C{ends}%2Cb; bili_jct=geheim"))
    result = cli("session", "list")
    assert result.code == 0
    assert result.out.splitlines()[1:] == [
        f"niconico\tmain\t{there.file}\tunknown",
        f"bilibili\tstudio\t{second.file}\t20",
    ]
    events = cli("session", "list", "--site", "bilibili", "--format", "json").events
    assert events == [
        {
            "event": "session",
            "site": "bilibili",
            "account": "studio",
            "where": str(second.file),
            "expires": datetime.fromtimestamp(ends, UTC).isoformat(),
            "days_left": 20,
        },
        {"event": "listed", "members": 1},
    ]
    assert "geheim" not in result.out


def test_who_is_parked_and_who_is_signed_in_at_livetube_is_listed_too(cli: Cli) -> None:
    store, until = commenting.store(), datetime.now(UTC) + timedelta(hours=1)
    store.set("http://livetube.cc", Secret("geheim"))
    second = credentials.Store.of_user(sites.site("bilibili"))
    second.set("studio", Secret("SESSDATA=a%2C1%2Cb; bili_jct=geheim"))
    with contextlib.closing(Access().site("bilibili").target("studio")) as target:
        owner = Owner("bilibili", "studio")
        pace = Pace.of(target, owner, PaceFolder(lock_folder()), lambda: datetime.now(UTC))
    pace.park(Parked("too many requests", retry_at=until))
    result = cli("session", "list")
    words = "bilibili: studio: too many requests; nothing more is asked before "
    assert f"Livetube\thttp://livetube.cc\t{store.file}\tunknown\n{words}" in result.out
    members = cli("session", "list", "--format", "json").of("session")
    assert [each["site"] for each in members] == ["bilibili", "livetube"]
    assert members[0]["parked_until"] == until.isoformat()
    out = cli("doctor").out
    assert f"warning: {words}" in out
    assert "ok: Livetube: the sign-in of http://livetube.cc is kept; how long" in out
    store.file.write_text("{", encoding="utf-8")
    assert "sessions-livetube.json can't be read" in cli("doctor").out
    assert "geheim" not in result.out + out


def test_a_site_may_renew_nothing(cli: Cli) -> None:
    result = cli("session", "refresh")
    assert result.code == 2
    assert result.err.startswith("error: niconico gives no new session for an old one\n")


def test_nothing_is_renewed_elsewhere(cli: Cli, site: Sandbox) -> None:
    for more in (("--sandbox",), ()):
        with pytest.MonkeyPatch.context() as patch:
            if more:
                patch.delenv("NICOBATCH_API_ORIGIN")
            result = cli("session", "refresh", "--site", "bilibili", *more)
        assert result.code == 2
        assert "what is kept is for bilibili itself" in result.err
    assert site.audit()["requests"] == []


@pytest.mark.parametrize("whose", ["nobody", "the environment"])
def test_what_is_not_kept_is_not_renewed(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, whose: str
) -> None:
    if whose != "nobody":
        monkeypatch.setenv("NICOBATCH_BILIBILI_SESSDATA", "a")
        monkeypatch.setenv("NICOBATCH_BILIBILI_BILI_JCT", "b")
    result = cli("session", "refresh", "--site", "bilibili")
    assert result.code == (3 if whose == "nobody" else 2)
    assert ("nobody is signed in" if whose == "nobody" else "comes from the environment") in (
        result.err
    )


# The code that a phone scans


def scanned(cli: Cli, monkeypatch: pytest.MonkeyPatch, columns: int = 120) -> str:
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("COLUMNS", str(columns))
    result = cli("session", "login", "--site", "bilibili", "--sandbox")
    assert result.code == 0, result.err
    assert "/h5/account-h5/auth/scan-web?" in result.err  # the address, whatever is drawn
    return result.err


def test_a_code_is_drawn_as_it_is(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    told = scanned(cli, monkeypatch)
    address = next(line for line in told.splitlines() if line.startswith("http"))
    code = segno.make(address, error="l", micro=False)
    wanted = [list(map(bool, row)) for row in code.matrix_iter(border=4)]
    lines = [line for line in told.splitlines() if line.startswith("\x1b[38;5;16;48;5;231m")]
    assert {line[-4:] for line in lines} == {"\x1b[0m"}
    rows = [line.removeprefix("\x1b[38;5;16;48;5;231m").removesuffix("\x1b[0m") for line in lines]
    drawn = [[each in half for each in row] for row in rows for half in ("▀█", "▄█")]
    assert drawn[: len(wanted)] == wanted


def test_a_code_is_not_drawn_where_it_can_not_be_seen(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "▀" not in scanned(cli, monkeypatch, columns=40)
    assert qr.drawn("https://x.example", "ascii", 120) == ""
    monkeypatch.setitem(sys.modules, "segno", None)
    told = scanned(cli, monkeypatch)
    assert "▀" not in told
    assert installation.missing("login") in told
    monkeypatch.setenv("TTY_COMPATIBLE", "0")
    result = cli("session", "login", "--site", "bilibili", "--sandbox")
    assert installation.missing("login") not in result.err
