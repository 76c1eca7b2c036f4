"""What a batch of tiny videos takes: requests by their kind, and time for each video."""

from __future__ import annotations

import json
import re
import tempfile
import urllib.request
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from tests.support.benchmarks.measure import Cost, limit, nicobatch, run, say, table
from tests.support.benchmarks.server import sandbox, user_session
from tests.support.benchmarks.videos import make_tiny

GOAL_BATCH: Final = 2
"""Requests: the sign-in check, and a page of the account's own list."""
GOAL_VIDEO: Final = 5 + 1
"""Requests, polling aside: the steps, and one part."""

POLLING: Final = "state (polling)"
LOOKING: Final = "visitor's look (polling)"
_PART: Final = "part"
_END: Final = "end of the parts"
_KINDS: Final = {
    "sign-in check": r"GET /v1/users/me",
    "own list, a page": r"GET /v2/users/me/videos",
    "create": r"POST /api/v2/videos",
    "chunk stream": r"POST /api/v2/videos/\d+/upload-chunk-stream",
    _PART: r"POST /api/v2/videos/\d+/file/chunks",
    "thumbnail": r"POST /api/v2/videos/\d+/scene-thumbnails/0",
    "metadata": r"POST /api/v2/videos/\d+",
    POLLING: r"GET /api/v2/videos/\d+/status",
    LOOKING: r"GET /watch/sm\d+",
}

MANIFEST: Final = """\
version: 1
defaults: {genre: game, tags: [nicobatch], thumbnail: {timing: 1.5}}
videos:
"""


def measure(count: int) -> None:
    """Measure a batch of `count` videos and a batch of one, and print; the difference is theirs."""
    session = user_session()
    one, _ = _publish(1, session)
    many, requests = _publish(count, session)
    say(f"\nRequests for a batch of {count:,} videos of some kilobytes")
    say(f"  {'':44}{'in all':>10}{'a video':>10}")
    for kind, number in requests.items():
        say(f"  {kind:44}{number:>10,}{number / count:>10.3f}")
    others = sum(requests.values()) - requests[POLLING] - requests[LOOKING]
    say(f"  {limit('requests, polling aside', others, GOAL_BATCH + count * GOAL_VIDEO)}")
    wall, cpu = ((b - a) / (count - 1) for a, b in ((one.wall, many.wall), (one.cpu, many.cpu)))
    table(
        f"Batch of {count:,} videos of some kilobytes, encoded at once",
        {"nicobatch publish, 1 video": one, f"nicobatch publish, {count:,} videos": many},
        [f"for each video more: {wall * 1000:.1f} ms by the clock, {cpu * 1000:.1f} ms of CPU"],
    )


def _publish(count: int, session: str) -> tuple[Cost, Mapping[str, int]]:
    """Return what the batch takes, and how many requests of each kind it makes."""
    with (
        tempfile.TemporaryDirectory(prefix="nicobatch-batch-") as name,
        sandbox(instant=True) as origin,
    ):
        command = nicobatch("publish", _write(Path(name), count), "--api-origin", origin)
        cost = run(command, env={"NICOBATCH_USER_SESSION": session})
        with urllib.request.urlopen(f"{origin}/sandbox/audit", timeout=10) as answer:
            return cost, _by_kind(json.load(answer))


def _write(folder: Path, count: int) -> Path:
    videos = make_tiny(folder, count)
    lines = [f"  - {{file: {video.name}, title: {video.stem}}}\n" for video in videos]
    manifest = folder / "batch.yaml"
    manifest.write_text(MANIFEST + "".join(lines), encoding="utf-8")
    return manifest


def _by_kind(audit: Mapping[str, Any]) -> Mapping[str, int]:
    """Count the requests; the parts and their end, which share a path, as the entries have it."""
    counts = Counter(dict.fromkeys(_KINDS, 0))
    counts.update(_kind(f"{each['method']} {each['path']}") for each in audit["requests"])
    ends = sum(entry["received"].get("done", 0) for entry in audit["entries"])
    ordered: dict[str, int] = {}
    for kind, number in counts.items():
        ordered |= {_PART: number - ends, _END: ends} if kind == _PART else {kind: number}
    return ordered


def _kind(request: str) -> str:
    found = (kind for kind, pattern in _KINDS.items() if re.fullmatch(pattern, request))
    return next(found, request)
