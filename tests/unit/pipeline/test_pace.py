"""Parked accounts and budgets: nothing is asked before its time, by this run or the next."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from nicobatch.errors import Later, Parked, RateLimited
from nicobatch.events import Waiting
from nicobatch.model import DEFAULT_SITE
from nicobatch.pipeline import Owner
from nicobatch.pipeline.outcome import State
from nicobatch.pipeline.pace import VIDEO, Pace, PaceFolder
from nicobatch.receipt import Receipt
from nicobatch.settings import Settings
from nicobatch.sites.base import Rate, StepSpec, StepTable
from tests.unit.pipeline.conftest import NOW, Bench
from tests.unit.pipeline.scripted import ScriptedTarget

HOUR = timedelta(hours=1)
FIRST = Owner(DEFAULT_SITE, "main")


def parked(*, of_address: bool = False) -> Parked:
    return Parked("too fast", "wait", retry_at=NOW + HOUR, of_address=of_address)


def test_a_parked_account_is_asked_nothing_before_its_time(bench: Bench) -> None:
    videos = [bench.ready("a"), bench.ready("b")]
    first = ScriptedTarget({"create": [parked()]})
    ends = bench.run(first, videos)
    assert [each.state for each in ends] == [State.UNFINISHED, State.SKIPPED]
    assert ends[0].exit_code == 5
    first_words = str(ends[0].error)
    second = ScriptedTarget()
    ends = bench.run(second, videos)
    assert second.calls == []
    assert isinstance(ends[0].error, Parked)
    assert "too fast; nothing more is asked before 2026-11-20 " in str(ends[0].error)
    assert str(ends[0].error) == first_words
    assert ends[0].error.retry_at == NOW + HOUR
    bench.now = NOW + HOUR
    assert [each.state for each in bench.run(ScriptedTarget(), videos)] == [State.PUBLISHED] * 2


@pytest.mark.parametrize("of_address", [False, True])
def test_who_has_set_it_right_by_hand_ends_it(bench: Bench, of_address: bool) -> None:
    [first] = bench.run(ScriptedTarget({"create": [parked(of_address=of_address)]}))
    [again] = bench.run(ScriptedTarget())
    assert first.error
    assert again.error
    assert first.error.hint == again.error.hint
    hint, _separator, path = again.error.hint.partition("; once that is done, remove ")
    assert hint == "wait"
    Path(path.removesuffix(" to go on at once")).unlink()
    assert bench.run(ScriptedTarget())[0].state is State.PUBLISHED


def test_an_account_is_parked_for_no_time_that_has_passed(bench: Bench, pace: Pace) -> None:
    for until in (None, NOW, NOW - HOUR):
        pace.park(Parked("too fast", "wait", retry_at=until))
    assert list(bench.folder.glob(".pace-*")) == []
    pace.park(parked(of_address=True))
    pace.park(Parked("later", "wait", retry_at=NOW + HOUR / 2))
    assert pace.forecast().after([]) == NOW + HOUR  # whichever of the two is later


def test_what_needs_no_request_is_not_parked(bench: Bench) -> None:
    bench.run(ScriptedTarget())
    bench.run(ScriptedTarget({"create": [parked()]}), [bench.ready("b")])
    assert bench.run(ScriptedTarget())[0].state is State.UNCHANGED


@pytest.mark.parametrize("of_address", [False, True])
def test_a_parked_address_parks_all_accounts_behind_it(bench: Bench, of_address: bool) -> None:
    bench.run(ScriptedTarget({"create": [parked(of_address=of_address)]}))
    other = ScriptedTarget(origin="http://127.0.0.1")
    [end] = bench.run({"second": other}, [bench.ready("b", account="second")])
    assert end.state is (State.UNFINISHED if of_address else State.PUBLISHED)
    elsewhere = ScriptedTarget(origin="http://localhost")
    [end] = bench.run({"third": elsewhere}, [bench.ready("c", account="third")])
    assert end.state is State.PUBLISHED


def test_being_parked_while_the_list_is_read_holds_as_well(bench: Bench) -> None:
    bench.run(ScriptedTarget({"sign_in": [parked()]}))
    target = ScriptedTarget()
    [end] = bench.run(target)
    assert (end.state, target.calls) == (State.UNFINISHED, [])


def test_a_budget_is_waited_for(bench: Bench) -> None:
    target = ScriptedTarget(rates={"create": [Rate(2, 600.0)]})

    def later() -> None:
        bench.now += timedelta(seconds=bench.pauses[-1])

    videos = [bench.ready(name) for name in "abc"]
    ends = bench.run(target, videos, on_pause=later)
    assert [each.state for each in ends] == [State.PUBLISHED] * 3
    assert bench.pauses == [600.0]


def test_a_budget_beyond_all_patience_is_a_later_runs(bench: Bench) -> None:
    target = ScriptedTarget(rates={"create": [Rate(1, 86_400.0)]})
    videos = [bench.ready(name) for name in "ab"]
    ends = bench.run(target, videos, Settings(busy_timeout=60.0))
    assert isinstance(ends[1].error, Later)
    assert ends[1].error.retry_at == NOW + timedelta(days=1)
    assert "1 requests of this kind in 86400 s are the account's budget" in str(ends[1].error)
    assert "there is room for another one in 86400 s" in str(ends[1].error)
    again = ScriptedTarget(rates=target.rates)
    ends = bench.run(again, videos, Settings(busy_timeout=60.0))
    assert [each.state for each in ends] == [State.UNCHANGED, State.UNFINISHED]
    assert "create" not in again.calls


def test_what_was_done_before_is_counted_as_an_edit(bench: Bench) -> None:
    target = ScriptedTarget()
    bench.run(target)
    planned = bench.plan(target, bench.ready())
    table = StepTable((StepSpec(name="metadata", spends="new", edits="edit"),))
    planned = replace(
        planned,
        wanted=replace(planned.wanted, table=table),
        plan=replace(planned.plan, steps=("metadata",)),
    )
    assert planned.spends == ("edit",)
    assert replace(planned, receipt=None).spends == ("new",)


@pytest.fixture
def pace(bench: Bench) -> Pace:
    rates = {"submission": (Rate(1, 60.0), Rate(3, 3600.0))}
    return Pace(
        paces=PaceFolder(bench.folder),
        owner=Owner("elsewhere", "main"),
        origin="o",
        rates=rates,
        now=lambda: bench.now,
    )


def test_every_rate_is_kept_to(bench: Bench, pace: Pace) -> None:
    pauses = []
    for _ in range(4):
        while True:
            try:
                pace.spend("submission")
                break
            except RateLimited as error:
                pauses.append(error.retry_after)
                bench.now += timedelta(seconds=error.retry_after)
    assert pauses == [60.0, 60.0, 3600.0 - 120.0]
    pace.spend("anything else")


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{", b'{"until": 5, "spent": 3}', b'{"spent": {"submission": [1]}}']
)
def test_a_file_that_is_spoiled_holds_nobody_up(bench: Bench, pace: Pace, content: bytes) -> None:
    pace.spend("submission")
    (file,) = bench.folder.glob(".pace-*.json")
    file.write_bytes(content)
    pace.demand_free()
    pace.spend("submission")
    with pytest.raises(RateLimited):
        pace.spend("submission")


def test_accounts_and_sites_have_each_their_own(pace: Pace) -> None:
    pace.spend("submission")
    replace(pace, owner=Owner("elsewhere", "second")).spend("submission")
    replace(pace, owner=Owner("another", "main")).spend("submission")
    pace.park(parked())
    replace(pace, owner=Owner("elsewhere", "second")).demand_free()
    with pytest.raises(Parked):
        pace.demand_free()
    with pytest.raises(RateLimited):
        pace.spend("submission")


def test_what_is_foreseen_is_what_comes(bench: Bench, pace: Pace) -> None:
    pace.spend("submission")
    foreseen = pace.forecast()
    turns = [foreseen.after(["anything", "submission"]) for _ in range(3)]
    assert [each - NOW for each in turns] == [
        timedelta(seconds=60),
        timedelta(seconds=120),
        timedelta(hours=1),
    ]
    for turn in turns:
        with pytest.raises(RateLimited):
            pace.spend("submission")
        bench.now = turn
        pace.spend("submission")


def test_nothing_is_foreseen_before_the_account_is_free(pace: Pace) -> None:
    pace.park(parked())
    assert pace.forecast().after(["submission"]) == NOW + HOUR
    assert pace.forecast().after([]) == NOW + HOUR


def test_videos_of_an_account_are_so_far_apart_also_from_the_run_before(bench: Bench) -> None:
    settings = Settings(space=3 * 3600.0)  # longer than anything else is waited for

    def pass_by() -> None:
        bench.now += timedelta(seconds=bench.pauses[-1])

    def for_an_hour(receipt: Receipt) -> Receipt:
        bench.now += timedelta(hours=1)
        return receipt

    videos = [bench.ready("a"), bench.ready("b")]
    target = ScriptedTarget({"done": [for_an_hour]})
    ends = bench.run(target, videos, settings, on_pause=pass_by)
    assert [each.state for each in ends] == [State.PUBLISHED] * 2
    assert bench.pauses == [3 * 3600.0]
    [told] = [each for each in bench.events if isinstance(each, Waiting)]
    assert told.reason == "the account's videos are to be 10800 s apart"
    bench.now += timedelta(hours=1)
    later = [*videos, bench.ready("c")]
    bench.run(ScriptedTarget(), later, settings, on_pause=pass_by)
    assert bench.pauses[1:] == [2 * 3600.0]  # the two that are unchanged are no reason to wait
    other = [bench.ready("d", account="second")]
    bench.run({"second": ScriptedTarget()}, other, settings)
    assert len(bench.pauses) == 2


def test_a_video_that_took_long_is_apart_from_the_next_by_its_end(bench: Bench) -> None:
    pace = Pace.of(ScriptedTarget(), FIRST, PaceFolder(bench.folder), lambda: bench.now, 600.0)
    pace.spend(VIDEO)
    bench.now += timedelta(hours=1)
    pace.ended(VIDEO)
    bench.now += timedelta(minutes=4)
    with pytest.raises(RateLimited) as caught:
        pace.spend(VIDEO)
    assert caught.value.retry_after == 360.0
    forecast = pace.forecast()
    assert forecast.after((VIDEO,)) == bench.now + timedelta(minutes=6)
    assert forecast.after((VIDEO,)) == bench.now + timedelta(minutes=16)


def test_without_a_wish_nothing_is_apart(bench: Bench) -> None:
    bench.run(ScriptedTarget(), [bench.ready("a"), bench.ready("b")])
    assert bench.pauses == []
