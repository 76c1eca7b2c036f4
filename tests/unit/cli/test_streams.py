from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from nicobatch.cli import runner
from nicobatch.sandbox import Sandbox
from tests.unit.cli.conftest import Shelf
from tests.unit.cli.running import end, environment_with, in_a_row, process, start

ENCODINGS = ["ascii", "cp932", "latin-1", "utf-16"]


def spoken(encoding: str, *arguments: str) -> bytes:
    """Run the command where the console speaks the encoding."""
    done = subprocess.run(
        [sys.executable, "-m", "nicobatch", *arguments],
        env=environment_with({"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert b"Traceback" not in done.stderr
    return done.stdout


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_title_never_breaks_a_console(shelf: Shelf, site: Sandbox, encoding: str) -> None:
    shelf.series("第1回é😀")
    environment = environment_with({"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"})
    first, second = in_a_row(environment, ("publish", "."), ("publish", ".", "--format", "json"))
    assert (first.code, second.code) == (0, 0)
    assert b"Traceback" not in first.err + second.err
    assert "published" in first.out.decode(encoding)
    lines = second.out.decode(encoding).splitlines()
    assert json.loads(lines[-2])["title"] == "【実況】第1回é😀 はじめての冒険"


def test_the_schema_is_utf_8_everywhere() -> None:
    assert "マニフェスト" in json.loads(spoken("cp932", "schema").decode("utf-8"))["title"]


@pytest.mark.parametrize("locale", ["C", "POSIX"])
def test_the_plainest_locale_will_do(shelf: Shelf, locale: str) -> None:
    shelf.series("第1回")
    result = process("check", ".", environment={"LC_ALL": locale, "LANG": locale})
    assert result.code == 0


@pytest.mark.parametrize("options", [(), ("--format", "json")], ids=["text", "json"])
@pytest.mark.parametrize("command", ["check", "plan"])
def test_a_reader_may_leave(shelf: Shelf, command: str, options: tuple[str, ...]) -> None:
    shelf.series(*(f"v{number}" for number in range(20)), more="defaults: {genre: gmae}\n")
    run = start(command, ".", *options)
    assert run.stdout
    run.stdout.close()
    run.stdout = None
    result = end(run)
    assert result.code == 0
    assert result.err == ""


@pytest.mark.parametrize("options", [(), ("--format", "json")], ids=["text", "json"])
def test_publishing_goes_on_when_nobody_reads_any_more(
    shelf: Shelf, site: Sandbox, options: tuple[str, ...]
) -> None:
    shelf.series("a", "b")
    run = start("publish", ".", *options)
    assert run.stdout
    assert run.stderr
    run.stdout.close()
    run.stderr.close()
    assert run.wait(20) == 0
    assert [entry["published"] for entry in site.audit()["entries"]] == [True, True]


def test_what_nobody_will_read_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    stream = os.fdopen(writing, "w")
    stream.write("unread")
    monkeypatch.setattr(sys, "stdout", stream)
    runner.let_go()
    stream.close()


def test_streams_that_are_not_files_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    class Plain:
        def flush(self) -> None:
            self.flushed = True

    plain = Plain()
    monkeypatch.setattr(sys, "stdout", plain)
    runner.prepare()
    runner.let_go()
    assert plain.flushed


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
def test_a_full_disk_below_the_output_stops_no_publishing(shelf: Shelf, site: Sandbox) -> None:
    shelf.series("a")
    with Path("/dev/full").open("wb") as full:
        run = subprocess.run(
            [sys.executable, "-m", "nicobatch", "publish", "."],
            env=environment_with({}),
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert run.returncode == 1
    assert run.stderr.decode().endswith("the output can't be written: No space left on device\n")
    assert "bug" not in run.stderr.decode()
    assert [entry["published"] for entry in site.audit()["entries"]] == [True]


@pytest.mark.skipif(os.name == "nt", reason="a shell closes them")
@pytest.mark.parametrize("closed", [">&-", "<&- >&- 2>&-"])
def test_streams_may_be_closed(shelf: Shelf, closed: str) -> None:
    shelf.series("a")
    shown = f'"{sys.executable}" -m nicobatch check . {closed}'
    done = subprocess.run(
        shown, shell=True, env=environment_with({}), capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
