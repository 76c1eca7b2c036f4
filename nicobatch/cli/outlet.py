"""Standard streams that are closed, or lie on a full disk: the work goes on, and that is told."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from nicobatch.errors import Exit
from nicobatch.language import _, reason

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class Outlet(io.RawIOBase):
    """Bytes of a standard stream, written as long as that works; the first error is kept.

    That a reader has gone is no such error: BrokenPipeError is raised as ever.
    """

    def __init__(self, raw: io.FileIO) -> None:
        super().__init__()
        self.raw = raw
        self.error: OSError | None = None

    def writable(self) -> bool:
        """Return True."""
        return True

    def fileno(self) -> int:
        """Return the system's number of the stream."""
        return self.raw.fileno()

    def isatty(self) -> bool:
        """Tell whether it is a terminal."""
        return self.raw.isatty()

    def write(self, data: ReadableBuffer, /) -> int | None:
        """Write what can be written; after an error nothing is."""
        if self.error is None:
            try:
                return self.raw.write(data)
            except BrokenPipeError:
                raise
            except OSError as error:
                self.error = error
        return memoryview(data).nbytes


def reopen() -> None:
    """Give standard streams that are closed a place to go, which no other file takes then."""
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            nowhere = os.open(os.devnull, os.O_RDONLY if name == "stdin" else os.O_WRONLY)
            mode = "r" if name == "stdin" else "w"
            setattr(sys, name, open(nowhere, mode, encoding="utf-8", closefd=False))  # noqa: SIM115


@contextlib.contextmanager
def lasting() -> Iterator[list[Outlet]]:
    """Have both streams of the system written by outlets as long as the context: yield those."""
    before = {name: getattr(sys, name) for name in ("stdout", "stderr")}
    outlets = []
    for name, stream in before.items():
        buffer = getattr(stream, "buffer", None)
        raw = getattr(buffer, "raw", buffer)
        if isinstance(raw, io.FileIO):
            outlets.append(outlet := Outlet(raw))
            setattr(sys, name, _text(outlet, stream))
    try:
        yield outlets
    finally:
        for name, stream in before.items():
            setattr(sys, name, stream)


def _text(outlet: Outlet, like: io.TextIOWrapper) -> io.TextIOWrapper:
    return io.TextIOWrapper(
        io.BufferedWriter(outlet),
        encoding=like.encoding,
        errors=like.errors,
        line_buffering=like.line_buffering,
        write_through=like.write_through,
    )


def told(outlets: list[Outlet], code: int) -> int:
    """Return the exit code, after saying what of the output could not be written."""
    errors = [each.error for each in outlets if each.error]
    for error in errors:
        message = _("the output can't be written: {reason}").format(reason=reason(error))
        click.echo(_("error: {message}").format(message=message), err=True)
    return code or (Exit.FAILED if errors else Exit.FINE)
