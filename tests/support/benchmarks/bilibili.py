"""bilibili's upload: its memory, what parts at once gain far away, and how often a file is read."""

from __future__ import annotations

import functools
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final

from tests.support.benchmarks.measure import Cost, limit, nicobatch, run, table
from tests.support.benchmarks.server import relayed, sandbox, user_session
from tests.support.benchmarks.videos import make_sample

GOAL_RSS: Final = 80
"""Millions of bytes."""
PART: Final = 10_485_760
"""Bytes, as the sandbox wants them."""
FAR: Final = 18 * PART
"""Bytes; the parts divide evenly among those at once."""
DELAY: Final = 0.05
"""Seconds each way."""
RATE: Final = 8_000_000
"""Bytes a second, each connection."""
AT_ONCE: Final = 3
GOAL_GAIN: Final = 2.7
READS: Final = 3
"""How often a file for two sites is read: for its digest, and for each of them."""
IMPORTS: Final = 32_000_000
"""Bytes that the program reads of itself at most."""
MANIFEST: Final = (
    "version: 1\nfile: big.mp4\ntitle: 大\ntags: [游戏]\ndescription: 出村\nsites: [{sites}]\n"
)
_COUNTING: Final = """\
import sys
from pathlib import Path
from nicobatch.cli import run
code = run(sys.argv[2:])
Path(sys.argv[1]).write_text(Path("/proc/self/io").read_text().split()[1])
sys.exit(code)
"""
"""Runs the command, and writes down how many bytes the process has read."""


def measure(size: int) -> None:
    """Measure with a sparse video of `size` bytes, and print."""
    with tempfile.TemporaryDirectory(prefix="nicobatch-bilibili-") as name:
        rows = {
            f"{site}, {size:,} bytes": _publish(Path(name, site), size, site)
            for site in ("niconico", "bilibili")
        }
        far = {
            f"bilibili far away, {count} at once": _far(Path(name, f"far{count}"), count)
            for count in (1, AT_ONCE)
        }
        found = bytes_read(Path(name, "both"), size)
    (one, some), most = far.values(), max(cost.rss for cost in rows.values())
    gain = one.wall / some.wall
    verdict = "ok " if gain >= GOAL_GAIN else "NOT"
    table(
        "Upload to bilibili",
        rows | far,
        [
            limit("peak memory", most / 1e6, GOAL_RSS, " MB"),
            f"{verdict} {AT_ONCE} at once: {gain:.2f} × as fast (goal: at least {GOAL_GAIN} ×)",
            limit("bytes read for two sites", found, READS * size + IMPORTS),
        ],
    )


def bytes_read(folder: Path, size: int) -> int:
    """Publish a video of `size` bytes to both sites, and return how many bytes that read."""
    count = folder.with_suffix(".txt")
    with _prepared(folder, size, "niconico, bilibili") as arguments, sandbox(instant=True) as at:
        command = [sys.executable, "-c", _COUNTING, str(count), *arguments, "--api-origin", at]
        run(command, env=_signed_in())
    return int(count.read_text(encoding="utf-8"))


def _publish(folder: Path, size: int, sites: str) -> Cost:
    with _prepared(folder, size, sites) as arguments, sandbox(instant=True) as origin:
        return run(nicobatch(*arguments, "--api-origin", origin), env=_signed_in())


def _far(folder: Path, at_once: int) -> Cost:
    with (
        _prepared(folder, FAR, "bilibili") as arguments,
        sandbox(instant=True) as near,
        relayed(near, delay=DELAY, rate=RATE) as origin,
    ):
        events = folder.with_suffix(".jsonl")
        more = ("--api-origin", origin, "--parallel-chunks", str(at_once), "--format", "json")
        cost = run(nicobatch(*arguments, *more), env=_signed_in(), output=events)
        return replace(cost, wall=_seconds(events))


def _seconds(events: Path) -> float:
    """Return the time that the upload took, from asking for it to its completion."""
    told = [json.loads(line) for line in events.read_text(encoding="utf-8").splitlines()]
    at = [datetime.fromisoformat(each["at"]) for each in told if each.get("step") == "upload"]
    return (at[-1] - at[0]).total_seconds()


@contextmanager
def _prepared(folder: Path, size: int, sites: str) -> Iterator[tuple[str, ...]]:
    """Make a video in the new folder, and give the arguments that publish it."""
    folder.mkdir()
    video = make_sample(folder / "big.mp4")
    with video.open("ab") as file:
        file.write((1).to_bytes(4, "big") + b"free")
        file.write((size - file.tell() + 8).to_bytes(8, "big"))
    os.truncate(video, size)
    text = (
        f"version: 1\nfile: big.mp4\ntitle: 大\nsites: [{sites}]\ntags: [游戏]\ndescription: 出村\n"
    )
    (folder / "m.yaml").write_text(text, encoding="utf-8")
    yield "publish", str(folder / "m.yaml"), "--no-wait"


@functools.cache
def _signed_in() -> dict[str, str]:
    session = user_session()
    return {
        "NICOBATCH_USER_SESSION": session,
        "NICOBATCH_BILIBILI_SESSDATA": session,
        "NICOBATCH_BILIBILI_BILI_JCT": session[-32:],
    }
