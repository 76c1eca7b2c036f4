"""A watcher that has published much is no bigger than one that has published little."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.system.watch.watching import Inbox, Watching

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="what Linux tells in /proc")

MANIFESTS = 20
VIDEOS = 10
LOOKS = 10
GROWTH = 60
"""KiB a video: many times what is known of its files and receipt, and far less than what its parts,
its pictures or the site's answers take."""


@dataclass(frozen=True, slots=True)
class Size:
    """What a process takes of the system."""

    threads: int
    files: int
    memory: int
    """KiB that are resident."""

    @classmethod
    def of(cls, pid: int) -> Size:
        lines = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
        status = dict(line.split(":", 1) for line in lines)
        files = len(list(Path(f"/proc/{pid}/fd").iterdir()))
        return cls(int(status["Threads"]), files, int(status["VmRSS"].split()[0]))


def arrive(inbox: Inbox, watching: Watching, numbers: range) -> Size:
    names = [f"m{number}.yaml" for number in numbers]
    for name in names:
        videos = [f"{name}-{number}.mp4" for number in range(VIDEOS)]
        for video in videos:
            inbox.add(video)
        inbox.write(name, *videos)
    watching.until_done(*names, patience=120)
    return at_rest(watching.process.pid)


def at_rest(pid: int) -> Size:
    """Return the process's size once it has had the same threads and files for a while."""
    sizes = [Size.of(pid)]
    while len(sizes) < LOOKS or len({(each.threads, each.files) for each in sizes[-LOOKS:]}) > 1:
        assert len(sizes) < 100 * LOOKS, f"it does not come to rest: {sizes[-LOOKS:]}"
        time.sleep(0.05)
        sizes.append(Size.of(pid))
    return sizes[-1]


def test_two_hundred_arrivals(single: Inbox) -> None:
    with single.begin("--no-wait") as watching:
        before = arrive(single, watching, range(3))
        after = arrive(single, watching, range(3, MANIFESTS))
        assert watching.end() == 143
    assert len(single.entries()) == MANIFESTS * VIDEOS
    assert len({each["sha256"] for each in single.entries()}) == MANIFESTS * VIDEOS
    assert after.threads <= before.threads
    assert after.files <= before.files
    assert after.memory - before.memory < GROWTH * VIDEOS * (MANIFESTS - 3)
