from __future__ import annotations

import math
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nicobatch.events import Event
from nicobatch.model import Problem
from nicobatch.watch.inbox import Notice, State
from nicobatch.watch.move_plan import NotMoved
from nicobatch.watch.reporting import Telling
from nicobatch.watch.worker import Ending, Moved, Result

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
MANIFEST = Path("in/a.yaml")


@pytest.fixture
def told() -> list[Event]:
    return []


@pytest.fixture
def telling(told: list[Event]) -> Telling:
    return Telling(Path("in"), told.append, lambda: AT)


@pytest.mark.parametrize(
    ("ending", "seconds", "message"),
    [
        (Ending.FAILED, 59.6, "in/a.yaml failed: no; it is tried again in 60 s, or as soon as it"),
        (Ending.PERMANENT, 60, "in/a.yaml failed: no; it is tried again in 60 s, or as soon as it"),
        (Ending.LATER, 5, "in/a.yaml is not finished: no; it is tried again in 5 s, or as soon"),
        (Ending.FAILED, 0.0, "in/a.yaml failed: no; it has changed since, and is read again"),
        (Ending.FAILED, math.inf, "in/a.yaml failed: no"),
        (Ending.BLOCKED, math.inf, "in/a.yaml failed: no"),
        (Ending.LATER, math.inf, "in/a.yaml is not finished: no"),
    ],
)
def test_what_failed(
    telling: Telling, told: list[Event], ending: Ending, seconds: float, message: str
) -> None:
    telling.failed(MANIFEST, Result(ending=ending, message="no", hint="wait"), seconds)
    (event,) = told
    assert (event.kind, event.at, event.video) == ("unit", AT, None)
    said = str(event.data["message"])
    assert said == message if math.isinf(seconds) else said.startswith(message)
    assert event.data.get("seconds") == (None if math.isinf(seconds) else round(seconds, 1))
    assert event.data["state"] == ending.value
    assert event.data["hint"] == "wait"


def test_every_problem_comes_before_what_follows_from_it(
    telling: Telling, told: list[Event]
) -> None:
    problems = tuple(Problem(rule="r", message=f"m{n}", path=MANIFEST, line=n) for n in (1, 2))
    telling.notice(Notice(State.INVALID, MANIFEST, "2 problems", "mend it", problems))
    assert [each.kind for each in told] == ["problem", "problem", "unit"]
    assert told[0].data["path"] == str(MANIFEST)
    assert told[1].data["line"] == 2
    assert told[2].data == {
        "path": str(MANIFEST),
        "state": "invalid",
        "message": "2 problems",
        "hint": "mend it",
    }


def test_what_an_earlier_run_had_begun_to_move(telling: Telling, told: list[Event]) -> None:
    telling.moved(Moved(None, Path("done/a")))
    telling.moved(Moved(None, error=NotMoved("no room", "make some")))
    assert [each.kind for each in told] == ["moved", "unit"]
    assert told[0].data["folder"] == str(Path("done/a"))
    assert "earlier run" in str(told[0].data["message"])
    assert told[1].data["message"] == "no room"
