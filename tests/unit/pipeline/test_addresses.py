"""One video on two sites: the text of one may name where the other is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from nicobatch.errors import Blocked, VideoFailed
from nicobatch.model import DEFAULT_SITE, Video
from nicobatch.pipeline import CheckedVideo, Owner, State
from nicobatch.plan import Verdict
from nicobatch.receipt import Receipt
from tests.unit.pipeline.conftest import Bench
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
    assert change(bench.ready().video).named_sites == sites
