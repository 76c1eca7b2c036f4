"""Runs that sleep, lose beats and have their clocks set, in any order: one holds, and it knows."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from nicobatch.errors import Later, Locked
from nicobatch.locks import TTL, Lease, Locks

pytestmark = pytest.mark.no_cover  # being traced would double its time, and cover nothing more

RUNS: Final = range(3)
SLEEP: Final = 3000.0
"""Seconds that a machine sleeps at most: a clock set back an hour would hide an hour's sleep."""

runs = st.sampled_from(RUNS)
some_runs = st.sets(runs)


@dataclass
class Run:
    """A run on a machine of its own, by its clocks at least."""

    wall: float = 1_800_000_000.0
    monotonic: float = 0.0
    slept: float = 0.0
    locks: Locks = field(init=False)
    lease: Lease | None = None

    def __post_init__(self) -> None:
        self.locks = Locks("publish", wall=lambda: self.wall, monotonic=lambda: self.monotonic)


class Contention(RuleBasedStateMachine):
    """The model knows the true time, who took the lock last, and when that one last beat."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / ".it.lock"
        self.runs = [Run() for _ in RUNS]
        self.dead: list[Run] = []
        self.now = 0.0
        self.holder: Run | None = None
        self.beaten = 0.0

    def teardown(self) -> None:
        for run in self.runs + self.dead:
            if run.lease:
                run.lease.release()
        self.folder.cleanup()

    @rule(seconds=st.integers(1, 200), beating=some_runs, asleep=some_runs)
    def time_passes(self, seconds: int, beating: set[int], asleep: set[int]) -> None:
        """At the end of it, some beat; others' threads or disks are too slow, or they sleep."""
        self.now += seconds
        for number, run in enumerate(self.runs):
            run.wall += seconds
            if number in asleep and run.slept + seconds <= SLEEP:
                run.slept += seconds
                continue
            run.monotonic += seconds
            if number in beating:
                self.beat(run)

    def beat(self, run: Run) -> None:
        run.locks.beat()
        if run is self.holder:
            self.beaten = self.now

    @rule(number=runs, step=st.sampled_from([3600, -3600]))
    def a_clock_is_set(self, number: int, step: int) -> None:
        self.runs[number].wall += step

    @rule(number=runs)
    def a_run_wants_the_lock(self, number: int) -> None:
        run = self.runs[number]
        try:
            lease = run.locks.acquire(self.path, "it")
        except Locked:
            assert self.holder, "what is free is given"
            return
        assert self.holder is None or self.now - self.beaten >= TTL
        if run.lease:
            run.lease.release()
        run.lease, self.holder, self.beaten = lease, run, self.now

    @rule(number=runs)
    def a_run_writes(self, number: int) -> None:
        run = self.runs[number]
        if run.lease is None:
            return
        before = self.path.read_bytes() if self.path.exists() else b""
        try:
            run.lease.check()
        except Later:
            assert run is not self.holder, "who holds it may write"
        else:
            assert run is self.holder, "who lost it writes nothing more"
            if self.path.read_bytes() != before:
                self.beaten = self.now

    @rule(number=runs)
    def a_run_ends(self, number: int) -> None:
        run = self.runs[number]
        if run.lease:
            run.lease.release()
        if run is self.holder:
            self.holder = None
        run.lease = None

    @rule(number=runs)
    def a_run_dies(self, number: int) -> None:
        """As one does on another host, where nobody can tell: it never beats again."""
        self.dead.append(self.runs[number])
        self.runs[number] = Run()


TestContention = Contention.TestCase
TestContention.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
