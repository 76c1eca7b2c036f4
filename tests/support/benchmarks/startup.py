"""How long `--version` takes, against Python doing nothing, and `check`, against its schema's."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.support.benchmarks.checking import by_schema, write
from tests.support.benchmarks.measure import medians, nicobatch, ratio, run, table

RUNS = 20
GOAL_VERSION = 2.0
GOAL_CHECK = 1.0


def measure() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="nicobatch-startup-") as name:
        manifests = write(Path(name), 1)
        rows = medians(
            RUNS,
            {
                "bare Python": lambda: run([sys.executable, "-c", "pass"]),
                "nicobatch --version": lambda: run(nicobatch("--version")),
                "check-jsonschema, one manifest": lambda: by_schema(manifests),
                "nicobatch check, the same": lambda: run(nicobatch("check", *manifests)),
            },
        )
    nothing, version, schema, check = rows.values()
    table(
        f"Start-up, median of {RUNS}",
        rows,
        [
            ratio("--version, CPU", version.cpu, nothing.cpu, GOAL_VERSION),
            ratio("check of one manifest, CPU", check.cpu, schema.cpu, GOAL_CHECK),
        ],
    )
