from __future__ import annotations

import io
import re
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Self

import pytest
from rich.cells import cell_len

from nicobatch import events
from nicobatch.errors import UsageError
from nicobatch.pipeline.outcome import State
from nicobatch.plan import Plan, Verdict
from nicobatch.receipt import StepState
from nicobatch.reports import (
    Answered,
    BatchDone,
    CommandEnded,
    ManifestsChecked,
    ReceiptsRead,
    Said,
    VideosPlanned,
)
from nicobatch.reports.text import TextReport
from tests.unit.reports.happenings import (
    BLANK,
    ERROR,
    NOTE,
    UPLOADING,
    URL,
    WARNING,
    ended,
    happening,
    tables,
    with_steps,
)

Captured = pytest.CaptureFixture[str]


class Terminal(io.StringIO):
    """A terminal, which both standard streams are while it is entered."""

    def __init__(self, term: str = "xterm-256color", columns: int = 80) -> None:
        super().__init__()
        self._patch = pytest.MonkeyPatch()
        self._term = term
        self._columns = columns

    def isatty(self) -> bool:
        return True

    def __enter__(self) -> Self:
        self._patch.setattr(sys, "stdout", self)
        self._patch.setattr(sys, "stderr", self)
        self._patch.setenv("TERM", self._term)
        self._patch.setenv("COLUMNS", str(self._columns))
        return self

    def __exit__(self, *_exc: object) -> None:
        self._patch.undo()


def columns(table: str, *headings: str) -> list[list[int]]:
    """Return at which column of a terminal each cell begins, row by row."""
    lines = table.splitlines()
    starts = [cell_len(lines[0][: lines[0].index(heading)]) for heading in headings]
    found = []
    for line in lines[1:]:
        cells, at = [], 0
        for index, character in enumerate(line):
            if character != " " and (index == 0 or line[index - 2 : index] == "  "):
                cells.append(at)
            at += cell_len(character)
        found.append(cells)
    return [starts, *found]


def test_findings_go_to_stdout_with_their_number(capsys: Captured) -> None:
    TextReport().tell(ManifestsChecked([ERROR, WARNING], [Path("m.yaml")]))
    out, err = capsys.readouterr()
    assert out.splitlines() == [
        "連載/m.yaml:3:5: error: title is missing [title-missing]",
        "    give the video a title",
        "m.yaml:1:1: warning: the genre gmae is unknown [unknown-genre]",
        "1 error and 1 warning in 1 manifest",
    ]
    assert err == ""


def test_notes_are_told_and_not_counted(capsys: Captured) -> None:
    TextReport().tell(ManifestsChecked([NOTE], [Path("m.yaml")]))
    said = "m.yaml:1:1: note: not ours [other-yaml]"
    assert capsys.readouterr().out.splitlines() == [said, "1 manifest checked, no problems"]
    TextReport(quiet=True).tell(ManifestsChecked([NOTE, WARNING], [Path("m.yaml")]))
    assert capsys.readouterr().out.splitlines()[-1] == "1 warning in 1 manifest"


def test_without_findings_a_quiet_report_says_nothing(capsys: Captured) -> None:
    TextReport(quiet=True).tell(ManifestsChecked([], [Path("m.yaml")]))
    assert capsys.readouterr().out == ""
    TextReport().tell(ManifestsChecked([], [Path("m.yaml")]))
    assert capsys.readouterr().out == "1 manifest checked, no problems\n"


def test_plans(capsys: Captured) -> None:
    plan = Plan(video="m.yaml#[a]", verdict=Verdict.CREATE, reasons=("not published before",))
    TextReport().tell(VideosPlanned([plan]))
    said = "+ m.yaml#[a]: create, not published before\n1 to create\n"
    assert capsys.readouterr().out == said


def test_receipts_are_a_table(capsys: Captured) -> None:
    done = with_steps(UPLOADING, metadata=StepState.DONE, encoded=StepState.DONE)
    TextReport().tell(ReceiptsRead({Path("x.json"): BLANK, Path("y.json"): done}, tables))
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines == [
        ["video", "state", "account", "URL"],
        ["m.yaml#第1回", "unfinished", "main"],
        ["m.yaml#第1回", "published", "main", URL],
    ]


def test_what_the_site_and_its_visitors_say_stands_beside(capsys: Captured) -> None:
    said = {Path("x.json"): Said("public", "visible"), Path("y.json"): Said("private")}
    TextReport().tell(ReceiptsRead(dict.fromkeys(said, BLANK), tables, said))
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines == [
        ["video", "state", "site", "visitors", "account", "URL"],
        ["m.yaml#第1回", "unfinished", "public", "visible", "main"],
        ["m.yaml#第1回", "unfinished", "private", "main"],
    ]


@pytest.mark.parametrize("quiet", [False, True])
def test_a_finding_on_the_way_is_never_kept_quiet(capsys: Captured, *, quiet: bool) -> None:
    data = {**asdict(WARNING), "path": str(WARNING.path)}
    TextReport(quiet=quiet).tell(happening(events.ProblemFound, **data))
    assert WARNING.message in capsys.readouterr().err


def test_a_note_stands_in_the_closing_table(capsys: Captured) -> None:
    TextReport().tell(BatchDone([ended(note="not visible yet")]))
    assert "published, not visible yet" in capsys.readouterr().out


def test_no_receipts_are_told_in_words(capsys: Captured) -> None:
    TextReport().tell(ReceiptsRead({}, tables))
    assert capsys.readouterr().out.startswith("no receipts")


def test_japanese_columns_line_up() -> None:
    rows = [
        ended(video="m.yaml#a", title="short"),
        ended(video="m.yaml#第2回", title="【実況】第2回 森の長い道", state=State.UNCHANGED),
        ended(video="m.yaml#ｶﾅ", title="ﾊﾝｶｸ と 😀 絵文字", state=State.FAILED),
    ]
    with Terminal(columns=120) as terminal:
        TextReport(color=False).tell(BatchDone(rows))
    header, *others = columns(terminal.getvalue(), "video", "title", "state", "URL")
    assert len(others) == 3
    assert all(cells == header for cells in others)


def test_in_a_pipe_a_tab_stands_between_two_cells(capsys: Captured) -> None:
    row = ended(video="m.yaml#第2回", title="a\tb", state=State.UNCHANGED)
    TextReport().tell(BatchDone([row, ended(video="m.yaml#a", title="short")]))
    assert capsys.readouterr().out.splitlines() == [
        "video\ttitle\tstate\tURL",
        "m.yaml#第2回\ta␉b\tunchanged\thttps://www.nicovideo.jp/watch/sm9",
        "m.yaml#a\tshort\tpublished\thttps://www.nicovideo.jp/watch/sm9",
    ]


def test_no_name_begins_a_line_or_turns_one_around(capsys: Captured) -> None:
    report = TextReport()
    report.tell(
        ManifestsChecked([replace(ERROR, message="a\nb\u202ec\u2066d\u2028e\ufefff\u200fg")], [])
    )
    report.tell(CommandEnded(UsageError("x\ny\u202ez")))
    out, err = capsys.readouterr()
    said = "a␊b<U+202E>c<U+2066>d<U+2028>e<U+FEFF>f<U+200F>g"
    assert out.splitlines()[0] == f"連載/m.yaml:3:5: error: {said} [title-missing]"
    assert err == "error: x␊y<U+202E>z\n"


def test_nothing_is_folded_or_cut_in_a_pipe(capsys: Captured) -> None:
    TextReport().tell(BatchDone([ended(title="長" * 500)]))
    assert "長" * 500 in capsys.readouterr().out
    TextReport().tell(CommandEnded(UsageError("長い " * 500)))
    assert capsys.readouterr().err == f"error: {'長い ' * 500}\n"


def test_a_narrow_terminal_is_spared_the_titles_but_never_an_address() -> None:
    with Terminal() as terminal:
        TextReport(color=False).tell(
            BatchDone([ended(title="長" * 50), ended(video=f"{'x' * 60}#a")])
        )
    said = terminal.getvalue()
    assert "title" not in said
    assert said.count(URL) == 2
    plain = re.sub(r"\x1b\[[0-9;]*m", "", said)
    assert all(cell_len(line) <= 80 for line in plain.splitlines())


def test_a_table_that_fits_keeps_its_titles() -> None:
    with Terminal() as terminal:
        TextReport(color=False).tell(BatchDone([ended(video="m#a", title="第1回")]))
    assert "第1回" in terminal.getvalue()


@pytest.mark.parametrize(("color", "red"), [(True, 2), (False, 0)])
def test_failures_are_red_unless_colors_are_unwanted(color: bool, red: int) -> None:
    with Terminal() as terminal:
        report = TextReport(color=color)
        report.tell(CommandEnded(UsageError("no")))
        report.tell(BatchDone([ended(video="m#a", title="t", state=State.FAILED)]))
    assert terminal.getvalue().count("31m") == red


def test_an_error_goes_to_stderr_with_its_hint(capsys: Captured) -> None:
    TextReport().tell(CommandEnded(UsageError("that can't be", "say this")))
    assert capsys.readouterr() == ("", "error: that can't be\n    say this\n")


def test_an_answer_goes_to_stdout(capsys: Captured) -> None:
    report = TextReport(quiet=True)
    report.tell(Answered("main is signed in", {"account": "main"}))
    report.close()
    assert capsys.readouterr() == ("main is signed in\n", "")


def test_a_quiet_report_tells_only_failures(capsys: Captured) -> None:
    report = TextReport(quiet=True)
    report.tell(happening(events.StepStarted, step="create"))
    report.tell(happening(events.VideoFailed, state="failed", message="no"))
    assert capsys.readouterr() == ("", "第1回: failed: no\n")


def test_the_same_hint_is_given_once(capsys: Captured) -> None:
    report = TextReport()
    for hint in ("sign in", "sign in", "wait"):
        report.tell(happening(events.VideoFailed, state="failed", message="no", hint=hint))
    said = capsys.readouterr().err.splitlines()
    assert [line for line in said if line.startswith(" ")] == ["    sign in", "    wait"]


def test_text_is_shown_as_it_is_but_for_control_characters(capsys: Captured) -> None:
    TextReport().tell(Answered("[bold]a[/] :smile: \x1b[31m\x07\x85\x7f", {}))
    assert capsys.readouterr().out == "[bold]a[/] :smile: ␛[31m␇\ufffd␡\n"


@pytest.mark.parametrize(
    ("quiet", "bars", "term", "drawn"),
    [
        (False, True, "xterm", True),
        (True, True, "xterm", False),
        (False, False, "xterm", False),
        (False, True, "dumb", False),
    ],
)
def test_bars_are_for_terminals_that_can_move(
    quiet: bool, bars: bool, term: str, drawn: bool
) -> None:
    with Terminal(term) as terminal:
        report = TextReport(quiet=quiet, bars=bars)
        report.tell(happening(events.StepStarted, step="create"))
        report.close()
    assert ("━" in terminal.getvalue()) is drawn
