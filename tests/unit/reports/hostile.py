"""Ordinary and hostile findings, plans and happenings: what every report has to survive."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from nicobatch import events
from nicobatch.errors import NicobatchError, SignInNeeded
from nicobatch.events import Event
from nicobatch.model import Position, Problem, Publish, PublishMode, Severity, Video
from nicobatch.pipeline.outcome import Outcome, State
from nicobatch.plan import FieldChange, Plan, Verdict
from nicobatch.receipt import Receipt, Remote, StepState
from nicobatch.reports import (
    Answered,
    BatchDone,
    CommandEnded,
    HitsFound,
    ManifestsChecked,
    ReceiptsRead,
    Report,
    VideosPlanned,
    VideosRead,
)
from tests.unit.reports.happenings import AT, BLANK, URL, happening, tables, with_steps

MANIFEST: Final = Path("第1部.yaml")
"""In no folder: paths look the same on every system."""
TEXT: Final = """\
version: 1
videos:
  - file: ordinary.mp4
    title: 第1回 はじめての冒険
  - file: commands.mp4
    title: "::add-mask::niconico"
  - file: markup.mp4
    title: <script>alert(1)</script>
    genre: gmae
  - file: controls.mp4
    title: "a"
  - file: late.mp4
    title: 第5回
"""
"""The manifest that they are about, as far as it matters."""
COMMANDS: Final = "::add-mask::niconico ##[error]x\r\n::set-output name=ids::%0A"
MARKUP: Final = "<script>alert(1)</script> | **b** `c` [d](javascript:e) ![f](g) &lt; $h$ :smile:"
CONTROLS: Final = "\x00\x1b[31m\x07\x85\u2028\u202e \udcff \ufffe 😀 한국어 ]]> '\""
TITLES: Final = {
    "ordinary": "第1回 はじめての冒険",
    "commands": COMMANDS,
    "markup": MARKUP,
    "controls": CONTROLS,
    "late": "第5回",
}
VIDEOS: Final = tuple(
    Video(
        manifest=MANIFEST,
        id=name,
        file=Path(f"{name}.mp4"),
        title=title,
        places={"": Position(3 + 2 * number + (number > 2), 5)},
    )
    for number, (name, title) in enumerate(TITLES.items())
)
PROBLEMS: Final = (
    Problem(rule="no-manifest", message="there is no manifest in x", path=Path("x")),
    Problem(
        rule="unknown-genre",
        message=f"the genre {COMMANDS} is unknown",
        hint="did you mean game?",
        path=MANIFEST,
        line=9,
        column=12,
        severity=Severity.WARNING,
    ),
    Problem(
        rule="file-not-found",
        message=f"there is no file {CONTROLS}",
        hint=MARKUP,
        path=MANIFEST,
        line=10,
        column=11,
    ),
)
OUTCOMES: Final = ("published", "failed", "refused", "unfinished", "skipped")
_VERDICTS: Final = tuple(each for each in Verdict if each is not Verdict.LEAVE)
"""Those that reports tell apart most; what is left alone looks like what is unchanged."""


def key(name: str) -> str:
    return f"{MANIFEST}#{name}"


def plans() -> list[Plan]:
    """Return a plan of each verdict, one a video."""
    change = FieldChange(name="title", old="第0回", new=TITLES["commands"])
    return [
        Plan(
            video=key(name),
            verdict=verdict,
            reasons=(f"because {title}",),
            changes=(change,) if verdict is Verdict.UPDATE else (),
            hint="do this" if verdict is Verdict.REFUSE else "",
        )
        for (name, title), verdict in zip(TITLES.items(), _VERDICTS, strict=True)
    ]


def happenings() -> Iterator[Event]:
    """Yield what a run tells: two accounts at once, and every way to end."""
    clock = AT

    def event(kind: type[Event], name: str | None, **data: Any) -> Event:
        nonlocal clock
        clock += timedelta(seconds=1.25)
        return happening(kind, key(name) if name else None, clock, **data)

    yield event(events.BatchStarted, None, videos=len(TITLES))
    yield event(events.VideoStarted, "ordinary", title=TITLES["ordinary"], verdict="create")
    yield event(events.SignedIn, "ordinary", account="main", who="猫 (user 1)")
    yield event(events.VideoStarted, "commands", title=COMMANDS, verdict="create")
    yield event(events.StepStarted, "commands", step="create")
    yield event(events.StepStarted, "ordinary", step="chunks")
    for sent in (0, 50, 100):
        yield event(events.Progress, "ordinary", sent=sent, total=100)
    yield event(events.Waiting, "commands", reason=f"busy {COMMANDS}", seconds=2)
    yield event(events.ProblemFound, "ordinary", **_data(PROBLEMS[1]))
    yield event(events.VideoDone, "ordinary", **_done("ordinary"))
    yield event(events.VideoFailed, "commands", **_failed("commands", "failed", "passing"))
    yield event(events.VideoFailed, "markup", **_failed("markup", "refused", "refused"))
    yield event(events.VideoStarted, "controls", title=CONTROLS, verdict="create")
    yield event(events.VideoFailed, "controls", **_failed("controls", "unfinished", "busy"))
    yield event(events.VideoFailed, "late", **_failed("late", "skipped", "sign-in-needed"))


def _data(problem: Problem) -> dict[str, Any]:
    return {**asdict(problem), "path": str(problem.path)}


def _done(name: str) -> dict[str, Any]:
    return {
        "state": "published",
        "title": TITLES[name],
        "publish": "scheduled",
        "publish_at": "2026-12-01T20:00:00+09:00",
        "id": "sm9",
        "url": URL,
    }


def _failed(name: str, state: str, kind: str) -> dict[str, Any]:
    message = f"not done: {TITLES[name]}"
    return {
        "state": state,
        "title": TITLES[name],
        "message": message,
        "hint": "do this",
        "type": kind,
    }


def outcomes() -> list[Outcome]:
    at = datetime.fromisoformat("2026-12-01T20:00:00+09:00")
    timer, public = Publish(PublishMode.SCHEDULED, at), Publish()
    return [
        Outcome(
            video=key(name),
            title=title,
            state=State(state),
            publish=timer if state == "published" else public,
            receipt=_receipt(name) if state == "published" else None,
        )
        for (name, title), state in zip(TITLES.items(), OUTCOMES, strict=True)
    ]


def _receipt(name: str) -> Receipt:
    blank = replace(BLANK, video=name, manifest=MANIFEST.name)
    there = replace(blank, remote=Remote(id="9", video_id="sm9", url=URL))
    done = StepState.DONE
    return with_steps(there, metadata=done, encoded=done)


def receipts() -> dict[Path, Receipt]:
    return {Path(f"r/{name}.json"): _receipt(name) for name in ("ordinary", COMMANDS)}


HITS: Final = [{"contentId": f"sm{n}", "title": t} for n, t in enumerate(TITLES.values())]
FOUND: Final = HitsFound(hits=HITS, query=COMMANDS, total=5)
ERROR: Final[NicobatchError] = SignInNeeded(f"nobody {COMMANDS}", "sign in")


def everything() -> Iterator[Event]:
    yield VideosRead(VIDEOS)
    yield ManifestsChecked(PROBLEMS, [MANIFEST])
    yield VideosPlanned(plans())
    yield ReceiptsRead(receipts(), tables)
    yield from happenings()
    yield BatchDone(outcomes())
    yield Answered(f"done {COMMANDS}", {"done": COMMANDS})
    yield CommandEnded(ERROR)


def tell(report: Report) -> None:
    """Have the report say everything that there is to say, as one run after the other would."""
    for event in everything():
        report.tell(event)
    report.close()
