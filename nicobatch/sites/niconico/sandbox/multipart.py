"""Reads `multipart/form-data` as it comes off the wire, to the letter of RFC 2046 and RFC 7578.

Small fields first, one file last: what Fine Uploader sends. The file's bytes go from the socket
through one fixed buffer to a sink, so that memory stays flat.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

BLOCK: Final = 1 << 20
"""Bytes read at a time."""

_LINE: Final = 4096
"""Bytes of the longest line before the file."""

_MAX_FIELDS: Final = 32
_CRLF: Final = b"\r\n"
_BOUNDARY: Final = re.compile(
    r"multipart/form-data; ?boundary=\"?([^\s\";]{1,70})\"?", re.IGNORECASE
)
_DISPOSITION: Final = re.compile(
    r'form-data; name="(?P<name>[^"]+)"(?:; filename="(?P<filename>[^"]*)")?'
)


class Malformed(Exception):
    """The body breaks a rule of multipart."""


class Truncated(Malformed):
    """The body ends before it said it would."""


class Stream(Protocol):
    """What a WSGI server gives to read from."""

    def readline(self, size: int, /) -> bytes:
        """Return bytes up to the end of a line, at most `size`."""
        ...

    def readinto(self, buffer: memoryview, /) -> int | None:
        """Fill the buffer and return how many bytes came; 0 at the end."""
        ...


@dataclass(frozen=True, slots=True)
class FileHead:
    """What a file part says of itself."""

    name: str
    filename: str
    content_type: str


class MultipartReader:
    """One request's body; the methods are called in the order they stand in."""

    def __init__(self, stream: Stream, content_type: str, length: int) -> None:
        match = _BOUNDARY.fullmatch(content_type)
        if not match:
            raise Malformed("Content-Type must be multipart/form-data with a boundary")
        self._delimiter = b"--" + match[1].encode("latin-1")
        self._stream = stream
        self._left = length

    def fields(self) -> tuple[dict[str, str], FileHead]:
        """Read the fields up to the file's head; no name may come twice."""
        fields: dict[str, str] = {}
        self._expect_delimiter(self._line())
        for _ in range(_MAX_FIELDS):
            head = self._head()
            if isinstance(head, FileHead):
                return fields, head
            if head in fields:
                raise Malformed(f"{head} comes twice")
            fields[head] = _text(self._line())
            self._expect_delimiter(self._line())
        raise Malformed("there are too many fields, or no file")

    def file(self, size: int, sink: Callable[[memoryview], None]) -> None:
        """Pass on the file's `size` bytes, and make sure that nothing but the end follows."""
        closing = _CRLF + self._delimiter + b"--"
        surplus = self._left - size - len(closing)
        if surplus not in {0, len(_CRLF)}:
            raise Malformed(
                f"qqfile does not hold {size} bytes, or CRLF and the closing boundary are amiss"
            )
        self._copy(size, sink)
        if self._read(self._left) not in {closing, closing + _CRLF}:
            raise Malformed("CRLF and the closing boundary must follow the file")

    def _copy(self, size: int, sink: Callable[[memoryview], None]) -> None:
        """Copy in blocks; the end of each is kept in sight, to find a boundary across two."""
        mark = _CRLF + self._delimiter
        overlap = len(mark) - 1
        buffer = bytearray(overlap + min(BLOCK, size))
        view = memoryview(buffer)
        done = 0
        while done < size:
            count = min(BLOCK, size - done)
            self._fill(view[overlap : overlap + count])
            if buffer.find(mark, 0, overlap + count) >= 0:
                raise Malformed("the boundary stands in the middle of the file")
            sink(view[overlap : overlap + count])
            buffer[:overlap] = buffer[count : overlap + count]
            done += count

    def _fill(self, view: memoryview) -> None:
        filled = 0
        while filled < len(view):
            count = self._stream.readinto(view[filled:])
            if not count:
                raise Truncated("the connection ended in the middle of the part")
            filled += count
        self._left -= filled

    def _read(self, size: int) -> bytes:
        data = bytearray(size)
        self._fill(memoryview(data))
        return bytes(data)

    def _line(self) -> bytes:
        """Return one line without its CRLF."""
        line = self._stream.readline(min(_LINE, self._left))
        self._left -= len(line)
        if not line.endswith(b"\n"):
            raise Truncated("a line before the file has no end, or is too long")
        if not line.endswith(_CRLF):
            raise Malformed("lines must end with CRLF")
        return line[: -len(_CRLF)]

    def _expect_delimiter(self, line: bytes) -> None:
        if line != self._delimiter:
            raise Malformed("a boundary must stand here, and the file come last")

    def _head(self) -> str | FileHead:
        """Read a part's headers: a field's name, or what a file says of itself."""
        headers = {}
        while line := self._line():
            name, colon, value = _text(line).partition(":")
            if not colon:
                raise Malformed("a header needs a colon")
            headers[name.strip().lower()] = value.strip()
        match = _DISPOSITION.fullmatch(headers.get("content-disposition", ""))
        if not match:
            raise Malformed("Content-Disposition must be form-data with a quoted name")
        if match["filename"] is None:
            return match["name"]
        return FileHead(match["name"], match["filename"], headers.get("content-type", ""))


def _text(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed("fields and headers must be UTF-8") from error
