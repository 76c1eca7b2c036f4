"""Announcements: said once, after the video can be seen, and no failure of the video's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from nicobatch.announcing import specs, unset
from nicobatch.announcing.services import send
from nicobatch.errors import UsageError
from nicobatch.events import StepDone
from nicobatch.http import Http
from nicobatch.journal import Journal
from nicobatch.journal.codec import decode, encode
from nicobatch.model import Publish, PublishMode, Secret, Severity
from nicobatch.pipeline.outcome import State
from nicobatch.plan import Verdict
from nicobatch.receipt import StepState
from tests.support.faults import answer_lost, refused, reset_before, unavailable_after_acting
from tests.support.servers import Reply, closed_port
from tests.unit.announcing.conftest import TOKEN, World
from tests.unit.pipeline.conftest import NOW
from tests.unit.pipeline.scripted import ScriptedTarget

SAID = "http://127.0.0.1/sm7 を公開しました"


class Cut(BaseException):
    """The end of a process, wherever it was."""


def test_a_published_video_is_announced_once(world: World) -> None:
    assert world.run().state is State.PUBLISHED
    assert (world.comments, world.messages) == ([SAID], [SAID])
    steps = [each.step for each in world.bench.events if isinstance(each, StepDone)]
    assert [each.name for each in specs(world.ready().video)] == steps[-2:]
    assert world.run().state is State.UNCHANGED
    assert (world.comments, world.messages, world.told) == ([SAID], [SAID], [])


def test_neither_another_title_nor_another_text_nor_order_announces_it_again(world: World) -> None:
    world.run()
    ready = world.ready(title="Another", text="anders: {url}")
    turned = replace(ready.video, announce=ready.video.announce[::-1])
    plan = world.bench.plan(ScriptedTarget(), replace(ready, video=turned)).plan
    assert (plan.verdict, [each.name for each in plan.changes]) == (Verdict.UPDATE, ["title"])
    assert world.run(replace(ready, video=turned)).state is State.UPDATED
    assert (world.comments, world.messages) == ([SAID], [SAID])


def test_a_plan_has_the_steps_and_one_that_is_added_later_is_all_that_is_done(world: World) -> None:
    ready = world.ready()
    names = tuple(each.name for each in specs(ready.video))
    assert world.bench.plan(ScriptedTarget(), ready).plan.steps[-2:] == names
    world.run(world.ready(announce=ready.video.announce[:1]))
    plan = world.bench.plan(ScriptedTarget(), ready).plan
    assert (plan.verdict, plan.steps) == (Verdict.RESUME, names[1:])
    assert plan.reasons == ("published, but not yet announced",)
    target = ScriptedTarget()
    world.bench.run(target, [ready])
    assert target.calls == []  # the site is asked for nothing, not even whose the sign-in is
    assert (world.comments, world.messages) == ([SAID], [SAID])


@pytest.mark.parametrize("mode", [PublishMode.PRIVATE, PublishMode.DRAFT])
def test_what_nobody_can_see_is_not_announced(world: World, mode: PublishMode) -> None:
    world.run(world.ready(publish=Publish(mode)))
    assert (world.comments, world.messages) == ([], [])


def test_a_scheduled_video_is_announced_by_a_run_after_its_time(world: World) -> None:
    at = NOW + timedelta(days=2)
    ready = world.ready(publish=Publish(PublishMode.SCHEDULED, at))
    outcome = world.run(ready)
    assert (outcome.state, outcome.again_at, outcome.exit_code) == (State.PUBLISHED, at, 0)
    time = at.isoformat(" ", "minutes")
    assert outcome.note == f"others are told once they can see it: run it again after {time}"
    assert (outcome.rest(NOW), outcome.rest(at)) == (2 * 86_400, 0)
    assert (world.comments, world.messages, world.told) == ([], [], [])
    world.bench.now = at
    assert world.run(ready).note == ""
    assert (world.comments, world.messages) == ([SAID], [SAID])


@pytest.mark.parametrize("play", [reset_before, answer_lost, unavailable_after_acting])
def test_a_lost_answer_is_settled_by_reading_the_comments(world: World, play: Any) -> None:
    world.faults.at("POST .*", play)
    assert world.run().state is State.PUBLISHED
    assert (world.comments, world.told) == ([SAID], [])


def test_what_is_looked_for_later_is_what_was_written_then(world: World) -> None:
    world.faults.at("POST .*", answer_lost)
    for _ in range(3):  # the comments can't be read, either
        world.faults.at("GET .*comments.*", refused("503 Service Unavailable"))
    world.run()
    assert [each.rule for each in world.told] == ["not-announced"]
    [record] = [each for each in world.bench.receipt().steps.values() if each.state == "open"]
    assert record.inputs["text"] == SAID
    world.run(world.ready(title="Another", text="anders: {url}"))
    assert world.comments == [SAID]
    assert world.run(world.ready(title="Another")).state is State.UNCHANGED


def test_what_apprise_can_t_tell_is_told_and_not_sent_again(world: World) -> None:
    world.other.replies["/"] = Reply(status=500)
    assert (world.run().state, world.run().state) == (State.PUBLISHED, State.UNCHANGED)
    assert world.messages == [SAID]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("", "the environment variable OTHER_URL is not set"),
        (f"nonsense:{TOKEN}", "OTHER_URL holds no address that apprise knows"),
    ],
)
def test_without_an_address_nothing_is_sent_until_there_is_one(
    world: World, value: str, reason: str
) -> None:
    whole = world.environment["OTHER_URL"]
    world.environment["OTHER_URL"] = value
    outcome = world.run()
    assert (outcome.state, outcome.exit_code) == (State.PUBLISHED, 0)
    assert [(each.message, each.severity) for each in world.told] == [
        (f"not announced: {reason}", Severity.WARNING)
    ]
    world.environment["OTHER_URL"] = whole
    world.run()
    assert (world.comments, world.messages) == ([SAID], [SAID])


def test_a_page_that_is_not_there_is_a_warning_and_the_rest_goes_on(world: World) -> None:
    world.page += "/else"
    outcome = world.run()
    assert (outcome.state, outcome.exit_code) == (State.PUBLISHED, 0)
    assert [each.message for each in world.told] == [
        f"not announced: there is no page {world.page}"
    ]
    assert world.messages == [SAID]


def test_an_address_that_is_not_known_yet_is_waited_for_by_a_later_run(world: World) -> None:
    ready = world.ready(text="{url} {elsewhere.url}")
    assert world.run(ready).state is State.PUBLISHED
    assert {each.message for each in world.told} == {
        "not announced: its text names the address on elsewhere, where it is not published"
    }
    other = world.bench.ready("a", site="elsewhere", allow_duplicate=True)
    world.bench.journal.write(other.video, replace(world.bench.receipt(), site="elsewhere"))
    world.run(ready)
    assert world.comments == ["http://127.0.0.1/sm7 http://127.0.0.1/sm7"]


def test_no_secret_is_anywhere(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    world.other.replies["/"] = Reply(status=403)
    world.run()
    receipt = encode(world.bench.receipt())
    with pytest.raises(UsageError) as raised:
        send(Secret(f"nonsense://{TOKEN}"), "text", "NAME")
    shown = (caplog.text, receipt, repr(world.bench.events), str(raised.value), repr(world.ready()))
    assert not [text for text in shown if TOKEN in text]
    assert decode(receipt) == world.bench.receipt()
    assert '"nicobatch": 1' in receipt


def test_a_variable_that_is_not_set_is_planned_with_a_word(world: World) -> None:
    video = world.ready().video
    names = [each.name for each in specs(video)]
    words = ["the environment variable OTHER_URL is not set"]
    assert list(unset(video, names, {})) == words
    assert not list(unset(video, names, {"OTHER_URL": "json://127.0.0.1"}))
    assert not list(unset(video, names[:1], {}))


# Cut short at every request and every writing of the receipt


def cut_at(moment: int, patch: pytest.MonkeyPatch) -> Callable[[], int]:
    """End the process at the moment of that number; return what tells how many there were."""
    count = 0

    def passed() -> None:
        nonlocal count
        count += 1
        if count == moment:
            raise Cut

    def around(call: Any) -> Any:
        def done(*given: Any, **named: Any) -> Any:
            passed()
            result = call(*given, **named)
            passed()
            return result

        return done

    patch.setattr(Journal, "write", around(Journal.write))
    patch.setattr(Http, "send", around(Http.send))
    patch.setattr("nicobatch.announcing.services.send", around(send))
    return lambda: count


def moments(world: World) -> Iterator[str]:
    """Yield, for each moment, the name of a video that was published and announced up to it."""
    for moment in range(1, 100):
        name = f"v{moment}"
        world.open(name)
        world.run(world.ready(name, announce=()))
        world.other.seen.clear()
        with pytest.MonkeyPatch.context() as patch:
            count = cut_at(moment, patch)
            try:
                world.run(world.ready(name))
            except Cut:
                yield name
            else:
                assert count() == moment - 1
                return


def test_wherever_it_is_cut_nothing_is_said_twice_or_lost_without_a_word(world: World) -> None:
    untold = 0
    for name in moments(world):
        outcome = world.run(world.ready(name))
        assert outcome.state is State.UNCHANGED, name
        assert len(world.comments) == 1, name
        said, words = len(world.messages), [each.message for each in world.told]
        assert said + len(words) >= 1, name
        assert said <= 1, name
        untold += not said
        assert world.run(world.ready(name)).state is State.UNCHANGED
        assert (len(world.comments), len(world.messages), world.told) == (1, said, [])
    assert untold <= 2  # between the intent and the sending, nobody can tell


def test_nothing_listens_at_a_port(world: World) -> None:
    world.environment["OTHER_URL"] = f"json://{closed_port()}"
    world.run()
    [problem] = world.told
    assert problem.message.startswith("nobody knows whether the announcement has reached OTHER_URL")
    assert all(each.state is StepState.DONE for each in world.bench.receipt().steps.values())
