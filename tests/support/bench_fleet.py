"""A fleet under fire: `python -m tests.support.bench_fleet [--videos N] [--accounts N] …`.

Tiny videos of many accounts, half of them of one site and half of the other, are enqueued in a real
PostgreSQL and published by worker processes, of which some are killed and some suspended for longer
than the others wait for them. At the end the sandbox is asked what it has: every video once, or the
exit code is 1. Then a turn and the search for a duplicate are timed in a database of many rows.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from nicobatch.actions.rehearsing import sign_ins
from nicobatch.fleet.database import Database
from nicobatch.fleet.schema import migrate
from nicobatch.model import Secret
from nicobatch.sandbox import Account, Sandbox, numbered
from tests.support.benchmarks import fleet_sql
from tests.support.benchmarks.fleet_load import Load, sizes
from tests.support.benchmarks.fleet_worker import waited
from tests.support.benchmarks.fleet_workers import Workers, now, working
from tests.support.benchmarks.measure import RSS_UNIT, machine, nicobatch, run, say
from tests.support.benchmarks.videos import make_tiny
from tests.support.postgres import Postgres, programs

SITES: Final = ("niconico", "bilibili")
SETTINGS: Final = ("fsync = on", "full_page_writes = on", "shared_buffers = '128MB'")
"""As PostgreSQL comes, where the tests have less."""
CLOCKS: Final = ("pg_stat_statements.track_planning = on", "track_wal_io_timing = on")
"""What is measured, where there is what measures it."""
_IS_THERE: Final = "SELECT 1 FROM pg_available_extensions WHERE name = 'pg_stat_statements'"
DETAILS: Final = "shared_preload_libraries = 'pg_stat_statements'"
BEFALLS: Final = (0.05, 0.8)
"""The share of videos that is published when the first thing befalls a worker, and the last."""
LOOK: Final = 1.0
"""Seconds between two looks at what is due."""
TOLD: Final = 30.0
"""Seconds between two lines that say how far it is."""


def main() -> int:
    """Run the fleet and return 1 where anything is wrong at its end."""
    options = _options()
    if (found := programs()) is None:
        say("there is no PostgreSQL here")
        return 1
    say(machine())
    each = f"{options.videos:,} videos, {options.accounts:,} accounts on {len(SITES)} sites"
    chaos = f"{options.kills} kills, {options.suspensions} suspensions"
    say(f"{each}, {options.workers} workers, {chaos}, seed {options.seed}")
    with (
        closing(Postgres(found)) as server,
        tempfile.TemporaryDirectory(prefix="nicobatch-fleet-") as name,
    ):
        is_detailed = bool(server.sql(_IS_THERE))
        for setting in (*SETTINGS, *([DETAILS] if is_detailed else [])):
            server.sql(f"ALTER SYSTEM SET {setting}")
        server.restart()
        if is_detailed:  # which is known from now on
            for setting in CLOCKS:
                server.sql(f"ALTER SYSTEM SET {setting}")
            server.sql("SELECT pg_reload_conf()")
        dsn = server.database().dsn
        with closing(Database(Secret(dsn), threading.Event())) as database:
            if is_detailed:
                database.rows("CREATE EXTENSION pg_stat_statements")
            migrate(database)
            wrong = [*_trial(options, Path(name), dsn, Load(database, is_detailed))]
            if options.rows:
                fleet_sql.measure(database, options.rows)
    for line in wrong:
        say(f"NOT {line}")
    return int(bool(wrong))


def _trial(options: argparse.Namespace, folder: Path, dsn: str, load: Load) -> Iterator[str]:
    """Publish, say what it took, and yield what is not as it has to be."""
    people = numbered(options.accounts)
    titles = prepare(folder / "show", options.videos, people)
    with Sandbox(folder / "site", encode_seconds=0, accounts=people) as site:
        environment = {
            **{name: is_ for name, is_ in os.environ.items() if not name.startswith("NICOBATCH_")},
            **dict(sign_ins(options.accounts)),
            "NICOBATCH_FLEET_DSN": dsn,
            "NICOBATCH_API_ORIGIN": site.url,
            "XDG_STATE_HOME": str(folder / "state"),
            "XDG_CONFIG_HOME": str(folder / "config"),
        }
        flush = load.flush()
        before = load.spent()
        cost = run(nicobatch("fleet", "enqueue", folder / "show"), env=environment)
        enqueued = load.spent()
        took = enqueued.since(before, options.videos)
        say(f"enqueued in {cost.wall:.1f} s, {took.worked:.2f} ms of the server's work a video")
        chance, begun = random.Random(options.seed), time.monotonic()
        before_cpu = processor()
        with working(Workers(folder, environment, chance), options.workers) as workers:
            yield from _under_fire(options, load, workers)
        seconds = time.monotonic() - begun
        yield from audited(site.audit(), titles)
    cpu = (processor() - before_cpu) / options.videos * 1000
    say(f"published in {seconds:.0f} s, {options.videos / seconds:.1f} a second; a video took")
    for line in load.spent(waited(folder)).since(enqueued, options.videos).told():
        say(line)
    say(f"  {'the workers, of the processor':44}{cpu:>10.2f} ms")
    say(f"  {'a commit alone on this disk, before all that':44}{flush:>10.2f} ms")
    sizes(load.database)


def _under_fire(options: argparse.Namespace, load: Load, workers: Workers) -> Iterator[str]:
    """Let the workers publish until nothing is due, and nobody is suspended any more."""
    befalls: list[Callable[[], None]] = [
        *[workers.kill] * options.kills,
        *[workers.suspend] * options.suspensions,
    ]
    workers.chance.shuffle(befalls)
    moments = sorted(workers.chance.uniform(*BEFALLS) for _ in befalls)
    begun = told = time.monotonic()
    states = load.states()
    while states.get("due") or workers.asleep:
        done = 1 - states.get("due", 0) / options.videos
        if time.monotonic() > told + TOLD:
            told = time.monotonic()
            speed = done * options.videos / (told - begun)
            say(f"{now()} {done:.0%}, {speed:.1f} a second, {open_()}")
        while moments and done >= moments[0]:
            moments.pop(0)
            befalls.pop()()
        workers.wake()
        time.sleep(LOOK)
        if time.monotonic() > begun + options.patience:
            break
        states = load.states()
    time.sleep(LOOK)  # so that one who has just woken does what it would
    yield from workers.end()
    if befalls:
        yield f"{len(befalls)} things befell nobody: the videos were published before"
    if states != {"done": options.videos}:
        yield f"what became of the videos: {dict(states)}"


def prepare(folder: Path, count: int, people: Sequence[Account]) -> set[str]:
    """Write the videos, no two alike, and a manifest for each account; return their titles."""
    folder.mkdir()
    videos = make_tiny(folder, count)
    for number, who in enumerate(people):
        head = f"version: 1\naccount: {who.nickname}\nsites: [{SITES[number % len(SITES)]}]\n"
        defaults = "defaults: {tags: [nicobatch], description: 出村}\nvideos:\n"
        own = videos[number :: len(people)]
        entries = "".join(f"  - {{file: {each.name}, title: {each.stem}}}\n" for each in own)
        (folder / f"{who.nickname}.yaml").write_text(head + defaults + entries, "utf-8")
    return {each.stem for each in videos}


def audited(audit: Mapping[str, Any], titles: set[str]) -> Iterator[str]:
    """Say what the sandbox has, and yield what is not as it has to be."""
    found = Counter(filter(None, map(published, audit["entries"])))
    twice = sum(count > 1 for count in found.values())
    missing = len(titles - found.keys())
    strange = len(found.keys() - titles)
    say(f"published {len(found):,}, twice {twice:,}, missing {missing:,}, strange {strange:,}")
    if twice or missing or strange:
        yield "the sandbox doesn't have each video once"
    if audit["crashes"]:
        yield f"the sandbox crashed: {audit['crashes'][0]['traceback']}"


def published(entry: Mapping[str, Any]) -> str:
    """Return the title of an entry that was published at its site; else nothing."""
    if entry.get("kind") == "archive":
        return str(entry["body"]["title"])
    return str(entry["metadata"]["title"]) if entry.get("published") else ""


def processor() -> float:
    """Return the seconds that children which have ended were at work."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def open_() -> str:
    """Say what this process, which is the sandbox as well, takes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * RSS_UNIT
    folder = Path("/proc/self/fd")
    files = f", {len(list(folder.iterdir()))} files" if folder.exists() else ""
    return f"the sandbox {peak / 1e6:,.0f} MB{files}"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.support.bench_fleet")
    parser.add_argument("--videos", type=int, default=10_000, metavar="N")
    parser.add_argument("--accounts", type=int, default=100, metavar="N")
    parser.add_argument("--workers", type=int, default=4, metavar="N")
    parser.add_argument("--kills", type=int, default=3, metavar="N")
    parser.add_argument("--suspensions", type=int, default=3, metavar="N")
    parser.add_argument(
        "--rows", type=int, default=1_000_000, metavar="N", help="videos of the SQL; 0: no such"
    )
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--patience", type=float, default=7200, metavar="S")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
