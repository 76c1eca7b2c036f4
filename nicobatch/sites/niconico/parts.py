"""Parts of a file as Fine Uploader's traditional endpoint takes them.

One multipart body a part: the fields first, then the bytes, read from the file as they leave, so
that neither the file nor a second copy of a part is ever in memory.
"""

from __future__ import annotations

import io
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import urllib3

from nicobatch.errors import VideoFailed
from nicobatch.http import BLOCK, Block
from nicobatch.language import _, reason
from nicobatch.model import FileIdentity, Upload


def total_parts(size: int, part_size: int) -> int:
    """Return how many parts a file of `size` bytes goes in."""
    return -(-size // part_size)


def part_fields(upload: Upload, file: FileIdentity, index: int) -> dict[str, str]:
    """Return the form fields that go with the part; offsets and sizes are bytes, indices from 0."""
    return {
        "qqpartindex": str(index),
        "qqpartbyteoffset": str(index * upload.part_size),
        "qqchunksize": str(part_length(upload, file, index)),
        "qqtotalparts": str(upload.total_parts),
        "qqtotalfilesize": str(file.size),
        "qqfilename": file.name,
        "qquuid": upload.uuid,
    }


def done_fields(upload: Upload, file: FileIdentity) -> dict[str, str]:
    """Return the form fields that tell that all parts were sent."""
    return {
        "qquuid": upload.uuid,
        "qqfilename": file.name,
        "qqtotalfilesize": str(file.size),
        "qqtotalparts": str(upload.total_parts),
    }


def part_length(upload: Upload, file: FileIdentity, index: int) -> int:
    """Return the part's bytes: `part_size`, or what is left for the last one."""
    return min(upload.part_size, file.size - index * upload.part_size)


class PartBody:
    """One part as a multipart request body that is read once, from first byte to last.

    `sent` is told how many of the file's bytes each read took; it may raise to stop the transfer.
    """

    def __init__(
        self,
        path: Path,
        *,
        offset: int,
        length: int,
        fields: Mapping[str, str],
        sent: Callable[[int], None],
    ) -> None:
        boundary = uuid.uuid4().hex
        blob = ("qqfile", ("blob", b"", "application/octet-stream"))
        frame, self.content_type = urllib3.encode_multipart_formdata(
            [*fields.items(), blob], boundary
        )
        self._tail = f"\r\n--{boundary}--\r\n".encode()
        self._head = frame.removesuffix(self._tail)
        self._path, self._offset, self._length = path, offset, length
        self._sent = sent
        self._chunks = self._produce()

    def __len__(self) -> int:
        return len(self._head) + self._length + len(self._tail)

    def __iter__(self) -> Iterator[Block]:
        return self._chunks

    def read(self, size: int = BLOCK) -> Block:  # noqa: ARG002 - a block never exceeds BLOCK
        """Return the next block, at most BLOCK bytes; nothing at the end."""
        return next(self._chunks, b"")

    def _produce(self) -> Iterator[Block]:
        yield self._head
        with self._opened() as file:
            yield from self._file_blocks(file)
        yield self._tail

    def _opened(self) -> io.RawIOBase:
        try:
            file = self._path.open("rb", buffering=0)
        except OSError as error:
            raise self._unreadable(error) from None
        file.seek(self._offset)
        return file

    def _file_blocks(self, file: io.RawIOBase) -> Iterator[memoryview]:
        """Yield the part through one buffer, which each block overwrites once it has left."""
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
        return VideoFailed(
            _("{file} can't be read: {reason}").format(file=self._path.name, reason=reason(error))
        )
