"""Signs of life, as those who look after the watcher read them."""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from nicobatch.watch import reporting
from nicobatch.watch.reporting import Heartbeat, Supervisor

NOW = datetime.fromisoformat("2026-11-21T12:00:00+00:00")

unix = pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="needs Unix sockets")


def heartbeat(path: Path) -> Heartbeat:
    return Heartbeat(path, now=lambda: NOW)


def test_a_heartbeat_tells_when_who_and_what(tmp_path: Path) -> None:
    path = tmp_path / "beat.json"
    assert heartbeat(path).beat({"state": "watching", "counts": {"done": 2}}) is None
    assert json.loads(path.read_text("utf-8")) == {
        "at": "2026-11-21T12:00:00+00:00",
        "pid": os.getpid(),
        "state": "watching",
        "counts": {"done": 2},
    }


def test_the_time_is_this_one_unless_told_otherwise(tmp_path: Path) -> None:
    Heartbeat(tmp_path / "beat.json").beat({})
    at = datetime.fromisoformat(json.loads((tmp_path / "beat.json").read_text("utf-8"))["at"])
    assert abs((datetime.now(at.tzinfo) - at).total_seconds()) < 60


def test_no_path_no_file() -> None:
    assert Heartbeat(None).beat({"state": "watching"}) is None


def test_a_beat_takes_the_place_of_the_last_one_at_once(tmp_path: Path) -> None:
    path = tmp_path / "beat.json"
    heartbeat(path).beat({"state": "first"})
    with path.open(encoding="utf-8") as reader:
        heartbeat(path).beat({"state": "second"})
        assert json.load(reader)["state"] == "first"  # a reader has the old one whole
    assert json.loads(path.read_text("utf-8"))["state"] == "second"
    assert list(tmp_path.iterdir()) == [path]


def test_a_name_that_is_no_text_is_no_trouble(tmp_path: Path) -> None:
    assert heartbeat(tmp_path / "beat.json").beat({"state": "caf\udce9"}) is None


def test_a_beat_that_fails_says_so_once_and_again_after_a_good_one(tmp_path: Path) -> None:
    folder = tmp_path / "away"
    beats = heartbeat(folder / "beat.json")
    trouble = beats.beat({})
    assert trouble is not None
    assert str(folder / "beat.json") in trouble.message
    assert trouble.hint
    assert beats.beat({}) is None
    folder.mkdir()
    assert beats.beat({}) is None
    (folder / "beat.json").unlink()
    folder.rmdir()
    assert beats.beat({}) is not None


def test_a_beat_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "beat.json"
    path.mkdir()
    assert heartbeat(path).beat({}) is not None
    assert list(tmp_path.iterdir()) == [path]


# What systemd is told


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    monkeypatch.chdir(tmp_path)  # a socket's path may have 108 bytes
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind("notify")
        listening.settimeout(5)
        yield listening


def heard(line: socket.socket) -> str:
    return line.recv(4096).decode()


@unix
def test_every_word_is_one_datagram(line: socket.socket, tmp_path: Path) -> None:
    supervisor = Supervisor.found({"NOTIFY_SOCKET": str(tmp_path / "notify")})
    supervisor.ready()
    supervisor.status("第1回.yaml is\nbeing published: caf\udce9")
    supervisor.watchdog()
    supervisor.stopping()
    assert [heard(line) for _ in range(4)] == [
        "READY=1",
        "STATUS=第1回.yaml is being published: caf?",
        "WATCHDOG=1",
        "STOPPING=1",
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has abstract sockets")
def test_an_abstract_socket_is_reached() -> None:
    name = f"nicobatch-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(f"\0{name}")
        listening.settimeout(5)
        Supervisor.found({"NOTIFY_SOCKET": f"@{name}"}).ready()
        assert heard(listening) == "READY=1"


@unix
def test_a_supervisor_that_does_not_listen_keeps_nobody_waiting(
    line: socket.socket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reporting, "_PATIENCE", 0.001)
    supervisor = Supervisor.found({"NOTIFY_SOCKET": str(tmp_path / "notify")})
    for _ in range(50):  # net.unix.max_dgram_qlen is 10, or a few hundred where it was raised
        supervisor.watchdog()
    Supervisor.found({"NOTIFY_SOCKET": str(tmp_path / "nobody")}).ready()


@pytest.mark.parametrize("address", ["", "vsock:2:1234", "relative/path"])
def test_without_an_address_that_is_understood_nothing_is_sent(address: str) -> None:
    supervisor = Supervisor.found({"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "1000000"})
    supervisor.ready()
    assert supervisor.interval is None


@unix
@pytest.mark.parametrize(
    ("watchdog", "expected"),
    [
        ({"WATCHDOG_USEC": "30000000"}, 15.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "77"}, 15.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "78"}, None),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": ""}, 15.0),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "-1"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({}, None),
    ],
)
def test_half_the_time_is_taken_for_the_watchdog(
    watchdog: dict[str, str], expected: float | None
) -> None:
    found = Supervisor.found({"NOTIFY_SOCKET": "/run/notify", **watchdog}, pid=77)
    assert found.interval == expected


@unix
def test_the_environment_of_the_process_is_asked(
    line: socket.socket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    monkeypatch.setenv("WATCHDOG_USEC", "2000000")
    monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()))
    supervisor = Supervisor.found()
    supervisor.ready()
    assert (heard(line), supervisor.interval) == ("READY=1", 1.0)
