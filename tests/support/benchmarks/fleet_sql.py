"""What a turn and the search for a duplicate take in a fleet's database of very many rows."""

from __future__ import annotations

import hashlib
import random
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from nicobatch import sites
from nicobatch.actions.fleet_turns import options_of
from nicobatch.fleet import turns
from nicobatch.fleet.database import Connection, Database
from nicobatch.fleet.known import FleetKnown
from nicobatch.fleet.packing import unpack
from nicobatch.fleet.queue import TurnJob
from nicobatch.model import FileIdentity, Video
from nicobatch.plan import Wanted
from tests.support.benchmarks.measure import say

EACH: Final = 100
"""Videos of an account, which lie side by side: `enqueue` writes a manifest's at once."""
TIMES: Final = 200
_ACCOUNTS: Final = """
INSERT INTO nicobatch_accounts (site, name, origin, due_at)
SELECT 'niconico', 'rows' || number, 'https://rows.example', now()
FROM generate_series(0, %(accounts)s - 1) AS number
RETURNING id"""
_VIDEOS: Final = """
INSERT INTO nicobatch_videos (account_id, manifest, video, site, content, checked, state)
SELECT
    %(first)s + number / %(each)s, '/srv/rows/' || number / %(each)s || '.yaml',
    'video-' || number, 'niconico', sha256(number::text::bytea), there.checked, 'due'
FROM generate_series(0, %(rows)s - 1) AS number,
    (SELECT checked FROM nicobatch_videos WHERE site = 'niconico' LIMIT 1) AS there"""
_RECEIPTS: Final = """
INSERT INTO nicobatch_receipts (
    account_id, manifest, video, site, content, remote_id, begun, deleted, attempt, own, receipt
)
SELECT
    %(first)s + number / %(each)s, '/srv/rows/' || number / %(each)s || '.yaml',
    'video-' || number, 'niconico', sha256(number::text::bytea), 'sm' || number, true, false,
    1, true, there.receipt
FROM generate_series(0, %(rows)s - 1) AS number,
    (SELECT receipt FROM nicobatch_receipts WHERE site = 'niconico' LIMIT 1) AS there"""
_SIZES: Final = """
SELECT pg_total_relation_size('nicobatch_videos') / 1e6,
    pg_total_relation_size('nicobatch_receipts') / 1e6"""
_CHECKED: Final = "SELECT checked FROM nicobatch_videos WHERE site = 'niconico' LIMIT 1"


def measure(database: Database, rows: int) -> None:
    """Fill the database, in which a video of niconico is published, and print the medians."""
    accounts = -(-rows // EACH)
    begun = time.perf_counter()
    made = database.rows(_ACCOUNTS, {"accounts": accounts})
    first = min(id_ for (id_,) in made)
    given = {"rows": accounts * EACH, "each": EACH, "first": first}
    for query in (_VIDEOS, _RECEIPTS):
        database.rows(query, given)
    database.rows("VACUUM ANALYZE nicobatch_accounts, nicobatch_videos, nicobatch_receipts")
    [(videos, receipts)] = database.rows(_SIZES)
    say(
        f"\n{rows:,} videos of {accounts:,} accounts, filled in {time.perf_counter() - begun:.0f} s"
    )
    say(f"  {videos:,.0f} MB of videos, {receipts:,.0f} MB of receipts")
    database.rows("SET synchronous_commit = off")  # a commit's write depends on the disk alone
    chance = random.Random(rows)
    video = unpack(database.rows(_CHECKED)[0][0], options_of).video
    known = FleetKnown(database)

    def turn() -> None:
        job = TurnJob(0, first + chance.randrange(accounts))

        def work(connection: Connection) -> turns.Turn:
            return turns.begin(connection, job)

        assert database.transaction(work).videos

    def duplicate() -> None:
        number = chance.randrange(accounts * EACH)
        assert known.others(_wanted(video, number, number // EACH))

    say(f"  a turn's beginning: {_median(turn):.2f} ms, a duplicate: {_median(duplicate):.2f} ms")
    nothing = _median(lambda: database.rows("SELECT 1"))
    say(f"  (by the client's clock, medians of {TIMES}; SELECT 1 takes {nothing:.2f} ms)")


def _wanted(video: Video, number: int, account: int) -> Wanted:
    """Return another video of the account with the file of that row."""
    sha256 = hashlib.sha256(str(number).encode()).hexdigest()
    return Wanted(
        video=replace(video, account=f"rows{account}", id="another"),
        files=(FileIdentity("another.mp4", 1, sha256),),
        origin="",
        receipt="",
        steps={},
        table=sites.table(video.site),
    )


def _median(once: Callable[[], object]) -> float:
    """Return the milliseconds that it takes."""
    return statistics.median(_milliseconds(once) for _ in range(TIMES))


def _milliseconds(once: Callable[[], object]) -> float:
    begun = time.perf_counter()
    once()
    return (time.perf_counter() - begun) * 1000
