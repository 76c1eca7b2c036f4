"""Few and small reads of a file, whatever it claims: for looks at how containers are laid out."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from typing import BinaryIO, Final, Literal

_MOST: Final = 150_000
"""Reads until a file is given up: a second's work. Twelve hours in fragments of a second take
some 90,000."""
_SECONDS: Final = 2.0
"""Seconds of work: a first picture of 8K in the slowest of codecs takes one."""
_LARGEST: Final = 1 << 24
"""Bytes that are read at once, at most."""
_WORD: Final = 8
"""Bytes of a number, at most."""
_TAIL: Final = 4096
"""Bytes that are read to tell whether there is anything."""


class TooComplex(Exception):
    """The file consists of more parts than a video has, or of heavier ones."""


class Timed:
    """An open file that is read from as long as that brings something: FFmpeg itself goes on."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._end = 0.0
        self.is_over = False
        self.begin()

    def begin(self) -> None:
        """Give it its time anew. What counts is work: a slow disk may take as long as it likes."""
        self._end = time.thread_time() + _SECONDS

    def read(self, length: int = -1) -> bytes:
        """Return the next bytes; none when the time is over."""
        self.is_over = self.is_over or time.thread_time() > self._end
        return b"" if self.is_over else self._file.read(length)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to another place."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Return the place."""
        return self._file.tell()


class Source:
    """An open file; raises `TooComplex` when it was read from too often, and OSError."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file, self.size = file, size
        self._left = _MOST

    def at(self, position: int, length: int) -> bytes:
        """Return the bytes there; fewer where the file ends, or where they are too many."""
        if not self._left:
            raise TooComplex
        self._left -= 1
        if not 0 <= position < self.size:
            return b""
        self._file.seek(position)
        return self._file.read(min(length, _LARGEST))

    def number(self, position: int, length: int, order: Literal["little", "big"] = "little") -> int:
        """Return the unsigned number there; 0 where it is longer than numbers get."""
        return int.from_bytes(self.at(position, length) if length <= _WORD else b"", order)

    @contextlib.contextmanager
    def aside(self) -> Iterator[None]:
        """Give back the place in the file, for whoever else reads it."""
        position = self._file.tell()
        yield
        self._file.seek(position)

    def is_blank(self, start: int, end: int) -> bool:
        """Tell whether the last kilobytes before the end are zeros, as in a file to be filled."""
        start, end = max(start, end - _TAIL), min(end, self.size)
        return end - start > 0 and not any(self.at(start, end - start))
