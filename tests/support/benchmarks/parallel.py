"""What parallel chunks gain on a far and narrow network, and the memory that each takes.

The network is a relay; curl sends the same parts through one like it, one after another.
"""

from __future__ import annotations

import functools
import json
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final

from tests.support.benchmarks import curl
from tests.support.benchmarks.measure import Cost, limit, medians, nicobatch, ratio, run, table
from tests.support.benchmarks.server import relayed, sandbox, user_session
from tests.support.benchmarks.uploading import MANIFEST
from tests.support.benchmarks.videos import make_big

RUNS: Final = 3
CHUNKS: Final = (1, 2, 4)
SIZE: Final = 8 * curl.PART
"""Bytes; the parts divide evenly among the chunks."""
DELAY: Final = 0.05
"""Seconds each way."""
RATE: Final = 8_000_000
"""Bytes a second, each connection."""

GOAL_TIME: Final = 1.1
GOAL_RSS: Final = 2
"""Millions of bytes for each chunk but the first."""


def measure() -> None:
    """Measure each number of chunks, each run against a sandbox of its own, and print."""
    session = user_session()
    with tempfile.TemporaryDirectory(prefix="nicobatch-parallel-") as name:
        folder = Path(name)
        video = make_big(folder / "big.mp4", SIZE)
        manifest = folder / "big.yaml"
        manifest.write_text(MANIFEST, encoding="utf-8")
        parts = curl.split(video, folder)
        contest = {"curl, the same requests": lambda: _curl(folder, session, parts)} | {
            f"nicobatch publish --parallel-chunks {chunks}": functools.partial(
                _publish, manifest, session, chunks
            )
            for chunks in CHUNKS
        }
        rows = medians(RUNS, contest)
    plain, *ours = rows.values()
    table(
        f"Upload of {SIZE:,} bytes, {DELAY * 1000:.0f} ms away, {RATE / 1e6:.0f} MB/s a connection,"
        f" median of {RUNS}",
        rows,
        _verdicts(plain, dict(zip(CHUNKS, ours, strict=True))),
    )


def _verdicts(plain: Cost, ours: Mapping[int, Cost]) -> Iterator[str]:
    """Hold each number of chunks against curl, whose time the chunks share at best."""
    for chunks, cost in ours.items():
        what = (
            f"{SIZE / cost.wall / 1e6:.1f} MB/s; time with {chunks} at once, of curl's / {chunks}"
        )
        yield ratio(what, cost.wall, plain.wall / chunks, GOAL_TIME)
    for chunks, cost in list(ours.items())[1:]:
        more = (cost.rss - ours[1].rss) / (chunks - 1)
        yield limit(f"memory a chunk more, {chunks} at once", more / 1e6, GOAL_RSS, " MB")


def _curl(folder: Path, session: str, parts: list[Path]) -> Cost:
    with sandbox() as near, relayed(near, delay=DELAY, rate=RATE) as origin:
        return curl.upload(origin, session, folder, size=SIZE, parts=parts)


def _publish(manifest: Path, session: str, chunks: int) -> Cost:
    """Publish; the time is that of the requests which curl makes."""
    with (
        sandbox() as near,
        relayed(near, delay=DELAY, rate=RATE) as origin,
        tempfile.TemporaryDirectory(prefix="nicobatch-journal-") as journal,
    ):
        events = Path(journal) / "events.jsonl"
        command = nicobatch("publish", manifest, "--api-origin", origin, "--journal", journal)
        cost = run(
            [*command, "--parallel-chunks", str(chunks), "--no-wait", "--format", "json"],
            env={"NICOBATCH_USER_SESSION": session},
            output=events,
        )
        return replace(cost, wall=_seconds(events))


def _seconds(events: Path) -> float:
    """Return the time from the first part's start to the answer that the file is complete."""
    told = [json.loads(line) for line in events.read_text(encoding="utf-8").splitlines()]
    at = {
        (event["event"], event["step"]): datetime.fromisoformat(event["at"])
        for event in told
        if "step" in event
    }
    return (at["step_done", "done"] - at["step_started", "chunks"]).total_seconds()
