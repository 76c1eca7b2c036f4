"""In a real terminal: bars that move and go, and a prompt that does not show what is typed."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping

import pytest

from nicobatch import credentials
from nicobatch.sandbox import Sandbox
from nicobatch.sites.niconico.fields import SITE
from tests.unit.cli.conftest import Shelf
from tests.unit.cli.running import MAIN, environment_with

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo-terminals")


class Terminal:
    """A pseudo-terminal of 80 columns and all that was written to it."""

    def __init__(self) -> None:
        import pty

        self.ours, self.theirs = pty.openpty()
        self.text = ""
        self.asked = threading.Event()
        self._reader = threading.Thread(target=self._read)

    def run(self, *arguments: str, typed: str = "", more: Mapping[str, str] | None = None) -> int:
        """Run the command in the terminal, and type once it has asked for something."""
        environment = {"TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24", **(more or {})}
        run = subprocess.Popen(
            [sys.executable, "-m", "nicobatch", *arguments],
            env=environment_with(environment),
            stdin=self.theirs,
            stdout=self.theirs,
            stderr=self.theirs,
            start_new_session=True,
        )
        os.close(self.theirs)
        self._reader.start()
        if typed and self.asked.wait(20):
            os.write(self.ours, typed.encode())
        code = run.wait(20)
        self._reader.join(20)
        return code

    def _read(self) -> None:
        data = b""
        while block := self._block():
            data += block
            self.text = data.decode("utf-8", "replace")
            if self.text.endswith("(not shown): "):
                self.asked.set()

    def _block(self) -> bytes:
        try:
            return os.read(self.ours, 4096)
        except OSError:  # how Linux says that the other end is closed
            return b""


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    made = Terminal()
    yield made
    os.close(made.ours)


def test_bars_are_drawn_and_go_away(terminal: Terminal, shelf: Shelf, site: Sandbox) -> None:
    shelf.series("第1回-はじめての冒険")
    assert terminal.run("publish", ".") == 0
    assert "━" in terminal.text
    last_bar, closing = terminal.text.rindex("━"), terminal.text.rindex("published")
    assert last_bar < closing
    assert "\x1b[2K" in terminal.text[last_bar:closing]
    assert terminal.text.count("\x1b[?25l") == terminal.text.count("\x1b[?25h") == 1


@pytest.mark.parametrize("option", ["-v", "-q"])
def test_a_log_and_silence_have_no_bars(
    terminal: Terminal, shelf: Shelf, site: Sandbox, option: str
) -> None:
    shelf.series("a")
    assert terminal.run("publish", ".", option) == 0
    assert "━" not in terminal.text
    assert ("POST /api/v2/videos 201" in terminal.text) is (option == "-v")


def test_a_terminal_that_ci_reads_along_is_left_alone(
    terminal: Terminal, shelf: Shelf, site: Sandbox
) -> None:
    shelf.series("a")
    assert terminal.run("publish", ".", more={"CI": "true"}) == 0
    assert "\x1b" not in terminal.text
    assert "a: uploading" in terminal.text


def test_what_is_typed_is_not_shown(terminal: Terminal, shelf: Shelf) -> None:
    assert terminal.run("session", "set", typed=f"{MAIN.user_session}\n") == 0
    assert MAIN.user_session not in terminal.text
    kept = credentials.Store.of_user(SITE).get("main")
    assert kept
    assert kept.reveal() == MAIN.user_session
