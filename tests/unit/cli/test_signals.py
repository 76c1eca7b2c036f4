"""Real signals to real processes, in the middle of a part."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import pytest

from nicobatch.cli import runner
from nicobatch.cli.publish import GO_ON
from nicobatch.sandbox import Sandbox
from tests.unit.cli.conftest import Cli, Shelf
from tests.unit.cli.running import MAIN, Result, end, environment_with, process, start

if sys.platform != "win32":
    import fcntl
    import pty
    import termios

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no signal for one process")

WITHIN = 2.0
"""Seconds in which a signal ends the run."""


@dataclass(slots=True)
class Trickle:
    """A body that is read slowly once its reader is told to, and not at all while it stalls."""

    body: Any
    line: Line

    def readline(self, size: int = -1) -> bytes:
        return bytes(self.body.readline(size))

    def readinto(self, buffer: memoryview) -> int:
        self.line.wait()
        return int(self.body.readinto(buffer[: 1 << 16]))


@dataclass(slots=True)
class Line:
    """Between the client and the sandbox: the second part meets trouble."""

    stalls: bool
    trouble: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)
    parts: int = 0

    def wrap(self, app: WSGIApplication) -> WSGIApplication:
        def wrapped(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            if environ["PATH_INFO"].endswith("/chunks") and not environ["QUERY_STRING"]:
                self.parts += 1
                if self.parts == 2:
                    self.trouble.set()
                    environ["wsgi.input"] = Trickle(environ["wsgi.input"], self)
            return app(environ, start_response)

        return wrapped

    def wait(self) -> None:
        """Take all the time there is, or a moment."""
        self.over.wait(30 if self.stalls else 0.05)


@pytest.fixture(params=[True, False], ids=["stalling", "slow"])
def line(request: pytest.FixtureRequest) -> Iterator[Line]:
    made = Line(stalls=request.param)
    yield made
    made.over.set()


@pytest.fixture
def long_site(
    tmp_path: Path, line: Line, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Sandbox]:
    """A site at the other end of the line, and a video of three parts on the shelf."""
    shelf.write("version: 1\nfile: 長い.mp4\ntitle: 第1回\n")
    shelf.add("長い.mp4", at_least=21_000_000)
    with Sandbox(tmp_path / "site", encode_seconds=0, wrap=line.wrap) as server:
        monkeypatch.setenv("NICOBATCH_API_ORIGIN", server.url)
        monkeypatch.setenv("NICOBATCH_USER_SESSION", MAIN.user_session)
        yield server
        line.over.set()
    assert server.audit()["crashes"] == []


def begun(line: Line, *options: str) -> subprocess.Popen[str]:
    run = start("publish", ".", *options)
    assert line.trouble.wait(20)
    time.sleep(0.1)  # the part is on its way
    return run


def ended(run: subprocess.Popen[str]) -> tuple[Result, float]:
    before = time.monotonic()
    result = end(run)
    return result, time.monotonic() - before


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["INT", "TERM"]
)
def test_a_stopped_run_is_saved_and_the_next_one_goes_on(
    shelf: Shelf, line: Line, long_site: Sandbox, number: signal.Signals, code: int
) -> None:
    run = begun(line)
    run.send_signal(number)
    result, seconds = ended(run)
    assert result.code == code
    assert seconds < WITHIN
    assert f"error: {GO_ON}" in result.err.splitlines()
    assert "Traceback" not in result.err

    receipt = shelf.folder / ".nicobatch" / "m.yaml" / "長い.json"
    assert json.loads(receipt.read_text("utf-8"))["upload"]["doneParts"] == "0"

    line.over.set()
    again = process("publish", ".")
    assert again.code == 0, again.err
    (entry,) = long_site.audit()["entries"]
    assert entry["published"]
    assert entry["received"]["part"] <= 3 + 1
    assert process("plan", ".").out.endswith("1 unchanged\n")


@pytest.mark.parametrize("command", ["publish", "watch"])
@pytest.mark.parametrize("line", [True], indirect=True, ids=["stalling"])
def test_a_terminal_that_is_closed_ends_a_run_in_order(
    shelf: Shelf, line: Line, long_site: Sandbox, command: str
) -> None:
    ours, its = pty.openpty()
    options = ["--settle", "0"] if command == "watch" else []
    run = subprocess.Popen(
        [sys.executable, "-m", "nicobatch", command, ".", *options],
        env=environment_with({"TERM": "xterm"}),
        stdin=its,
        stdout=its,
        stderr=its,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509
    )
    os.close(its)
    with subprocess.Popen(["cat"], stdin=ours, stdout=subprocess.DEVNULL) as reader:
        assert line.trouble.wait(20)
        time.sleep(0.1)  # the part is on its way
        os.close(ours)
        reader.kill()
    before = time.monotonic()
    try:
        assert run.wait(20) == 143
        assert time.monotonic() - before < WITHIN
    finally:
        run.kill()
        run.wait()
    receipt = shelf.folder / ".nicobatch" / "m.yaml" / "長い.json"
    assert json.loads(receipt.read_text("utf-8"))["upload"]["doneParts"] == "0"


@pytest.mark.parametrize("line", [True], indirect=True, ids=["stalling"])
def test_programs_are_told_too(shelf: Shelf, line: Line, long_site: Sandbox) -> None:
    run = begun(line, "--format", "json")
    run.send_signal(signal.SIGINT)
    result, _ = ended(run)
    assert result.code == 130
    assert result.of("error")[-1]["message"] == GO_ON


@pytest.mark.parametrize("line", [True], indirect=True, ids=["stalling"])
def test_a_second_signal_ends_it_at_once(shelf: Shelf, line: Line, long_site: Sandbox) -> None:
    run = begun(line)
    run.send_signal(signal.SIGINT)
    time.sleep(0.3)
    run.send_signal(signal.SIGTERM)
    result, seconds = ended(run)
    assert result.code == 143
    assert seconds < runner.GRACE / 2


def test_work_that_does_not_stop_is_left(
    cli: Cli, shelf: Shelf, site: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def leave(code: int) -> None:
        raise SystemExit(code)

    monkeypatch.setattr(runner.Work, "run", lambda self, work: None)
    monkeypatch.setattr(runner, "leave", leave)
    shelf.series("a")
    with pytest.raises(SystemExit, match="130"):
        cli("publish", ".")


def test_work_that_ends_in_time_is_told_with_its_outcomes(
    cli: Cli, shelf: Shelf, site: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def heard(self: runner.Work[Any], work: Callable[[], Any]) -> Any:
        self.signal = signal.SIGTERM
        return work()

    monkeypatch.setattr(runner.Work, "run", heard)
    shelf.series("a")
    result = cli("publish", ".")
    assert result.code == 143
    assert "m.yaml#a" in result.out
    assert result.err.endswith(f"error: {GO_ON}\n")


class TestWork:
    def test_returns_what_the_work_returns(self) -> None:
        before = signal.getsignal(signal.SIGINT)
        assert runner.Work[int](threading.Event()).run(lambda: 7) == 7
        assert signal.getsignal(signal.SIGINT) is before

    def test_raises_what_the_work_raises(self) -> None:
        with pytest.raises(ZeroDivisionError):
            runner.Work[float](threading.Event()).run(lambda: 1 / 0)

    def test_asks_the_work_to_stop(self) -> None:
        stop = threading.Event()
        work = runner.Work[bool](stop)
        later = threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGTERM))
        later.start()
        assert work.run(stop.wait) is True
        assert work.signal == signal.SIGTERM

    @pytest.mark.parametrize("name", ["SIGHUP", "SIGBREAK"])
    def test_other_ends_are_as_that_by_term(
        self, name: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(signal, name, signal.SIGUSR1, raising=False)  # what only Windows has
        stop = threading.Event()
        work = runner.Work[bool](stop)
        later = threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGUSR1))
        later.start()
        assert work.run(stop.wait) is True
        assert work.signal == signal.SIGTERM

    def test_nohup_is_respected(self) -> None:
        before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
        try:
            stop = threading.Event()
            work = runner.Work[None](stop)
            work.run(lambda: os.kill(os.getpid(), signal.SIGHUP))
            assert (work.signal, stop.is_set()) == (None, False)
        finally:
            signal.signal(signal.SIGHUP, before)

    def test_waits_no_longer_than_it_says(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(runner, "GRACE", 0.05)
        stop, held = threading.Event(), threading.Event()
        stop.set()
        assert runner.Work[bool](stop).run(lambda: held.wait(20)) is None
        held.set()

    def test_leaves_at_once_at_the_second_signal(self, monkeypatch: pytest.MonkeyPatch) -> None:
        left: list[int] = []
        stop, held = threading.Event(), threading.Event()

        def leave(code: int) -> None:
            left.append(code)
            held.set()

        monkeypatch.setattr(os, "_exit", leave)

        def work() -> bool:
            os.kill(os.getpid(), signal.SIGINT)
            stop.wait(5)
            os.kill(os.getpid(), signal.SIGTERM)
            return held.wait(5)

        assert runner.Work[bool](stop).run(work) is True
        assert left == [143]
