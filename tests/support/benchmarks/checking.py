"""How long `check` takes on many manifests, against a check by the schema alone."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from tests.support.benchmarks.measure import Cost, medians, nicobatch, ratio, run, table
from tests.support.benchmarks.videos import make_sample

RUNS = 3
GOAL_PROBED = 1.2
GOAL_UNOPENED = 0.4
SCHEMA = Path(__file__).parents[3] / "schemas" / "manifest.schema.json"

MANIFEST = """\
# yaml-language-server: $schema=../schemas/manifest.schema.json
version: 1
file: episode-{number:04}.mp4
title: 第{number}回 はじめての冒険
description: |
  剣も魔法もまだ持っていない勇者が、村を出るまでのお話です。
  次回もお楽しみに。
tags: [ゲーム, 実況プレイ動画, nicobatch]
genre: game
thumbnail: {{timing: 1.5}}
permissions: {{clip_tweet: false}}
"""


def measure(count: int) -> None:
    """Measure on `count` manifests with a small real video each, and print."""
    with tempfile.TemporaryDirectory(prefix="nicobatch-check-") as name:
        folder = Path(name)
        manifests = write(folder, count)
        rows = medians(
            RUNS,
            {
                "check-jsonschema, schema only": lambda: by_schema(manifests),
                "nicobatch check": lambda: run(nicobatch("check", folder)),
                "nicobatch check --no-media": lambda: run(nicobatch("check", "--no-media", folder)),
            },
        )
    base, probed, unopened = rows.values()
    table(
        f"Check of {count:,} one-video manifests, median of {RUNS}",
        rows,
        [
            ratio("check by the clock", probed.wall, base.wall, GOAL_PROBED),
            ratio("check --no-media by the clock", unopened.wall, base.wall, GOAL_UNOPENED),
        ],
    )


def by_schema(manifests: list[Path]) -> Cost:
    """Check by the schema alone, with another tool."""
    tool = Path(sys.executable).with_name("check-jsonschema")
    return run([tool, "--schemafile", SCHEMA, *manifests])


def write(folder: Path, count: int) -> list[Path]:
    """Write so many manifests, each with a small real video of its own, and return their paths."""
    video = make_sample(folder / "episode-0001.mp4")
    manifests = []
    for number in range(1, count + 1):
        if number > 1:
            shutil.copyfile(video, folder / f"episode-{number:04}.mp4")
        manifests.append(folder / f"episode-{number:04}.yaml")
        manifests[-1].write_text(MANIFEST.format(number=number), encoding="utf-8")
    return manifests
