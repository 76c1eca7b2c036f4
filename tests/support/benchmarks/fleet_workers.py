"""A fleet's worker processes, and what befalls them."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from nicobatch.fleet.worker import STALL
from tests.support.benchmarks.measure import say

ROOT: Final = Path(__file__).parents[3]
TIMED: Final = (sys.executable, "-m", "tests.support.benchmarks.fleet_worker")
WORK: Final = ("fleet", "work", "--poll-interval", "0.05", "--format", "json")
SLEEP: Final = (STALL + 2, STALL + 20)
"""Seconds of a suspension: the others have taken over by then."""


@dataclass(slots=True)
class Workers:
    """Processes of `fleet work`, and what befalls them."""

    folder: Path
    environment: Mapping[str, str]
    chance: random.Random
    awake: list[subprocess.Popen[bytes]] = field(default_factory=list)
    asleep: dict[subprocess.Popen[bytes], float] = field(default_factory=dict)
    """Until which moment they are suspended."""
    begun: int = 0

    def begin(self) -> None:
        self.begun += 1
        with (self.folder / f"worker-{self.begun}.log").open("wb") as log:
            worker = subprocess.Popen(
                [*TIMED, str(self.folder), *WORK],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
                cwd=ROOT,
            )
        self.awake.append(worker)

    def kill(self) -> None:
        """Kill one, and begin another one in its place."""
        worker = self._any()
        worker.kill()
        worker.wait()
        say(f"{now()} killed {worker.pid}")
        self.begin()

    def suspend(self) -> None:
        """Have one do nothing until the others have its accounts, and then go on."""
        worker = self._any()
        seconds = self.chance.uniform(*SLEEP)
        self.asleep[worker] = time.monotonic() + seconds
        worker.send_signal(signal.SIGSTOP)
        say(f"{now()} suspended {worker.pid} for {seconds:.0f} s")
        self.begin()

    def wake(self) -> None:
        """Let those go on whose time has come."""
        for worker, until in list(self.asleep.items()):
            if time.monotonic() >= until:
                del self.asleep[worker]
                worker.send_signal(signal.SIGCONT)
                say(f"{now()} {worker.pid} goes on")
                self.awake.append(worker)

    def end(self) -> Iterator[str]:
        """Tell all to stop, and yield what is not as it has to be."""
        for worker in self.awake:
            if worker.poll() is not None:
                yield f"a worker ended by itself, with {worker.returncode}"
            worker.terminate()
        for worker in self.awake:
            try:
                worker.wait(timeout=30)
            except subprocess.TimeoutExpired:
                yield f"{worker.pid} does not end"
        for log in sorted(self.folder.glob("worker-*.log")):
            if "Traceback" in (text := log.read_text("utf-8", errors="replace")):
                yield f"a worker crashed: {text.strip().rpartition(chr(10))[2]}"

    def release(self) -> None:
        """Leave no process behind, whatever happened."""
        for worker in (*self.awake, *self.asleep):
            worker.kill()
            worker.wait()

    def _any(self) -> subprocess.Popen[bytes]:
        worker = self.chance.choice(self.awake)
        self.awake.remove(worker)
        return worker


@contextmanager
def working(workers: Workers, count: int) -> Iterator[Workers]:
    try:
        for _ in range(count):
            workers.begin()
        yield workers
    finally:
        workers.release()


def now() -> str:
    return time.strftime("%H:%M:%S")
