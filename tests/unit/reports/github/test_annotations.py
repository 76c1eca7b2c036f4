from __future__ import annotations

from pathlib import Path

import pytest

from nicobatch.errors import NicobatchError
from nicobatch.events import VideoFailed
from nicobatch.model import Position, Severity
from nicobatch.reports.github import Annotations
from nicobatch.reports.record import Case, Root
from tests.unit.reports.github.runner import Command, commands_in
from tests.unit.reports.happenings import ERROR, NOTE, WARNING


class Log:
    def __init__(self, root: Path) -> None:
        self.lines: list[str] = []
        self.notes = Annotations(self.lines.append, Root(root))

    @property
    def read(self) -> list[Command]:
        return [each for line in self.lines for each in commands_in(line)]

    def count(self, name: str) -> int:
        return sum(each.name == name for each in self.read)


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Log:
    monkeypatch.chdir(tmp_path)
    return Log(tmp_path)


def case(state: str, number: int = 1) -> Case:
    end = VideoFailed(state=state, message="no", hint="do this")
    return Case(manifest=Path("m.yaml"), name=f"v{number}", place=Position(number, 5), end=end)


def test_a_finding_stands_where_it_is(log: Log) -> None:
    log.notes.problem(ERROR)
    assert log.read == [
        Command(
            "error",
            "title is missing\ngive the video a title",
            {"file": "連載/m.yaml", "line": "3", "col": "5", "title": "title-missing"},
        )
    ]


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        ("failed", "error"),
        ("refused", "error"),
        ("unfinished", "warning"),
        ("stopped", "warning"),
        ("skipped", "notice"),
    ],
)
def test_a_video_stands_where_it_begins(log: Log, state: str, kind: str) -> None:
    log.notes.case(case(state, 7))
    (read,) = log.read
    assert read.name == kind
    assert read.message == "no\ndo this"
    assert (read.properties["file"], read.properties["line"]) == ("m.yaml", "7")
    assert read.properties["title"] == f"v7: {state}"


@pytest.mark.parametrize("number", [9, 10, 11, 300])
def test_ten_of_a_kind_and_how_many_more(log: Log, number: int) -> None:
    for line in range(1, number + 1):
        log.notes.case(case("failed", line))
    log.notes.close()
    log.notes.close()
    assert log.count("error") == min(number, 10)
    more = [each.message for each in log.read if each.name == "notice"]
    assert more == ([f"and {number - 10} more; the log has them all"] if number > 10 else [])


def test_no_kind_is_more_than_github_shows(log: Log) -> None:
    for _ in range(30):
        log.notes.problem(ERROR)
        log.notes.problem(WARNING)
        log.notes.case(case("skipped"))
    log.notes.close()
    assert [log.count(kind) for kind in ("error", "warning", "notice")] == [10, 10, 10]
    assert log.read[-1].message == "and 61 more; the log has them all"


def test_what_ended_the_command_has_no_place(log: Log) -> None:
    log.notes.error(NicobatchError("it is over"))
    assert log.read == [Command("error", "it is over", {"title": "nicobatch"})]


def test_control_characters_are_pictured(log: Log) -> None:
    log.notes.error(NicobatchError("\x1b[31m\x00"))
    assert log.read[0].message == "␛[31m␀"


def test_severities_are_all_known(log: Log) -> None:
    assert {ERROR.severity, WARNING.severity, NOTE.severity} == set(Severity)
