from __future__ import annotations

import contextlib
import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
import requests

from nicobatch import installation
from nicobatch.sandbox import numbered, running
from tests.unit.cli.conftest import Cli, Shelf
from tests.unit.cli.running import Result, end, process, start

STATE = Path(".nicobatch", "sandbox", ".site")


@pytest.fixture
def serving(shelf: Shelf) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A sandbox as a process of its own, and where its garage page is."""
    run = start("sandbox", "--port", "0")
    assert run.stderr
    first, second = run.stderr.readline(), run.stderr.readline()
    assert first.startswith("SANDBOX garage page: http://127.0.0.1:")
    assert second == "Nothing here reaches a real site. Ctrl-C ends it.\n"
    yield run, first.split()[-1]
    if run.poll() is None:
        run.kill()
    end(run)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for one process")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_a_signal(
    serving: tuple[subprocess.Popen[str], str], number: signal.Signals
) -> None:
    run, page = serving
    assert "garage" in requests.get(page, timeout=10).url
    run.send_signal(number)
    assert end(run, timeout=5) == Result(0, "", "")


def test_it_says_where_it_is(cli: Cli, shelf: Shelf) -> None:
    def interrupt() -> None:
        while (url := running(Path("state"))) is None:
            time.sleep(0.01)
        requests.get(f"{url}/garage/videos", timeout=10)
        signal.raise_signal(signal.SIGINT)

    threading.Thread(target=interrupt).start()
    result = cli("sandbox", "--port", "0", "--state", "state")
    assert result.code == 0
    assert result.out == ""
    assert result.err.startswith("SANDBOX garage page: http://127.0.0.1:")
    assert (shelf.folder / "state").is_dir()


def test_more_accounts_are_told_by_their_variables(cli: Cli, shelf: Shelf) -> None:
    name, session = "NICOBATCH_ACCOUNT2_USER_SESSION", numbered(2)[1].user_session
    answers = list[requests.Response]()

    def ask() -> None:
        while (url := running(Path("state"))) is None:
            time.sleep(0.01)
        answers.append(requests.get(f"{url}/v1/users/me", cookies={"user_session": session}))
        signal.raise_signal(signal.SIGINT)

    threading.Thread(target=ask).start()
    result = cli("sandbox", "--port", "0", "--state", "state", "--accounts", "2")
    assert result.code == 0
    assert answers[0].status_code == 200, answers[0].text
    told = dict(line.split("=", 1) for line in result.out.splitlines())
    assert told[name] == session
    assert sorted(told) == [
        f"NICOBATCH_ACCOUNT{number}_{end}"
        for number in (1, 2)
        for end in ("BILIBILI_BILI_JCT", "BILIBILI_SESSDATA", "USER_SESSION")
    ]


def test_one_at_a_time_and_rehearsals_join_it(
    cli: Cli, shelf: Shelf, serving: tuple[subprocess.Popen[str], str]
) -> None:
    _, page = serving
    second = cli("sandbox", "--port", "0")
    assert second.code == 5
    assert "another sandbox is serving" in second.err

    shelf.series("a")
    assert cli("publish", ".", "--sandbox", "--no-wait").code == 0
    entries = requests.get(page.replace("/garage/videos", "/sandbox/audit"), timeout=10).json()
    assert [entry["published"] for entry in entries["entries"]] == [True]


def test_a_port_that_is_taken(
    cli: Cli, shelf: Shelf, serving: tuple[subprocess.Popen[str], str]
) -> None:
    port = serving[1].split(":")[2].split("/")[0]
    result = cli("sandbox", "--state", "other", "--port", port)
    assert result.code == 5
    assert result.err.startswith(
        f"error: the sandbox can't be started: port {port} of 127.0.0.1 can't be used: "
    )
    assert result.err.splitlines()[1] == "    give another port, or --port 0 for any that is free"


@pytest.fixture
def rehearsed(cli: Cli, shelf: Shelf) -> Path:
    """A state folder that has received a video."""
    shelf.series("a")
    assert cli("publish", ".", "--sandbox", "--no-wait").code == 0
    return shelf.folder / STATE


def test_its_copies_are_told_and_removed(cli: Cli, shelf: Shelf, rehearsed: Path) -> None:
    with started() as (_, lines):
        assert lines(3)[2].startswith("It keeps whole copies of 1 video (")
        refused = cli("sandbox", "--clean")
        assert refused.code == 5
        assert "end it first" in refused.err
        assert len(list((rehearsed / "files").iterdir())) == 1
    result = cli("sandbox", "--clean")
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith("Removed 1 video (")
    assert "remove .nicobatch/sandbox to rehearse anew" in result.out.replace("\\", "/")
    assert not rehearsed.exists()
    assert (shelf.folder / "a.mp4").exists()
    assert list((rehearsed.parent / "m.yaml").glob("*.json"))
    assert cli("sandbox", "--clean").out.startswith("There is nothing of the sandbox's in")


def test_the_receipts_of_rehearsals_go_with_it_where_one_says_so(
    cli: Cli, shelf: Shelf, rehearsed: Path
) -> None:
    shelf.folder.joinpath(".nicobatch", "m.yaml").mkdir()
    real = shelf.folder / ".nicobatch" / "m.yaml" / "a.json"
    real.write_text("{}")
    result = cli("sandbox", "--clean", "--yes")
    assert (result.code, result.err) == (0, "")
    assert result.out.splitlines()[1].startswith("Removed 1 receipt of a rehearsal from ")
    assert not rehearsed.exists()
    assert not list(rehearsed.parent.glob("*/*.json"))
    assert real.exists()
    assert "1 to create" in cli("plan", ".", "--sandbox").out
    assert cli("sandbox", "--yes").err.startswith("error: --yes is for --clean alone")


def test_what_is_not_its_own_stays(cli: Cli, shelf: Shelf, rehearsed: Path) -> None:
    """Nobody is there to be asked, and nothing is removed."""
    (rehearsed / "files" / "39130999.video").write_bytes(b"no entry's")
    (rehearsed / "entries" / "notes.json").write_text("{}")
    (rehearsed / "mine").mkdir()
    before = shelf.listing()
    result = process("sandbox", "--clean")
    assert (result.code, result.out) == (2, "")
    for name in ("39130999.video", "notes.json", "mine"):
        assert name in result.err
    assert "39130867" not in result.err
    assert shelf.listing() == before


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("n\n", 1)])
def test_it_asks_before_it_removes_beside_other_files(
    cli: Cli, rehearsed: Path, answer: str, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = rehearsed / "files" / "mine.mp4"
    mine.write_bytes(b"mine")
    terminal = io.StringIO(answer)
    monkeypatch.setattr(terminal, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(sys, "stdin", terminal)
    assert cli("sandbox", "--clean").code == code
    left = {path.name for path in (rehearsed / "files").iterdir()}
    assert left == ({"mine.mp4"} if code == 0 else {"mine.mp4", "39130867.video"})
    assert (rehearsed / "entries").exists() is bool(code)


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_no_link_leads_the_removal_elsewhere(cli: Cli, shelf: Shelf, rehearsed: Path) -> None:
    elsewhere = shelf.folder / "elsewhere"
    (rehearsed / "files").rename(elsewhere)
    (rehearsed / "files").symlink_to(elsewhere)
    assert process("sandbox", "--clean").code == 1
    linked = shelf.folder / "linked"
    linked.symlink_to(rehearsed)
    assert "nothing of the sandbox" in cli("sandbox", "--clean", "--state", "linked").out
    assert list(elsewhere.iterdir())
    assert (rehearsed / "entries").is_dir()


def test_a_folder_of_somebody_elses_is_left_as_it_is(cli: Cli, shelf: Shelf) -> None:
    for name in ("entries/39130867.json", "files/39130867.video", "requests.jsonl"):
        path = shelf.folder / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text('{"id": 39130867, "user_id": 1}')
    before = shelf.listing()
    for state in ("data", ".", "gone"):
        result = cli("sandbox", "--clean", "--state", state)
        assert result.out == f"There is nothing of the sandbox's in {state}.\n"
    assert shelf.listing() == before


def test_clean_opens_nothing(cli: Cli, shelf: Shelf) -> None:
    assert cli("sandbox", "--clean", "--open").code == 2


@pytest.mark.skipif(os.name == "nt", reason="a browser is a program of its own kind there")
@pytest.mark.parametrize("works", [True, False])
def test_the_browser_is_opened(shelf: Shelf, works: bool) -> None:
    browser = shelf.folder / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > opened\nexit {0 if works else 1}\n')
    browser.chmod(0o755)
    environment = {"BROWSER": str(browser), "PATH": "/nowhere", "DISPLAY": ""}
    with started("--open", environment=environment) as (page, lines):
        said = lines(2 if works else 3)
        assert works or said[2] == "No browser can be opened here: open the page yourself.\n"
        while not (opened := shelf.folder / "opened").exists() or not opened.read_text():
            time.sleep(0.01)
        assert opened.read_text() == f"{page}\n"


@contextlib.contextmanager
def started(
    *more: str, environment: Mapping[str, str] | None = None
) -> Iterator[tuple[str, Callable[[int], list[str]]]]:
    """Run a sandbox; yield its page and what reads so many lines from its beginning on."""
    run = start("sandbox", "--port", "0", *more, environment=environment)
    assert run.stderr
    read = [run.stderr.readline()]

    def lines(count: int) -> list[str]:
        assert run.stderr
        read.extend(run.stderr.readline() for _ in range(count - len(read)))
        return read

    try:
        yield read[0].split()[-1], lines
    finally:
        run.kill()
        end(run)


def test_without_its_extra(cli: Cli, shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "flask", None)
    result = cli("sandbox")
    assert result.code == 2
    assert result.err.splitlines()[1] == f"    {installation.missing('sandbox')}"


def test_its_state_lies_beside_the_receipts(shelf: Shelf) -> None:
    from nicobatch.cli.options import Common

    assert Common().site_folder() == STATE
    assert Common(journal=Path("j")).site_folder() == Path("j", "sandbox", ".site")
