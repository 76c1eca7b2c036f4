from __future__ import annotations

import io

import pytest
from rich.console import Console

from nicobatch.reports.counting import Counting
from tests.unit.reports.test_progress import Screen

READING, LOOKING = "reading the manifests", "looking into the videos"


class Log:
    """A log, and a clock that goes on a second with each thing that is done."""

    def __init__(self) -> None:
        self.text = io.StringIO()
        self.now = 0.0

    def console(self) -> Console:
        return Console(file=self.text, width=10_000, force_terminal=False)

    def clock(self) -> float:
        return self.now

    def count(self, counting: Counting, doing: str, total: int, *, seconds: float = 1.0) -> None:
        for done in range(total):
            counting(doing, done, total)
            self.now += seconds

    @property
    def lines(self) -> list[str]:
        return self.text.getvalue().splitlines()


def test_what_is_over_soon_says_nothing_and_makes_no_console() -> None:
    log = Log()
    with Counting(lambda: pytest.fail("nothing is to be shown"), log.clock) as counting:
        log.count(counting, READING, 1000, seconds=0.001)
        log.count(counting, LOOKING, 1000, seconds=0.001)


def test_a_log_has_a_line_a_tenth_of_all_that_is_done() -> None:
    log = Log()
    with Counting(log.console, log.clock) as counting:
        log.count(counting, READING, 1000, seconds=0.1)
        log.count(counting, LOOKING, 20)
    shares = [f"{READING}: {tenth}00 of 1,000" for tenth in range(1, 10)]
    assert log.lines == [*shares, *(f"{LOOKING}: {done} of 20" for done in range(2, 20, 2))]


def test_a_log_hears_of_what_takes_long_every_half_minute() -> None:
    log = Log()
    with Counting(log.console, log.clock) as counting:
        log.count(counting, READING, 100_000, seconds=0.01)
        assert log.lines[0] == f"{READING}: 3,000 of 100,000"
        assert len(log.lines) in range(30, 45)


def test_a_terminal_has_a_count_that_is_gone_at_the_end() -> None:
    log, screen = Log(), Screen()
    with Counting(lambda: screen.console, log.clock) as counting:
        log.count(counting, READING, 7)
        counting(LOOKING, 3, 12)
    assert screen.frame() == f"{LOOKING}  3/12"
    assert screen.text.getvalue().endswith("\x1b[2K")
