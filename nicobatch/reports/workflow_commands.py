"""Workflow commands: how a runner is told things by lines of output, and how it is told none.

A standard stream is `Guarded` where a runner reads it: titles and file names never become commands.
A runner reads both standard streams. It takes a line for a command that begins with `::`, blanks
before it aside, and one that has `##[` anywhere (actions/runner: ActionCommand.cs).
"""

from __future__ import annotations

import contextlib
import io
import re
import sys
import threading
from collections.abc import Iterator, Mapping
from typing import Final, TextIO

ERROR: Final = "error"
WARNING: Final = "warning"
NOTICE: Final = "notice"

_DATA: Final = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY: Final = _DATA | {":": "%3A", ",": "%2C"}
_OPENING: Final = re.compile(r"^(\s*):(?=:)")
_OLD_OPENING: Final = re.compile(r"##(?=\[)")
_ENDS: Final = re.compile(r"(?<=[\r\n])")
"""What ends a line for the runner; of CR LF the second ends an empty one, which is no command."""


def is_runner(environment: Mapping[str, str]) -> bool:
    """Tell whether a runner of GitHub's, or one of the same manners, reads what is written."""
    return environment.get("GITHUB_ACTIONS") == "true"


def command(name: str, message: str, **properties: str | int) -> str:
    """Return the line that is the command; properties that are empty are left out."""
    given = ",".join(
        f"{key}={_escaped(str(value), _PROPERTY)}" for key, value in properties.items() if value
    )
    return f"::{name}{given and ' '}{given}::{_escaped(message, _DATA)}"


def masks(secret: str) -> Iterator[str]:
    """Yield the commands by which the secret is never shown: one for each of its lines."""
    for line in filter(None, map(str.strip, secret.splitlines())):
        yield command("add-mask", line)


def defused(line: str) -> str:
    """Return a line of text that no runner takes for a command."""
    return _OLD_OPENING.sub("## ", _OPENING.sub(r"\1: ", line))


def _escaped(text: str, table: Mapping[str, str]) -> str:
    return "".join(table.get(char, char) for char in text)


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
