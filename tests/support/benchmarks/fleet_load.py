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
_ACTIVE: Final = """
SELECT active_time, xact_commit FROM pg_stat_database WHERE datname = current_database()"""
_STATEMENTS: Final = """
SELECT coalesce(sum(total_plan_time), 0), coalesce(sum(total_exec_time), 0)
FROM pg_stat_statements
WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
AND query NOT IN (%(states)s, 'COMMIT') AND query NOT LIKE '%%pg_stat_%%'"""


@dataclass(frozen=True, slots=True)
class Spent:
    """What the database did until some moment; times are milliseconds."""

    planned: float
    executed: float
    """Of statements, as pg_stat_statements has it; 0 where it isn't installed."""
    active: float
    """As pg_stat_database has it: execution, commits, and what waits for locks and for the disk."""
    commits: int

    def since(self, before: Spent, videos: int) -> str:
        """Say what a video took since then; of planning that is not counted, nothing."""
        planned, executed = self.planned - before.planned, self.executed - before.executed
        took = self.active - before.active + planned
        parts = f" (planning {planned / videos:.2f}, execution {executed / videos:.2f})"
        commits = f"{(self.commits - before.commits) / videos:.1f} commits"
        each = f"{took / videos:.2f} ms of the database"
        return f"{each}{parts if self.executed else ''} and {commits} a video"


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
        planned = executed = 0.0
        if self.is_detailed:
            [(planned, executed)] = self.database.rows(_STATEMENTS, {"states": _STATES})
        [(active, commits)] = self.database.rows(_ACTIVE)
        return Spent(planned, executed, float(active) - self.looks, commits)


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
