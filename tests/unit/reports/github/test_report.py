from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from nicobatch import events
from nicobatch.errors import Stopped
from nicobatch.model import Position, Video
from nicobatch.plan import Note, Plan, Verdict
from nicobatch.reports import (
    BatchDone,
    CommandEnded,
    ManifestsChecked,
    ReceiptsRead,
    Said,
    VideosPlanned,
    VideosRead,
)
from nicobatch.reports.github import GithubReport
from tests.unit.reports.github.runner import Command, commands_in
from tests.unit.reports.happenings import BLANK, ERROR, NOTE, UPLOADING, WARNING, happening, tables

KEY = "m.yaml#a"
VIDEO = Video(
    manifest=Path("m.yaml"),
    id="a",
    file=Path("a.mp4"),
    title="第1回",
    places={"": Position(3, 5)},
)


class Told:
    """A report, and what GitHub has of it."""

    def __init__(self, folder: Path, *, files: bool = True) -> None:
        self._folder = folder
        names = {"GITHUB_STEP_SUMMARY": "summary.md", "GITHUB_OUTPUT": "output.txt"}
        environment = {key: str(folder / name) for key, name in names.items()} if files else {}
        self._log: list[str] = []
        self.report = GithubReport(self._log.append, environment, "publish")

    @property
    def commands(self) -> list[Command]:
        return list(commands_in("\n".join(self._log)))

    @property
    def summary(self) -> str:
        return self._read("summary.md")

    @property
    def outputs(self) -> dict[str, Any]:
        lines = self._read("output.txt").splitlines()
        return {name: value for name, _, value in (line.partition("=") for line in lines)}

    def _read(self, name: str) -> str:
        path = self._folder / name
        return path.read_text("utf-8") if path.exists() else ""


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Told:
    monkeypatch.chdir(tmp_path)
    return Told(tmp_path)


def test_a_failed_video_is_annotated_where_it_begins(told: Told) -> None:
    told.report.tell(VideosRead([VIDEO]))
    told.report.tell(happening(events.VideoFailed, KEY, state="failed", message="no", hint="wait"))
    (read,) = told.commands
    assert read.message == "no\nwait"
    assert read.properties == {"file": "m.yaml", "line": "3", "col": "5", "title": "a: failed"}


def test_a_finding_on_the_way_is_annotated_too(told: Told) -> None:
    data = {**asdict(WARNING), "path": str(WARNING.path)}
    told.report.tell(happening(events.ProblemFound, KEY, **data))
    told.report.tell(happening(events.ProblemFound, None))
    first, second = told.commands
    assert (first.name, first.properties["title"]) == ("warning", "unknown-genre")
    assert second.name == "error"


def test_what_became_of_the_videos(told: Told) -> None:
    told.report.tell(VideosRead([VIDEO, replace(VIDEO, id="b")]))
    done: dict[str, Any] = {
        "state": "published",
        "title": "第1回",
        "id": "sm9",
        "url": "https://x/sm9",
    }
    told.report.tell(happening(events.VideoStarted, KEY))
    told.report.tell(happening(events.VideoDone, KEY, **done))
    told.report.tell(BatchDone([]))
    told.report.close()
    assert told.summary.count("### nicobatch publish") == 1
    assert "| m.yaml&#35;a | 第1回 | published | [sm9](<https://x/sm9>) |" in told.summary
    assert "| m.yaml&#35;b | 第1回 | not begun |  |" in told.summary
    assert told.outputs == {
        "published": "1",
        "updated": "0",
        "unchanged": "0",
        "failed": "0",
        "ids": "sm9",
    }


def test_a_run_that_was_ended_tells_as_much_as_is_known(told: Told) -> None:
    told.report.tell(VideosRead([VIDEO]))
    told.report.tell(happening(events.VideoStarted, KEY))
    told.report.tell(CommandEnded(Stopped("stopped", "run it again")))
    told.report.close()
    assert [each.message for each in told.commands] == ["stopped\nrun it again"]
    assert told.summary.count("| unfinished |") == 1


def test_a_run_without_videos_lists_none(told: Told) -> None:
    told.report.tell(VideosRead([VIDEO]))
    told.report.tell(CommandEnded(Stopped()))
    assert told.summary == ""


def test_plans(told: Told) -> None:
    told.report.tell(VideosRead([VIDEO, replace(VIDEO, id="b")]))
    told.report.tell(
        VideosPlanned(
            [
                Plan(video=KEY, verdict=Verdict.CREATE, reasons=("new",)),
                Plan(
                    video="m.yaml#b", verdict=Verdict.REFUSE, reasons=("no", "never"), hint="wait"
                ),
            ]
        )
    )
    assert "| `+` | m.yaml&#35;a | 第1回 | create&#58; new |" in told.summary
    assert "| `!` | m.yaml&#35;b | 第1回 | refuse&#58; no; never – wait |" in told.summary
    (read,) = told.commands
    assert read.message == "no; never\nwait"
    assert told.outputs == {"changes": "1", "refused": "1"}


def test_what_the_site_cannot_do_stands_with_the_plan(told: Told) -> None:
    notes = (
        Note(name="series", message="a|b"),
        Note(name="tags", message="never tried", line=4, column=9),
    )
    told.report.tell(VideosRead([VIDEO]))
    told.report.tell(
        VideosPlanned([Plan(video=KEY, verdict=Verdict.UPDATE, reasons=("new",), notes=notes)])
    )
    cell = "update&#58; new<br>series&#58; a&#124;b<br>tags&#58; never tried |"
    assert cell in told.summary
    assert [(each.name, each.message) for each in told.commands] == [
        ("warning", "series: a|b"),
        ("warning", "tags: never tried"),
    ]
    assert told.commands[1].properties["line"] == "4"
    assert told.commands[1].properties["title"] == "site-limit"


def test_findings_take_half_of_the_room(told: Told) -> None:
    told.report.tell(ManifestsChecked([ERROR, WARNING, NOTE], [Path("m.yaml")]))
    assert "title is missing – give the video a title | title-missing |" in told.summary
    assert "\n1 error and 1 warning in 1 manifest\n" in told.summary
    assert [each.name for each in told.commands] == ["error", "warning", "notice"]


def test_receipts(told: Told) -> None:
    paths = [Path("r/a.json"), Path("r/b.json")]
    site = {paths[0]: Said("public", "visible"), paths[1]: Said("")}
    told.report.tell(ReceiptsRead(dict(zip(paths, (UPLOADING, BLANK), strict=True)), tables, site))
    assert "| uploading, 2 of 3 parts | public | visible | main | [sm9](<https://" in told.summary
    assert "| unfinished |  |  | main |  |" in told.summary


def test_an_id_that_is_none_begins_no_line_of_the_outputs(told: Told) -> None:
    for video, name in (("m.yaml#a", "sm9"), ("m.yaml#b", "x\nids=evil"), ("m.yaml#c", "sm10")):
        told.report.tell(happening(events.VideoDone, video, state="updated", id=name))
    told.report.close()
    assert told.outputs["ids"] == "sm9 sm10"


def test_files_are_not_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    told = Told(tmp_path, files=False)
    told.report.tell(ManifestsChecked([ERROR], []))
    told.report.tell(VideosPlanned([]))
    told.report.tell(happening(events.VideoDone, KEY, state="published"))
    told.report.tell(BatchDone([]))
    assert list(tmp_path.iterdir()) == []


def test_outputs_that_can_not_be_written_end_no_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    report = GithubReport(print, {"GITHUB_OUTPUT": str(tmp_path)}, "plan")
    report.tell(VideosPlanned([]))


def test_places_are_links_to_the_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    environment = {
        "GITHUB_STEP_SUMMARY": str(tmp_path / "s.md"),
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_REPOSITORY": "someone/videos",
        "GITHUB_SHA": "abc",
    }
    report = GithubReport(lambda line: None, environment, "check")
    report.tell(ManifestsChecked([ERROR, replace(ERROR, path=Path("/elsewhere/m.yaml"))], []))
    said = (tmp_path / "s.md").read_text("utf-8")
    address = "https://github.com/someone/videos/blob/abc/%E9%80%A3%E8%BC%89/m.yaml#L3"
    assert f"[連載/m.yaml&#58;3](<{address}>)" in said
    assert "| /elsewhere/m.yaml&#58;3 |" in said
