"""What a watcher of a folder takes of the machine, after few arrivals and after many."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.support.benchmarks.measure import CannotRun, limit, nicobatch, say
from tests.support.benchmarks.server import sandbox, user_session
from tests.support.benchmarks.videos import make_tiny

WAVE: Final = 100
"""Manifests, each with one video, that arrive at a time."""
REST: Final = 1.0
"""Seconds until the thread that was at work on the last of a wave is surely gone."""
IDLE: Final = 30.0
"""Seconds without arrivals."""
GOAL_VIDEO: Final = 20
"""KB of memory that stay of a video that lies in the folder: what is known of its files and its
receipt, and what the allocator makes of it."""
GOAL_IDLE: Final = 1
"""Percent of a processor, while nothing arrives."""


@dataclass(frozen=True, slots=True)
class _Size:
    """What a process has of the system."""

    threads: int
    files: int
    memory: int
    """Resident bytes."""
    cpu: float
    """Seconds of processor time so far."""


def measure(count: int) -> None:
    """Publish `count` videos from a watched folder, and print what the watcher takes."""
    if sys.platform != "linux":
        raise CannotRun("only Linux tells a process's size in /proc")
    with tempfile.TemporaryDirectory(prefix="nicobatch-watch-") as name:
        inbox, videos = Path(name) / "inbox", make_tiny(Path(name), count)
        inbox.mkdir()
        with sandbox(instant=True) as origin, _watcher(inbox, origin) as watcher:
            sizes = dict(_arrivals(watcher, inbox, videos))
            before = _size(watcher.pid)
            time.sleep(IDLE)
            idle = 100 * (_size(watcher.pid).cpu - before.cpu) / IDLE
    say(f"\nWatched folder, {count:,} manifests of one video each")
    say(f"  {'':44}{'threads':>10}{'files':>10}{'MB':>10}")
    for number, size in sizes.items():
        name = f"after {number:,}"
        say(f"  {name:44}{size.threads:>10}{size.files:>10}{size.memory / 1e6:>10.1f}")
    few, many = sizes[WAVE], sizes[count]
    a_video = (many.memory - few.memory) / 1e3 / (count - WAVE)
    say(f"  {limit('threads', many.threads, few.threads)}")
    say(f"  {limit('open files', many.files, few.files)}")
    say(f"  {limit('memory that stays of a video', a_video, GOAL_VIDEO, ' KB')}")
    say(f"  {limit(f'processor while idle, over {IDLE:.0f} s', idle, GOAL_IDLE, ' %')}")


@contextlib.contextmanager
def _watcher(inbox: Path, origin: str) -> Iterator[subprocess.Popen[str]]:
    options = ("--settle", "0.2", "--no-wait", "--format", "json", "--api-origin", origin)
    with subprocess.Popen(
        nicobatch("watch", inbox, *options),
        env={**os.environ, "NICOBATCH_USER_SESSION": user_session()},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
    ) as watcher:
        try:
            yield watcher
        finally:
            watcher.terminate()


def _arrivals(
    watcher: subprocess.Popen[str], inbox: Path, videos: list[Path]
) -> Iterator[tuple[int, _Size]]:
    """Have the videos arrive in waves; yield how many are published, and the watcher's size."""
    assert watcher.stdout
    for first in range(0, len(videos), WAVE):
        wave = videos[first : first + WAVE]
        for video in wave:
            shutil.move(video, inbox)
            words = f"version: 1\nvideos:\n  - {{file: {video.name}, title: {video.stem}}}\n"
            (inbox / f"{video.stem}.yaml").write_text(words, "utf-8")
        _await(watcher.stdout, len(wave))
        time.sleep(REST)
        yield first + len(wave), _size(watcher.pid)


def _await(lines: Iterable[str], count: int) -> None:
    """Read the watcher's events until so many more manifests are done."""
    for event in map(json.loads, lines):
        count -= event["event"] == "unit" and event["state"] == "done"
        if not count:
            return
    raise CannotRun("the watcher ended early")


def _size(pid: int) -> _Size:
    process = Path("/proc") / str(pid)
    lines = (process / "status").read_text("utf-8").splitlines()
    status = dict(line.split(":", 1) for line in lines)
    user, system = (process / "stat").read_text("utf-8").rpartition(")")[2].split()[11:13]
    return _Size(
        threads=int(status["Threads"]),
        files=len(list((process / "fd").iterdir())),
        memory=int(status["VmRSS"].split()[0]) * 1024,
        cpu=(int(user) + int(system)) / os.sysconf("SC_CLK_TCK"),
    )
