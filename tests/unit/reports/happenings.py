"""Hand-made findings, receipts and happenings to report."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nicobatch import events
from nicobatch.events import Event
from nicobatch.model import FileIdentity, Problem, Publish, Severity
from nicobatch.pipeline.outcome import Outcome, State
from nicobatch.receipt import Receipt, Remote, StepRecord, StepState, Upload
from nicobatch.sites.base import Role, StepTable
from nicobatch.sites.niconico.steps import TABLE

SPECS = {spec.name: spec for spec in TABLE}
AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
URL = "https://www.nicovideo.jp/watch/sm9"
ERROR = Problem(
    rule="title-missing",
    message="title is missing",
    hint="give the video a title",
    path=Path("連載/m.yaml"),
    line=3,
    column=5,
)
WARNING = Problem(
    rule="unknown-genre",
    message="the genre gmae is unknown",
    path=Path("m.yaml"),
    severity=Severity.WARNING,
)
NOTE = replace(WARNING, rule="other-yaml", message="not ours", severity=Severity.NOTE)
BLANK = Receipt(
    video="第1回",
    manifest="m.yaml",
    origin="https://garage.nicovideo.jp",
    profile="garage-2026",
    account="main",
    files=(FileIdentity("a.mp4", 25_000_000, "0" * 64),),
)
UPLOADING = replace(
    BLANK,
    remote=Remote(id="9", video_id="sm9", url=URL),
    uploads={
        0: Upload(
            sha256="0" * 64, part_size=10_000_000, total_parts=3, done_parts=frozenset({0, 1})
        )
    },
)


def tables(site: str) -> StepTable:
    return TABLE


def with_steps(receipt: Receipt, **states: StepState) -> Receipt:
    """Return the receipt with these steps."""
    steps = {
        name: StepRecord(state=state, digest="d", at="2026-11-20T12:00:00+00:00")
        for name, state in states.items()
    }
    return replace(receipt, steps=steps)


def happening(
    kind: type[Event], video: str | None = "連載/m.yaml#第1回", at: datetime = AT, **data: Any
) -> Event:
    """Return an event of the kind, with members by their names in JSON."""
    if kind is events.ProblemFound:
        given = {"rule": "", "message": "", "path": "", "severity": "error", **data}
        path, severity = Path(given.pop("path")), Severity(given.pop("severity"))
        data = {"problem": Problem(path=path, severity=severity, **given)}
    if kind is events.StepStarted and (spec := SPECS.get(data["step"])):
        data |= {"label": spec.label, "sends": Role.SENDS in spec.roles}
    return kind(at=at, video=video, **data)


def ended(
    video: str = "m.yaml#第1回",
    title: str = "第1回 はじめての冒険",
    state: State = State.PUBLISHED,
    note: str = "",
) -> Outcome:
    return Outcome(
        video=video, title=title, state=state, publish=Publish(), receipt=UPLOADING, note=note
    )
