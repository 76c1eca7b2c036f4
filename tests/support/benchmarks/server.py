"""Servers as processes of their own, so that their work is not counted as the client's."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from tests.support.benchmarks.measure import CannotRun, nicobatch

_START: Final = 120.0
"""Seconds that a server may take to answer: it reads what it has first."""

_ACCOUNT: Final = "import nicobatch.sandbox as s; print(s.DEFAULT_ACCOUNTS[0].user_session)"


@contextlib.contextmanager
def sandbox(*, instant: bool = False, state: Path | None = None) -> Iterator[str]:
    """Serve a sandbox on a free port and give its origin.

    Without the folder of a `state` it is an empty one, of which everything is gone afterwards.

    An `instant` one takes no time to encode, which the command has no option for.
    """
    command = _module("instant") if instant else nicobatch("sandbox")
    with (
        tempfile.TemporaryDirectory(prefix="nicobatch-sandbox-") as empty,
        _serving([*command, "--state", str(state or empty)]) as origin,
    ):
        yield origin


@contextlib.contextmanager
def relayed(origin: str, *, delay: float, rate: float) -> Iterator[str]:
    """Give an origin by which the server is far away, as the relay's options have it."""
    words = {"--to": urlsplit(origin).port, "--delay": delay, "--rate": rate}
    options = [str(word) for pair in words.items() for word in pair]
    with _serving([*_module("relay"), *options]) as far:
        yield far


def user_session() -> str:
    """Return the session of the sandbox's first account."""
    try:
        return subprocess.check_output([sys.executable, "-c", _ACCOUNT], text=True).strip()
    except subprocess.CalledProcessError as error:
        raise CannotRun("the sandbox can't be imported") from error


def _module(name: str) -> list[str]:
    return [sys.executable, "-m", f"{__package__}.{name}"]


@contextlib.contextmanager
def _serving(command: Sequence[str]) -> Iterator[str]:
    port = _free_port()
    server = subprocess.Popen(
        [*command, "--port", str(port)],
        cwd=Path(__file__).parents[3],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        origin = f"http://127.0.0.1:{port}"
        if not _answers(server, origin):
            raise CannotRun(f"{' '.join(command)} did not start")
        yield origin
    finally:
        server.terminate()
        server.wait()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _answers(server: subprocess.Popen[bytes], origin: str) -> bool:
    end = time.monotonic() + _START
    while server.poll() is None and time.monotonic() < end:
        try:
            with urllib.request.urlopen(f"{origin}/sandbox/audit", timeout=1):
                return True
        except OSError:
            time.sleep(0.1)
    return False
