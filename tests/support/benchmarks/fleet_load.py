"""What a fleet's database spends, and what its rows take."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from nicobatch.fleet.database import Database
from tests.support.benchmarks.measure import say

_SIZES: Final = """
SELECT pg_total_relation_size('nicobatch_videos'), pg_total_relation_size('nicobatch_receipts'),
    (SELECT count(*) FROM nicobatch_videos), (SELECT count(*) FROM nicobatch_receipts),
    (SELECT count(*) FROM procrastinate_jobs)"""
_TOLD: Final = 1.5
"""Seconds after which the server knows what a session did, or had done when its client ended."""
_STATES: Final = "SELECT state, count(*) FROM nicobatch_videos GROUP BY state"
_ACTIVE: Final = "SELECT active_time FROM pg_stat_database WHERE datname = current_database()"
_EXECUTED: Final = """
SELECT coalesce(sum(total_exec_time + total_plan_time), 0) FROM pg_stat_statements
WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
AND query NOT IN (%(states)s, 'COMMIT')"""


@dataclass(frozen=True, slots=True)
class Spent:
    """Milliseconds of the database."""

    executed: float | None
    """Statements alone, as pg_stat_statements has it; None where it isn't installed."""
    active: float
    """All, as pg_stat_database has it: with commits, and what waits for locks and for the disk."""

    def since(self, before: Spent, videos: int) -> str:
        """Say what a video took since then."""
        words = f"{(self.active - before.active) / videos:.2f} ms of the database a video"
        if self.executed is None or before.executed is None:
            return words
        return f"{words}, of which statements {(self.executed - before.executed) / videos:.2f} ms"


@dataclass(slots=True)
class Load:
    """What the database does, but for what this process asks."""

    database: Database
    is_detailed: bool
    """Whether pg_stat_statements is there."""
    looks: float = 0.0
    """Milliseconds that `states` took."""

    def states(self) -> Mapping[str, int]:
        """Return how many videos are in each state."""
        begun = time.perf_counter()
        found: dict[str, int] = dict(self.database.rows(_STATES))
        self.looks += (time.perf_counter() - begun) * 1000
        return found

    def spent(self) -> Spent:
        """Return what was spent until now, a moment after the last one asked for anything."""
        time.sleep(_TOLD)
        executed = None
        if self.is_detailed:
            executed = float(self.database.rows(_EXECUTED, {"states": _STATES})[0][0])
        [(active,)] = self.database.rows(_ACTIVE)
        return Spent(executed, float(active) - self.looks)


def sizes(database: Database) -> None:
    """Say how many rows and bytes a video takes."""
    [(videos_size, receipts_size, videos, receipts, jobs)] = database.rows(_SIZES)
    for name, rows, size in (
        ("nicobatch_videos", videos, videos_size),
        ("nicobatch_receipts", receipts, receipts_size),
    ):
        each = size / max(rows, 1)
        say(f"  {name}: {rows:,} rows, {each:,.0f} bytes each, indexes and dead rows included")
    say(f"  procrastinate_jobs: {jobs:,} rows are left")
