from __future__ import annotations

import math
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nicobatch.events import Event
from nicobatch.model import Problem
from nicobatch.watch import reporting
from nicobatch.watch.judging import ManifestState, Notice
from nicobatch.watch.move_plan import NotMoved
from nicobatch.watch.worker import Ending, Result

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
MANIFEST = Path("in/a.yaml")
AGAIN = "it is tried again in 60 s, or as soon as it"


@pytest.mark.parametrize(
    ("ending", "seconds", "message"),
    [
        (
            Ending.TRANSIENT,
            59.6,
            f"in/a.yaml failed: no; {AGAIN}",
        ),
        (Ending.PERMANENT, 60, f"in/a.yaml failed: no; {AGAIN}"),
        (Ending.LATER, 5, "in/a.yaml is not finished: no; it is tried again in 5 s, or as soon"),
        (Ending.TRANSIENT, 0.0, "in/a.yaml failed: no; it has changed since, and is read again"),
        (Ending.TRANSIENT, math.inf, "in/a.yaml failed: no"),
        (Ending.ACCOUNT, math.inf, "in/a.yaml failed: no"),
        (Ending.LATER, math.inf, "in/a.yaml is not finished: no"),
    ],
)
def test_what_failed(ending: Ending, seconds: float, message: str) -> None:
    result = Result(ending=ending, message="no", hint="wait")
    event = reporting.failed(MANIFEST, result, seconds)
    assert (event.kind, event.video) == ("unit", None)
    said = str(event.data["message"])
    assert said == message if math.isinf(seconds) else said.startswith(message)
    assert event.data.get("seconds") == (None if math.isinf(seconds) else round(seconds, 1))
    assert event.data["state"] == ending.value
    assert event.data["hint"] == "wait"


def test_every_problem_comes_before_what_follows_from_it() -> None:
    problems = tuple(Problem(rule="r", message=f"m{n}", path=MANIFEST, line=n) for n in (1, 2))
    notice = Notice(ManifestState.INVALID, MANIFEST, "2 problems", "mend it", problems)
    told = list(reporting.noticed(notice))
    assert [each.kind for each in told] == ["problem", "problem", "unit"]
    assert told[0].data["path"] == str(MANIFEST)
    assert told[1].data["line"] == 2
    assert told[2].data == {
        "path": str(MANIFEST),
        "state": "invalid",
        "message": "2 problems",
        "hint": "mend it",
    }


def test_what_an_earlier_run_had_begun_to_move() -> None:
    event = reporting.recovered(Path("done/a"))
    assert event.kind == "moved"
    assert event.data["folder"] == str(Path("done/a"))
    assert "earlier run" in str(event.data["message"])
    trouble = reporting.trouble(Path("in"), NotMoved("no room", "make some"))
    assert (trouble.kind, trouble.data["message"]) == ("unit", "no room")


def test_each_event_has_the_moment_at_which_it_is_told() -> None:
    told: list[Event] = []
    tell = reporting.stamped(told.append, lambda: AT)
    tell(reporting.manifest(MANIFEST, Ending.DONE))
    assert [each.at for each in told] == [AT]
