"""What a StepRunner does with every kind of answer, and what it leaves in the journal."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace

import pytest

from nicobatch import events
from nicobatch.errors import (
    Busy,
    EntryGone,
    JournalError,
    NicobatchError,
    NotYet,
    Passing,
    SignInNeeded,
    StartOver,
    Stopped,
    VideoFailed,
)
from nicobatch.journal import Journal
from nicobatch.model import Video
from nicobatch.pipeline.outcome import State
from nicobatch.receipt import Receipt, StepState
from nicobatch.settings import Settings
from nicobatch.sites.base import Change, Job
from tests.unit.pipeline.conftest import Bench
from tests.unit.pipeline.scripted import Script, ScriptedTarget, created, nothing, streamed

ALL = ["create", "stream", "part 0", "part 1", "part 2", "done", "metadata", "encoded"]
ONCE = ["create", "done", "metadata"]
LOST = Passing("the answer was lost")
NEVER_SENT = Passing("can't be reached", outcome_unknown=False)


def state(bench: Bench, step: str) -> StepState | None:
    return bench.receipt().state(step)


def test_every_step_is_made_once_in_order(bench: Bench) -> None:
    target = ScriptedTarget()
    [outcome] = bench.run(target)
    assert outcome.state is State.PUBLISHED
    assert target.calls == ["sign_in", "lookalikes", *ALL]
    assert {record.state for record in bench.receipt().steps.values()} == {StepState.DONE}
    told = [each.step for each in bench.events if isinstance(each, events.StepDone)]
    assert told == list(bench.receipt().steps)


def test_a_second_run_makes_no_call_at_all(bench: Bench) -> None:
    bench.run(ScriptedTarget())
    target = ScriptedTarget()
    [outcome] = bench.run(target)
    assert (outcome.state, target.calls) == (State.UNCHANGED, [])


@pytest.mark.parametrize("failing", ALL)
@pytest.mark.parametrize("error", [VideoFailed("no"), SignInNeeded("who"), Stopped()])
def test_the_next_run_goes_on_where_this_one_ended(
    bench: Bench, failing: str, error: NicobatchError
) -> None:
    first = ScriptedTarget({failing: [error]})
    bench.run(first)
    second = ScriptedTarget()
    [outcome] = bench.run(second)
    assert outcome.state is State.PUBLISHED
    assert [call for call in second.calls if call in ALL] == ALL[ALL.index(failing) :]


@pytest.mark.parametrize("step", ONCE)
def test_the_intent_is_in_the_journal_before_the_request(bench: Bench, step: str) -> None:
    seen: list[StepState | None] = []

    def look(receipt: Receipt) -> Receipt:
        seen.append(state(bench, step))
        return created(receipt) if step == "create" else receipt

    bench.run(ScriptedTarget({step: [look]}))
    assert seen == [StepState.OPEN]


@pytest.mark.parametrize("step", ONCE)
@pytest.mark.parametrize("error", [VideoFailed("no"), SignInNeeded("who"), NEVER_SENT])
def test_a_refusal_closes_the_intent(bench: Bench, step: str, error: NicobatchError) -> None:
    bench.run(ScriptedTarget({step: [error] * 8}))
    assert bench.journal.read(bench.ready().video) is None or state(bench, step) is None


@pytest.mark.parametrize("step", ONCE)
def test_a_lost_answer_leaves_the_intent_open(bench: Bench, step: str) -> None:
    [outcome] = bench.run(ScriptedTarget({step: [LOST] * 8}))
    assert outcome.state is State.FAILED
    assert state(bench, step) is StepState.OPEN
    assert LOST.hint == "", "nothing is known to be wrong with the manifest"


def test_what_may_be_repeated_leaves_no_intent(bench: Bench) -> None:
    bench.run(ScriptedTarget({"stream": [Stopped()]}))
    assert state(bench, "stream") is None


@pytest.mark.parametrize("step", ["done", "metadata"])
def test_after_a_lost_answer_it_asks_and_does_not_repeat_what_happened(
    bench: Bench, step: str
) -> None:
    target = ScriptedTarget({step: [LOST]}, answers={step: nothing})
    [outcome] = bench.run(target)
    assert outcome.state is State.PUBLISHED
    assert target.calls.count(step) == 1
    assert target.calls.count(f"ask {step}") == 1


@pytest.mark.parametrize("step", ["done", "metadata"])
def test_after_a_lost_answer_it_asks_and_repeats_what_did_not_happen(
    bench: Bench, step: str
) -> None:
    target = ScriptedTarget({step: [LOST]})
    bench.run(target)
    assert target.calls[-4 if step == "metadata" else -5 :][:3] == [step, f"ask {step}", step]


@pytest.mark.parametrize("step", ["done", "metadata"])
@pytest.mark.parametrize("happened", [True, False])
def test_the_next_run_settles_an_open_intent_by_asking(
    bench: Bench, step: str, happened: bool
) -> None:
    bench.run(ScriptedTarget({step: [LOST] * 8}))
    answers: dict[str, Change | None] = {step: nothing if happened else None}
    target = ScriptedTarget(answers=answers)
    [outcome] = bench.run(target)
    assert outcome.state is State.PUBLISHED
    assert target.calls[1] == f"ask {step}"
    assert target.calls.count(f"ask {step}") == 1
    assert target.calls.count(step) == (0 if happened else 1)
    assert target.unsettled == []


def test_an_open_intent_counts_with_the_inputs_that_it_was_made_with(bench: Bench) -> None:
    bench.run(ScriptedTarget({"metadata": [LOST] * 8}), [bench.ready(title="old")])
    target = ScriptedTarget(answers={"metadata": nothing})
    bench.run(target, [bench.ready(title="new")])
    assert target.calls.count("metadata") == 1
    assert bench.receipt().steps["metadata"].inputs == {"title": "new"}


def test_a_lost_creation_is_known_to_be_unsettled(bench: Bench) -> None:
    target = ScriptedTarget({"create": [LOST]})
    bench.run(target)
    assert target.unsettled == ["create"]


def test_a_lost_creation_is_unsettled_in_the_next_run_too(bench: Bench) -> None:
    bench.run(ScriptedTarget({"create": [Stopped()]}))
    target = ScriptedTarget()
    bench.run(target)
    assert target.unsettled == ["create"]


def test_who_is_in_the_way_is_remembered_and_waited_for(bench: Bench) -> None:
    target = ScriptedTarget({"create": [Busy("busy", blocker="5"), Busy("busy", blocker="5")]})
    [outcome] = bench.run(target)
    assert outcome.state is State.PUBLISHED
    assert bench.pauses == [5.0, 7.5]
    assert bench.receipt().blockers == ("5",)


def test_every_part_is_recorded_as_soon_as_it_is_there(bench: Bench) -> None:
    bench.run(ScriptedTarget({"part 1": [VideoFailed("no")]}))
    upload = bench.receipt().uploads[0]
    assert upload.done_parts == {0}


def test_a_failed_part_is_sent_again_alone(bench: Bench) -> None:
    target = ScriptedTarget({"part 1": [LOST, LOST]})
    bench.run(target)
    assert [call for call in target.calls if call.startswith("part")] == [
        "part 0",
        *["part 1"] * 3,
        "part 2",
    ]


def test_progress_goes_back_with_a_failed_part_and_on_from_a_former_run(bench: Bench) -> None:
    bench.run(ScriptedTarget({"part 1": [LOST, VideoFailed("no")]}))
    bench.run(ScriptedTarget())
    sent = [e.data["sent"] for e in bench.events if isinstance(e, events.Progress)]
    assert sent == [0, 4, 8, 4, 8, 4, 4, 8, 12]


def test_progress_goes_on_from_a_last_part_that_is_shorter(bench: Bench) -> None:
    bench.run(ScriptedTarget({"part 2": [VideoFailed("no")]}))
    receipt = bench.receipt()
    uploads = {0: replace(receipt.uploads[0], done_parts=frozenset({0, 2}))}
    bench.journal.write(bench.ready().video, replace(receipt, uploads=uploads))
    bench.events.clear()
    bench.run(ScriptedTarget())
    sent = [each.sent for each in bench.events if isinstance(each, events.Progress)]
    assert sent == [6, 10]


@pytest.mark.parametrize("step", ["part 2", "done"])
def test_start_over_sends_all_parts_of_the_same_entry_again(bench: Bench, step: str) -> None:
    target = ScriptedTarget({step: [StartOver("reset")]})
    [outcome] = bench.run(target)
    assert outcome.state is State.PUBLISHED
    assert target.calls.count("create") == 1
    assert [target.calls.count(f"part {index}") for index in range(3)] == [2, 2, 2]
    told = [each.step for each in bench.events if isinstance(each, events.StepStarted)]
    assert (told.count("create"), told.count("chunks")) == (1, 2)


def test_starting_over_has_an_end(bench: Bench) -> None:
    target = ScriptedTarget({"part 0": [StartOver("reset")] * 99})
    [outcome] = bench.run(target)
    assert outcome.state is State.FAILED
    assert target.calls.count("part 0") == 3


@pytest.mark.parametrize("step", ["stream", "part 1", "done"])
def test_a_lost_entry_is_abandoned_and_a_new_one_made(bench: Bench, step: str) -> None:
    target = ScriptedTarget({step: [EntryGone("gone")]})
    [outcome] = bench.run(target)
    assert outcome.state is State.PUBLISHED
    assert target.calls.count("create") == 2
    assert bench.receipt().abandoned == ("7",)


def test_a_lost_entry_is_not_made_again_without_its_file(bench: Bench) -> None:
    bench.run(ScriptedTarget({"metadata": [VideoFailed("no")]}))
    ready = bench.ready()
    ready.video.file.unlink()
    away = replace(ready, known=bench.receipt().files)
    target = ScriptedTarget({"metadata": [EntryGone("gone")]})
    [outcome] = bench.run(target, [away])
    assert outcome.state is State.FAILED
    assert outcome.error
    assert outcome.error.hint == (
        f"it has to be uploaded again: put {ready.video.file} back, and run it again"
    )
    assert target.calls == ["sign_in", "metadata"]
    assert bench.receipt().abandoned == ()


@pytest.mark.parametrize("step", ["metadata", "encoded"])
def test_an_entry_that_may_have_been_published_is_never_made_again(bench: Bench, step: str) -> None:
    gone = EntryGone("gone")
    script = {"metadata": [LOST, gone]} if step == "metadata" else {"encoded": [gone]}
    target = ScriptedTarget(script)
    [outcome] = bench.run(target)
    assert outcome.state is State.FAILED
    assert target.calls.count("create") == 1


def test_a_receipt_that_names_no_entry_begins_with_a_new_one(bench: Bench) -> None:
    bench.run(ScriptedTarget({"stream": [VideoFailed("no")]}))
    video = bench.ready().video
    bench.journal.write(video, replace(bench.receipt(), remote=None))
    target = ScriptedTarget({"stream": [EntryGone("the receipt names no video")]})
    [outcome] = bench.run(target)
    assert outcome.state is State.PUBLISHED
    assert target.calls.count("create") == 1


@pytest.mark.parametrize("change", ["written", "removed"])
def test_a_file_that_changes_during_its_upload_is_never_sealed(bench: Bench, change: str) -> None:
    file = bench.ready().video.file

    def swap(receipt: Receipt) -> Receipt:
        if change == "written":
            file.write_bytes(b"other bytes")
        else:
            file.unlink()
        return receipt

    target = ScriptedTarget({"stream": [lambda receipt: swap(streamed(receipt))]})
    [outcome] = bench.run(target)
    assert outcome.state is State.FAILED
    assert "done" not in target.calls
    assert "changed while it was being uploaded" in str(outcome.error)


def test_a_part_that_was_read_from_another_file_is_sent_again(bench: Bench) -> None:
    file = bench.ready().video.file
    content = file.read_bytes()

    class Swapping(ScriptedTarget):
        def play(self, name: str, change: Change) -> Change:
            if name == "part 1":
                file.write_bytes(b"other bytes")
            return super().play(name, change)

    [outcome] = bench.run(Swapping())
    assert outcome.state is State.FAILED
    file.write_bytes(content)
    target = ScriptedTarget()
    [outcome] = bench.run(target)
    assert outcome.state is State.PUBLISHED
    assert [call for call in target.calls if call in ALL] == ALL[ALL.index("part 1") :]


def test_a_file_swapped_between_runs_before_it_was_sealed_is_sent_whole(bench: Bench) -> None:
    bench.run(ScriptedTarget({"part 2": [VideoFailed("no")]}))
    bench.ready().video.file.write_bytes(b"other bytes")
    target = ScriptedTarget()
    [outcome] = bench.run(target)
    assert outcome.state is State.PUBLISHED
    assert bench.receipt().files[0].size == 11


def test_a_journal_that_cannot_be_written_stops_before_the_first_request(bench: Bench) -> None:
    (bench.folder / ".nicobatch").write_text("not a folder")
    target = ScriptedTarget()
    [outcome] = bench.run(target)
    assert isinstance(outcome.error, JournalError)
    assert "create" not in target.calls


def test_waiting_is_told(bench: Bench) -> None:
    bench.run(ScriptedTarget({"encoded": [NotYet("still encoding")]}))
    [event] = [event for event in bench.events if isinstance(event, events.Waiting)]
    assert event.data == {"reason": "still encoding", "seconds": 5.0}


def test_parts_go_side_by_side_where_that_is_asked_for(bench: Bench) -> None:
    meeting = threading.Barrier(3, timeout=10)

    class Meeting(ScriptedTarget):
        def play(self, name: str, change: Change) -> Change:
            if name.startswith("part"):
                meeting.wait()
            return super().play(name, change)

    [outcome] = bench.run(Meeting(), settings=Settings(parallel_chunks=3))
    assert outcome.state is State.PUBLISHED
    upload = bench.receipt().uploads[0]
    assert upload.done_parts == {0, 1, 2}


def test_after_a_failed_part_no_other_is_begun(bench: Bench) -> None:
    target = ScriptedTarget({"part 0": [VideoFailed("no")]})
    [outcome] = bench.run(target)
    assert outcome.state is State.FAILED
    assert "part 1" not in target.calls


def test_parts_that_arrived_beside_a_failed_one_are_kept(bench: Bench) -> None:
    other_arrived = threading.Event()

    class OneFails(ScriptedTarget):
        def play(self, name: str, change: Change) -> Change:
            if name == "part 0":
                assert other_arrived.wait(10)
            made = super().play(name, change)
            if name == "part 1":
                other_arrived.set()
            return made

    target = OneFails({"part 0": [VideoFailed("no")]})
    bench.run(target, settings=Settings(parallel_chunks=2))
    upload = bench.receipt().uploads[0]
    assert 1 in upload.done_parts
    assert 0 not in upload.done_parts


def test_each_run_is_an_attempt_of_its_own(bench: Bench) -> None:
    for number in range(1, 4):
        bench.run(ScriptedTarget({"stream": [VideoFailed("no")]}))
        assert bench.receipt().attempt == number


def test_a_run_is_an_attempt_before_it_asks_what_became_of_a_step(bench: Bench) -> None:
    bench.run(ScriptedTarget({"metadata": [Stopped()]}))
    target, seen = ScriptedTarget(), list[int]()

    def ask(job: Job) -> Change | None:
        seen.append(bench.receipt().attempt)
        return None

    target.steps = [
        replace(each, ask=ask) if each.name == "metadata" else each for each in target.steps
    ]
    assert bench.run(target)[0].state is State.PUBLISHED
    assert seen == [2]


def deaf(script: Script) -> ScriptedTarget:
    """Return a site that can't be asked what became of publishing, and recognizes no repetition."""
    target = ScriptedTarget(script)
    target.steps = [
        replace(each, ask=None) if each.name == "metadata" else each for each in target.steps
    ]
    return target


@dataclass(frozen=True, slots=True)
class Noted(Journal):
    """Notes of each write what it says of the steps, and whether it is durable."""

    writes: list[tuple[dict[str, StepState], bool]] = field(default_factory=list)

    def write(self, video: Video, receipt: Receipt, *, durable: bool = True) -> None:
        steps = {name: record.state for name, record in receipt.steps.items()}
        self.writes.append((steps, durable))
        super(Noted, self).write(video, receipt, durable=durable)


def test_what_can_be_neither_asked_for_nor_repeated_is_durable(bench: Bench) -> None:
    bench.journal = journal = Noted()
    bench.run(ScriptedTarget())
    for step in ONCE:
        [*_, durable] = [is_ for steps, is_ in journal.writes if steps.get(step) is StepState.OPEN]
        assert durable, f"the intent of {step}"
    done = [steps for steps, is_ in journal.writes if is_ and StepState.OPEN not in steps.values()]
    assert done == [{"create": StepState.DONE}]
    bench.journal = journal = Noted()
    bench.run(deaf({}), [bench.ready("b")])
    [first, *_] = [is_ for steps, is_ in journal.writes if steps.get("metadata") is StepState.DONE]
    assert first


def test_what_happens_once_and_can_t_be_asked_for_is_never_repeated(bench: Bench) -> None:
    target = deaf({"metadata": [LOST]})
    [outcome] = bench.run(target)
    assert (outcome.state, target.calls.count("metadata")) == (State.FAILED, 1)
    assert "what became of the step metadata is not known" in str(outcome.error)
    assert bench.pauses == []
    assert state(bench, "metadata") is StepState.OPEN

    again = deaf({})
    [outcome] = bench.run(again)
    assert (outcome.state, again.calls) == (State.FAILED, ["sign_in"])
    assert outcome.error
    assert str(bench.journal.path(bench.ready().video)) in outcome.error.hint


@pytest.mark.parametrize("error", [NEVER_SENT, VideoFailed("400")])
def test_what_surely_did_not_happen_may_be_tried_again(bench: Bench, error: NicobatchError) -> None:
    bench.run(deaf({"metadata": [error]}))
    again = deaf({})
    [outcome] = bench.run(again)
    assert outcome.state in {State.PUBLISHED, State.UNCHANGED}
