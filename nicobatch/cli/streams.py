"""Standard output and standard error: any encoding will do, and so will a reader who goes away."""

from __future__ import annotations

import io
import os
import sys


def prepare() -> None:
    """Let a console that can't show a character show its code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def let_go() -> None:
    """Let the interpreter leave in peace after the reader of a pipe has gone."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)
