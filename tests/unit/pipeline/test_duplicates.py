"""A video that is there already, though the journal knows nothing of it, is not made again."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from nicobatch import events
from nicobatch.errors import (
    Blocked,
    Busy,
    ListUnreadable,
    NicobatchError,
    NotYet,
    Passing,
    SignInNeeded,
    SiteRefuses,
    Stopped,
    VideoFailed,
)
from nicobatch.journal import Journal
from nicobatch.pipeline import CheckedVideo, commands
from nicobatch.pipeline.outcome import State
from nicobatch.receipt import Receipt, Remote
from nicobatch.settings import Settings
from tests.unit.pipeline.conftest import Bench
from tests.unit.pipeline.scripted import Script, ScriptedTarget, nothing

THERE = Remote(id="5", video_id="sm5", url="http://127.0.0.1/sm5")
OTHER = Remote(id="6", video_id="sm6", url="http://127.0.0.1/sm6")


def allowed(ready: CheckedVideo) -> CheckedVideo:
    return replace(ready, video=replace(ready.video, allow_duplicate=True))


def test_a_lookalike_is_refused_before_anything_is_written(bench: Bench) -> None:
    target = ScriptedTarget(there=[THERE, OTHER])
    [outcome] = bench.run(target)
    assert outcome.state is State.REFUSED
    assert target.calls == ["sign_in", "lookalikes"]
    assert bench.journal.read(bench.ready().video) is None
    [event] = [each for each in bench.events if isinstance(each, events.VideoFailed)]
    assert event.data["message"] == (
        "the account already has a video of this title and length:"
        " sm5 (http://127.0.0.1/sm5), sm6 (http://127.0.0.1/sm6)"
    )
    key = bench.ready().video.key
    assert event.data["hint"] == (
        f"if it is this one, `nicobatch adopt sm5 {key}` writes its receipt;"
        " to publish another one like it, set allow_duplicate: true"
    )


def test_every_run_refuses_it_again(bench: Bench) -> None:
    for _ in range(2):
        [outcome] = bench.run(ScriptedTarget(there=[THERE]))
        assert outcome.state is State.REFUSED


def test_the_hint_finds_the_receipts_of_this_run(bench: Bench) -> None:
    bench.journal = Journal(bench.folder / "my receipts", rehearsal=True)
    [outcome] = bench.run(ScriptedTarget(there=[THERE]), [bench.ready("第1回 序章")])
    assert outcome.plan
    assert (
        f'`nicobatch adopt sm5 "{bench.folder / "m.yaml"}#第1回 序章"'
        f' --journal "{bench.folder / "my receipts"}" --sandbox`'
    ) in outcome.plan.hint


def test_a_duplicate_may_be_meant(bench: Bench) -> None:
    target = ScriptedTarget(there=[THERE])
    [outcome] = bench.run(target, [allowed(bench.ready())])
    assert outcome.state is State.PUBLISHED
    assert "lookalikes" not in target.calls


def test_what_a_receipt_names_is_no_lost_video(bench: Bench) -> None:
    bench.run(ScriptedTarget())
    mine = bench.receipt().remote
    assert mine
    [outcome] = bench.run(ScriptedTarget(there=[mine]), [bench.ready("b")])
    assert outcome.state is State.PUBLISHED


def test_another_sites_receipt_names_nothing_here(bench: Bench) -> None:
    bench.run(ScriptedTarget(origin="http://127.0.0.2"))
    mine = bench.receipt().remote
    assert mine
    [outcome] = bench.run(ScriptedTarget(there=[mine]), [bench.ready("b")])
    assert outcome.state is State.REFUSED


@pytest.mark.parametrize("step", ["stream", "metadata"])
def test_what_was_begun_goes_on_without_a_look(bench: Bench, step: str) -> None:
    bench.run(ScriptedTarget({step: [VideoFailed("no")]}))
    target = ScriptedTarget(there=[THERE])
    [outcome] = bench.run(target)
    assert outcome.state is State.PUBLISHED
    assert "lookalikes" not in target.calls


def test_a_change_goes_on_without_a_look(bench: Bench) -> None:
    bench.run(ScriptedTarget())
    target = ScriptedTarget(there=[THERE])
    [outcome] = bench.run(target, [bench.ready(title="Another title")])
    assert outcome.state is State.UPDATED
    assert "lookalikes" not in target.calls


@pytest.mark.parametrize("error", [SiteRefuses("no such route"), VideoFailed("400")])
def test_without_a_list_nothing_is_created(bench: Bench, error: NicobatchError) -> None:
    bench.run(ScriptedTarget(), [bench.ready("old")])
    videos = [bench.ready("a"), bench.ready("old", title="new"), allowed(bench.ready("b"))]
    target = ScriptedTarget({"lookalikes": [error]}, there=[THERE])
    a, old, b = bench.run(target, [*videos, bench.ready("c")])[:3]
    assert isinstance(a.error, ListUnreadable)
    assert str(error) in str(a.error)
    assert "--without-list" in a.error.hint
    assert (a.state, old.state, b.state) == (State.FAILED, State.UPDATED, State.PUBLISHED)
    assert target.calls.count("lookalikes") == 1
    assert target.calls.count("create") == 1
    assert bench.journal.read(bench.ready("a").video) is None


@pytest.mark.parametrize("error", [SiteRefuses("no such route"), VideoFailed("400")])
def test_without_a_list_one_may_go_on(bench: Bench, error: NicobatchError) -> None:
    target = ScriptedTarget({"lookalikes": [error]}, there=[THERE])
    videos = [bench.ready("a"), bench.ready("b")]
    outcomes = bench.run(target, videos, Settings(without_list=True))
    assert {each.state for each in outcomes} == {State.PUBLISHED}
    assert target.calls.count("lookalikes") == 1


def test_a_list_that_is_there_counts_all_the_same(bench: Bench) -> None:
    settings = Settings(without_list=True)
    [outcome] = bench.run(ScriptedTarget(there=[THERE]), settings=settings)
    assert outcome.state is State.REFUSED


def test_a_list_that_goes_away_while_another_upload_is_waited_for(bench: Bench) -> None:
    script: Script = {
        "create": [Busy("in the way", blocker="5")],
        "lookalikes": [nothing, VideoFailed("400")],
    }
    target = ScriptedTarget(script)
    [outcome] = bench.run(target)
    assert isinstance(outcome.error, ListUnreadable)
    assert target.calls.count("create") == 1
    assert bench.receipt().steps == {}


def test_a_list_that_fails_for_now_is_asked_for_again(bench: Bench) -> None:
    target = ScriptedTarget({"lookalikes": [Passing("503"), Passing("503")]}, there=[THERE])
    [outcome] = bench.run(target)
    assert outcome.state is State.REFUSED
    assert target.calls.count("lookalikes") == 3
    assert len(bench.pauses) == 2


@pytest.mark.parametrize("error", [Passing("503"), SignInNeeded("who")])
def test_without_an_answer_nothing_is_created(bench: Bench, error: NicobatchError) -> None:
    target = ScriptedTarget({"lookalikes": [error] * 8})
    [outcome] = bench.run(target)
    assert (outcome.state, outcome.error) == (State.FAILED, error)
    assert "create" not in target.calls
    assert bench.journal.read(bench.ready().video) is None


# What is in the way may be the very video, on its way from a run whose journal was lost


def test_a_blocker_that_turns_out_to_be_the_video_is_not_doubled(bench: Bench) -> None:
    target = ScriptedTarget({"create": [Busy("in the way", blocker="5")] * 3})

    def pause() -> None:
        if len(bench.pauses) == 2:
            target.there = [THERE]

    [outcome] = bench.run(target, on_pause=pause)
    assert outcome.state is State.FAILED
    assert isinstance(outcome.error, VideoFailed)
    assert "sm5" in str(outcome.error)
    assert "nicobatch adopt sm5" in outcome.error.hint
    assert target.calls.count("create") == 2
    receipt = bench.receipt()
    assert (receipt.steps, receipt.remote, receipt.blockers) == ({}, None, ("5",))

    later = ScriptedTarget(there=[THERE])
    [outcome] = bench.run(later)
    assert outcome.state is State.REFUSED
    assert "create" not in later.calls


def test_a_blocker_that_is_another_video_is_waited_for(bench: Bench) -> None:
    target = ScriptedTarget({"create": [Busy("in the way", blocker="5")] * 3})
    [outcome] = bench.run(target)
    assert outcome.state is State.PUBLISHED
    assert target.calls.count("lookalikes") == 4


def test_a_later_run_looks_before_it_creates(bench: Bench) -> None:
    target = ScriptedTarget({"create": [Busy("in the way", blocker="5")]})
    [outcome] = bench.run(target, settings=Settings(busy_timeout=0))
    assert outcome.state is State.UNFINISHED
    [outcome] = bench.run(ScriptedTarget(there=[THERE]))
    assert outcome.state is State.REFUSED


def test_a_run_looks_before_it_repeats_a_creation_that_was_lost(bench: Bench) -> None:
    bench.run(ScriptedTarget({"create": [Stopped()]}))
    target = ScriptedTarget(there=[THERE])
    [outcome] = bench.run(target)
    assert outcome.state is State.FAILED
    assert "nicobatch adopt sm5" in (outcome.error.hint if outcome.error else "")
    assert target.calls == ["sign_in", "lookalikes"]


def test_looking_gives_no_fault_back(bench: Bench) -> None:
    target = ScriptedTarget({"create": [Passing("dead")] * 10_000})
    outcomes = bench.run(target, [bench.ready(f"v{number}") for number in range(10)])
    assert [each.state for each in outcomes].count(State.FAILED) == 3


def test_an_empty_entry_in_the_way_may_be_this_run_s_own(bench: Bench) -> None:
    empty = Remote(id="5", video_id="sm5", url="http://127.0.0.1/sm5")
    settings, videos = Settings(busy_timeout=0), [bench.ready(account="second")]
    for found, is_told in ((empty, True), (replace(empty, id="6"), False)):
        target = ScriptedTarget({"create": [Busy("in the way", blocker="5")]}, empty=[found])
        [outcome] = bench.run({"second": target}, videos, settings=settings)
        assert outcome.error
        told = outcome.error.hint
        assert ("sm5 is still empty" in told) is is_told
        adopt = f"`nicobatch adopt sm5 {commands.word(videos[0].video.key)} --account second`"
        assert (adopt in told) is is_told
        assert ("`nicobatch delete sm5 --account second`" in told) is is_told


@pytest.mark.parametrize(
    ("script", "message", "hint"),
    [
        (
            {"done": [VideoFailed("broken")]},
            "the unfinished upload of m.yaml#a is in the way (id 7)",
            "publish m.yaml#a first",
        ),
        ({"encoded": [NotYet("encoding")]}, "the site is still at work on m.yaml#a (id 7)", ""),
    ],
    ids=["unfinished", "complete"],
)
def test_what_is_in_the_way_is_named_where_it_is_ours(
    bench: Bench, script: Script, message: str, hint: str
) -> None:
    settings = Settings(busy_timeout=0)
    bench.run(ScriptedTarget(script), [bench.ready("a")], settings=settings)
    target = ScriptedTarget({"create": [Busy("in the way", blocker="7")]})
    [outcome] = bench.run(target, [bench.ready("b")], settings=settings)
    assert outcome.error
    assert message in outcome.error.message
    assert hint in outcome.error.hint
    assert isinstance(outcome.error, Blocked if hint else Busy)


def test_what_waits_for_us_on_the_site_comes_before_what_is_to_be_created(bench: Bench) -> None:
    bench.run(ScriptedTarget({"create": [Stopped()]}), [bench.ready("a")])
    bench.run(ScriptedTarget({"done": [VideoFailed("no")]}), [bench.ready("b")])
    target = ScriptedTarget()
    outcomes = bench.run(target, [bench.ready("new"), bench.ready("a"), bench.ready("b")])
    assert {each.state for each in outcomes} == {State.PUBLISHED}
    assert target.calls.index("done") < target.calls.index("create")


# What this run made itself is in its receipts


def test_what_this_run_made_is_no_lookalike(bench: Bench) -> None:
    first, second = bench.ready("a"), bench.ready("b")
    made = Remote(id="7", video_id="sm7", url="http://127.0.0.1/sm7")
    target = ScriptedTarget(there=[made])
    assert [each.state for each in bench.run(target, [first])] == [State.REFUSED]
    target = ScriptedTarget()

    def sent(receipt: Receipt) -> Receipt:
        target.there = [made]
        return receipt

    target.script = {"done": [sent]}
    outcomes = bench.run(target, [first, second])
    assert [each.state for each in outcomes] == [State.PUBLISHED, State.PUBLISHED]
    assert target.asked_for == [None, None]


def test_what_was_in_one_videos_way_is_asked_for_before_the_next(bench: Bench) -> None:
    target = ScriptedTarget({"create": [Busy("in the way", blocker="5")]})
    settings = Settings(busy_timeout=0)
    bench.run(target, [bench.ready("a"), bench.ready("b")], settings=settings)
    assert target.asked_for == [None, "5"]


# A receipt that was not written here may name another video


def strange(bench: Bench, home: Path) -> CheckedVideo:
    """Publish a video, have its receipt count as somebody else's, and want another title."""
    bench.run(ScriptedTarget())
    shutil.rmtree(home / ".local")
    assert not bench.journal.is_own(bench.ready().video, bench.receipt())
    return bench.ready(title="Another title")


def test_the_video_of_a_strangers_receipt_is_compared_once(bench: Bench, home: Path) -> None:
    changed, target = strange(bench, home), ScriptedTarget()
    assert bench.run(target, [changed])[0].state is State.UPDATED
    assert target.calls == ["sign_in", "mismatch", "metadata"]
    assert bench.journal.is_own(changed.video, bench.receipt())
    again = ScriptedTarget()
    assert bench.run(again)[0].state is State.UPDATED
    assert "mismatch" not in again.calls


def test_what_is_another_video_is_not_changed(bench: Bench, home: Path) -> None:
    changed, target = strange(bench, home), ScriptedTarget(other="its title is X")
    for _ in range(2):
        [outcome] = bench.run(target, [changed])
        assert outcome.state is State.FAILED
        assert "may be another video's: its title is X" in str(outcome.error)
    assert "metadata" not in target.calls


@pytest.mark.parametrize("without_list", [False, True])
@pytest.mark.parametrize("error", [SiteRefuses("no such route"), VideoFailed("400")])
def test_what_can_not_be_compared_is_changed_on_request_alone(
    bench: Bench, home: Path, error: NicobatchError, without_list: bool
) -> None:
    changed, target = strange(bench, home), ScriptedTarget({"mismatch": [error]})
    [outcome] = bench.run(target, [changed], Settings(without_list=without_list))
    assert ("metadata" in target.calls) is without_list
    assert isinstance(outcome.error, ListUnreadable) is not without_list
    assert not bench.journal.is_own(changed.video, bench.receipt())


def test_to_look_on_nothing_is_compared(bench: Bench, home: Path) -> None:
    bench.run(ScriptedTarget(), settings=Settings(wait=False))
    shutil.rmtree(home / ".local")
    target = ScriptedTarget(other="its title is X")
    assert bench.run(target)[0].state is State.PUBLISHED
    assert target.calls == ["sign_in", "encoded"]
