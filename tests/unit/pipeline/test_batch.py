"""Many videos, many accounts: what one video's end means for the others."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from nicobatch import events
from nicobatch.errors import (
    Busy,
    Later,
    Locked,
    NicobatchError,
    NotYet,
    Passing,
    SignInNeeded,
    SiteRefuses,
    Stopped,
    VideoFailed,
)
from nicobatch.locks import Locks
from nicobatch.media import Stamp
from nicobatch.model import DEFAULT_SITE, FileIdentity
from nicobatch.pipeline import Owner, locking, prefetch
from nicobatch.pipeline.deciding import identity
from nicobatch.pipeline.outcome import State
from nicobatch.plan import Verdict
from nicobatch.receipt import Receipt
from nicobatch.settings import Settings
from nicobatch.sites.base import Change
from tests.unit.pipeline.conftest import Bench
from tests.unit.pipeline.scripted import ScriptedTarget, created


def once(act: Callable[[], None]) -> Callable[[], None]:
    """Return what acts the first time alone."""
    todo = [act]
    return lambda: todo.pop()() if todo else None


def test_connections_are_let_go_at_the_end(bench: Bench) -> None:
    target = ScriptedTarget({"create": [VideoFailed("no")]})
    bench.run(target)
    assert target.closed


def test_an_empty_batch_is_fine(bench: Bench) -> None:
    assert bench.run({}, ()) == []


def test_videos_of_one_account_go_one_after_another_with_one_sign_in(bench: Bench) -> None:
    target = ScriptedTarget()
    videos = [bench.ready("a"), bench.ready("b")]
    assert [each.state for each in bench.run(target, videos)] == [State.PUBLISHED] * 2
    assert target.calls.count("sign_in") == 1
    assert target.calls.count("create") == 2
    assert target.calls.index("encoded") < len(target.calls) - target.calls[::-1].index("create")


@pytest.mark.parametrize(
    ("error", "state", "next_state"),
    [
        (VideoFailed("no"), State.FAILED, State.PUBLISHED),
        (Busy("busy"), State.UNFINISHED, State.PUBLISHED),
        (NotYet("encoding"), State.UNFINISHED, State.PUBLISHED),
        (Locked("locked"), State.UNFINISHED, State.PUBLISHED),
        (Later("not now"), State.UNFINISHED, State.SKIPPED),
        (SignInNeeded("who"), State.FAILED, State.SKIPPED),
        (SiteRefuses("AB001"), State.FAILED, State.SKIPPED),
        (Stopped(), State.STOPPED, State.SKIPPED),
    ],
)
def test_what_one_end_means_for_the_next_video(
    bench: Bench, error: NicobatchError, state: State, next_state: State
) -> None:
    target = ScriptedTarget({"create": [error]})
    settings = Settings(busy_timeout=0.0)
    outcomes = bench.run(target, [bench.ready("a"), bench.ready("b")], settings)
    assert [each.state for each in outcomes] == [state, next_state]
    assert outcomes[0].error is error
    assert outcomes[1].error is (error if next_state is State.SKIPPED else None)


def test_a_failed_video_ends_the_batch_where_that_is_asked_for(bench: Bench) -> None:
    target = ScriptedTarget({"create": [VideoFailed("no")]})
    videos = [bench.ready("a"), bench.ready("b")]
    outcomes = bench.run(target, videos, Settings(fail_fast=True))
    assert [each.state for each in outcomes] == [State.FAILED, State.SKIPPED]
    assert "another video failed (--fail-fast)" in str(outcomes[1].error)
    assert target.calls.count("create") == 1


def test_other_accounts_go_on_when_one_is_refused(bench: Bench) -> None:
    refused = ScriptedTarget({"sign_in": [SignInNeeded("who")]})
    fine = ScriptedTarget()
    videos = [bench.ready("a", account="x"), bench.ready("b", account="y")]
    outcomes = bench.run({"x": refused, "y": fine}, videos)
    assert [each.state for each in outcomes] == [State.FAILED, State.PUBLISHED]


def test_accounts_go_side_by_side(bench: Bench) -> None:
    meeting = threading.Barrier(2, timeout=10)

    def meet(receipt: Receipt) -> Receipt:
        meeting.wait()
        return created(receipt)

    targets = {name: ScriptedTarget({"create": [meet]}) for name in "xy"}
    videos = [bench.ready("a", account="x"), bench.ready("b", account="y")]
    assert [each.state for each in bench.run(targets, videos)] == [State.PUBLISHED] * 2


def test_outcomes_keep_the_order_of_the_videos(bench: Bench) -> None:
    videos = [bench.ready(name, account="xy"[index % 2]) for index, name in enumerate("abcd")]
    outcomes = bench.run({"x": ScriptedTarget(), "y": ScriptedTarget()}, videos)
    assert [each.video[-1] for each in outcomes] == list("abcd")


def test_copies_in_one_batch_are_refused(bench: Bench) -> None:
    bench.ready("a").video.file.write_bytes(b"the same bytes")
    bench.ready("b").video.file.write_bytes(b"the same bytes")
    outcomes = bench.run(ScriptedTarget(), [bench.ready("a"), bench.ready("b")])
    assert [each.state for each in outcomes] == [State.PUBLISHED, State.REFUSED]


def test_a_file_that_another_video_took_since_it_was_planned_is_not_taken_again(
    bench: Bench,
) -> None:
    for name in "ab":
        bench.ready(name).video.file.write_bytes(b"the same bytes")
    lost = ScriptedTarget({"create": [Passing("no answer")]})
    bench.run(lost, [bench.ready("a")], Settings(retry_attempts=1))
    planned = bench.plan(ScriptedTarget(), bench.ready("a"))
    assert planned.plan.verdict is Verdict.RESUME
    copy = bench.ready("b")
    copy = replace(copy, video=replace(copy.video, allow_duplicate=True))
    assert [each.state for each in bench.run(ScriptedTarget(), [copy])] == [State.PUBLISHED]
    target = ScriptedTarget()
    [outcome] = bench.run(target, [bench.ready("a")], plans={planned.plan.video: planned})
    assert outcome.state is State.REFUSED
    assert "create" not in target.calls


def test_the_sign_in_waits_for_the_first_video_that_needs_it(bench: Bench) -> None:
    bench.run(ScriptedTarget())
    target = ScriptedTarget({"sign_in": [SignInNeeded("who")]})
    assert bench.run(target)[0].state is State.UNCHANGED


def test_a_sign_in_that_fails_for_now_is_tried_again(bench: Bench) -> None:
    target = ScriptedTarget({"sign_in": [Passing("down")]})
    assert bench.run(target)[0].state is State.PUBLISHED
    assert events.Waiting in bench.kinds()


def test_without_waiting_the_encoding_is_not_looked_at(bench: Bench) -> None:
    target = ScriptedTarget()
    bench.run(target, settings=Settings(wait=False))
    assert "encoded" not in target.calls
    again = ScriptedTarget()
    assert bench.run(again, settings=Settings(wait=False))[0].state is State.UNCHANGED
    assert bench.run(again)[0].state is State.PUBLISHED
    assert again.calls == ["sign_in", "encoded"]


def test_a_changed_title_is_an_update(bench: Bench) -> None:
    bench.run(ScriptedTarget())
    target = ScriptedTarget()
    [outcome] = bench.run(target, [bench.ready(title="Another title")])
    assert outcome.state is State.UPDATED
    assert target.calls == ["sign_in", "metadata"]


def test_a_stop_during_a_pause_ends_everything(bench: Bench) -> None:
    target = ScriptedTarget({"create": [Passing("down")] * 8})
    videos = [bench.ready("a"), bench.ready("b")]
    outcomes = bench.run(target, videos, on_pause=bench.stop.set)
    assert [each.state for each in outcomes] == [State.STOPPED, State.SKIPPED]
    assert target.calls.count("create") == 1


def test_a_stop_before_a_video_leaves_it_alone(bench: Bench) -> None:
    bench.stop.set()
    target = ScriptedTarget()
    assert bench.run(target)[0].state is State.STOPPED
    assert target.calls == []


def test_a_file_that_went_away_fails_its_video_alone(bench: Bench) -> None:
    videos = [bench.ready("a"), bench.ready("b")]
    videos[0].video.file.unlink()
    outcomes = bench.run(ScriptedTarget(), videos)
    assert [each.state for each in outcomes] == [State.FAILED, State.PUBLISHED]


def test_a_failed_outcome_has_the_newest_receipt(bench: Bench) -> None:
    [outcome] = bench.run(ScriptedTarget({"stream": [VideoFailed("no")]}))
    assert outcome.receipt
    assert outcome.receipt.remote
    assert outcome.receipt.remote.id == "7"


def test_a_damaged_receipt_fails_its_video_and_is_left_as_it_is(bench: Bench) -> None:
    bench.run(ScriptedTarget())
    path = bench.journal.path(bench.ready().video)
    path.write_text("{")
    target = ScriptedTarget()
    with pytest.raises(NicobatchError, match="damaged"):
        bench.run(target)
    assert path.read_text() == "{"


def test_our_own_bugs_are_not_hidden(bench: Bench) -> None:
    with pytest.raises(ZeroDivisionError):
        bench.run(ScriptedTarget({"create": [ZeroDivisionError()]}))


def test_what_happens_is_told_in_order(bench: Bench) -> None:
    bench.run(ScriptedTarget())
    told = [
        events.VideoStarted,
        events.SignedIn,
        events.StepStarted,
        events.VideoDone,
    ]
    assert list(dict.fromkeys(bench.kinds(*told))) == told


def test_a_dead_site_is_asked_a_bounded_number_of_times(bench: Bench) -> None:
    target = ScriptedTarget({"create": [Passing("dead")] * 10_000})
    outcomes = bench.run(target, [bench.ready(f"v{number}") for number in range(100)])
    states = [each.state for each in outcomes]
    assert states == [State.FAILED] * 3 + [State.SKIPPED] * 97
    assert target.calls.count("create") == 24


def test_a_site_that_fails_now_and_then_is_not_given_up(bench: Bench) -> None:
    class Flaky(ScriptedTarget):
        def play(self, name: str, change: Change) -> Change:
            if len(self.calls) % 2:
                self.calls.append(name)
                raise Passing("every other request", outcome_unknown=False)
            return super().play(name, change)

    videos = [bench.ready(f"v{number}") for number in range(20)]
    assert {each.state for each in bench.run(Flaky(), videos)} == {State.PUBLISHED}


@pytest.mark.parametrize("step", ["sign_in", "part 1"])
@pytest.mark.parametrize(("account", "more"), [("main", ""), ("studio", "`--account studio`")])
def test_the_way_to_sign_in_is_told_for_the_very_account(
    bench: Bench, step: str, account: str, more: str
) -> None:
    target = ScriptedTarget({step: [SignInNeeded("ended", "run `nicobatch session set`")]})
    [outcome] = bench.run({account: target}, [bench.ready("a", account=account)])
    assert outcome.error
    hint, _separator, rest = outcome.error.hint.partition("; ")
    assert hint == "run `nicobatch session set`"
    assert more in rest if more else not rest


def test_the_way_is_told_as_well_where_the_sign_in_ends_again(bench: Bench) -> None:
    ended = [SignInNeeded("ended", "sign in"), SignInNeeded("ended", "sign in")]
    target = ScriptedTarget({"done": list(ended)}, renews_sign_in=True)
    [outcome] = bench.run({"studio": target}, [bench.ready("a", account="studio")])
    assert outcome.error
    assert outcome.error.hint.startswith("sign in; the account is studio")


def test_a_sign_in_that_ends_on_the_way_is_renewed_once(bench: Bench) -> None:
    target = ScriptedTarget({"part 1": [SignInNeeded("ended")]}, renews_sign_in=True)
    [outcome] = bench.run(target)
    assert outcome.state is State.PUBLISHED
    assert target.calls.count("sign_in") == 2
    assert target.calls.count("part 0") == 1


def test_a_sign_in_that_ends_twice_needs_a_person(bench: Bench) -> None:
    ended = [SignInNeeded("ended"), SignInNeeded("ended")]
    target = ScriptedTarget({"done": list(ended)}, renews_sign_in=True)
    videos = [bench.ready("a"), bench.ready("b")]
    assert [each.state for each in bench.run(target, videos)] == [State.FAILED, State.SKIPPED]


def test_a_session_that_ends_is_not_asked_for_again(bench: Bench) -> None:
    target = ScriptedTarget({"done": [SignInNeeded("ended")]})
    assert bench.run(target)[0].state is State.FAILED
    assert target.calls.count("sign_in") == 1


def test_the_next_file_is_read_while_the_current_one_is_uploaded(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    second_is_read = threading.Event()

    def watched(path: Path) -> tuple[FileIdentity, Stamp]:
        found = identity(path)
        if path.stem == "b":
            second_is_read.set()
        return found

    def wait(receipt: Receipt) -> Receipt:
        assert second_is_read.wait(10)
        return created(receipt)

    monkeypatch.setattr(prefetch, "identity", watched)
    outcomes = bench.run(ScriptedTarget({"create": [wait]}), [bench.ready("a"), bench.ready("b")])
    assert [each.state for each in outcomes] == [State.PUBLISHED] * 2


def test_a_file_that_changes_while_it_waits_its_turn_is_read_again(bench: Bench) -> None:
    second = bench.ready("b").video.file

    def rewrite(receipt: Receipt) -> Receipt:
        second.write_bytes(b"new bytes")
        return receipt

    target = ScriptedTarget({"metadata": [rewrite]})
    outcomes = bench.run(target, [bench.ready("a"), bench.ready("b")])
    assert [each.state for each in outcomes] == [State.PUBLISHED] * 2
    assert bench.receipt("b").files[0].size == 9


@pytest.mark.parametrize("path", ["locks", ".nicobatch", ".nicobatch/m.yaml"])
def test_another_run_is_waited_for_and_then_believed(bench: Bench, path: str) -> None:
    first = ScriptedTarget()
    ready = bench.ready()
    bench.journal.path(ready.video).parent.mkdir(parents=True)
    holder = Locks("publish")
    locks = {
        "locks": locking.on_machine(
            bench.folder / "locks", first.origin, Owner(DEFAULT_SITE, "main")
        ).path,
        ".nicobatch": bench.journal.account_lock(ready.video),
        ".nicobatch/m.yaml": bench.journal.lock(ready.video),
    }
    locks[path].parent.mkdir(exist_ok=True)
    lease = holder.acquire(locks[path], "somebody's")

    def the_other_run_ends() -> None:
        lease.release()
        shutil.rmtree(bench.folder / "locks", ignore_errors=True)
        locks[".nicobatch"].unlink(missing_ok=True)
        other = Bench(bench.folder)
        assert other.run(first)[0].state is State.PUBLISHED

    target = ScriptedTarget()
    [outcome] = bench.run(target, on_pause=once(the_other_run_ends))
    assert outcome.state is State.UNCHANGED
    assert target.calls == []
    assert first.calls.count("create") == 1


def test_what_another_run_took_while_it_was_waited_for_is_not_taken_again(bench: Bench) -> None:
    for name in "ab":
        bench.ready(name).video.file.write_bytes(b"the same bytes")
    target = ScriptedTarget()
    place = locking.on_machine(
        bench.folder / "locks", target.origin, Owner(DEFAULT_SITE, "main")
    ).path
    lease = Locks("publish").acquire(place, "somebody's")

    def the_other_run_ends() -> None:
        lease.release()
        other = Bench(bench.folder)
        assert other.run(ScriptedTarget(), [other.ready("b")])[0].state is State.PUBLISHED

    [outcome] = bench.run(target, [bench.ready("a")], on_pause=once(the_other_run_ends))
    assert outcome.state is State.REFUSED
    assert target.calls == []


def test_a_run_that_was_overtaken_writes_nothing_more(bench: Bench) -> None:
    def overtake(receipt: Receipt) -> Receipt:
        newer = replace(bench.receipt(), attempt=bench.receipt().attempt + 1)
        bench.journal.write(bench.ready().video, newer)
        return receipt

    target = ScriptedTarget({"part 1": [Stopped()]})
    bench.run(target)
    target = ScriptedTarget({"part 1": [VideoFailed("x")]})
    bench.run(target)
    before = bench.receipt().attempt
    target = ScriptedTarget({"done": [overtake]})
    [outcome] = bench.run(target)
    assert outcome.state is State.UNFINISHED
    assert isinstance(outcome.error, Later)
    assert bench.receipt().attempt == before + 2
    assert "metadata" not in target.calls
