from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from nicobatch.cli import wiring
from tests.cli.conftest import Cli, Shelf
from tests.cli.running import Result, end, start

STATE = Path(".nicobatch", "sandbox", ".site")


@pytest.fixture
def serving(shelf: Shelf) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A sandbox as a process of its own, and where its garage page is."""
    run = start("sandbox", "--port", "0")
    assert run.stderr
    first, second = run.stderr.readline(), run.stderr.readline()
    assert first.startswith("SANDBOX garage page: http://127.0.0.1:")
    assert second == "Nothing here reaches niconico. Ctrl-C ends it.\n"
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
    later = threading.Timer(0.5, signal.raise_signal, (signal.SIGINT,))
    later.start()
    result = cli("sandbox", "--port", "0", "--state", "state")
    assert result.code == 0
    assert result.out == ""
    assert result.err.startswith("SANDBOX garage page: http://127.0.0.1:")
    assert (shelf.folder / "state").is_dir()


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


def test_without_its_extra(cli: Cli, shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "flask", None)
    result = cli("sandbox")
    assert result.code == 2
    assert result.err.splitlines()[1] == "    install it: pip install 'nicobatch[sandbox]'"


def test_its_state_lies_beside_the_receipts(shelf: Shelf) -> None:
    from nicobatch.cli.options import Common

    assert wiring.site_folder(Common()) == STATE
    assert wiring.site_folder(Common(journal=Path("j"))) == Path("j", "sandbox", ".site")
