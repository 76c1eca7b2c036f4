"""How long `nicobatch --version` takes, against Python doing nothing."""

from __future__ import annotations

import sys

from tests.support.benchmarks.measure import medians, nicobatch, ratio, run, table

RUNS = 20
GOAL = 4.0


def measure() -> None:
    """Measure and print."""
    rows = medians(
        RUNS,
        {
            "bare Python": lambda: run([sys.executable, "-c", "pass"]),
            "nicobatch --version": lambda: run(nicobatch("--version")),
        },
    )
    nothing, version = rows.values()
    table(
        f"Start-up, median of {RUNS}",
        rows,
        [ratio("--version by the clock", version.wall, nothing.wall, GOAL)],
    )
