from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from nicobatch import events
from nicobatch.model import Position, Problem, Video
from nicobatch.plan import Plan, Verdict
from nicobatch.reports import ManifestsChecked, VideosPlanned, VideosRead, record
from nicobatch.reports.record import Case, Record
from tests.unit.reports.happenings import ERROR, happening

MANIFEST = Path("m.yaml")


def video(name: str, line: int, file: str = "", manifest: Path = MANIFEST) -> Video:
    return Video(
        manifest=manifest,
        id=name,
        file=Path(file or f"{name}.mp4"),
        title=f"{name}!",
        places={"": Position(line, 5)},
    )


def problem(line: int, message: str = "no", path: Path = MANIFEST) -> Problem:
    return replace(ERROR, path=path, line=line, message=message)


def owners(known: Record) -> dict[str, list[int]]:
    return {case.name: [each.line for each in case.problems] for case in known if case.problems}


def test_videos_come_in_their_manifests_order() -> None:
    known = Record()
    known.tell(VideosRead([video("b", 9), video("c", 3, manifest=Path("n.yaml")), video("a", 3)]))
    assert [case.name for case in known] == ["a", "b", "c"]
    assert [case.title for case in known] == ["a!", "b!", "c!"]
    known.tell(VideosRead([video("a", 4)]))
    assert [case.place.line for case in known if case.name == "a"] == [4]


def test_a_finding_is_the_video_s_above_it() -> None:
    known = Record()
    known.tell(VideosRead([video("a", 3), video("b", 7), video("c", 3, manifest=Path("n.yaml"))]))
    known.tell(
        ManifestsChecked(
            [problem(3), problem(6), problem(9), problem(2), problem(99, path=Path("x"))], []
        )
    )
    assert owners(known) == {"a": [3, 6], "b": [9], "m.yaml": [2], "x": [99]}
    assert [case.name for case in known if not case.is_video] == ["m.yaml", "x"]


def test_of_videos_on_one_line_it_is_the_one_that_is_named() -> None:
    known = Record()
    known.tell(VideosRead([video("a", 3), video("b", 3), video("c", 3)]))
    known.tell(ManifestsChecked([problem(3, "b.mp4 is empty")], []))
    assert owners(known) == {"b": [3]}


def test_of_one_video_for_several_sites_it_is_the_flawed_one() -> None:
    known = Record()
    flawed = replace(video("", 3, "a.mp4"), site="elsewhere")
    known.tell(VideosRead([video("a", 3), flawed]))
    known.tell(ManifestsChecked([problem(5)], []))
    assert owners(known) == {"a.mp4:3@elsewhere": [5]}


def test_of_one_video_for_several_sites_it_is_the_one_of_its_site() -> None:
    known = Record()
    other = replace(video("a", 3), site="elsewhere")
    known.tell(VideosRead([video("a", 3), other]))
    known.tell(ManifestsChecked([replace(problem(5), site="elsewhere")], []))
    assert owners(known) == {"a@elsewhere": [5]}


def test_videos_without_an_id_stay_apart() -> None:
    known = Record()
    known.tell(VideosRead([video("", 3, "a.mp4"), video("", 6, "a.mp4")]))
    assert [case.name for case in known] == ["a.mp4:3", "a.mp4:6"]


def test_the_same_finding_counts_once() -> None:
    known = Record()
    known.tell(ManifestsChecked([problem(3), problem(3)], []))
    assert owners(known) == {"m.yaml": [3]}


def test_how_long_it_took() -> None:
    known = Record()
    begun = happening(events.VideoStarted, "m.yaml#a")
    done = happening(events.VideoDone, "m.yaml#a", state="published", title="第1回", note=None)
    assert known.tell(happening(events.BatchStarted, None)) is None
    case = known.tell(begun)
    assert case
    assert (case.seconds, case.state, case.title) == (0.0, "", "")
    known.tell(replace(done, at=done.at + timedelta(seconds=2.5)))
    assert (case.seconds, case.state, case.title) == (2.5, "published", "第1回")
    assert case.text("note") == case.text("url") == ""
    known.tell(begun)
    assert (case.seconds, case.state, case.title) == (0.0, "", "第1回")


def test_a_plan_is_an_end() -> None:
    known = Record()
    known.tell(
        VideosPlanned([Plan(video="a/m#1.yaml#x", verdict=Verdict.REFUSE, reasons=("no", "never"))])
    )
    (case,) = known
    assert (case.manifest, case.name) == (Path("a/m#1.yaml"), "x")
    assert (case.state, case.text("message")) == ("refuse", "no; never")


def test_not_more_than_a_year_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "MOST", 3)
    known = Record()
    for number in range(9):
        known.tell(happening(events.VideoStarted, f"m.yaml#{number}"))
    assert [case.name for case in known] == ["6", "7", "8"]


def test_a_case_that_nothing_is_known_of() -> None:
    case = Case(manifest=MANIFEST, name="a")
    assert (case.state, case.seconds, case.place) == ("", 0.0, Position(1, 1))
