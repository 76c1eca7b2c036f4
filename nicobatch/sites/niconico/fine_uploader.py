"""Fine Uploader's traditional endpoint: parts of a file as it takes them, and its replies.

One multipart body a part: the fields first, then the bytes, read from the file as they leave, so
that neither the file nor a second copy of a part is ever in memory.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import urllib3

from nicobatch.errors import Passing, StartOver, VideoFailed
from nicobatch.http import Answer, FileRange
from nicobatch.language import N_, _
from nicobatch.model import FileIdentity
from nicobatch.receipt import Upload
from nicobatch.sites.abilities import printable
from nicobatch.sites.niconico.answers import data_of, document_of

UUID: Final = "uuid"
"""Of an upload's state: Fine Uploader's `qquuid`."""
URL: Final = "url"
"""Of an upload's state: where parts go, a path on the receipt's origin."""
_CHUNKS: Final = re.compile(r"(?:/[A-Za-z0-9_-]+)*/v2/videos/([0-9]+)/file/chunks")
_NO_MORE: Final = N_(
    "if the file has changed since its upload began, niconico may take no other one for this entry:"
    " delete the entry in the garage, and run it again to upload to a new one"
)


def name_of(entry: int, file: FileIdentity) -> str:
    """Return the UUID by which the file's upload to the entry goes.

    niconico takes parts by one alone, so it is the same whenever the upload is prepared once more.
    """
    content = hashlib.sha256(f"{entry} {file.sha256}".encode()).digest()
    return str(uuid.UUID(bytes=content[:16], version=4))


def total_parts(size: int, part_size: int) -> int:
    """Return how many parts a file of `size` bytes goes in."""
    return -(-size // part_size)


def part_fields(upload: Upload, file: FileIdentity, index: int) -> dict[str, str]:
    """Return the form fields that go with the part; offsets and sizes are bytes, indices from 0."""
    return {
        "qqpartindex": str(index),
        "qqpartbyteoffset": str(index * upload.part_size),
        "qqchunksize": str(part_length(upload, file, index)),
        **done_fields(upload, file),
    }


def done_fields(upload: Upload, file: FileIdentity) -> dict[str, str]:
    """Return the form fields that tell that all parts were sent."""
    return {
        "qquuid": upload.state[UUID],
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


def reply_of(answer: Answer, what: str) -> dict[str, Any]:
    """Return Fine Uploader's reply, or raise what its `success`, `reset` and `preventRetry` say."""
    reply = document_of(answer)
    if not isinstance(reply, dict) or "success" not in reply:
        data_of(answer, what, entry=True)
        raise Passing(_("{what}: the answer does not say that it was a success").format(what=what))
    if answer.status // 100 == 2 and reply["success"] is True:
        return reply
    reason = _("{what} was refused: {refusal}").format(
        what=what, refusal=printable(reply.get("error") or answer.status)
    )
    if reply.get("reset") is True:
        raise StartOver(reason)
    if reply.get("preventRetry") is True:
        raise VideoFailed(reason, _(_NO_MORE))
    if answer.status // 100 != 2:
        data_of(answer, what, entry=True)
    raise Passing(reason)


def is_of_entry(path: str, entry: int) -> bool:
    """Tell whether the path is the one of the entry to which parts go, on some base of the API."""
    found = _CHUNKS.fullmatch(path)
    return bool(found and found[1] == str(entry))


def is_uuid(text: str) -> bool:
    """Tell whether it is a UUID as Fine Uploader writes them, which a form takes as it is."""
    return bool(re.fullmatch("[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", text))
