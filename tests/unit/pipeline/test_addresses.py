"""One video on two sites: the text of one may name where the other is."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from nicobatch.errors import Blocked, VideoFailed
from nicobatch.model import DEFAULT_SITE, Video
from nicobatch.pipeline import CheckedVideo, Owner
from nicobatch.pipeline.addresses import Addresses, known
from nicobatch.pipeline.outcome import State
from nicobatch.plan import Verdict
from nicobatch.receipt import DELETION, Receipt, StepRecord, StepState
from nicobatch.sites.base import Role, StepTable
from tests.unit.pipeline.conftest import NOW, Bench
from tests.unit.pipeline.scripted import ScriptedTarget, created

OTHER = "elsewhere"
FIRST, SECOND = Owner(DEFAULT_SITE, "main"), Owner(OTHER, "main")


def named(name: str, site: str = DEFAULT_SITE) -> str:
    return f"{name}: {{{site}.url}}"


def title_sent(bench: Bench, ready: CheckedVideo) -> object:
    found = bench.journal.read(ready.video)
    assert found
    return found.steps["metadata"].inputs["title"]


def both(bench: Bench, name: str = "a") -> tuple[CheckedVideo, CheckedVideo]:
    """Return a video on both sites, the second's text naming the first."""
    return bench.ready(name), bench.ready(name, title=named(name), site=OTHER)


def test_a_text_waits_for_the_address_that_it_names(bench: Bench) -> None:
    first, second = both(bench)
    seen: list[str] = []

    def slowly(receipt: Receipt) -> Receipt:
        seen.append("first")
        return created(receipt)

    targets = {FIRST: ScriptedTarget({"create": [slowly]}), SECOND: ScriptedTarget()}
    ends = bench.run(targets, [second, first])
    assert [each.state for each in ends] == [State.PUBLISHED] * 2
    assert title_sent(bench, second) == "a: http://127.0.0.1/sm7"
    ends = bench.run({SECOND: ScriptedTarget()}, [second])
    assert [each.state for each in ends] == [State.UNCHANGED]


def test_where_the_other_fails_this_one_is_left_for_later(bench: Bench) -> None:
    first, second = both(bench)
    targets = {
        FIRST: ScriptedTarget({"create": [VideoFailed("no")]}),
        SECOND: ScriptedTarget(),
    }
    ends = bench.run(targets, [second, first])
    assert [each.state for each in ends] == [State.UNFINISHED, State.FAILED]
    assert isinstance(ends[0].error, Blocked)
    assert ends[0].exit_code == 5
    assert "names the address on niconico, where it is not published" in str(ends[0].error)
    assert ends[0].error.hint == f"it goes on by itself once {first.video.key} is published"
    assert targets[SECOND].calls == []


def test_the_address_of_a_video_that_was_deleted_is_none(bench: Bench) -> None:
    first, second = both(bench)
    bench.run({FIRST: ScriptedTarget()}, [first])
    found = bench.receipt()
    end = StepRecord(state=StepState.DONE, digest="0" * 64, at="2026-11-20T00:00:00+00:00")
    bench.journal.write(first.video, replace(found, steps={**found.steps, DELETION: end}))
    [outcome] = bench.run({SECOND: ScriptedTarget()}, [second])
    assert isinstance(outcome.error, Blocked)


def test_two_queues_never_wait_for_each_other(bench: Bench) -> None:
    """Of two videos, each site has one that the other's text names: the lowest come first."""
    one, its_other = both(bench, "a")
    two = bench.ready("b", title=named("b", OTHER))
    its_first = bench.ready("b", site=OTHER)
    targets = {FIRST: ScriptedTarget(), SECOND: ScriptedTarget()}
    ends = bench.run(targets, [two, one, its_other, its_first])
    assert [each.state for each in ends] == [State.PUBLISHED] * 4


def test_a_plan_that_was_shown_with_its_address_is_run(bench: Bench) -> None:
    first, second = both(bench)
    bench.run({FIRST: ScriptedTarget()}, [first])
    whole = replace(second, video=second.video.naming({DEFAULT_SITE: "http://127.0.0.1/sm7"}))
    shown = bench.plan(ScriptedTarget(), whole)
    [end] = bench.run({SECOND: ScriptedTarget()}, [second], plans={second.video.key: shown})
    assert end.plan is shown.plan
    assert shown.plan.verdict is Verdict.CREATE


@pytest.mark.parametrize(
    ("change", "sites"),
    [
        (lambda video: replace(video, title="{niconico.url}"), ("niconico",)),
        (lambda video: replace(video, tags=("{a.url}", "{b.url}")), ("a", "b")),
        (lambda video: replace(video, description="{stem} {A.url} {a.title}"), ()),
        (lambda video: video, ()),
    ],
)
def test_what_texts_name(bench: Bench, change: Callable[[Video], Video], sites: object) -> None:
    assert change(bench.ready().video).named_addresses == sites


def in_a_row(bench: Bench, *names: str) -> list[CheckedVideo]:
    """Return videos each of whose texts names the one before it, and the one behind it."""
    padded = ["", *names, ""]
    return [
        bench.ready(
            name,
            description="a\n{next.url}" if not before else "{previous.url}\n{next.url}",
            previous_id=before,
            next_id=behind,
        )
        for before, name, behind in zip(padded, names, padded[2:], strict=False)
    ]


def test_neighbours_are_published_in_order_and_linked(bench: Bench) -> None:
    a, b, c = in_a_row(bench, "a", "b", "c")

    def now(ready: CheckedVideo) -> tuple[str, list[str]]:
        whole, missing = known(ready, bench.journal, lambda _site: ScriptedTarget.table, bench.now)
        return whole.video.description, [each.name for each in missing]

    assert now(a) == ("a", ["next"])
    assert now(b) == ("{previous.url}", ["previous", "next"])
    ends = bench.run({FIRST: ScriptedTarget()}, [c, b, a])
    assert [each.state for each in ends] == [State.PUBLISHED] * 3
    urls = [
        receipt.remote.url
        for each in (a, b, c)
        if (receipt := bench.journal.read(each.video)) and receipt.remote
    ]
    assert now(a) == (f"a\n{urls[1]}", [])
    assert now(b) == (f"{urls[0]}\n{urls[2]}", [])


def test_whether_the_next_one_can_be_seen_is_told_by_the_clock_of_the_run(bench: Bench) -> None:
    a, b = in_a_row(bench, "a", "b")
    bench.run({FIRST: ScriptedTarget()}, [a, b])
    at, receipt = bench.now + timedelta(minutes=1), bench.journal.read(b.video)
    assert receipt
    step = ScriptedTarget.table.name(Role.PUBLISHES)
    timed = replace(receipt.steps[step], inputs={"publish.at": at.isoformat()})
    bench.journal.write(b.video, replace(receipt, steps={**receipt.steps, step: timed}))
    table = ScriptedTarget.table
    addresses = Addresses(bench.journal, bench.stop, lambda _site: table, lambda: bench.now)
    assert addresses.resolved(a).video.description == "a"
    bench.now = at
    assert addresses.resolved(a).video.description == f"a\n{receipt.remote and receipt.remote.url}"


def test_what_fails_leaves_those_behind_it_for_later(bench: Bench) -> None:
    a, b, _ = in_a_row(bench, "a", "b", "c")
    target = ScriptedTarget({"create": [VideoFailed("no")]})
    ends = bench.run({FIRST: target}, [b, a])
    assert [each.state for each in ends] == [State.UNFINISHED, State.FAILED]
    assert (
        str(ends[0].error) == f"its text names the address of {a.video.key}, which is not published"
    )


def test_a_neighbour_whose_turn_comes_later_is_not_waited_for(bench: Bench) -> None:
    """What was begun comes first, though its text names what is not published yet."""
    a, b, _ = in_a_row(bench, "a", "b", "c")
    begun = replace(b, video=replace(b.video, description="x"))
    bench.run({FIRST: ScriptedTarget({"metadata": [VideoFailed("no")]})}, [begun])
    ends = bench.run({FIRST: ScriptedTarget()}, [a, b])
    assert [each.state for each in ends] == [State.PUBLISHED, State.UNFINISHED]


def test_thousands_in_a_row_have_their_depth(bench: Bench) -> None:
    count = 3_000
    rows = in_a_row(bench, *map(str, range(count)))
    addresses = Addresses(bench.journal, threading.Event(), lambda _site: StepTable(), lambda: NOW)
    addresses.expect(rows)
    assert addresses.depth(rows[-1].video) == count - 1
