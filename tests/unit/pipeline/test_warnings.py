"""What an account's list warns of before the first creation, and what `--strict` makes of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from nicobatch import events
from nicobatch.errors import Passing, SignInNeeded, SiteRefuses, VideoFailed
from nicobatch.model import Position
from nicobatch.pipeline import CheckedVideo, Owner
from nicobatch.pipeline.locking import on_machine
from nicobatch.pipeline.outcome import State
from nicobatch.receipt import Remote
from nicobatch.settings import Settings
from nicobatch.sites.base import Change, Job
from tests.unit.pipeline.conftest import Bench
from tests.unit.pipeline.scripted import ScriptedTarget, nothing

NAMED = Remote(id="5", video_id="sm5", url="http://127.0.0.1/sm5")
STRICT = Settings(strict=True, retry_attempts=2)
REFUSED = "not published: --strict lets no warning pass, and there are some about this batch"


def placed(ready: CheckedVideo, line: int, **changes: Any) -> CheckedVideo:
    places = {"title": Position(line, 12)}
    return replace(ready, video=replace(ready.video, places=places, **changes))


def three(bench: Bench, **changes: Any) -> list[CheckedVideo]:
    rows = [bench.ready(name, title=f"Title {name}", **changes) for name in "abc"]
    return [placed(each, 3 + number) for number, each in enumerate(rows)]


def warnings(bench: Bench) -> list[dict[str, Any]]:
    return [dict(each.data) for each in bench.events if isinstance(each, events.ProblemFound)]


def states(outcomes: list[Any]) -> list[State]:
    return [each.state for each in outcomes]


@pytest.mark.parametrize("slots", [None, 3, 4])
def test_room_enough(bench: Bench, slots: int | None) -> None:
    outcomes = bench.run(ScriptedTarget(slots=slots), three(bench))
    assert states(outcomes) == [State.PUBLISHED] * 3
    assert warnings(bench) == []


@pytest.mark.parametrize(("slots", "over", "line"), [(1, 2, 4), (0, 3, 3), (-1, 3, 3)])
def test_too_little_room_is_said_before_the_first_creation(
    bench: Bench, slots: int, over: int, line: int
) -> None:
    outcomes = bench.run(ScriptedTarget(slots=slots), three(bench))
    assert states(outcomes) == [State.PUBLISHED] * 3
    [warning] = warnings(bench)
    assert warning["message"] == (
        f"the account has room for {max(0, slots)} more,"
        f" and 3 are to be created: {over} will not fit"
    )
    assert (warning["rule"], warning["severity"]) == ("account-full", "warning")
    place = (warning["path"], warning["line"], warning["column"])
    assert place == (str(bench.folder / "m.yaml"), line, 12)
    kinds = [each.data.get("step", each.kind) for each in bench.events]
    assert kinds.index("problem") < kinds.index("create")


def test_only_videos_without_an_entry_need_room(bench: Bench) -> None:
    videos = three(bench)
    bench.run(ScriptedTarget(), videos[:2])
    outcomes = bench.run(ScriptedTarget(slots=1), videos)
    assert states(outcomes) == [State.UNCHANGED, State.UNCHANGED, State.PUBLISHED]
    assert warnings(bench) == []


def test_a_namesake_of_another_length(bench: Bench) -> None:
    videos = [placed(bench.ready("a"), 3, allow_duplicate=True), *three(bench)[1:]]
    names = {"A title": [NAMED], "Title b": [NAMED]}
    outcomes = bench.run(ScriptedTarget(named=names), videos)
    assert states(outcomes) == [State.PUBLISHED] * 3
    [warning] = warnings(bench)
    assert warning["message"] == (
        "the account already has a video of this title, but another length:"
        " sm5 (http://127.0.0.1/sm5)"
    )
    assert (warning["rule"], warning["line"], warning["column"]) == ("same-title", 4, 12)
    assert f"`nicobatch adopt sm5 {videos[1].video.key}`" in warning["hint"]
    [event] = [each for each in bench.events if isinstance(each, events.ProblemFound)]
    assert event.video == videos[1].video.key


def test_a_namesake_that_a_receipt_names_or_that_is_meant(bench: Bench) -> None:
    first, second, third = three(bench)
    bench.run(ScriptedTarget(), [first])  # which is number 7
    own = Remote(id="7", video_id="sm7", url="http://127.0.0.1/sm7")
    meant = placed(third, 5, allow_duplicate=True)
    names = {"Title b": [own], "Title c": [NAMED]}
    outcomes = bench.run(ScriptedTarget(named=names), [second, meant])
    assert states(outcomes) == [State.PUBLISHED] * 2
    assert warnings(bench) == []


@pytest.mark.parametrize(
    "troubles", [{"slots": 1}, {"named": {"Title c": [NAMED]}}], ids=["room", "title"]
)
def test_strictly_nothing_is_written(bench: Bench, troubles: dict[str, Any]) -> None:
    target, other = ScriptedTarget(**troubles), ScriptedTarget()
    mixed = [*three(bench), bench.ready("d", account="second")]
    outcomes = bench.run({"main": target, "second": other}, mixed, STRICT)
    assert states(outcomes) == [State.REFUSED] * 4
    assert {str(each.error) for each in outcomes} == {REFUSED}
    assert {type(each.error) for each in outcomes} == {VideoFailed}
    assert target.calls == ["sign_in"]
    assert other.calls == ["sign_in"]
    assert target.closed
    assert other.closed
    assert len(warnings(bench)) == 1
    failed = [each for each in bench.events if isinstance(each, events.VideoFailed)]
    assert [each.data["message"] for each in failed] == [REFUSED] * 4
    assert list(bench.journal.receipts(bench.folder / "m.yaml")) == []


def test_strictly_with_nothing_to_warn_of(bench: Bench) -> None:
    target = ScriptedTarget(slots=3)
    assert states(bench.run(target, three(bench), STRICT)) == [State.PUBLISHED] * 3
    assert target.calls.count("sign_in") == 1
    again = ScriptedTarget(slots=0)
    assert states(bench.run(again, three(bench), STRICT)) == [State.UNCHANGED] * 3
    assert again.calls == []


@pytest.mark.parametrize("error", [SiteRefuses("404"), VideoFailed("no list")])
def test_a_site_without_a_list_warns_of_nothing(bench: Bench, error: Exception) -> None:
    class Listless(ScriptedTarget):
        def room(self) -> int | None:
            raise error

    target, settings = Listless(), replace(STRICT, without_list=True)
    assert states(bench.run(target, three(bench), settings)) == [State.PUBLISHED] * 3
    assert "lookalikes" not in target.calls


def test_strictly_a_refused_sign_in_is_the_first_video_s_failure(bench: Bench) -> None:
    refused = [SignInNeeded("no"), SignInNeeded("no")]
    outcomes = bench.run(ScriptedTarget({"sign_in": refused}), three(bench), STRICT)
    assert states(outcomes) == [State.FAILED, State.SKIPPED, State.SKIPPED]


def test_strictly_a_warning_that_comes_late_refuses_all_the_same(bench: Bench) -> None:
    class Slow(ScriptedTarget):
        faults = 2

        def room(self) -> int | None:
            self.faults -= 1
            if self.faults >= 0:
                raise Passing("503")
            return 0

    target = Slow()
    outcomes = bench.run(target, three(bench), STRICT)
    assert states(outcomes) == [State.REFUSED] * 3
    assert {each.event().data["message"] for each in outcomes} == {REFUSED}
    assert "create" not in target.calls
    assert len(warnings(bench)) == 1


def test_what_a_site_can_not_do_about_a_field_is_said_at_its_place(bench: Bench) -> None:
    ready = placed(bench.ready(), 3)
    bench.run(ScriptedTarget(notes={"title": "it is cut off"}), [ready])
    [warning] = warnings(bench)
    assert (warning["rule"], warning["severity"]) == ("site-limit", "warning")
    assert (warning["message"], warning["line"], warning["column"]) == (
        "title: it is cut off",
        3,
        12,
    )


def test_what_a_call_notices_is_said_of_its_video(bench: Bench) -> None:
    ready, target = bench.ready(), ScriptedTarget()
    problem = ready.video.problem("title", "same-title", "there is another one", "")

    def call(job: Job) -> Change:
        job.notice(problem)
        return nothing

    steps = target.steps
    target.steps = [
        replace(each, calls=lambda job: [call]) if each.name == "encoded" else each
        for each in steps
    ]
    bench.run(target, [ready])
    [event] = [each for each in bench.events if isinstance(each, events.ProblemFound)]
    assert (event.problem, event.video) == (problem, ready.video.key)


def test_the_account_is_held_while_its_list_is_looked_at(bench: Bench) -> None:
    held: list[bool] = []

    class Looking(ScriptedTarget):
        def room(self) -> int | None:
            owner = Owner.of(bench.ready().video)
            held.append(on_machine(bench.folder / "locks", self.origin, owner).path.exists())
            return None

    bench.run(Looking(), settings=STRICT)
    assert held == [True]
