from __future__ import annotations

import os
import sys

import pytest

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
