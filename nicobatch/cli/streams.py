"""Standard output and standard error: any encoding will do, and so will a reader who goes away."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Iterator

from nicobatch.reports.github.commands import is_runner
from nicobatch.reports.github.stream import Guarded, commands


@contextlib.contextmanager
def prepared() -> Iterator[None]:
    """Make both streams fit for everything that may be written as long as the context."""
    prepare()
    with _guarded() if is_runner(os.environ) else contextlib.nullcontext():
        yield
        let_go()


def prepare() -> None:
    """Let a console that can't show a character show its code; a runner reads UTF-8 anyway."""
    told = is_runner(os.environ) and not os.environ.get("PYTHONIOENCODING")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8" if told else None, errors="backslashreplace")


@contextlib.contextmanager
def _guarded() -> Iterator[None]:
    """Keep a runner that reads the streams from taking titles and file names for commands."""
    out, err = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = Guarded(out), Guarded(err)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = out, err


def send(data: bytes) -> None:
    """Write bytes to standard output as they are, whatever its encoding."""
    stream = commands(sys.stdout)
    stream.flush()
    stream.buffer.write(data)
    stream.buffer.flush()


def let_go() -> None:
    """Let the interpreter leave in peace after the reader of a pipe has gone."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)
