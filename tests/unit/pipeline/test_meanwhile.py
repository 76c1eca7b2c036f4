"""Times that pass while a video is uploaded, and refusals that leave its upload open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from nicobatch import media
from nicobatch.errors import NicobatchError, Passing, VideoFailed
from nicobatch.model import FileIdentity, Position, Publish, PublishMode
from nicobatch.pipeline import CheckedVideo
from nicobatch.pipeline.outcome import State
from nicobatch.receipt import Receipt
from nicobatch.sites.base import Change
from tests.unit.pipeline.conftest import NOW, Bench
from tests.unit.pipeline.scripted import ScriptedTarget

SOON = NOW + timedelta(seconds=6)
PLACES = {"": Position(2, 3), "publish.at": Position(4, 15)}


def scheduled(bench: Bench, seconds: int) -> CheckedVideo:
    ready = bench.ready()
    at = Publish(PublishMode.SCHEDULED, NOW + timedelta(seconds=seconds))
    return replace(ready, video=replace(ready.video, publish=at, places=PLACES))


def slow(bench: Bench, seconds: int) -> Callable[[Receipt], Receipt]:
    """Take so many seconds for a step."""

    def change(receipt: Receipt) -> Receipt:
        bench.now += timedelta(seconds=seconds)
        return receipt

    return change


@pytest.mark.parametrize("answer", [None, VideoFailed("400")])
def test_a_time_that_passes_meanwhile_is_told_at_its_line(
    bench: Bench, answer: VideoFailed | None
) -> None:
    target = ScriptedTarget(
        script={"done": [slow(bench, 10)], "metadata": [answer][: bool(answer)]}
    )
    [outcome] = bench.run(target, [scheduled(bench, 6)])
    assert outcome.state is State.FAILED
    assert outcome.error
    assert str(outcome.error) == (
        f"{bench.folder}/m.yaml:4:15: {SOON.isoformat(' ', 'minutes')} has passed meanwhile,"
        " so it is not published"
    )
    assert "write a later time there" in outcome.error.hint
    assert "metadata" not in target.calls

    again = ScriptedTarget()
    [outcome] = bench.run(again, [scheduled(bench, 60)])
    assert outcome.state is State.PUBLISHED
    assert [call for call in again.calls if call in {"create", "stream", "chunks", "done"}] == []


@pytest.mark.parametrize("error", [VideoFailed("400 publishTimer"), Passing("no answer")])
def test_a_time_that_passes_while_the_site_thinks_is_told_as_well(
    bench: Bench, error: NicobatchError
) -> None:
    class Thinking(ScriptedTarget):
        def play(self, step: str, change: Change) -> Change:
            bench.now += timedelta(seconds=10 * (step == "metadata"))
            return super().play(step, change)

    target = Thinking(script={"metadata": [error]})
    [outcome] = bench.run(target, [scheduled(bench, 6)])
    assert "has passed meanwhile" in str(outcome.error)
    assert target.calls.count("metadata") == 1


def test_what_was_sent_in_time_may_be_changed_afterwards(bench: Bench) -> None:
    assert bench.run(ScriptedTarget(), [scheduled(bench, 6)])[0].state is State.PUBLISHED
    bench.now += timedelta(seconds=60)
    ready = scheduled(bench, 6)
    ready = replace(ready, video=replace(ready.video, title="Another title"))
    assert bench.run(ScriptedTarget(), [ready])[0].state is State.UPDATED


def test_a_refusal_says_where_to_mend_it_and_what_it_keeps_back(bench: Bench) -> None:
    ready = bench.ready()
    ready = replace(ready, video=replace(ready.video, places=PLACES))
    target = ScriptedTarget(script={"metadata": [VideoFailed("400")]})
    [outcome] = bench.run(target, [ready])
    assert outcome.error
    assert outcome.error.hint == (
        f"mend it at {bench.folder}/m.yaml:2:3, and run it again: nothing is uploaded twice;"
        " until then it is in the way of the account's other new videos"
    )


@pytest.mark.parametrize(("is_published", "step"), [(True, "metadata"), (False, "stream")])
def test_a_refusal_of_all_else_is_told_as_the_site_words_it(
    bench: Bench, is_published: bool, step: str
) -> None:
    if is_published:
        bench.run(ScriptedTarget())
    target = ScriptedTarget(script={step: [VideoFailed("400")]})
    [outcome] = bench.run(target, [bench.ready(title="Another title")])
    assert outcome.error
    assert (str(outcome.error), outcome.error.hint) == ("400", "")


def test_one_file_of_many_videos_is_read_once(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Path] = []
    identify = media.identify

    def noted(path: Path) -> FileIdentity:
        read.append(path)
        return identify(path)

    monkeypatch.setattr(media, "identify", noted)
    one = bench.ready()
    many = [
        replace(one, video=replace(one.video, id=f"v{number}", allow_duplicate=True))
        for number in range(50)
    ]
    outcomes = bench.run(ScriptedTarget(), many)
    assert {each.state for each in outcomes} == {State.PUBLISHED}
    assert len(read) == 1
