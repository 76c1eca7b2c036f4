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
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from nicobatch.actions.rehearsing import sign_ins
from nicobatch.fleet.database import Database
from nicobatch.fleet.schema import migrate
from nicobatch.fleet.worker import STALL
from nicobatch.model import Secret
from nicobatch.sandbox import Account, Sandbox, numbered
from tests.support.benchmarks import fleet_sql
from tests.support.benchmarks.fleet_load import Load, sizes
from tests.support.benchmarks.measure import machine, nicobatch, run, say
from tests.support.benchmarks.videos import make_tiny
from tests.support.postgres import Postgres, programs

SITES: Final = ("niconico", "bilibili")
SETTINGS: Final = ("fsync = on", "full_page_writes = on", "shared_buffers = '128MB'")
"""As PostgreSQL comes, where the tests have less."""
_IS_THERE: Final = "SELECT 1 FROM pg_available_extensions WHERE name = 'pg_stat_statements'"
DETAILS: Final = "shared_preload_libraries = 'pg_stat_statements'"
BEFALLS: Final = (0.05, 0.8)
"""The share of videos that is published when the first thing befalls a worker, and the last."""
SLEEP: Final = (STALL + 2, STALL + 20)
"""Seconds of a suspension: the others have taken over by then."""
LOOK: Final = 1.0
"""Seconds between two looks at what is due."""


@dataclass(slots=True)
class Workers:
    """Processes of `fleet work`, and what befalls them."""

    folder: Path
    environment: Mapping[str, str]
    chance: random.Random
    awake: list[subprocess.Popen[bytes]] = field(default_factory=list)
    asleep: dict[subprocess.Popen[bytes], float] = field(default_factory=dict)
    """Until which moment they are suspended."""
    begun: int = 0

    def begin(self) -> None:
        self.begun += 1
        with (self.folder / f"worker-{self.begun}.log").open("wb") as log:
            command = nicobatch("fleet", "work", "--poll-interval", "0.05", "--format", "json")
            worker = subprocess.Popen(
                command,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
            )
        self.awake.append(worker)

    def kill(self) -> None:
        """Kill one, and begin another one in its place."""
        worker = self._any()
        worker.kill()
        worker.wait()
        say(f"{now()} killed {worker.pid}")
        self.begin()

    def suspend(self) -> None:
        """Have one do nothing until the others have its accounts, and then go on."""
        worker = self._any()
        seconds = self.chance.uniform(*SLEEP)
        self.asleep[worker] = time.monotonic() + seconds
        worker.send_signal(signal.SIGSTOP)
        say(f"{now()} suspended {worker.pid} for {seconds:.0f} s")
        self.begin()

    def wake(self) -> None:
        """Let those go on whose time has come."""
        for worker, until in list(self.asleep.items()):
            if time.monotonic() >= until:
                del self.asleep[worker]
                worker.send_signal(signal.SIGCONT)
                say(f"{now()} {worker.pid} goes on")
                self.awake.append(worker)

    def end(self) -> Iterator[str]:
        """Tell all to stop, and yield what is not as it has to be."""
        for worker in self.awake:
            if worker.poll() is not None:
                yield f"a worker ended by itself, with {worker.returncode}"
            worker.terminate()
        for worker in self.awake:
            worker.wait(timeout=30)
        for log in sorted(self.folder.glob("worker-*.log")):
            if "Traceback" in (text := log.read_text("utf-8", errors="replace")):
                yield f"a worker crashed: {text.strip().rpartition(chr(10))[2]}"

    def release(self) -> None:
        """Leave no process behind, whatever happened."""
        for worker in (*self.awake, *self.asleep):
            worker.kill()
            worker.wait()

    def _any(self) -> subprocess.Popen[bytes]:
        worker = self.chance.choice(self.awake)
        self.awake.remove(worker)
        return worker


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
            server.sql("ALTER SYSTEM SET pg_stat_statements.track_planning = on")
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
        before = load.spent()
        cost = run(nicobatch("fleet", "enqueue", folder / "show"), env=environment)
        enqueued = load.spent()
        say(f"enqueued in {cost.wall:.1f} s, {enqueued.since(before, options.videos)}")
        chance, begun = random.Random(options.seed), time.monotonic()
        with working(Workers(folder, environment, chance), options.workers) as workers:
            yield from _under_fire(options, load, workers)
        seconds = time.monotonic() - begun
        yield from audited(site.audit(), titles)
    say(f"published in {seconds:.0f} s, {load.spent().since(enqueued, options.videos)}")
    say("  (by pg_stat_database and pg_stat_statements; with what waits for locks and the disk)")
    sizes(load.database)


@contextmanager
def working(workers: Workers, count: int) -> Iterator[Workers]:
    try:
        for _ in range(count):
            workers.begin()
        yield workers
    finally:
        workers.release()


def _under_fire(options: argparse.Namespace, load: Load, workers: Workers) -> Iterator[str]:
    """Let the workers publish until nothing is due, and nobody is suspended any more."""
    befalls: list[Callable[[], None]] = [
        *[workers.kill] * options.kills,
        *[workers.suspend] * options.suspensions,
    ]
    workers.chance.shuffle(befalls)
    moments = sorted(workers.chance.uniform(*BEFALLS) for _ in befalls)
    deadline = time.monotonic() + options.patience
    states = load.states()
    while states.get("due") or workers.asleep:
        done = 1 - states.get("due", 0) / options.videos
        while moments and done >= moments[0]:
            moments.pop(0)
            befalls.pop()()
        workers.wake()
        time.sleep(LOOK)
        if time.monotonic() > deadline:
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


def now() -> str:
    return time.strftime("%H:%M:%S")


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
