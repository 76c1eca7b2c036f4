"""What of a video is on the disk as each request leaves, as the run waits, and as it ends."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from nicobatch.errors import Busy, JournalError, NotYet, Passing, Stopped, VideoFailed
from nicobatch.journal import Journal
from nicobatch.model import Video
from nicobatch.pipeline.outcome import State
from nicobatch.receipt import Receipt, StepState
from nicobatch.sites.base import Change
from tests.unit.pipeline.conftest import Bench
from tests.unit.pipeline.scripted import ScriptedTarget

CREATED = "create"
EXPECTED = {
    "create": "create?",
    "stream": CREATED,
    "part 0": CREATED,
    "part 1": "create stream 0",
    "part 2": "create stream 01",
    "done": "create stream chunks done? 012",
    "metadata": "create stream chunks done metadata? 012",
    "encoded": "create stream chunks done metadata 012",
}
DURABLE = [True, True, False, False, True, True, False, False]
"""Whether each write is."""


@dataclass
class Watching(ScriptedTarget):
    """Notes what the journal has of the video as each call is made."""

    bench: Any = None
    seen: dict[str, str] = field(default_factory=dict)

    def play(self, name: str, change: Change) -> Change:
        self.seen[name] = on_disk(self.bench)
        return super().play(name, change)


def on_disk(bench: Bench) -> str:
    """Name the steps that the receipt has, an open one with a question mark, and the parts."""
    receipt = bench.journal.read(bench.ready().video)
    if receipt is None:
        return "nothing"
    marks = {StepState.OPEN: "?", StepState.DONE: ""}
    words = [f"{name}{marks[each.state]}" for name, each in receipt.steps.items()]
    parts = [str(part) for upload in receipt.uploads.values() for part in upload.done_parts]
    return " ".join([*words, "".join(sorted(parts))]).strip()


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each write was to be durable."""
    made, write = list[bool](), Journal.write

    def noted(journal: Journal, video: Video, receipt: Receipt, *, durable: bool = True) -> None:
        made.append(durable)
        write(journal, video, receipt, durable=durable)

    monkeypatch.setattr(Journal, "write", noted)
    return made


def test_what_must_not_be_lost_is_there_before_the_next_request(
    bench: Bench, written: list[bool]
) -> None:
    target = Watching(bench=bench)
    [outcome] = bench.run(target)
    assert outcome.state is State.PUBLISHED
    assert {name: target.seen[name] for name in EXPECTED} == EXPECTED
    assert written == DURABLE
    assert on_disk(bench) == "create stream chunks done metadata encoded 012"


@pytest.mark.parametrize(
    ("failing", "error", "expected"),
    [
        ("stream", Passing("lost"), "create"),
        ("part 1", Passing("lost"), "create stream 0"),
        ("create", Busy("busy", blocker="5"), ""),
        ("encoded", NotYet("still encoding"), "create stream chunks done metadata 012"),
    ],
)
def test_all_of_it_is_there_while_the_run_waits(
    bench: Bench, failing: str, error: Exception, expected: str
) -> None:
    waiting: list[str] = []
    bench.run(ScriptedTarget({failing: [error]}), on_pause=lambda: waiting.append(on_disk(bench)))
    assert waiting == [expected]


@pytest.mark.parametrize("error", [VideoFailed("no"), Stopped(), KeyboardInterrupt()])
def test_and_however_the_run_ends(bench: Bench, error: BaseException) -> None:
    try:
        bench.run(ScriptedTarget({"part 2": [error]}))
    except KeyboardInterrupt:
        assert isinstance(error, KeyboardInterrupt)
    assert on_disk(bench) == "create stream 01"


def test_who_is_in_the_way_is_there_before_another_try_can_take_his_for_ours(
    bench: Bench, written: list[bool]
) -> None:
    target = Watching({"create": [Busy("busy", blocker="5")]}, bench=bench)
    bench.run(target)
    receipt = bench.receipt()
    assert receipt.blockers == ("5",)
    assert written[:3] == [True] * 3  # the intent; that it came to nothing, and why; the next one


def test_what_could_not_be_written_is_not_written_at_the_end(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries, write = [0], Journal.write

    def full(journal: Journal, video: Video, receipt: Receipt, *, durable: bool = True) -> None:
        tries[0] += 1
        if tries[0] > 1:
            raise JournalError("no space left", "saved elsewhere")
        write(journal, video, receipt, durable=durable)

    monkeypatch.setattr(Journal, "write", full)
    [outcome] = bench.run(ScriptedTarget())
    assert isinstance(outcome.error, JournalError)
    assert tries == [2]


def test_a_run_that_changes_what_is_out_is_an_attempt_before_its_request(
    bench: Bench, written: list[bool]
) -> None:
    bench.run(ScriptedTarget())
    written.clear()

    class Looking(ScriptedTarget):
        def play(self, name: str, change: Change) -> Change:
            if name == "metadata":
                assert bench.receipt().attempt == 2
            return super().play(name, change)

    [outcome] = bench.run(Looking(), [bench.ready(title="another")])
    assert outcome.state is State.UPDATED
    assert written == [False, False]
