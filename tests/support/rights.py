"""Root's rights over files, given away for a while: CI's containers run tests as root."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from collections.abc import Iterator
from typing import Final

import pytest

_VERSION: Final = 0x20080522
"""Of the structures, by `capset(2)`: sets of 64 bits, in two halves."""
_OVER_FILES: Final = 1 << 1 | 1 << 2
"""CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH."""


class _Half(ctypes.Structure):
    _fields_ = (
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    )


@contextlib.contextmanager
def rightless() -> Iterator[None]:
    """Hold this thread, and those that it starts, to what the files' modes allow.

    Skips the test where modes say nothing, or root can't be held to them.
    """
    if os.name == "nt":
        pytest.skip("files have no modes on Windows")
    if os.geteuid() != 0:
        yield
        return
    if sys.platform != "linux":
        pytest.skip("root may do everything here")
    libc = ctypes.CDLL(None, use_errno=True)
    header, halves = (ctypes.c_uint32 * 2)(_VERSION, 0), (_Half * 2)()
    assert libc.capget(header, halves) == 0
    had = halves[0].effective
    halves[0].effective = had & ~_OVER_FILES
    assert libc.capset(header, halves) == 0
    try:
        yield
    finally:
        halves[0].effective = had
        assert libc.capset(header, halves) == 0


@contextlib.contextmanager
def nobody() -> Iterator[None]:
    """Be a user of no rights, as root of CI's containers; who is one already stays so."""
    if os.name == "nt" or os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)
