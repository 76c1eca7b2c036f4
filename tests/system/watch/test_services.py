"""The service and the container of `examples/`, as far as that shows without either."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from nicobatch.actions.watching import lock_of
from nicobatch.cli import watch
from nicobatch.cli.app import nicobatch
from nicobatch.cli.publish import GO_ON
from nicobatch.watch.watcher import BEAT
from tests.support.leaving import leave
from tests.system.watch.watching import PATIENCE, Inbox

ROOT: Final = Path(__file__).parents[3]
UNIT: Final = ROOT / "examples" / "systemd" / "nicobatch-watch.service"
CONTAINER: Final = ROOT / "examples" / "container" / "Containerfile"

unix = pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="needs Unix sockets")


def joined(path: Path) -> list[str]:
    """Return the file's lines, continued ones in one, without comments."""
    text = re.sub(r"^#.*\n", "", path.read_text("utf-8"), flags=re.MULTILINE)
    return text.replace("\\\n", " ").splitlines()


def settings() -> dict[str, str]:
    """Return what the unit sets; of several, the last one."""
    return dict(line.split("=", 1) for line in joined(UNIT) if "=" in line)


def words(name: str) -> str:
    """Return what the container's last instruction of the name says."""
    return [line.split(None, 1)[1] for line in joined(CONTAINER) if line.startswith(f"{name} ")][-1]


# The service


def test_the_service_starts_a_command_that_there_is() -> None:
    program, command, *arguments = shlex.split(settings()["ExecStart"])
    assert (Path(program).name, command) == ("nicobatch", "watch")
    given = watch.watch_command.make_context(
        "watch", arguments, **nicobatch.context_settings
    ).params
    assert given["folder"] == Path("/srv/nicobatch/inbox")
    assert {given["done"], given["failed"]} == {
        Path("/srv/nicobatch/done"),
        Path("/srv/nicobatch/failed"),
    }
    assert given["heartbeat"] == Path("/run") / settings()["RuntimeDirectory"] / "heartbeat.json"


def test_the_service_waits_longer_than_a_beat_takes() -> None:
    unit = settings()
    assert unit["Type"] == "notify"
    assert unit["WatchdogSec"] == "5min"
    assert BEAT * 3 < 5 * 60
    assert unit["SuccessExitStatus"] == "143"
    assert "ProcSubset" not in unit


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_systemd_understands_the_service(tmp_path: Path) -> None:
    text = UNIT.read_text("utf-8").replace("/opt/nicobatch/bin/nicobatch watch", "/bin/true watch")
    copy = tmp_path / UNIT.name
    copy.write_text(text, "utf-8")
    command = ["systemd-analyze", "verify", "--man=no", str(copy)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    said = [line for line in done.stderr.splitlines() if UNIT.name in line]
    assert (done.returncode, said) == (0, [])


@contextmanager
def supervisor(folder: Path) -> Iterator[socket.socket]:
    """Listen as systemd does."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.bind(str(folder / "notify"))
        line.settimeout(PATIENCE)
        yield line


def heard(line: socket.socket, seconds: float) -> list[str]:
    """Return what comes within that time."""
    said, end = [], time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        line.settimeout(left)
        try:
            said.append(line.recv(4096).decode())
        except TimeoutError:
            break
    line.settimeout(PATIENCE)
    return said


def until(line: socket.socket, wanted: str) -> list[str]:
    """Return what comes up to the wanted word."""
    said: list[str] = []
    while wanted not in said:
        said.append(line.recv(4096).decode())
    return said


@unix
def test_a_supervisor_is_told_of_every_turn(
    single: Inbox, tmp_path_factory: pytest.TempPathFactory
) -> None:
    short = tmp_path_factory.mktemp("s")  # a socket's path may have 108 bytes
    more = {"NOTIFY_SOCKET": str(short / "notify"), "WATCHDOG_USEC": "600000"}
    single.unit("a")
    with supervisor(short) as line, single.watch(more=more) as watching:
        assert until(line, "READY=1") == ["READY=1"]
        assert f"STATUS=watching {single.folder}: 0 queued" in until(line, "WATCHDOG=1") + heard(
            line, 0.1
        )
        watching.until_done("a.yaml")
        heard(line, 0.1)  # what was told meanwhile
        assert 2 <= heard(line, 1.5).count("WATCHDOG=1") <= 8
        watching.send(signal.SIGSTOP)
        heard(line, 0.3)  # what was on its way
        assert heard(line, 1.0) == []
        watching.send(signal.SIGCONT)
        until(line, "WATCHDOG=1")
        begun = time.monotonic()
        watching.send(signal.SIGTERM)
        assert until(line, "STOPPING=1")[-1] == "STOPPING=1"
        assert watching.wait() == 128 + signal.SIGTERM
        assert time.monotonic() - begun < 2


@unix
def test_a_supervisor_waits_as_long_as_a_lock_may_be_anothers(
    single: Inbox, tmp_path_factory: pytest.TempPathFactory
) -> None:
    short = tmp_path_factory.mktemp("s")
    leave(lock_of(single.folder), place="here, before the power went")
    with (
        supervisor(short) as line,
        single.watch(more={"NOTIFY_SOCKET": str(short / "notify")}) as watching,
    ):
        held = watching.until(lambda event: event["event"] == "folder")
        assert held["state"] == "held"
        extended, status = line.recv(4096).decode(), line.recv(4096).decode()
        assert 30_000_000 < int(extended.removeprefix("EXTEND_TIMEOUT_USEC=")) < 60_000_000
        assert status.startswith("STATUS=the folder ")
        begun = time.monotonic()
        assert watching.end() == 128 + signal.SIGTERM
        assert time.monotonic() - begun < 2
    assert GO_ON in watching.err or GO_ON in str(watching.told)


# The container


def test_the_container_starts_a_command_that_there_is() -> None:
    assert json.loads(words("ENTRYPOINT")) == ["nicobatch"]
    command, *arguments = json.loads(words("CMD"))
    given = watch.watch_command.make_context(
        command, arguments, **nicobatch.context_settings
    ).params
    assert command == "watch"
    assert str(given["folder"]) in json.loads(words("VOLUME"))
    assert given["format"] == "json"


def test_the_container_stops_as_the_command_does_and_is_no_root() -> None:
    assert words("STOPSIGNAL") == "SIGTERM"
    assert re.fullmatch(r"[1-9][0-9]*:[1-9][0-9]*", words("USER"))


def test_the_container_copies_what_there_is() -> None:
    copied = [line.split()[1:-1] for line in joined(CONTAINER) if line.startswith("COPY ")]
    names = [name for names in copied if not names[0].startswith("--") for name in names]
    assert "nicobatch" in names
    assert [name for name in names if not (ROOT / name).exists()] == []


@pytest.mark.parametrize(("age", "code"), [(0, 0), (30, 0), (61, 1), (None, 1)])
def test_the_container_is_as_well_as_its_heartbeat_is_young(
    tmp_path: Path, age: int | None, code: int
) -> None:
    heartbeat = tmp_path / "heartbeat.json"
    if age is not None:
        heartbeat.touch()
        os.utime(heartbeat, (time.time() - age,) * 2)
    program, option, script = json.loads(words("HEALTHCHECK").partition(" CMD ")[2])
    assert (program, option) == ("python", "-c")
    there = json.loads(words("CMD"))[3]
    assert script.count(there) == 1
    script = script.replace(there, str(heartbeat))
    done = subprocess.run([sys.executable, option, script], capture_output=True, check=False)
    assert done.returncode == code
