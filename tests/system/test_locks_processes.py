"""Real processes that want one lock: they contend, are killed, and are put to sleep."""

from __future__ import annotations

import os
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
from filelock import FileLock, Timeout

from nicobatch.errors import Locked
from nicobatch.locks import Lease, Locks, files, processes

NAME: Final = "the account main"
SHORT: Final = 0.8
"""Seconds; the TTL where a test has to wait for it."""
PATIENCE: Final = 20.0
"""Seconds after which a test that waits has failed."""
ROUNDS: Final = 50
ROOT: Final = Path(__file__).parents[2]

START: Final = """
import sys, time
from pathlib import Path
from nicobatch.errors import Later, Locked
from nicobatch.locks import Locks

path, ttl = Path(sys.argv[1]), float(sys.argv[2])
locks = Locks("publish", ttl=ttl)
"""

CONTENDS: Final = """
rounds, me = int(sys.argv[3]), sys.argv[4]

def tell(word):
    with path.with_name("log").open("a") as log:
        log.write(f"{me} {word}\\n")

print("ready", flush=True)
sys.stdin.readline()
while rounds:
    try:
        with locks.acquire(path, "it") as lease:
            tell("in")
            lease.check()
            tell("out")
        rounds -= 1
    except Locked:
        pass
    time.sleep(0.001)
"""

HOLDS: Final = """
lease = locks.acquire(path, "it")
print("held", flush=True)
for line in sys.stdin:
    try:
        lease.check()
        print("ours", flush=True)
    except Later as error:
        print(error, flush=True)
lease.release()
"""


@contextmanager
def child(script: str, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    """A process that has said its first word; it doesn't outlive the block."""
    with subprocess.Popen(
        [sys.executable, "-c", START + script, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        try:
            assert process.stdout.readline().strip() in {"ready", "held"}
            yield process
        finally:
            process.kill()


def ask(process: subprocess.Popen[str]) -> str:
    """Have the holder check its lock, and return what it found."""
    assert process.stdin
    assert process.stdout
    process.stdin.write("\n")
    process.stdin.flush()
    return process.stdout.readline().strip()


def acquire_in_time(locks: Locks, path: Path) -> Lease:
    """Try as a waiting run does."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return locks.acquire(path, NAME)
        except Locked:
            assert time.monotonic() < deadline
            time.sleep(0.02)


def pause(process: subprocess.Popen[str], path: Path) -> None:
    """Stop the process somewhere, though not in the blink of an eye that it has the guard."""
    while True:
        process.send_signal(signal.SIGSTOP)
        os.waitpid(process.pid, os.WUNTRACED)
        try:
            with FileLock(path.with_name(files.GUARD)).acquire(timeout=0):
                return
        except Timeout:
            process.send_signal(signal.SIGCONT)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / ".account-main.lock"


def test_two_processes_never_hold_one_lock_at_once(path: Path) -> None:
    arguments = (path, 120, ROUNDS)
    with child(CONTENDS, *arguments, "a") as one, child(CONTENDS, *arguments, "b") as other:
        for process in (one, other):
            assert process.stdin
            process.stdin.write("\n")
            process.stdin.flush()
        assert [one.wait(PATIENCE), other.wait(PATIENCE)] == [0, 0]
    lines = path.with_name("log").read_text("utf-8").splitlines()
    assert sorted(lines[::2]) == ["a in"] * ROUNDS + ["b in"] * ROUNDS
    assert [line.replace("in", "out") for line in lines[::2]] == lines[1::2]
    assert not path.exists()


def test_a_killed_process_is_followed_at_once(path: Path) -> None:
    locks = Locks("publish")
    with child(HOLDS, path, 120) as holder:
        with pytest.raises(Locked, match=rf"in use by publish on \S+ \(pid {holder.pid}\)"):
            locks.acquire(path, NAME)
        holder.kill()
        holder.wait()
        locks.acquire(path, NAME).release()


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc to tell them")
def test_a_killed_process_that_nobody_asked_after_is_followed_at_once(path: Path) -> None:
    with child(HOLDS, path, 120) as holder:
        holder.kill()
        os.waitid(os.P_PID, holder.pid, os.WEXITED | os.WNOWAIT)
        os.kill(holder.pid, 0)
        assert processes.born(holder.pid) == "ended"
        Locks("publish").acquire(path, NAME).release()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows doesn't stop processes")
def test_a_stopped_process_loses_its_lock_and_notices(path: Path) -> None:
    with child(HOLDS, path, SHORT) as holder:
        pause(holder, path)
        stopped = time.monotonic()
        with acquire_in_time(Locks("watch", ttl=SHORT), path) as lease:
            assert time.monotonic() - stopped >= SHORT
            holder.send_signal(signal.SIGCONT)
            assert f"was taken over by watch on {socket.gethostname()}" in ask(holder)
            lease.check()
            assert holder.stdin
            holder.stdin.close()
            assert holder.wait(PATIENCE) == 0
            lease.check()
            assert path.exists(), "its release leaves the lock to us"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows doesn't stop processes")
def test_a_stopped_process_whose_lock_nobody_wants_goes_on(path: Path) -> None:
    with child(HOLDS, path, 0.2) as holder:
        pause(holder, path)
        time.sleep(0.2)
        holder.send_signal(signal.SIGCONT)
        assert ask(holder) == "ours"
