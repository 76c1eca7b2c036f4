"""Parts, byte by byte, read by a parser that is not ours."""

from __future__ import annotations

import email
import email.message
import email.policy
import hashlib
import tracemalloc
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nicobatch.errors import Stopped, VideoFailed
from nicobatch.http import BLOCK
from nicobatch.media import identify
from nicobatch.model import FileIdentity
from nicobatch.sites.niconico.fine_uploader import (
    PartBody,
    done_fields,
    name_of,
    part_fields,
    part_length,
    total_parts,
)
from tests.unit.sites.niconico.making import PART, UUID, Progress, ignore, upload_of, zeros

FIELDS = {"qqpartindex": "0", "qqfilename": "v.mp4"}
Sent = Callable[[int], None]


def part(path: Path, index: int = 0, *, part_size: int = PART, sent: Sent = ignore) -> PartBody:
    file = identify(path)
    upload = upload_of(file, part_size=part_size)
    return PartBody(
        path,
        offset=index * part_size,
        length=part_length(upload, file, index),
        fields=part_fields(upload, file, index),
        sent=sent,
    )


def blocks_of(body: PartBody) -> list[bytes]:
    """Read as a connection does, keeping a copy of each block."""
    blocks = []
    while block := body.read(16_384):
        blocks.append(bytes(block))
    return blocks


def parsed(body: PartBody) -> list[email.message.Message]:
    """Read the body with the standard library's MIME parser."""
    content = b"".join(blocks_of(body))
    head = f"Content-Type: {body.content_type}\r\nMIME-Version: 1.0\r\n\r\n"
    message = email.message_from_bytes(head.encode() + content, policy=email.policy.HTTP)
    assert message.is_multipart()
    assert message.defects == []
    return list(message.iter_parts())


def value(message: email.message.Message) -> bytes:
    found = message.get_payload(decode=True)
    assert isinstance(found, bytes)
    return found


def name(message: email.message.Message) -> object:
    return message.get_param("name", header="content-disposition")


NAMES = ["v.mp4", "第1回 はじめての冒険.mp4", 'a "quoted" name.mp4', "b;c=d&e%22.mp4", "🎬.mp4"]


@pytest.mark.parametrize("filename", NAMES)
def test_a_part_to_the_letter(tmp_path: Path, filename: str) -> None:
    path = tmp_path / filename
    path.write_bytes(bytes(range(256)) * 10)
    *fields, blob = parsed(part(path, 1, part_size=1000))
    assert {str(name(each)): value(each).decode() for each in fields} == {
        "qqpartindex": "1",
        "qqpartbyteoffset": "1000",
        "qqchunksize": "1000",
        "qqtotalparts": "3",
        "qqtotalfilesize": "2560",
        "qqfilename": filename,
        "qquuid": UUID,
    }
    assert (name(blob), blob.get_filename()) == ("qqfile", "blob")
    assert blob.get_content_type() == "application/octet-stream"
    assert value(blob) == path.read_bytes()[1000:2000]


def test_the_frame_is_crlf_with_a_closing_boundary(tmp_path: Path) -> None:
    path = tmp_path / "第1回.mp4"
    path.write_bytes(b"no line ends in here")
    body = part(path)
    content = b"".join(blocks_of(body))
    boundary = body.content_type.removeprefix("multipart/form-data; boundary=").encode()
    assert boundary not in path.read_bytes()
    assert content.startswith(b"--" + boundary + b"\r\n")
    assert content.endswith(b"in here\r\n--" + boundary + b"--\r\n")
    assert content.count(b"\n") == content.count(b"\r\n")
    assert "第1回.mp4".encode() in content


def test_no_two_boundaries_are_the_same(tmp_path: Path) -> None:
    path = zeros(tmp_path / "v.mp4", 10)
    assert len({part(path).content_type for _ in range(20)}) == 20


@pytest.mark.parametrize("data", [b"\r\n--", b"--\r\n", b"\r", b"\n", b"\0", b"\xff"])
def test_bytes_that_look_like_a_frame(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "v.mp4"
    path.write_bytes(data * 100)
    assert value(parsed(part(path))[-1]) == data * 100


def test_an_upload_has_one_name_for_its_entry_and_its_bytes() -> None:
    file = FileIdentity("v.mp4", 10, "a" * 64)
    others = [(8, file), (7, replace(file, sha256="b" * 64))]
    names = {name_of(7, file), name_of(7, replace(file, name="w.mp4"))}
    assert len(names) == 1
    assert names.isdisjoint(name_of(*each) for each in others)
    assert uuid.UUID(names.pop()).version == 4


def test_done_names_the_whole_file() -> None:
    file = FileIdentity("第1回.mp4", 20_000_001, "")
    assert done_fields(upload_of(file), file) == {
        "qquuid": UUID,
        "qqfilename": "第1回.mp4",
        "qqtotalfilesize": "20000001",
        "qqtotalparts": "3",
    }


@pytest.mark.parametrize(
    ("size", "lengths"),
    [
        (0, []),
        (1, [1]),
        (9_999_999, [9_999_999]),
        (10_000_000, [PART]),
        (10_000_001, [PART, 1]),
        (20_000_000, [PART, PART]),
        (6_000_000_000, [PART] * 600),
    ],
)
def test_parts_of_ten_million_bytes(size: int, lengths: list[int]) -> None:
    file = FileIdentity("v.mp4", size, "")
    upload = upload_of(file)
    assert [part_length(upload, file, each) for each in range(upload.total_parts)] == lengths
    offsets = [part_fields(upload, file, each)["qqpartbyteoffset"] for each in range(len(lengths))]
    assert offsets == [str(index * PART) for index in range(len(lengths))]


@given(st.integers(0, 10**12), st.integers(1, 10**10))
def test_parts_cover_a_file_of_any_size_once(size: int, part_size: int) -> None:
    file = FileIdentity("v.mp4", size, "")
    upload = upload_of(file, part_size=max(part_size, size // 1000))
    reached = 0
    for index in range(upload.total_parts):
        fields = part_fields(upload, file, index)
        assert int(fields["qqpartbyteoffset"]) == reached
        assert 0 < int(fields["qqchunksize"]) <= upload.part_size
        reached += int(fields["qqchunksize"])
    assert reached == size


@given(st.binary(max_size=300), st.integers(1, 301), st.text(max_size=20))
def test_the_bytes_arrive_once_and_the_length_is_right(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, part_size: int, filename: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "property.mp4"
    path.write_bytes(data)
    file = FileIdentity(filename, len(data), "")
    upload = upload_of(file, part_size=part_size)
    arrived = b""
    for index in range(upload.total_parts):
        length = part_length(upload, file, index)
        fields = {"qqfilename": filename.encode("utf-8", "replace").decode()}
        body = PartBody(path, offset=index * part_size, length=length, fields=fields, sent=ignore)
        content = b"".join(blocks_of(body))
        assert len(content) == len(body)
        boundary = body.content_type.rpartition("=")[2].encode()
        blob = content.rpartition(b"\r\n--" + boundary)[0].partition(b"octet-stream\r\n\r\n")[2]
        arrived += blob
    assert arrived == data
    assert total_parts(len(data), part_size) == upload.total_parts


@pytest.mark.parametrize("size", [BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK + 5])
def test_no_block_is_larger_than_the_connections(tmp_path: Path, size: int) -> None:
    path = zeros(tmp_path / "v.mp4", size)
    progress = Progress()
    body = part(path, sent=progress)
    blocks = blocks_of(body)
    assert max(map(len, blocks)) <= BLOCK
    assert sum(map(len, blocks)) == len(body)
    assert progress.told == [len(block) for block in blocks[1:-1]]
    assert sum(progress.told) == size
    assert body.read() == b""


def test_iterating_is_reading(tmp_path: Path) -> None:
    path = zeros(tmp_path / "v.mp4", 3 * BLOCK)
    body = part(path)
    digest = hashlib.sha256()
    for block in body:
        digest.update(block)
    # What is over is over: a body is read once.
    assert list(body) == []
    assert digest.digest() != hashlib.sha256().digest()
    assert sum(len(block) for block in part(path)) == len(body)


def test_the_file_is_opened_by_the_first_read_and_closed_by_the_last(tmp_path: Path) -> None:
    path = tmp_path / "v.mp4"
    path.write_bytes(b"x")
    body = part(path)
    path.write_bytes(b"y")
    assert b"y\r\n--" in b"".join(blocks_of(body))
    path.unlink()  # Windows would not let go of an open one


def test_a_file_that_became_shorter(tmp_path: Path) -> None:
    path = zeros(tmp_path / "v.mp4", 2 * BLOCK)
    body = part(path)
    with path.open("r+b") as file:
        file.truncate(BLOCK + 1)
    with pytest.raises(VideoFailed, match=r"^v\.mp4 became shorter"):
        blocks_of(body)


def test_a_file_that_is_gone_is_not_a_fault_of_the_network(tmp_path: Path) -> None:
    path = zeros(tmp_path / "v.mp4", 10)
    body = part(path)
    path.unlink()
    with pytest.raises(VideoFailed, match=r"^v\.mp4 can't be read: "):
        blocks_of(body)


MEMORY = Path("/proc/self/mem")
"""Opens, and fails to be read at its begin."""


@pytest.mark.skipif(not MEMORY.exists(), reason="needs Linux")
def test_a_file_that_can_not_be_read() -> None:
    body = PartBody(MEMORY, offset=0, length=1, fields=FIELDS, sent=ignore)
    with pytest.raises(VideoFailed, match=r"^mem can't be read: "):
        blocks_of(body)


def test_who_counts_may_stop_the_transfer(tmp_path: Path) -> None:
    def stop(size: int) -> None:
        raise Stopped

    body = part(zeros(tmp_path / "v.mp4", 2 * BLOCK), sent=stop)
    assert body.read()
    with pytest.raises(Stopped):
        body.read()
    assert body.read() == b""


def test_memory_does_not_grow_with_the_part(tmp_path: Path) -> None:
    path = zeros(tmp_path / "v.mp4", 30_000_000)
    tracemalloc.start()
    try:
        body = part(path, part_size=30_000_000)
        length = sum(len(block) for block in body)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert length == len(body)
    assert peak < 4_000_000
