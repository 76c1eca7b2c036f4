"""What uploading a big file costs, against curl sending the same requests plus openssl's hash."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.support.benchmarks import curl
from tests.support.benchmarks.measure import (
    CannotRun,
    Cost,
    limit,
    medians,
    nicobatch,
    ratio,
    run,
    table,
)
from tests.support.benchmarks.server import sandbox, user_session
from tests.support.benchmarks.videos import make_big

SMALL = 100_000
"""Bytes."""

GOAL_CPU = 1.1
GOAL_RSS = 80
"""Millions of bytes."""

COPIES = 3
"""The video, its parts for curl, and what the sandbox receives."""

MANIFEST = "version: 1\nfile: big.mp4\ntitle: 大きなファイル\ntags: [nicobatch]\ngenre: other\n"


def measure(size: int, runs: int) -> None:
    """Measure with a video of `size` bytes, each run against a sandbox of its own, and print.

    A small video is measured as well: the difference is what the bytes cost, the rest is what
    starting, signing in and waiting for the encoding cost.
    """
    _demand_room(COPIES * size)
    session = user_session()
    with tempfile.TemporaryDirectory(prefix="nicobatch-upload-") as name:
        big = _contest(Path(name, "big"), size, session)
        small = _contest(Path(name, "small"), SMALL, session)
        small = {f"{name}, {SMALL:,} bytes": once for name, once in small.items()}
        rows = medians(runs, big | small)
    openssl, plain, ours, openssl_small, plain_small, ours_small = rows.values()
    theirs, theirs_small = openssl.cpu + plain.cpu, openssl_small.cpu + plain_small.cpu
    table(
        f"Upload of {size:,} bytes, median of {runs}",
        rows,
        [
            ratio(
                "CPU for the bytes, of curl + openssl",
                ours.cpu - ours_small.cpu,
                theirs - theirs_small,
                GOAL_CPU,
            ),
            ratio("CPU with start and end", ours.cpu, theirs, GOAL_CPU),
            limit("peak memory", ours.rss / 1e6, GOAL_RSS, " MB"),
        ],
    )


def _contest(folder: Path, size: int, session: str) -> dict[str, Callable[[], Cost]]:
    """Make a video of `size` bytes in the new folder and return what can be done with it."""
    folder.mkdir()
    video = make_big(folder / "big.mp4", size)
    manifest = folder / "big.yaml"
    manifest.write_text(MANIFEST, encoding="utf-8")
    parts = curl.split(video, folder)
    return {
        "openssl dgst -sha256": lambda: run(["openssl", "dgst", "-sha256", video]),
        "curl, the same requests": lambda: _curl(folder, session, size=size, parts=parts),
        "nicobatch publish": lambda: _publish(manifest, session),
    }


def _curl(folder: Path, session: str, *, size: int, parts: list[Path]) -> Cost:
    with sandbox() as origin:
        return curl.upload(origin, session, folder, size=size, parts=parts)


def _publish(manifest: Path, session: str) -> Cost:
    with sandbox() as origin, tempfile.TemporaryDirectory(prefix="nicobatch-journal-") as journal:
        command = nicobatch("publish", manifest, "--api-origin", origin, "--journal", journal)
        return run([*command, "--poll-interval", "1"], env={"NICOBATCH_USER_SESSION": session})


def _demand_room(size: int) -> None:
    folder = tempfile.gettempdir()
    free = shutil.disk_usage(folder).free
    if free < size:
        raise CannotRun(f"it takes {size:,} bytes in {folder}, and {free:,} are free")
