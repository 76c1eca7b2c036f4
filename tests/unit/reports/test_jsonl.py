from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nicobatch import events
from nicobatch.errors import UsageError
from nicobatch.pipeline.outcome import State
from nicobatch.plan import FieldChange, Note, Plan, Verdict
from nicobatch.receipt import StepState
from nicobatch.reports import (
    Answered,
    BatchDone,
    CommandEnded,
    ManifestsChecked,
    ReceiptsRead,
    VideosPlanned,
)
from nicobatch.reports.jsonl import JsonReport
from tests.unit.reports.happenings import (
    BLANK,
    ERROR,
    NOTE,
    UPLOADING,
    WARNING,
    ended,
    happening,
    tables,
    with_steps,
)


def told(tell: Callable[[JsonReport], object], encoding: str = "utf-8") -> list[dict[str, Any]]:
    """Return what a program reads that knows nothing of the stream's encoding but ASCII's."""
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding=encoding, errors="backslashreplace", write_through=True)
    tell(JsonReport(out, io.StringIO()))
    return [json.loads(line) for line in raw.getvalue().decode(encoding).splitlines()]


def test_findings() -> None:
    lines = told(lambda report: report.tell(ManifestsChecked([ERROR, WARNING], [Path("m.yaml")])))
    assert lines == [
        {
            "event": "problem",
            "rule": "title-missing",
            "message": "title is missing",
            "path": str(Path("連載/m.yaml")),
            "line": 3,
            "column": 5,
            "hint": "give the video a title",
            "severity": "error",
        },
        {
            "event": "problem",
            "rule": "unknown-genre",
            "message": "the genre gmae is unknown",
            "path": "m.yaml",
            "line": 1,
            "column": 1,
            "hint": "",
            "severity": "warning",
        },
        {"event": "checked", "manifests": 1, "errors": 1, "warnings": 1},
    ]


def test_a_note_is_neither_error_nor_warning() -> None:
    note, checked = told(lambda report: report.tell(ManifestsChecked([NOTE], [Path("m.yaml")])))
    assert note["severity"] == "note"
    assert checked == {"event": "checked", "manifests": 1, "errors": 0, "warnings": 0}


def test_plans() -> None:
    change = FieldChange(name="tags", old=("a",), new=("b",))
    note = Note(name="tags", message="no", line=4, column=7)
    plan = Plan(
        video="m.yaml#a",
        verdict=Verdict.UPDATE,
        steps=("metadata",),
        changes=(change,),
        notes=(note,),
    )
    assert told(lambda report: report.tell(VideosPlanned([plan]))) == [
        {
            "event": "plan",
            "sign": "~",
            "video": "m.yaml#a",
            "verdict": "update",
            "steps": ["metadata"],
            "reasons": [],
            "changes": [{"name": "tags", "old": ["a"], "new": ["b"]}],
            "hint": "",
            "notes": [{"name": "tags", "message": "no", "line": 4, "column": 7}],
        },
        {"event": "planned", "videos": 1, "verdicts": {"update": 1}},
    ]


def test_receipts() -> None:
    done = with_steps(UPLOADING, create=StepState.DONE)
    blank, known = told(
        lambda report: report.tell(ReceiptsRead({Path("x"): BLANK, Path("y"): done}, tables))
    )
    assert (blank["event"], blank["path"], blank["id"], blank["url"]) == (
        "receipt",
        "x",
        None,
        None,
    )
    assert (known["id"], known["steps"]) == ("sm9", {"create": "done"})
    assert known["file"] == {"name": "a.mp4", "size": 25_000_000, "sha256": "0" * 64}


def test_happenings() -> None:
    happened = (
        happening(events.BatchStarted, None, videos=2, bytes=7),
        happening(events.StepStarted, step="create"),
    )
    batch, video = told(lambda report: [report.tell(each) for each in happened])  # type: ignore[func-returns-value]
    assert batch == {
        "event": "batch_started",
        "at": "2026-11-20T12:00:00.000+00:00",
        "videos": 2,
        "bytes": 7,
    }
    assert video["video"] == "連載/m.yaml#第1回"
    assert video["step"] == "create"


def test_progress_is_told_at_every_hundredth_of_a_file() -> None:
    def upload(report: JsonReport) -> None:
        for sent in range(1001):
            report.tell(happening(events.Progress, sent=sent, total=1000))
        report.tell(happening(events.Progress, "m.yaml#b", sent=0, total=0))
        report.tell(happening(events.Progress, "m.yaml#b", sent=0, total=0))
        report.tell(happening(events.Progress))

    lines = told(upload)
    assert len(lines) == 101 + 1 + 1
    assert [line.get("sent") for line in lines[:3]] == [0, 10, 20]


def test_outcomes() -> None:
    rows = [ended(), ended(), ended(state=State.FAILED)]
    assert told(lambda report: report.tell(BatchDone(rows))) == [
        {"event": "batch_done", "videos": 3, "states": {"published": 2, "failed": 1}}
    ]


def test_an_answer_is_its_data() -> None:
    def answer(report: JsonReport) -> None:
        report.tell(Answered("for people", {"account": "main"}))
        report.close()

    assert told(answer) == [{"event": "result", "account": "main"}]


def test_an_error_is_told_to_programs_and_to_those_who_read_logs() -> None:
    out, err = io.StringIO(), io.StringIO()
    report = JsonReport(out, err)
    report.tell(CommandEnded(UsageError("だめ", "say this")))
    report.tell(CommandEnded(UsageError("no")))
    first, second = map(json.loads, out.getvalue().splitlines())
    assert first == {"event": "error", "message": "だめ", "hint": "say this"}
    assert second["hint"] == ""
    assert err.getvalue() == "error: だめ\n    say this\nerror: no\n"


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "cp932", "latin-1", "utf-16"])
def test_every_line_is_json_whatever_the_encoding(encoding: str) -> None:
    title = "第1回 é 😀 \udcff \x1b"
    (line,) = told(
        lambda report: report.tell(happening(events.VideoStarted, title=title)), encoding
    )
    assert line["title"] == title


def test_utf_8_stays_readable() -> None:
    raw = io.BytesIO()
    report = JsonReport(io.TextIOWrapper(raw, encoding="UTF-8"), io.StringIO())
    report.tell(Answered("", {"title": "冒険"}))
    assert "冒険" in raw.getvalue().decode()


class _Gone(io.StringIO):
    def flush(self) -> None:
        raise BrokenPipeError


def test_the_work_goes_on_when_nobody_reads_any_more() -> None:
    report = JsonReport(_Gone(), io.StringIO())
    report.tell(Answered("", {}))
    report.tell(Answered("", {}))
