"""Two runs at once: they take turns where they must, and only there."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from wsgiref.types import WSGIApplication, WSGIEnvironment

import pytest

from tests.support.faults import Answered, answered
from tests.support.stages import COMMAND, LONG, SHORT, Stage
from tests.unit.cli.running import Result, end

LONG_ONE = f"version: 1\nfile: {LONG}\ntitle: 長い\n"
SHORT_ONE = f"version: 1\nfile: ../{SHORT}\ntitle: 短い\n"


@dataclass(slots=True)
class Held:
    """A request that the site has read and that gets its answer when it is let go."""

    came: threading.Event = field(default_factory=threading.Event)
    go: threading.Event = field(default_factory=threading.Event)

    def __call__(self, app: WSGIApplication, environ: WSGIEnvironment) -> Answered:
        self.came.set()
        assert self.go.wait(20)
        return answered(app, environ)


@pytest.fixture
def stage(tmp_path: Path, small_video: Path) -> Iterator[Stage]:
    with Stage(tmp_path / "show", small_video) as made:
        yield made


@pytest.fixture
def held(stage: Stage) -> Iterator[Held]:
    """The second part of the long video, which keeps the first run in the middle of its way."""
    made = Held()
    stage.faults.at("POST .*/file/chunks[?]", answered)
    stage.faults.at("POST .*/file/chunks[?]", made)
    yield made
    made.go.set()


def until_it_waits(run: subprocess.Popen[str]) -> list[str]:
    """Return what the run has told when it begins to wait for something."""
    assert run.stdout
    told = []
    for line in run.stdout:
        told.append(line)
        if json.loads(line)["event"] == "waiting":
            assert "in use by publish on" in json.loads(line)["reason"]
            return told
    raise AssertionError(told)


def states(*results: Result) -> list[str]:
    return sorted(done["state"] for result in results for done in result.of("video_done"))


@pytest.mark.parametrize("_time", range(3))
def test_two_runs_of_the_same_manifests_publish_them_once(stage: Stage, _time: int) -> None:
    runs = [stage.start(*COMMAND), stage.start(*COMMAND)]
    results = [end(run) for run in runs]
    assert [result.code for result in results] == [0, 0], results
    assert states(*results) == ["published"] * 2 + ["unchanged"] * 2
    stage.demand_published(LONG, SHORT)
    assert all(set(parts.values()) == {1} for parts in stage.parts().values())


def test_a_run_that_comes_later_waits_and_finds_nothing_to_do(stage: Stage, held: Held) -> None:
    first = stage.start(*COMMAND)
    assert held.came.wait(20)
    second = stage.start(*COMMAND)
    until_it_waits(second)
    held.go.set()
    assert end(first).code == 0
    late = end(second)
    assert late.code == 0
    assert states(late) == ["unchanged"] * 2
    stage.demand_published(LONG, SHORT)


def test_a_run_that_is_not_to_wait_leaves_it_for_later(stage: Stage, held: Held) -> None:
    first = stage.start(*COMMAND)
    assert held.came.wait(20)
    before = stage.requests()
    second = end(stage.start(*COMMAND, "--busy-timeout", "0"))
    assert second.code == 5
    assert stage.requests() == before
    held.go.set()
    assert end(first).code == 0
    stage.demand_published(LONG, SHORT)


def test_two_manifests_of_one_account_take_turns(stage: Stage, held: Held) -> None:
    stage.write(LONG_ONE)
    other = stage.write(SHORT_ONE, "other/n.yaml").parent
    first = stage.start("publish", "m.yaml", *COMMAND[2:])
    assert held.came.wait(20)
    second = stage.start(*COMMAND, folder=other)
    until_it_waits(second)
    assert len(stage.entries()) == 1
    held.go.set()
    assert [end(first).code, end(second).code] == [0, 0]
    stage.demand_published(LONG, SHORT)
    assert not [entry for entry in stage.entries() if "create_refused" in entry["received"]]


def test_accounts_do_not_wait_for_each_other(stage: Stage, held: Held) -> None:
    stage.write(LONG_ONE)
    other = stage.write(f"{SHORT_ONE}account: second\n", "other/n.yaml").parent
    first = stage.start("publish", "m.yaml", *COMMAND[2:])
    assert held.came.wait(20)
    second = end(stage.start(*COMMAND, folder=other))
    assert second.code == 0, second
    assert second.of("waiting") == []
    assert first.poll() is None
    held.go.set()
    assert end(first).code == 0
    stage.demand_published(LONG, SHORT)
    assert len({entry["userId"] for entry in stage.entries()}) == 2


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signal for one process")
def test_a_run_that_waits_for_a_lock_is_stopped_at_once(stage: Stage, held: Held) -> None:
    first = stage.start(*COMMAND)
    assert held.came.wait(20)
    second = stage.start(*COMMAND)
    until_it_waits(second)
    second.send_signal(signal.SIGTERM)
    begun = time.monotonic()
    assert end(second).code == 143
    assert time.monotonic() - begun < 1.0
    held.go.set()
    assert end(first).code == 0
    stage.demand_published(LONG, SHORT)


def test_the_locks_of_a_killed_run_keep_nobody_waiting(stage: Stage, held: Held) -> None:
    first = stage.start(*COMMAND)
    assert held.came.wait(20)
    first.kill()
    first.communicate()
    held.go.set()
    second = end(stage.start(*COMMAND))
    assert second.code == 0
    assert [each for each in second.of("waiting") if "in use" in each["reason"]] == []
    stage.demand_published(LONG, SHORT)
