"""A run that has lost a lock while it was suspended neither asks nor sends nor writes any more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from nicobatch import events
from nicobatch.errors import Later
from nicobatch.events import Event
from nicobatch.locks import Locks
from nicobatch.pipeline import Owner, locking
from nicobatch.pipeline.outcome import State
from nicobatch.receipt import Receipt
from nicobatch.sites.base import Call, Change, Job
from tests.unit.pipeline.conftest import Bench
from tests.unit.pipeline.scripted import ScriptedTarget, nothing, streamed

LOCKS = ["account", "shared", "own"]


class Told(list[Event]):
    """What happens, with something else that happens once one of the steps begins."""

    def __init__(self, step: str, act: Callable[[], object]) -> None:
        super().__init__()
        self.step, self.act = step, act

    def append(self, event: Event) -> None:
        super().append(event)
        if isinstance(event, events.StepStarted) and event.step == self.step:
            self.act()


def losing(bench: Bench, lock: str) -> Callable[[], None]:
    """Return what suspends the run for as long as others need to end one of its holds."""
    clock = [0.0]
    bench.locks = Locks("publish", monotonic=lambda: clock[0])
    video = bench.ready().video
    places: dict[str, Path] = {
        "account": locking.on_machine(
            bench.folder / "locks", ScriptedTarget().origin, Owner.of(video)
        ).path,
        "shared": bench.journal.account_lock(video),
        "own": bench.journal.lock(video),
    }

    def lose() -> None:
        clock[0] += 100
        places[lock].unlink()

    return lose


def demand_lost(bench: Bench, target: ScriptedTarget) -> None:
    """Run it, and see that it ends for the lock that is not its own any more."""
    [outcome] = bench.run(target)
    assert (outcome.state, type(outcome.error)) == (State.UNFINISHED, Later)
    assert "is no longer this run's" in str(outcome.error)


@pytest.mark.parametrize("lock", LOCKS)
def test_it_asks_for_nothing_more(bench: Bench, lock: str) -> None:
    target = ScriptedTarget()
    bench.events = Told("stream", losing(bench, lock))
    demand_lost(bench, target)
    assert target.calls[-1] == "create"


@pytest.mark.parametrize("lock", LOCKS)
def test_it_asks_for_nothing_more_where_nothing_is_written_before(bench: Bench, lock: str) -> None:
    target, asked = ScriptedTarget(), list[Job]()

    def part(job: Job) -> Change:
        asked.append(job)
        return nothing

    def parts(job: Job) -> Sequence[Call]:
        return [] if asked else [part]

    steps = target.steps
    target.steps = [replace(each, calls=parts) if each.name == "chunks" else each for each in steps]
    bench.events = Told("chunks", losing(bench, lock))
    demand_lost(bench, target)
    assert asked == []


@pytest.mark.parametrize("lock", LOCKS)
def test_it_writes_nothing_more(bench: Bench, lock: str) -> None:
    lose = losing(bench, lock)

    def change(receipt: Receipt) -> Receipt:
        lose()
        return streamed(receipt)

    demand_lost(bench, ScriptedTarget({"stream": [change]}))
    assert (bench.receipt().uploads, bench.receipt().state("stream")) == ({}, None)


def test_it_sends_nothing_more(bench: Bench) -> None:
    lose, sent = losing(bench, "own"), []

    def part(job: Job) -> Change:
        for number in range(3):
            job.progress(1)
            sent.append(number)
            lose()
        return nothing

    def parts(job: Job) -> Sequence[Call]:
        return [part]

    target = ScriptedTarget()
    steps = target.steps
    target.steps = [replace(each, calls=parts) if each.name == "chunks" else each for each in steps]
    demand_lost(bench, target)
    assert sent == [0]


def test_a_file_that_changes_behind_its_last_part_is_never_sealed(bench: Bench) -> None:
    target, file = ScriptedTarget(), bench.ready().video.file
    bench.events = Told("done", lambda: file.write_bytes(b"other bytes"))
    [outcome] = bench.run(target)
    assert "changed while it was being uploaded" in str(outcome.error)
    assert target.calls[-1] == "part 2"
