from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import pytest

from nicobatch import events
from nicobatch.events import Event
from nicobatch.model import Problem, Publish, PublishMode
from nicobatch.plan import Plan, Verdict
from nicobatch.receipt import Receipt, StepState
from nicobatch.reports import ManifestsChecked, findings, words
from nicobatch.sites.niconico.steps import TABLE
from tests.unit.reports.happenings import BLANK, ERROR, UPLOADING, WARNING, happening, with_steps

LATER = datetime.fromisoformat("2026-12-01T20:00:00+09:00")
OPEN, DONE = StepState.OPEN, StepState.DONE


def test_a_problem_says_its_place_first_and_its_hint_below() -> None:
    assert findings.problem_lines(ERROR) == (
        "連載/m.yaml:3:5: error: title is missing [title-missing]",
        "    give the video a title",
    )
    assert findings.problem_lines(WARNING) == (
        "m.yaml:1:1: warning: the genre gmae is unknown [unknown-genre]",
    )


@pytest.mark.parametrize(
    ("problems", "manifests", "said"),
    [
        ([], 1, "1 manifest checked, no problems"),
        ([], 3, "3 manifests checked, no problems"),
        ([ERROR], 1, "1 error in 1 manifest"),
        ([ERROR, WARNING, WARNING], 2, "1 error and 2 warnings in 2 manifests"),
        ([WARNING], 0, "1 problem, and no manifest to check"),
    ],
)
def test_a_check_ends_with_a_count(problems: list[Problem], manifests: int, said: str) -> None:
    checked = ManifestsChecked(problems, [Path("m.yaml")] * manifests)
    assert findings.check_summary(checked) == said


def test_plans_are_counted_by_verdict() -> None:
    plans = [Plan(video="v", verdict=verdict) for verdict in [*Verdict, Verdict.CREATE]]
    counted = "2 to create, 1 to resume, 1 to update, 1 unchanged, 1 left alone, 1 refused"
    assert words.plan_summary(plans) == counted
    assert words.plan_summary([]) == "no videos"
    assert set(words.SIGNS) == set(Verdict)


EVENTS = [
    (happening(events.BatchStarted, None, videos=3), ()),
    (
        happening(events.SignedIn, account="second", who="猫 (user 1)"),
        ("second: signed in as 猫 (user 1)",),
    ),
    (
        happening(events.SignedIn, account="second", site="elsewhere", who="猫 (user 1)"),
        ("second@elsewhere: signed in as 猫 (user 1)",),
    ),
    (
        happening(events.VideoFailed, "連載/m.yaml#第1回@elsewhere", state="failed", message="no"),
        ("第1回@elsewhere: failed: no",),
    ),
    (happening(events.StepStarted, step="create"), ("第1回: creating the video",)),
    (happening(events.StepStarted, step="brand-new"), ("第1回: brand-new",)),
    (happening(events.StepDone, step="create"), ()),
    (
        happening(events.Progress, sent=120_000_000, total=1_000_000_000),
        ("第1回: 120.0 MB of 1.0 GB sent",),
    ),
    (
        happening(events.Waiting, reason="the site is busy", seconds=1.5),
        ("第1回: the site is busy; trying again in 1.5 s",),
    ),
    (happening(events.Waiting, None, reason="nothing is due", seconds=9), ("nothing is due",)),
    (
        happening(events.VideoDone, state="published", publish="public", url="https://x/sm9"),
        ("第1回: published https://x/sm9",),
    ),
    (
        happening(events.VideoDone, state="published", publish="draft", url="https://x/sm9"),
        ("第1回: saved as a draft https://x/sm9",),
    ),
    (
        happening(
            events.VideoDone,
            state="updated",
            publish="scheduled",
            publish_at="2026-12-01T20:00:00+09:00",
        ),
        ("第1回: updated, scheduled for 2026-12-01 20:00 +0900 ",),
    ),
    (
        happening(events.VideoFailed, state="failed", message="no", hint="do this"),
        ("第1回: failed: no", "    do this"),
    ),
    (
        happening(events.VideoFailed, state="stopped", message="stopped", hint=""),
        ("第1回: stopped",),
    ),
]


@pytest.mark.parametrize(("event", "lines"), EVENTS)
def test_a_happening_in_words(event: Event, lines: tuple[str, ...]) -> None:
    assert words.event_lines(event) == lines


def test_a_finding_on_the_way_is_told_as_a_check_tells_it() -> None:
    data = {**asdict(WARNING), "path": str(WARNING.path)}
    told = happening(events.ProblemFound, **data)
    assert words.event_lines(told) == findings.problem_lines(WARNING)


def test_the_end_says_what_is_not_seen_yet() -> None:
    done = happening(events.VideoDone, state="published", url="URL", note="not visible yet")
    assert words.event_lines(done) == ("第1回: published, not visible yet URL",)


@pytest.mark.parametrize(
    ("state", "publish", "said"),
    [
        ("published", Publish(), "published"),
        ("published", Publish(PublishMode.PRIVATE), "published, private"),
        ("published", Publish(PublishMode.DRAFT), "saved as a draft"),
        ("unchanged", Publish(PublishMode.DRAFT), "unchanged, draft"),
        (
            "published",
            Publish(PublishMode.SCHEDULED, LATER),
            "published, scheduled for 2026-12-01 20:00 +0900",
        ),
        ("failed", Publish(PublishMode.PRIVATE), "failed"),
    ],
)
def test_an_outcome_says_who_can_see_it(state: str, publish: Publish, said: str) -> None:
    assert words.outcome(state, publish) == said
    assert words.outcome(state, publish, "not visible yet") == f"{said}, not visible yet"


@pytest.mark.parametrize(
    ("receipt", "said"),
    [
        (BLANK, "unfinished"),
        (UPLOADING, "uploading, 2 of 3 parts"),
        (with_steps(BLANK, draft=DONE), "draft"),
        (with_steps(BLANK, metadata=OPEN), "unfinished"),
        (with_steps(BLANK, metadata=DONE), "published, perhaps still encoding"),
        (with_steps(BLANK, metadata=DONE, encoded=DONE), "published"),
        (with_steps(BLANK, metadata=DONE, encoded=DONE, delete=OPEN), "deletion begun"),
        (with_steps(BLANK, metadata=DONE, encoded=DONE, delete=DONE), "deleted"),
    ],
)
def test_how_far_a_receipt_has_come(receipt: Receipt, said: str) -> None:
    assert words.receipt_state(receipt, TABLE) == said


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (".nicobatch/m.yaml/第1回.json", "m.yaml#第1回"),
        ("連載/.nicobatch/m.yaml/第1回.json", "連載/m.yaml#第1回"),
        ("連載/.nicobatch/sandbox/m.yaml/第1回.json", "連載/m.yaml#第1回"),
        ("receipts/m.yaml/第1回.json", "m.yaml#第1回"),
    ],
)
def test_a_receipt_is_named_as_publish_names_its_video(path: str, name: str) -> None:
    assert words.receipt_name(Path(path), BLANK) == str(Path(name))
