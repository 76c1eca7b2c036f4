from __future__ import annotations

import os
import sys

import pytest

from nicobatch.reports.colors import is_painted
from nicobatch.reports.terminal import UNLIMITED, console


def test_a_console_goes_silent_when_its_reader_has_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    stream = os.fdopen(writing, "w", buffering=1)
    monkeypatch.setattr(sys, "stdout", stream)
    made = console(color=False)
    made.print("one")
    made.print("two")
    assert made.quiet
    assert made.width == UNLIMITED
    with pytest.raises(BrokenPipeError):
        stream.close()


def test_a_terminal_keeps_its_own_width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("COLUMNS", "99")
    assert console(color=True).width == 99


XTERM = {"TERM": "xterm-256color"}
FORCED = {"FORCE_COLOR": "1"}
PLAIN = {"NO_COLOR": "1"}
IN_CI = {"CI": "true"}


@pytest.mark.parametrize(
    ("environment", "terminal", "painted"),
    [
        (XTERM, True, True),
        (XTERM, False, False),
        ({}, True, True),
        ({"TERM": "dumb"}, True, False),
        (PLAIN, True, False),
        ({"NO_COLOR": ""}, True, True),
        (FORCED, False, True),
        ({"FORCE_COLOR": ""}, False, False),
        ({**FORCED, **PLAIN}, True, False),
        ({**FORCED, **PLAIN}, False, False),
        (IN_CI, True, False),
        ({"CI": "false"}, True, True),
        ({"CI": ""}, True, True),
        ({**IN_CI, **FORCED}, False, True),
        ({**IN_CI, **FORCED, **PLAIN}, False, False),
        ({**FORCED, "TERM": "dumb"}, False, True),
    ],
)
def test_when_there_are_colors(environment: dict[str, str], terminal: bool, painted: bool) -> None:
    assert is_painted(environment, terminal=terminal) is painted


@pytest.mark.parametrize(
    ("environment", "escapes", "width"),
    [
        ({}, False, UNLIMITED),
        (FORCED, True, UNLIMITED),
        ({**FORCED, "TERM": "dumb"}, True, UNLIMITED),
    ],
)
def test_a_pipe(
    environment: dict[str, str],
    escapes: bool,
    width: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    made = console(color=True)
    made.print("x", style="bold red")
    assert ("\x1b[" in capsys.readouterr().out) is escapes
    assert made.width == width
    assert not made.is_interactive


def test_without_colors_nothing_is_bold_either(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    console(color=False).print("x", style="bold red")
    assert capsys.readouterr().out == "x\n"


@pytest.mark.parametrize(("value", "interactive"), [("true", False), ("", True)])
def test_nothing_moves_where_ci_reads_along(
    value: str, interactive: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("CI", value)
    assert console(color=True).is_interactive is interactive


def test_what_is_said_to_be_no_terminal_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TTY_COMPATIBLE", "0")
    assert not console(color=True).is_terminal
