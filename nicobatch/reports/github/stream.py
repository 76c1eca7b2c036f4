"""A standard stream that a runner reads: titles and file names in it never become commands."""

from __future__ import annotations

import contextlib
import io
import re
import sys
import threading
from typing import Final, TextIO

from nicobatch.reports.github.commands import defused

_ENDS: Final = re.compile(r"(?<=[\r\n])")
"""What ends a line for the runner; of CR LF the second ends an empty one, which is no command."""


class Guarded(io.TextIOBase):
    """Passes text on to a stream, and changes what would be a command; `commands` takes real ones.

    A line may come in pieces. The letters put in stand right before the one that would complete the
    beginning of a command, so that what has been written already stays as it is.
    """

    def __init__(self, commands: TextIO) -> None:
        self.commands: Final = commands
        """The stream itself, for those who mean what they write."""
        self._line = ""
        self._lock = threading.Lock()

    def write(self, text: str) -> int:
        """Write the text, line by line, so that it is read as text."""
        with self._lock:
            self.commands.write("".join(map(self._rest, _ENDS.split(text))))
        return len(text)

    def flush(self) -> None:
        """Flush the stream."""
        self.commands.flush()

    def close(self) -> None:
        """Leave the stream as it is: it is its owner's, who may have closed it before."""

    def isatty(self) -> bool:
        """Tell whether the stream is a terminal."""
        return self.commands.isatty()

    def fileno(self) -> int:
        """Return the stream's number."""
        return self.commands.fileno()

    def writable(self) -> bool:
        """Tell that it can be written to."""
        return True

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """Return the stream's encoding."""
        return self.commands.encoding

    @property
    def errors(self) -> str | None:  # type: ignore[override]
        """Return what the stream does with what it can't encode."""
        return self.commands.errors

    def _rest(self, piece: str) -> str:
        """Return what the piece adds to the line that it goes on with."""
        written = len(defused(self._line))
        self._line += piece
        rest = defused(self._line)[written:]
        if piece.endswith(("\r", "\n")):
            self._line = ""
        return rest


def commands(stream: TextIO | Guarded) -> TextIO:
    """Return where commands go that are to be understood."""
    return stream.commands if isinstance(stream, Guarded) else stream


def write_command(line: str) -> None:
    """Write a workflow command to standard error, among the lines of progress.

    A runner reads both streams, this one first; the other is for the report, and often for a file.
    """
    stream = commands(sys.stderr)
    with contextlib.suppress(BrokenPipeError):  # its reader has gone, the work goes on
        stream.write(line + "\n")
        stream.flush()
