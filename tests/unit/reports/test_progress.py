from __future__ import annotations

import io
import re
from typing import Any

import pytest
from rich.console import Console

from nicobatch import events
from nicobatch.events import Event
from nicobatch.reports.progress import Bars, Lines
from nicobatch.reports.terminal import console
from tests.unit.reports.happenings import happening

VIDEO = "連載/m.yaml#第1回"


def progress(sent: int, total: int = 250_000_000, video: str = VIDEO) -> Event:
    return happening(events.Progress, video, sent=sent, total=total)


def step(name: str) -> Event:
    return happening(events.StepStarted, step=name)


def waiting(reason: str) -> Event:
    return happening(events.Waiting, reason=reason, seconds=2)


class Screen:
    """A terminal that remembers the last frame drawn on it."""

    def __init__(self, width: int = 80) -> None:
        self.text = io.StringIO()
        self.console = Console(
            file=self.text,
            force_terminal=True,
            width=width,
            color_system=None,
            legacy_windows=False,
        )

    def frame(self) -> str:
        """Return the line that was drawn last, without control sequences."""
        unstyled = re.sub(r"\x1b\[[0-9;]*m", "", self.text.getvalue())
        lines = re.split(r"\x1b\[[0-9;?]*[A-Za-z]|[\r\n]", unstyled)
        return next(line for line in reversed(lines) if line.strip())


@pytest.fixture
def screen() -> Screen:
    return Screen()


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def drawn(screen: Screen, bars: Bars, *events: Event) -> str:
    """Show the events, a second apart, and return the last frame."""
    clock = bars.progress.get_time
    for event in events:
        bars.tell(event)
        if isinstance(clock, Clock):
            clock.now += 1
    bars.progress.refresh()
    return screen.frame()


def test_lines_tell_each_step_and_each_reason_to_wait_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = Lines(console(color=False, stderr=True))
    for event in (step("create"), waiting("busy"), waiting("busy"), waiting("still busy")):
        lines.tell(event)
    lines.tell(step("stream"))
    lines.tell(waiting("still busy"))
    lines.close()
    assert capsys.readouterr().err.splitlines() == [
        "第1回: creating the video",
        "第1回: busy; trying again in 2 s",
        "第1回: still busy; trying again in 2 s",
        "第1回: preparing the upload",
        "第1回: still busy; trying again in 2 s",
    ]


def test_lines_tell_every_tenth_of_an_upload(capsys: pytest.CaptureFixture[str]) -> None:
    lines = Lines(console(color=False, stderr=True), Clock())
    for sent in (0, 9, 10, 11, 25, 12, 29, 30, 100):
        lines.tell(progress(sent * 1_000_000, 100_000_000))
    lines.tell(progress(120_000_000, video="m.yaml#b"))
    assert capsys.readouterr().err.splitlines() == [
        "第1回: 10.0 MB of 100.0 MB sent",
        "第1回: 25.0 MB of 100.0 MB sent",
        "第1回: 30.0 MB of 100.0 MB sent",
        "第1回: 100.0 MB of 100.0 MB sent",
        "b: 120.0 MB of 250.0 MB sent",
    ]


def told(lines: Lines, clock: Clock, *moments: tuple[float, Event]) -> list[tuple[float, str]]:
    """Return at which seconds what was worth a line."""
    said = []
    for now, event in moments:
        clock.now = now
        said += [(now, line) for line in lines.worth(event)]
    return said


def test_lines_tell_a_slow_upload_every_half_minute() -> None:
    clock = Clock()
    lines = Lines(console(color=False, stderr=True), clock)
    uploads = [(second, progress(second * 1000, 10**9)) for second in range(1, 100)]
    assert told(lines, clock, (0, step("chunks")), *uploads) == [
        (0, "第1回: uploading"),
        (30, "第1回: 30.0 kB of 1.0 GB sent"),
        (60, "第1回: 60.0 kB of 1.0 GB sent"),
        (90, "第1回: 90.0 kB of 1.0 GB sent"),
    ]


def test_lines_say_nothing_of_an_upload_that_stands() -> None:
    clock = Clock()
    lines = Lines(console(color=False, stderr=True), clock)
    stands = [(second, progress(10**8, 10**9)) for second in (1, 40, 80)]
    assert [second for second, _ in told(lines, clock, *stands)] == [1]


def test_lines_tell_a_long_wait_every_half_minute() -> None:
    clock = Clock()
    lines = Lines(console(color=False, stderr=True), clock)
    waits = [(second, waiting("busy")) for second in range(0, 70, 5)]
    assert [second for second, _ in told(lines, clock, *waits)] == [0, 30, 60]


def test_a_log_forgets_videos_that_have_ended() -> None:
    lines = Lines(console(color=False, stderr=True))
    whole, end = progress(100, 100), happening(events.VideoDone, VIDEO, state="published")
    begun = lines.worth(waiting("busy"))
    assert (begun, lines.worth(waiting("busy"))) == (begun, [])
    lines.worth(whole)
    lines.worth(end)
    assert lines.worth(waiting("busy")) == begun


def test_a_bar_shows_bytes_while_it_uploads(screen: Screen) -> None:
    bars = Bars(screen.console)
    frame = drawn(screen, bars, step("chunks"), progress(100_000_000))
    bars.close()
    assert frame.startswith("第1回 ━")
    assert "100.0 MB/250.0 MB" in frame


def test_a_bar_shows_rate_and_time_left_and_goes_back(screen: Screen) -> None:
    bars = Bars(screen.console)
    bars.progress.get_time = Clock()
    frame = drawn(screen, bars, step("chunks"), progress(0), progress(10**6), progress(2 * 10**6))
    assert re.search(r"2\.0 MB/250\.0 MB \d+\.\d [kM]B/s \d+:\d\d:\d\d", frame)
    assert "1.0 MB/250.0 MB" in drawn(screen, bars, progress(10**6))
    bars.close()


@pytest.mark.parametrize("name", ["第1回", "a", "第2回-森の長い道をどこまでも歩いていくお話"])
def test_a_bar_fits_into_80_columns(screen: Screen, name: str) -> None:
    video = f"m.yaml#{name}"
    bars = Bars(screen.console)
    bars.progress.get_time = Clock()
    total = 5_900_000_000
    told = [happening(events.StepStarted, video, step="chunks")]
    told += [progress(sent * 900_000_000, total, video) for sent in range(4)]
    frame = drawn(screen, bars, *told)
    bars.close()
    assert "2.7 GB/5.9 GB" in frame
    assert re.search(r"\d:\d\d:\d\d$", frame.rstrip())


@pytest.mark.parametrize(
    ("event", "note"),
    [
        (step("encoded"), "waiting for the encoding"),
        (waiting("niconico is still encoding"), "niconico is still encoding"),
        (waiting("a long reason " * 9), "a long reason a long reason a lon…"),
    ],
)
def test_a_bar_shows_what_it_waits_for(screen: Screen, event: Event, note: str) -> None:
    bars = Bars(screen.console)
    frame = drawn(screen, bars, step("chunks"), progress(10), event)
    bars.close()
    assert frame.startswith("第1回 ")
    assert note in frame


def test_a_bar_is_there_from_the_start(screen: Screen) -> None:
    bars = Bars(screen.console)
    frame = drawn(screen, bars, happening(events.VideoStarted, title="第1回"))
    bars.close()
    assert frame.startswith("第1回 ━")


@pytest.mark.parametrize(
    ("kind", "data", "line"),
    [
        (events.VideoDone, {"state": "published", "url": "https://x"}, "published https://x"),
        (events.VideoFailed, {"state": "failed", "message": "no"}, "failed: no"),
    ],
)
def test_the_end_of_a_video_leaves_a_line(
    screen: Screen, kind: type[Event], data: dict[str, Any], line: str
) -> None:
    bars = Bars(screen.console)
    bars.tell(step("create"))
    bars.tell(happening(kind, VIDEO, **data))
    bars.close()
    assert f"第1回: {line}\n" in screen.text.getvalue()


def test_a_video_without_a_bar_can_end_too(screen: Screen) -> None:
    bars = Bars(screen.console)
    bars.tell(happening(events.VideoDone, state="unchanged"))
    bars.tell(happening(events.SignedIn, account="main", who="猫"))
    bars.close()
    said = screen.text.getvalue()
    assert "第1回: unchanged" in said
    assert "main: signed in as 猫" in said
    assert "━" not in said


def ended(video: str, **data: Any) -> Event:
    return happening(events.VideoDone, video, state="published", **data)


def test_a_batch_has_a_bar_of_its_own(screen: Screen) -> None:
    bars = Bars(screen.console)
    bars.progress.get_time = Clock()
    drawn(screen, bars, happening(events.BatchStarted, None, videos=30, bytes=600))
    assert "0 of 30" in screen.text.getvalue()
    uploading = happening(events.StepStarted, "m.yaml#a", step="chunks")
    drawn(screen, bars, uploading, progress(100, 200, "m.yaml#a"), progress(200, 200, "m.yaml#a"))
    drawn(screen, bars, ended("m.yaml#a", size=200), ended("m.yaml#b", size=100))
    frame = drawn(screen, bars, ended("m.yaml#c"))
    bars.close()
    assert frame.startswith("3 of 30")
    assert "200 bytes/500 bytes" in frame


def test_one_video_needs_no_bar_of_the_batch(screen: Screen) -> None:
    bars = Bars(screen.console)
    bars.tell(happening(events.BatchStarted, None, videos=1, bytes=600))
    bars.close()
    assert screen.text.getvalue() == ""


def test_a_bar_is_not_full_while_the_video_waits(screen: Screen) -> None:
    bars = Bars(screen.console)
    full = drawn(screen, bars, step("chunks"), progress(250_000_000))
    waits = drawn(screen, bars, waiting("niconico is still encoding"))
    bars.close()
    assert full.count("\u2501") == 16
    assert "250.0 MB" in full
    assert "250.0 MB" not in waits


def test_an_id_may_hold_a_number_sign(capsys: pytest.CaptureFixture[str]) -> None:
    lines = Lines(console(color=False, stderr=True))
    for video in ("a#1/m.yaml#第#1回", "m.YML#b#c"):
        lines.tell(happening(events.StepStarted, video, step="create"))
    assert capsys.readouterr().err.splitlines() == [
        "第#1回: creating the video",
        "b#c: creating the video",
    ]


def test_bars_leave_a_line_where_a_wait_is_of_no_video(screen: Screen) -> None:
    bars = Bars(screen.console)
    bars.tell(happening(events.Waiting, None, reason="nothing is due", seconds=9))
    bars.close()
    assert screen.text.getvalue() == "nothing is due\n"
