"""The command as a process that a signal meets at one point of its way.

`python -m tests.support.crashing K publish …` counts what it passes: before and after each request,
in the middle of each part, before and after each write of a receipt. At point K it kills itself, or
stops itself with `--signal STOP`. With K=0 it comes to its end and prints the points' names.

Without arguments it imports all that once and then forks for each order that it reads from stdin.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import gc
import importlib
import json
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Any
from urllib.parse import urlsplit

from nicobatch.actions import publishing
from nicobatch.cli import run
from nicobatch.http import Answer, Block, Body, Http
from nicobatch.journal.files import Journal
from nicobatch.locks import TTL, Lease, Locks, files
from nicobatch.model import Video
from nicobatch.receipt import Receipt
from tests.support.disk import unsynced
from tests.support.warm import warm

PATIENCE = 60
"""Seconds after which a run is killed that does not come to its end."""


@dataclass(slots=True)
class Points:
    """Names every point that is reached, and has the signal come at one of them."""

    at: int
    signal: signal.Signals
    names: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    beating: threading.Lock = field(default_factory=threading.Lock)
    """Held during a beat: a run that is stopped in the middle of one keeps all others waiting."""

    def reach(self, name: str) -> None:
        with self.lock:
            self.names.append(name)
            if len(self.names) == self.at:
                with self.beating:
                    os.kill(os.getpid(), self.signal)
                    time.sleep(0.05)  # a stop may reach another thread first


@dataclass(slots=True)
class Leaving:
    """A part on its way; its third read comes once its head and its first block have left."""

    body: Body
    points: Points
    name: str
    reads: int = 0

    def __len__(self) -> int:
        return len(self.body)

    def __iter__(self) -> Iterator[Block]:
        return iter(self.body)

    def read(self, size: int = -1) -> Block:
        self.reads += 1
        if self.reads == 3:
            self.points.reach(f"within {self.name}")
        return self.body.read(size)


def watch(points: Points, put: Callable[[type, str, Any], None] = setattr) -> None:
    """Have every request and every write of a receipt pass its points; `put` sets what watches."""
    send, write, held, beat = Http.send, Journal.write, Lease.held, Lease.beat

    def watched_send(
        http: Http, method: str, url: str, *, body: Body | None = None, **parts: Any
    ) -> Answer:
        name = f"{method} {urlsplit(url).path}{'?' * url.endswith('?done')}"
        points.reach(f"before {name}")
        leaving = body and Leaving(body, points, name)
        answer = send(http, method, url, body=leaving, **parts)
        points.reach(f"after {name}")
        return answer

    def watched_write(journal: Journal, video: Video, receipt: Receipt, **how: bool) -> None:
        points.reach(f"before the receipt that has {', '.join(receipt.steps) or 'nothing'}")
        write(journal, video, receipt, **how)

    @contextlib.contextmanager
    def watched_hold(lease: Lease) -> Iterator[None]:
        with held(lease):
            yield
        points.reach("after that receipt")

    def watched_beat(lease: Lease) -> None:
        with points.beating:
            beat(lease)

    for kind, name, watched in (
        (Http, "send", watched_send),
        (Journal, "write", watched_write),
        (Lease, "held", watched_hold),
        (Lease, "beat", watched_beat),
    ):
        put(kind, name, watched)


def main(arguments: Sequence[str]) -> int:
    """Run the command as the arguments say, and return its exit code if it comes to its end."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--signal", default="KILL")
    parser.add_argument("--ttl", type=float, default=TTL)
    parser.add_argument("at", type=int)
    parser.add_argument("command", nargs=argparse.REMAINDER)
    order = parser.parse_args(arguments)
    vars(os)["fsync"] = unsynced
    points = Points(order.at, signal.Signals[f"SIG{order.signal}"])
    watch(points)
    vars(publishing)["Locks"] = functools.partial(Locks, ttl=order.ttl)
    vars(files)["PATIENCE"] = min(files.PATIENCE, order.ttl)
    signal.alarm(PATIENCE)
    code = run(order.command)
    if not order.at:
        _tell(points.names)
    return code


@dataclass(frozen=True)
class Child:
    """A process that was forked for an order, and what it says."""

    pid: int
    out: IO[bytes]
    err: IO[bytes]

    @classmethod
    def fork(cls, order: Mapping[str, Any]) -> Child:
        out, err = tempfile.TemporaryFile(), tempfile.TemporaryFile()  # noqa: SIM115 - it may sleep
        pid = os.fork()
        if not pid:
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)
            os._exit(_obey(**order))
        return cls(pid, out, err)

    def code(self) -> int | None:
        """Wait until it has ended; None says that it stopped itself."""
        _, status = os.waitpid(self.pid, os.WUNTRACED)
        return None if os.WIFSTOPPED(status) else os.waitstatus_to_exitcode(status)

    def said(self) -> list[str]:
        with self.out, self.err:
            return [_text(self.out), _text(self.err)]


def serve() -> None:
    """Fork for each order, and answer how that ended; one that stopped itself may be woken."""
    asleep: dict[int, Child] = {}
    for line in sys.stdin:
        order = json.loads(line)
        if "wake" in order:
            child = asleep.pop(order["wake"])
            os.kill(child.pid, signal.SIGCONT)
        else:
            child = Child.fork(order)
        code = child.code()
        if code is None:
            asleep[child.pid] = child
            _tell([None, child.pid])
        else:
            _tell([code, *child.said()])
    for pid in asleep:
        os.kill(pid, signal.SIGKILL)


def _obey(arguments: Sequence[str], folder: str, environment: Mapping[str, str]) -> int:
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    return main(arguments)


def _tell(value: object) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode("utf-8")


if __name__ == "__main__":
    if sys.argv[1:]:
        sys.exit(main(sys.argv[1:]))
    warm()
    importlib.import_module("nicobatch.cli.app")  # all orders are for one command, in English
    importlib.import_module("nicobatch.cli.publish")
    gc.freeze()
    serve()
