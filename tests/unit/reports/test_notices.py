"""What others are told, by hand-made happenings: at once, once, and again when it is over."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from nicobatch import events, reports
from nicobatch.errors import Later, NicobatchError, SignInNeeded, Stopped, UsageError
from nicobatch.events import Event
from nicobatch.reports.notices import Notices
from tests.unit.reports.happenings import ERROR, WARNING, happening


@dataclass
class Told:
    """A report that keeps nothing, and what others were told."""

    texts: list[str] = field(default_factory=list)
    handed_on: int = 0

    def __post_init__(self) -> None:
        self.notices = Notices(self, self.texts.append, lambda: None, "watch")

    def tell(self, event: Event) -> None:
        self.handed_on += 1

    def close(self) -> None:
        """Have nothing to put back."""

    def after(self, *happenings: Event) -> list[str]:
        """Return what these bring, without the command's name."""
        self.texts.clear()
        for each in happenings:
            self.notices.tell(each)
        return [each.removeprefix("watch: ") for each in self.texts]


@pytest.fixture
def told() -> Told:
    return Told()


def unit(state: str | None, path: str = "in/m.yaml", **more: Any) -> Event:
    return happening(events.UnitChanged, None, path=path, state=state, **more)


def done(name: str = "a", state: str = "published", **more: Any) -> Event:
    return happening(events.VideoDone, f"in/m.yaml#{name}", state=state, **more)


def failed(name: str = "a", message: str = "no", **more: Any) -> Event:
    given = {"state": "failed", "message": message, **more}
    return happening(events.VideoFailed, f"in/m.yaml#{name}", **given)


READY, DONE = unit("ready"), unit("done")
BATCH = reports.BatchDone([])


def test_a_batch_counts_waits_and_says_what_failed_first(told: Told) -> None:
    at = "2026-12-04T20:00:00+00:00"
    some = [failed(name, f"no {name}") for name in "bcdef"]
    found = told.after(done(again_at=at), *some, done("g", "unchanged"), BATCH)
    assert found[0].split("\n") == [
        "1 published, 1 unchanged, 5 failed, waiting until 2026-12-04 20:00+00:00",
        *(f"{name}: failed: no {name}" for name in "bcd"),
        "… and 2 more",
    ]
    assert told.handed_on == 8
    assert told.after(BATCH) == ["no videos"]


def test_who_is_needed_is_called_once_a_cause(told: Told) -> None:
    needed = [failed(name, "sign in", hint="how", needs_person=True) for name in "ab"]
    assert told.after(*needed) == ["a: failed: sign in\nhow"]
    assert told.after(failed("c", "captcha", needs_person=True)) == ["c: failed: captcha"]


def test_a_command_that_ends_otherwise_is_told_of(told: Told) -> None:
    for quiet in (UsageError("typed wrong"), Stopped()):
        told.notices.end(quiet)
    assert told.texts == []
    told.notices.end(SignInNeeded("nobody is signed in", "sign in"))
    assert told.texts == ["watch: nobody is signed in\nsign in"]


@pytest.mark.parametrize(("strict", "expected"), [(False, 1), (True, 2)])
def test_what_keeps_a_batch_from_beginning_is_told_at_the_end(
    told: Told, strict: bool, expected: int
) -> None:
    told.notices.strict = strict
    assert told.after(reports.ManifestsChecked([ERROR, WARNING], [])) == []
    told.notices.close()
    told.notices.close()
    [text] = told.texts
    count, *lines = text.split("\n")
    assert count.startswith(f"watch: {expected} manifest")
    assert len(lines) == expected


def test_a_batch_of_a_watched_folder_ends_when_nothing_is_under_way(told: Told) -> None:
    other = unit("ready", "in/n.yaml")
    assert told.after(READY, other, done(), DONE) == []
    assert told.after(done("b"), unit("done", "in/n.yaml")) == ["2 published"]
    assert told.after(READY, done(state="unchanged"), DONE) == []
    moved = happening(events.Moved, None, path="in/m.yaml", folder="failed")
    assert told.after(READY, failed(), moved) == ["1 failed\na: failed: no"]


def test_a_manifest_that_fails_again_is_told_of_once_and_when_it_is_well(told: Told) -> None:
    again = unit("failed", message="m.yaml failed: no; again in 60 s", reason="no")
    later = unit("failed", message="m.yaml failed: no; again in 120 s", reason="no")
    assert told.after(READY, failed(), again) == ["1 failed\nm.yaml failed: no; again in 60 s"]
    assert told.after(READY, failed(), later) == []
    assert told.after(READY, done(), DONE) == ["1 published"]
    assert len(told.after(READY, failed(), later)) == 1


def test_what_is_wrong_with_a_manifest_is_told_with_its_place(told: Told) -> None:
    problem = events.ProblemFound(problem=ERROR)
    [text] = told.after(problem, unit("invalid", message="m.yaml has 1 problem"))
    assert text.split("\n") == [
        "1 manifest has errors",
        "連載/m.yaml:3:5: error: title is missing [title-missing]",
        "m.yaml has 1 problem",
    ]
    assert told.after(problem, unit("incomplete", message="still coming")) == []


def test_an_account_that_is_in_trouble_and_well_again(told: Told) -> None:
    words = {"account": "main", "reason": "refused", "message": "main can't publish: refused"}
    blocked = unit("blocked", hint="wait", **words)
    assert told.after(READY, failed(message="refused"), blocked) == [
        "main can't publish: refused\nwait"
    ]
    assert told.after(blocked) == []
    assert told.after(done(), DONE) == ["the account main publishes again", "1 published"]
    assert told.after(READY, failed(needs_person=True, message="refused"), blocked) == [
        "a: failed: refused"
    ]
    other = unit("failed", message="m.yaml failed: other", reason="other")
    assert told.after(other) == ["m.yaml failed: other"]
    assert len(told.after(READY, failed(message="refused"), blocked)) == 1


def test_a_folder_that_goes_away_and_is_there_again(told: Told) -> None:
    gone = happening(events.FolderChanged, None, folder="in", state="unavailable", message="gone")
    back = happening(events.FolderChanged, None, folder="in", state="available", message="back")
    assert told.after(gone, gone) == ["gone"]
    assert told.after(back, gone) == ["back", "gone"]


def test_what_else_does_not_work_is_told_once(told: Told) -> None:
    heartbeat = unit(None, message="the heartbeat can't be written", hint="make room")
    assert told.after(heartbeat, heartbeat) == ["the heartbeat can't be written\nmake room"]


def test_ends_that_are_kept_are_not_told_twice_by_the_command(told: Told) -> None:
    error: NicobatchError = Later("gone away")
    told.notices.end(error)
    told.notices.end(error)
    assert told.texts == ["watch: gone away"]
