"""What a fleet's database spends, and what its rows take."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Final, Self

from nicobatch.fleet.database import Database
from tests.support.benchmarks.measure import limit, say

GOAL: Final = 10.0
"""Milliseconds of the server's work that a video is to take at most."""
_SIZES: Final = """
SELECT pg_total_relation_size('nicobatch_videos'), pg_total_relation_size('nicobatch_receipts'),
    (SELECT count(*) FROM nicobatch_videos), (SELECT count(*) FROM nicobatch_receipts),
    (SELECT count(*) FROM procrastinate_jobs)"""
_TOLD: Final = 1.5
"""Seconds after which the server knows what a session did, or had done when its client ended."""
_STATES: Final = "SELECT state, count(*) FROM nicobatch_videos GROUP BY state"
_SESSIONS: Final = """
SELECT active_time, xact_commit FROM pg_stat_database WHERE datname = current_database()"""
_STATEMENTS: Final = """
SELECT
    coalesce(sum(total_plan_time) FILTER (WHERE NOT ours), 0),
    coalesce(sum(total_exec_time) FILTER (WHERE NOT ours), 0),
    coalesce(sum(total_plan_time + total_exec_time) FILTER (WHERE ours), 0)
FROM (
    SELECT *, query = %(states)s OR query LIKE '%%pg_stat_%%' AS ours FROM pg_stat_statements
    WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND query <> 'COMMIT'
) AS statements"""
_LOG: Final = "SELECT wal_sync, wal_sync_time + wal_write_time FROM pg_stat_wal"
_OLD_LOG: Final = range(140_000, 180_000)
"""Versions of PostgreSQL in which that says so."""
_COMMIT: Final = "SELECT pg_logical_emit_message(true, 'nicobatch', '')"
_COMMITS: Final = 50


@dataclass(frozen=True, slots=True)
class Spent:
    """What was spent until some moment; times are milliseconds."""

    planned: float
    executed: float
    """Of statements, as pg_stat_statements has it; 0 where it isn't installed."""
    written: float
    """Of the log to the disk, as pg_stat_wal has it: a flush is one, however many wait for it."""
    flushes: float
    active: float
    """As pg_stat_database has it: all sessions' execution and commits, with what they wait for."""
    commits: float
    waited: float = 0.0
    """By the workers' own clocks, for what they asked of the database."""

    def since(self, before: Self, videos: int) -> Self:
        """Return what was spent on a video since then."""
        names = [each.name for each in fields(self)]
        return type(self)(*((getattr(self, n) - getattr(before, n)) / videos for n in names))

    @property
    def worked(self) -> float:
        """Return what the server was at work for."""
        return self.planned + self.executed + self.written

    def told(self) -> Iterator[str]:
        """Say what it is, as of a video."""
        yield f"  {'planning':44}{self.planned:>10.2f} ms"
        yield f"  {'execution':44}{self.executed:>10.2f} ms"
        yield f"  {'the log to the disk, each flush once':44}{self.written:>10.2f} ms"
        yield f"  {'the server at work, which is their sum':44}{self.worked:>10.2f} ms"
        yield f"  {'sessions, with what waits for disk and locks':44}{self.active:>10.2f} ms"
        yield f"  {'the workers, waiting for the database':44}{self.waited:>10.2f} ms"
        yield f"  {'flushes of the log, of commits':44}{self.flushes:>10.2f} of {self.commits:.1f}"
        yield limit("the server at work", self.worked, GOAL, " ms")


@dataclass(slots=True)
class Load:
    """What the database does, but for what this process asks."""

    database: Database
    is_detailed: bool
    """Whether pg_stat_statements is there."""

    def states(self) -> Mapping[str, int]:
        """Return how many videos are in each state."""
        return dict(self.database.rows(_STATES))

    def spent(self, waited: float = 0.0) -> Spent:
        """Return what was spent until now, a moment after the last one asked for anything."""
        time.sleep(_TOLD)
        planned = executed = ours = written = 0.0
        flushes = 0
        if self.is_detailed:
            [(planned, executed, ours)] = self.database.rows(_STATEMENTS, {"states": _STATES})
        [(version,)] = self.database.rows("SELECT current_setting('server_version_num')::integer")
        if version in _OLD_LOG:
            [(flushes, written)] = self.database.rows(_LOG)
        [(active, commits)] = self.database.rows(_SESSIONS)
        return Spent(planned, executed, written, flushes, active - ours, commits, waited)

    def flush(self) -> float:
        """Return the milliseconds that a commit takes, the median where nobody else has any."""
        return statistics.median(self._commit() for _ in range(_COMMITS))

    def _commit(self) -> float:
        begun = time.perf_counter()
        self.database.rows(_COMMIT)
        return (time.perf_counter() - begun) * 1000


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
