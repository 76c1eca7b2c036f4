"""A range of a file as a request's body, read from the disk as it leaves.

Neither the file nor a second copy of the range is ever in memory.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path

from nicobatch.errors import VideoFailed
from nicobatch.http.connections import BLOCK
from nicobatch.http.sending import Block
from nicobatch.language import _, cant_read


class FileRange:
    """`length` bytes of a file from `offset` on, between a head and a tail; read once, in order.

    `sent` is told how many of the file's bytes each read took; it may raise to stop the transfer.
    Raise VideoFailed where the file can't be read, or ends too early.
    """

    def __init__(  # noqa: PLR0913 - a request's body has these parts
        self,
        path: Path,
        *,
        offset: int,
        length: int,
        sent: Callable[[int], None],
        head: bytes = b"",
        tail: bytes = b"",
    ) -> None:
        self._path, self._offset, self._length = path, offset, length
        self._head, self._tail = head, tail
        self._sent = sent
        self._blocks = self._produce()

    def __len__(self) -> int:
        return len(self._head) + self._length + len(self._tail)

    def __iter__(self) -> Iterator[Block]:
        return self._blocks

    def read(self, size: int = BLOCK) -> Block:  # noqa: ARG002 - a block never exceeds BLOCK
        """Return the next block, at most BLOCK bytes; nothing at the end."""
        return next(self._blocks, b"")

    def _produce(self) -> Iterator[Block]:
        if self._head:
            yield self._head
        with self._opened() as file:
            yield from self._file_blocks(file)
        if self._tail:
            yield self._tail

    def _opened(self) -> io.RawIOBase:
        try:
            file = self._path.open("rb", buffering=0)
        except OSError as error:
            raise self._unreadable(error) from None
        file.seek(self._offset)
        return file

    def _file_blocks(self, file: io.RawIOBase) -> Iterator[memoryview]:
        """Yield the range through one buffer, which each block overwrites once it has left."""
        buffer = memoryview(bytearray(min(BLOCK, self._length)))
        left = self._length
        while left:
            count = self._read_into(buffer[: min(BLOCK, left)], file)
            left -= count
            self._sent(count)
            yield buffer[:count]

    def _read_into(self, buffer: memoryview, file: io.RawIOBase) -> int:
        try:
            count = file.readinto(buffer)
        except OSError as error:
            raise self._unreadable(error) from None
        if not count:
            raise VideoFailed(
                _("{name} became shorter while it was being uploaded").format(name=self._path.name)
            )
        return count

    def _unreadable(self, error: OSError) -> VideoFailed:
        """Say it here: on its way through the connection an OSError passes for the network's."""
        return VideoFailed(cant_read(self._path.name, error))
