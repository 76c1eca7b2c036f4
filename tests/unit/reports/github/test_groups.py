from __future__ import annotations

import io
import threading
from typing import Any, TextIO, cast

import pytest
from rich.console import Console

from nicobatch import events
from nicobatch.events import Event
from nicobatch.reports.github import Groups
from nicobatch.reports.progress import Lines
from nicobatch.reports.workflow_commands import Guarded
from tests.unit.reports.happenings import happening


class Log:
    """Progress in groups, and the log that a runner reads of it."""

    def __init__(self) -> None:
        self.text = io.StringIO(newline="")
        console = Console(file=cast(TextIO, Guarded(self.text)), width=999, color_system=None)
        self.groups = Groups(Lines(console), lambda line: self.text.write(line + "\n"))

    def tell(self, *events: Event) -> list[str]:
        for event in events:
            self.groups.tell(event)
        return self.text.getvalue().splitlines()


@pytest.fixture
def log() -> Log:
    return Log()


def begun(video: str) -> Event:
    return happening(events.VideoStarted, f"m.yaml#{video}", title=video)


def step(video: str, name: str = "create") -> Event:
    return happening(events.StepStarted, f"m.yaml#{video}", step=name)


def done(video: str, **data: Any) -> Event:
    return happening(events.VideoDone, f"m.yaml#{video}", state="published", url="URL", **data)


def failed(video: str) -> Event:
    return happening(events.VideoFailed, f"m.yaml#{video}", state="failed", message="no")


def test_a_video_is_a_group(log: Log) -> None:
    assert log.tell(begun("a"), step("a"), done("a"), begun("b"), failed("b")) == [
        "::group::m.yaml#a",
        "a: creating the video",
        "a: published URL",
        "::endgroup::",
        "::group::m.yaml#b",
        "b: failed: no",
        "::endgroup::",
    ]


def test_lines_appear_as_they_come(log: Log) -> None:
    assert log.tell(begun("a"), step("a"))[-1] == "a: creating the video"


def test_videos_at_once_stay_apart(log: Log) -> None:
    events = (begun("a"), begun("b"), step("b"), step("a"), begun("c"), step("c"), done("b"))
    assert log.tell(*events) == ["::group::m.yaml#a", "a: creating the video"]
    assert log.tell(done("a"))[2:] == [
        "a: published URL",
        "::endgroup::",
        "::group::m.yaml#b",
        "b: creating the video",
        "b: published URL",
        "::endgroup::",
        "::group::m.yaml#c",
        "c: creating the video",
    ]
    assert log.tell(step("c", "done"), done("c"))[-3:] == [
        "c: completing the upload",
        "c: published URL",
        "::endgroup::",
    ]


def test_a_video_that_was_not_begun_needs_no_group(log: Log) -> None:
    assert log.tell(done("a"), failed("b")) == ["a: published URL", "b: failed: no"]


def test_what_is_about_no_video_is_not_kept(log: Log) -> None:
    told = happening(events.UnitChanged, None, message="m.yaml is not complete")
    assert log.tell(begun("a"), told)[-1] == "m.yaml is not complete"


def test_nothing_is_lost_at_the_end(log: Log) -> None:
    log.tell(begun("a"), begun("b"), step("b"), step("a"))
    log.groups.close()
    log.groups.close()
    assert log.tell() == [
        "::group::m.yaml#a",
        "a: creating the video",
        "::endgroup::",
        "::group::m.yaml#b",
        "b: creating the video",
        "::endgroup::",
    ]


def test_a_video_may_be_begun_again(log: Log) -> None:
    lines = log.tell(begun("a"), begun("a"), failed("a"), begun("a"), done("a"))
    assert lines.count("::group::m.yaml#a") == lines.count("::endgroup::") == 2


def test_names_are_no_commands(log: Log) -> None:
    name = "a\n::add-mask::x"
    lines = log.tell(begun(name), step(name), done(name))
    assert lines[0] == "::group::m.yaml#a␊::add-mask::x"
    assert [line for line in lines if line.startswith("::")] == [lines[0], "::endgroup::"]


def test_threads_do_not_mix(log: Log) -> None:
    def run(video: str) -> None:
        for event in (begun(video), *(step(video, f"s{n}") for n in range(50)), done(video)):
            log.groups.tell(event)

    threads = [threading.Thread(target=run, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    inside = ""
    for line in log.tell():
        if line.startswith("::group::"):
            inside = line.rpartition("#")[2]
        elif line == "::endgroup::":
            inside = ""
        else:
            assert line.startswith(f"{inside}: ")
    assert inside == ""
