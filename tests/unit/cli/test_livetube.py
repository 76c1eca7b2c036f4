"""`livetube`: comments are found, read, followed and written, and whatever goes wrong is told."""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from nicobatch.cli import run
from nicobatch.livetube import Livetube
from nicobatch.sandbox import DEFAULT_ACCOUNTS, Sandbox
from tests.support.faults import Faults, answer_lost, refused, reset_before
from tests.unit.cli.conftest import Cli
from tests.unit.cli.running import end, start
from tests.unit.livetube.making import Ask, asking

MAIN = DEFAULT_ACCOUNTS[0]


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
def sandbox(tmp_path: Path, faults: Faults, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    with Sandbox(tmp_path / "site", wrap=faults.wrap) as server:
        monkeypatch.setenv("NICOBATCH_LIVETUBE_ORIGIN", f"{server.url}/livetube/")
        yield server
    assert server.audit()["crashes"] == []
    assert server.audit()["leaks"] == []


@pytest.fixture
def ask(sandbox: Sandbox) -> Ask:
    return asking(sandbox)


@pytest.fixture
def stream(ask: Ask) -> str:
    return str(ask("broadcasts", author="nago", title="新作", tags=["ゲーム"])["stream"])


@pytest.fixture
def url(sandbox: Sandbox) -> str:
    return f"{sandbox.url}/livetube"


def typed(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))


def at_terminal(monkeypatch: pytest.MonkeyPatch, *answers: str) -> list[bool]:
    """Let a person answer what is asked; return whether each answer was hidden."""
    given, hidden = iter(answers), list[bool]()

    def prompt(_text: str, *, hide_input: bool = False, err: bool) -> str:
        hidden.append(hide_input)
        return next(given)

    monkeypatch.setattr(click, "prompt", prompt)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    return hidden


def test_an_id_and_what_is_on(cli: Cli, stream: str, url: str) -> None:
    for page in (f"{url}/nago/新作", "http://livetube.cc/nago/%E6%96%B0%E4%BD%9C", stream):
        assert cli("livetube", "id", page).out == f"{stream}\n"
    assert cli("livetube", "id", stream, "--format=json").of("result") == [
        {"event": "result", "id": stream}
    ]
    rows = [line.split("\t") for line in cli("livetube", "live").out.splitlines()]
    assert rows[0] == ["stream", "title", "author", "viewers", "comments", "tags"]
    assert [stream, "新作", "nago", "0", "0", "ゲーム"] in rows


@pytest.mark.parametrize(
    ("options", "count"),
    [((), 2), (("--tag", "ゲーム"), 1), (("--author", "NAGO"), 1), (("--tag", "x"), 0),
     (("--tag", "ゲーム", "--author", MAIN.nickname), 0)],
)  # fmt: skip
def test_what_is_on_is_chosen(
    cli: Cli, stream: str, ask: Ask, options: tuple[str, ...], count: int
) -> None:
    ask("broadcasts", author=MAIN.nickname, title="b", tags=[])
    result = cli("livetube", "live", *options, "--format=json")
    assert len(result.of("broadcast")) == count
    assert result.of("result") == [{"event": "result", "broadcasts": count}]
    if not count:
        assert cli("livetube", "live", *options).out == "nothing is on\n"


def test_written_and_read(cli: Cli, stream: str, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cli("livetube", "write", stream, "はじめまして").out == f"written to {stream}\n"
    typed(monkeypatch, "two\nlines \x1b[31m\u202e\n")
    assert cli("livetube", "write", stream, "--name", "na\x07go").code == 0
    ask("marks", stream=stream, number=1, scores=[-24])
    first, second = cli("livetube", "read", stream).out.splitlines()
    assert first.startswith("1 ")
    assert first.endswith(" [banned] はじめまして")
    assert second.endswith(" na␇go: two lines ␛[31m<U+202E>")
    result = cli("livetube", "read", stream, "--from", "2", "--format", "json")
    (row,) = result.of("comment")
    assert row.pop("time").endswith("+09:00")
    assert row == {
        "event": "comment",
        "number": 2,
        "name": "na\x07go",
        "green": False,
        "id": "",
        "text": "two\nlines \x1b[31m\u202e",
        "live": True,
        "banned": False,
        "icon": None,
    }
    assert "\u202e" not in result.out
    assert cli("livetube", "read", stream, "--from", "3").out == ""


def test_a_wait_is_told(cli: Cli, stream: str, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []

    def echo(words: str, *, err: bool) -> None:
        said.append(words)
        with Livetube(url) as livetube:
            livetube.write(stream, "a")

    monkeypatch.setattr("nicobatch.cli.livetube._AT_ONCE", 0.05)
    monkeypatch.setattr(click, "echo", echo)
    assert cli("livetube", "read", stream).out.endswith(" a\n")
    assert said == ["no comment yet: Livetube holds its answer back for up to 3 minutes"]


def test_no_title_speaks_to_the_terminal(cli: Cli, ask: Ask) -> None:
    ask("broadcasts", author="a\u202e", title="\x1b]0;x\x07", tags=["\x9b31m"])
    out = cli("livetube", "live").out
    assert "␛]0;x␇\ta<U+202E>" in out
    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(out)


def test_a_green_name_is_green(cli: Cli, stream: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NICOBATCH_LIVETUBE_USER", MAIN.nickname)
    monkeypatch.setenv("NICOBATCH_LIVETUBE_PASSWORD", MAIN.password)
    assert cli("livetube", "write", stream, "a", "--name", MAIN.nickname).code == 0
    assert cli("livetube", "write", stream, "b", "--name", "nago").code == 0
    monkeypatch.setenv("FORCE_COLOR", "1")
    green, plain = cli("livetube", "read", stream).out.splitlines()
    assert f"\x1b[1;32m{MAIN.nickname}:\x1b[0m" in green
    assert "\x1b[1;32m" not in plain


def test_the_sign_in_is_kept_for_its_own_address(
    cli: Cli, stream: str, url: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden = at_terminal(monkeypatch, MAIN.nickname, MAIN.password)
    kept = next(iter(home.rglob("sessions-livetube.json")), None)
    assert kept is None
    assert "is signed in" in cli("livetube", "login").out
    assert hidden == [False, True]
    (kept,) = home.rglob("sessions-livetube.json")
    assert [*json.loads(kept.read_text("utf-8"))] == [url]
    if os.name == "posix":
        assert kept.stat().st_mode & 0o777 == 0o600
    cli("livetube", "write", stream, "a", "--name", MAIN.nickname)
    cli("livetube", "write", stream, "b", "--name", MAIN.nickname, "--origin", url + "/")
    assert cli("livetube", "logout").out == f"the session of {url} is forgotten here\n"
    assert cli("livetube", "logout").out == f"no session of {url} is kept here\n"
    cli("livetube", "write", stream, "c", "--name", MAIN.nickname)
    rows = cli("livetube", "read", stream, "--format=json").of("comment")
    assert [each["green"] for each in rows] == [True, True, False]


def test_a_wrong_password(cli: Cli, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    at_terminal(monkeypatch, MAIN.nickname, "hunter2")
    result = cli("livetube", "login")
    assert (result.code, result.out) == (3, "")
    assert "does not take this user name and password" in result.err
    assert "hunter2" not in cli("livetube", "login", "nago", "hunter2").err


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("read", "nonsense"), 2, "neither the id of a stream nor the address of a page"),
        (("read", "aaaaaaaaaaaaa"), 2, "Livetube knows no stream aaaaaaaaaaaaa"),
        (("id", "http://nicovideo.jp/a"), 2, "is no page of"),
        (("write", "aaaaaaaaaaaaa", " "), 2, "the comment has no text"),
        (("live", "--origin", "ftp://a"), 2, "no address of a site"),
        (("live", "--origin", "http://u:hunter2@a"), 2, "can't hold a user name"),
        (("live", "--origin", "http://127.0.0.1:1"), 1, "can't be reached"),
        (("login", "--origin", "http://livetube.example"), 2, "over https or to 127.0.0.1 only"),
        (("login",), 3, "set NICOBATCH_LIVETUBE_USER and NICOBATCH_LIVETUBE_PASSWORD"),
        ((), 2, "follow"),
    ],
)  # fmt: skip
def test_what_goes_wrong_is_told(
    cli: Cli,
    sandbox: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    code: int,
    words: str,
) -> None:
    monkeypatch.setattr("nicobatch.pipeline.retry.FIRST_PAUSE", 0.01)
    typed(monkeypatch, "")
    result = cli("livetube", *arguments)
    assert (result.code, result.out) == (code, "")
    assert words in result.err
    assert "hunter2" not in result.err


def test_an_answer_that_is_lost_is_looked_up(cli: Cli, stream: str, faults: Faults) -> None:
    faults.at("POST .*", answer_lost)
    result = cli("livetube", "write", stream, "新作です", "--format", "json")
    assert result.of("result") == [{"event": "result", "stream": stream, "number": 1}]
    faults.at("POST .*", reset_before)
    result = cli("livetube", "write", stream, "another")
    assert (result.code, result.out) == (1, "")
    assert "the comments show that it was not written" in result.err
    assert len(cli("livetube", "read", stream).out.splitlines()) == 1


def test_where_nobody_can_tell_that_is_said(
    cli: Cli, stream: str, faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nicobatch.pipeline.retry.FIRST_PAUSE", 0.01)
    faults.at("POST .*", answer_lost)
    for _ in range(4):
        faults.at("GET .*", refused("503 Service Unavailable"))
    result = cli("livetube", "write", stream, "a")
    assert result.code == 1
    assert "it may be there all the same" in result.err


def test_rehearsed(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NICOBATCH_LIVETUBE_ORIGIN", "http://livetube.invalid")
    page = "http://livetube.cc/nago/新作"
    assert cli("livetube", "write", page, "a", "--name", MAIN.nickname, "--sandbox").code == 0
    (row,) = cli("livetube", "read", page, "--sandbox", "--format=json").of("comment")
    assert (row["text"], row["green"]) == ("a", True)
    assert "that is not kept" in cli("livetube", "login", "--sandbox").out
    assert "no session" in cli("livetube", "logout", "--sandbox").out


@pytest.mark.skipif(os.name == "nt", reason="Windows tells of no reader that has gone")
@pytest.mark.parametrize("format_", ["text", "json"])
def test_nobody_is_followed_for_a_reader_who_has_gone(
    cli: Cli, stream: str, monkeypatch: pytest.MonkeyPatch, format_: str
) -> None:
    cli("livetube", "write", stream, "a")
    reader, writer = os.pipe()
    os.close(reader)
    gone = os.fdopen(writer, "w", encoding="utf-8")
    with contextlib.suppress(BrokenPipeError), gone, monkeypatch.context() as patched:
        patched.setattr(sys, "stdout", gone)
        assert run(["livetube", "follow", stream, "--format", format_]) == 1


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for one process")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_followed_until_a_signal(
    cli: Cli, stream: str, ask: Ask, faults: Faults, number: signal.Signals
) -> None:
    cli("livetube", "write", stream, "before")
    faults.at("GET .*comments.1.*", refused("503 Service Unavailable"))
    run = start("livetube", "follow", stream, "--format", "json")
    assert run.stdout
    assert json.loads(run.stdout.readline())["text"] == "before"
    assert json.loads(run.stdout.readline())["event"] == "waiting"
    ask("marks", stream=stream, number=1, scores=[-24])
    cli("livetube", "write", stream, "after")
    assert json.loads(run.stdout.readline()) == {"event": "ban", "number": 1, "banned": True}
    assert json.loads(run.stdout.readline())["text"] == "after"
    run.send_signal(number)
    result = end(run)
    assert result.code == 128 + number
    assert result.of("error")[0]["message"] == "stopped"
