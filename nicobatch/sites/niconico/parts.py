"""Parts of a file as Fine Uploader's traditional endpoint takes them.

One multipart body a part: the fields first, then the bytes, read from the file as they leave, so
that neither the file nor a second copy of a part is ever in memory.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from pathlib import Path

import urllib3

from nicobatch.http import FileRange
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
        "qquuid": upload.state["uuid"],
    }


def done_fields(upload: Upload, file: FileIdentity) -> dict[str, str]:
    """Return the form fields that tell that all parts were sent."""
    return {
        "qquuid": upload.state["uuid"],
        "qqfilename": file.name,
        "qqtotalfilesize": str(file.size),
        "qqtotalparts": str(upload.total_parts),
    }


def part_length(upload: Upload, file: FileIdentity, index: int) -> int:
    """Return the part's bytes: `part_size`, or what is left for the last one."""
    return min(upload.part_size, file.size - index * upload.part_size)


class PartBody(FileRange):
    """One part as a multipart request body that is read once, from first byte to last."""

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
        tail = f"\r\n--{boundary}--\r\n".encode()
        head = frame.removesuffix(tail)
        super().__init__(path, offset=offset, length=length, sent=sent, head=head, tail=tail)
