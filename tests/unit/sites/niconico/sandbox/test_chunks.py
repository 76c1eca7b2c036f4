from __future__ import annotations

import hashlib
import json
import socket
import struct
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from nicobatch.sandbox import Sandbox
from tests.unit.sites.niconico.sandbox.client import (
    CHUNK,
    FILE_HEAD,
    Client,
    multipart,
    part_fields,
    piece,
    whole_fields,
)
from tests.unit.sites.niconico.sandbox.conftest import Clock

UUID = "382fda4e-bbf1-48af-8fcd-105a29f5376f"
OTHER = "11111111-2222-4333-8444-555555555555"
DATA = b"abcdefgh" * 1000


@pytest.fixture
def entry(client: Client) -> int:
    entry = client.created()
    client.stream(entry)
    return entry


def bent(**changes: str) -> bytes:
    return multipart(part_fields(DATA, 0, uuid=UUID, **changes), DATA)


def without(name: str) -> bytes:
    fields = part_fields(DATA, 0, uuid=UUID)
    del fields[name]
    return multipart(fields, DATA)


def headed(head: str) -> bytes:
    return multipart(part_fields(DATA, 0, uuid=UUID), DATA, head=head)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (without("qquuid"), "qquuid is missing."),
        (without("qqpartindex"), "qqpartindex is missing."),
        (bent(qqextra="1"), "qqextra is not known."),
        (bent(qqresume="false"), "qqresume can only be true."),
        (bent(qqpartindex="1"), "qqpartindex is 1, of 1 parts from 0."),
        (bent(qqpartindex="-0"), "qqpartindex must be a whole number in decimal digits."),
        (bent(qqpartindex="٠"), "qqpartindex must be a whole number in decimal digits."),
        (bent(qqpartbyteoffset=str(len(DATA))), "qqpartbyteoffset is 8000, where 0 is right."),
        (bent(qqchunksize="7999"), "qqchunksize is 7999, where 8000 is right."),
        (bent(qqtotalparts="2"), "qqtotalparts is 2, where 1 is right."),
        (bent(qqtotalfilesize="0", qqtotalparts="0"), "qqtotalfilesize is 0: an empty file"),
        (bent(qqtotalfilesize="9" * 17), "qqtotalfilesize must be a whole number"),
        (bent(qqfilename=" "), "qqfilename is empty."),
        (bent(qquuid="382fda4e"), "qquuid must be a UUID."),
        (bent(qquuid=UUID.replace("-", "")), "qquuid must be a UUID."),
        (headed(FILE_HEAD.replace("blob", "movie.mp4")), "The file must be named qqfile"),
        (headed(FILE_HEAD.replace("qqfile", "file")), "The file must be named qqfile"),
        (headed(FILE_HEAD.replace("octet-stream", "x")), "qqfile must have the Content-Type"),
    ],
)
def test_a_part_that_contradicts_itself_is_refused(
    client: Client, entry: int, body: bytes, error: str
) -> None:
    answer = client.part(entry, body)
    assert answer.status_code == 200
    assert answer.json()["success"] is False
    assert answer.json()["error"].startswith(error)
    assert answer.json()["preventRetry"] is True
    assert client.audit(entry)["parts"] == {}
    assert client.audit(entry)["received"]["part"] == 1


FIELDS = part_fields(DATA, 0, uuid=UUID)


@pytest.mark.parametrize(
    ("body", "error", "final"),
    [
        (multipart(FIELDS, DATA, line="\n"), "lines must end with CRLF.", True),
        (multipart(FIELDS, DATA, end="\n--xyz--\n"), "CRLF and the closing bound", True),
        (multipart(FIELDS, DATA, end="\r\n--xyz\r\n"), "CRLF and the closing boundary must", True),
        (multipart(FIELDS, DATA, end="\r\n--abc--\r\n"), "CRLF and the closing bound", True),
        (multipart(FIELDS, DATA, end=""), "qqfile does not hold 8000 bytes", True),
        (multipart(FIELDS, DATA + b"x"), "qqfile does not hold 8000 bytes", True),
        (multipart(FIELDS, DATA[:-4], end="\r\n--xyz--\r\nabcd"), "CRLF and the", True),
        (
            multipart(FIELDS, b"\r\n--xyz".join((DATA[:4000], DATA[4007:]))),
            "the boundary stands in the middle",
            True,
        ),
        (multipart({**FIELDS, "qqx\r\n": ""}, DATA), "a header needs a colon.", True),
        (multipart({**FIELDS, 'q"': ""}, DATA), "Content-Disposition must be form-data", True),
        (multipart({**FIELDS, "qqfilename": "a\r\nb"}, DATA), "a boundary must stand", True),
        (multipart({**FIELDS, "qqfilename": "a" * 5000}, DATA), "a line before the file", False),
        (multipart(FIELDS, DATA).replace(b"movie", b"\xff"), "fields and headers must be", True),
        (multipart({str(n): "" for n in range(40)}, DATA), "there are too many fields", True),
        (b"--xyz\r\n" + multipart(FIELDS, DATA), "a header needs a colon.", True),
        (multipart(FIELDS, DATA).replace(b"qqchunksize", b"qqpartindex"), "qqpartindex", True),
        (b"", "a line before the file has no end", False),
    ],
)
def test_multipart_is_taken_by_the_letter(
    client: Client, entry: int, body: bytes, error: str, final: bool
) -> None:
    answer = client.part(entry, body).json()
    assert answer["success"] is False
    assert answer["error"].startswith(error)
    assert answer.get("preventRetry", False) is final
    assert client.audit(entry)["parts"] == {}


@pytest.mark.parametrize("end", ["\r\n--xyz--", "\r\n--xyz--\r\n"])
def test_the_last_line_break_is_free(client: Client, entry: int, end: str) -> None:
    body = multipart({**FIELDS, "qqresume": "true"}, DATA, end=end)
    assert client.part(entry, body).json() == {"success": True, "uuid": UUID}


def test_what_the_article_sends_is_not_good_enough(client: Client, entry: int) -> None:
    """Its offset is the total size, and its lines end with LF."""
    article = multipart(
        part_fields(DATA, 0, uuid=UUID, qqpartbyteoffset=str(len(DATA))),
        DATA,
        line="\n",
        end="\n--xyz",
    )
    assert client.part(entry, article).json()["success"] is False


def test_requests_own_multipart_is_accepted(client: Client, entry: int) -> None:
    answer = client.post(
        f"/api/v2/videos/{entry}/file/chunks",
        data=FIELDS,
        files={"qqfile": ("blob", DATA, "application/octet-stream")},
        headers={"X-Requested-With": "XMLHttpRequest"},
    )
    assert answer.json() == {"success": True, "uuid": UUID}


def test_a_boundary_across_two_blocks_is_seen(client: Client, entry: int) -> None:
    block = 1 << 20
    data = b"a" * (block - 4) + b"\r\n--xyz" + b"b" * 100
    answer = client.part(entry, multipart(part_fields(data, 0, uuid=UUID), data)).json()
    assert answer["error"].startswith("the boundary stands in the middle")


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"X-Requested-With": None}, 403), ({"Content-Type": "application/octet-stream"}, 200)],
)
def test_headers_of_a_part(
    client: Client, entry: int, headers: dict[str, str | None], status: int
) -> None:
    usual = {
        "X-Requested-With": "XMLHttpRequest",
        "Content-Type": "multipart/form-data; boundary=xyz",
    }
    answer = client.post(
        f"/api/v2/videos/{entry}/file/chunks",
        data=multipart(FIELDS, DATA),
        headers={**usual, **headers},
    )
    assert answer.status_code == status
    assert "success" not in answer.json() or answer.json()["success"] is False


def test_a_part_says_its_length_in_advance(client: Client, entry: int) -> None:
    answer = client.post(
        f"/api/v2/videos/{entry}/file/chunks",
        data=iter([multipart(FIELDS, DATA)]),
        headers={
            "X-Requested-With": "XMLHttpRequest",
            "Content-Type": "multipart/form-data; boundary=xyz",
        },
    )
    assert answer.status_code == 411


def test_parts_need_their_stream(client: Client) -> None:
    entry = client.created()
    answer = client.part(entry, multipart(FIELDS, DATA)).json()
    assert answer["error"] == "upload-chunk-stream was not called."


@pytest.mark.parametrize(
    "changes", [{"uuid": OTHER}, {"name": "else.mp4"}, {"data": b"x" * 20_000_001}]
)
def test_later_parts_agree_with_the_first(
    client: Client, entry: int, changes: dict[str, Any]
) -> None:
    data = b"x" * (CHUNK + 5)
    first = part_fields(data, 0, uuid=UUID)
    assert client.part(entry, multipart(first, piece(data, 0))).json()["success"] is True
    asked: dict[str, Any] = {"data": data, "uuid": UUID, **changes}
    later = part_fields(asked["data"], 1, uuid=asked["uuid"], name=asked.get("name", "movie.mp4"))
    answer = client.part(entry, multipart(later, piece(asked["data"], 1))).json()
    assert answer["error"].startswith("qquuid, qqfilename or a total differs")


def test_parts_come_side_by_side_and_in_any_order(
    client: Client, entry: int, large_video: bytes
) -> None:
    def send(index: int) -> bool:
        body = multipart(part_fields(large_video, index, uuid=UUID), piece(large_video, index))
        with Client(client.url) as own:
            return bool(own.part(entry, body).json()["success"])

    with ThreadPoolExecutor(3) as pool:
        assert all(pool.map(send, (2, 1, 0)))
    assert client.done(entry, whole_fields(large_video, uuid=UUID))["success"] is True
    assert client.audit(entry)["sha256"] == hashlib.sha256(large_video).hexdigest()


def test_done_misses_what_did_not_come(client: Client, entry: int, large_video: bytes) -> None:
    fields = whole_fields(large_video, uuid=UUID)
    first = multipart(part_fields(large_video, 0, uuid=UUID), piece(large_video, 0))
    client.part(entry, first)
    answer = client.done(entry, fields)
    assert answer["error"] == "2 parts are missing, the first of them 1."
    assert client.status(entry)["videoFileStatus"] == "NOT-UPLOAD"
    other = client.done(entry, {**fields, "qquuid": OTHER})
    assert other["error"].startswith("qquuid, qqfilename")


def test_done_happens_once(client: Client, entry: int) -> None:
    client.part(entry, multipart(FIELDS, DATA))
    answer = client.done(entry, whole_fields(DATA, uuid=UUID))
    assert answer["uuid"] == UUID
    assert answer["data"]["id"] == entry
    again = client.done(entry, whole_fields(DATA, uuid=UUID))
    assert again["error"] == "The file is complete already."
    late = client.part(entry, multipart(FIELDS, DATA)).json()
    assert late["error"] == "The file is complete already."
    assert client.audit(entry)["received"]["done"] == 2


def test_bytes_that_got_lost_on_disk_are_missed(
    sandbox: Sandbox, client: Client, entry: int
) -> None:
    client.part(entry, multipart(FIELDS, DATA))
    with (sandbox._state / "files" / f"{entry}.video").open("r+b") as file:
        file.truncate(7999)
    answer = client.done(entry, whole_fields(DATA, uuid=UUID))
    assert answer["error"].startswith("The file has 7999 bytes")


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("&".join(f"{name}={value}" for name, value in whole_fields(DATA, uuid=UUID).items()), {}),
        ("qquuid=1", whole_fields(DATA, uuid=UUID)),
        ("", {}),
        ("", {**whole_fields(DATA, uuid=UUID), "qqpartindex": "0"}),
    ],
)
def test_done_is_a_form(client: Client, entry: int, query: str, fields: dict[str, str]) -> None:
    client.part(entry, multipart(FIELDS, DATA))
    path = f"/api/v2/videos/{entry}/file/chunks?done" + (f"&{query}" if query else "")
    for answer in (client.post(path, data=fields), client.post(path, files={"qqfile": b""})):
        assert answer.json()["success"] is False
        assert answer.status_code == 400  # Fine Uploader's client looks at nothing else here
    assert client.status(entry)["videoFileStatus"] == "NOT-UPLOAD"


def half(client: Client, entry: int, body: bytes) -> socket.socket:
    """Send the head and half of a part, and leave the line open."""
    place = urlsplit(client.url)
    line = socket.create_connection((str(place.hostname), place.port or 0), timeout=10)
    head = (
        f"POST /api/v2/videos/{entry}/file/chunks HTTP/1.1\r\nHost: {place.netloc}\r\n"
        f"Cookie: user_session={client.http.cookies['user_session']}\r\n"
        "X-Request-With: nv-garage\r\nX-Requested-With: XMLHttpRequest\r\n"
        "Content-Type: multipart/form-data; boundary=xyz\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    line.sendall(head.encode() + body[: len(body) // 2])
    return line


def mute(client: Client, begun: str = "") -> socket.socket:
    """Open a line on which, but for its beginning, nothing comes."""
    place = urlsplit(client.url)
    line = socket.create_connection((str(place.hostname), place.port or 0), timeout=10)
    line.sendall(begun.encode())
    return line


def answered(line: socket.socket) -> Any:
    response = HTTPResponse(line)
    response.begin()
    return json.loads(response.read())


def wait_for(condition: Callable[[], bool]) -> None:
    for _ in range(500):
        if condition():
            return
        threading.Event().wait(0.01)
    raise AssertionError("it did not happen")


def test_a_broken_repeat_takes_the_part_away(client: Client, entry: int) -> None:
    body = multipart(FIELDS, DATA)
    client.part(entry, body)
    with half(client, entry, body):
        wait_for(lambda: client.audit(entry)["received"].get("part") == 2)
        arriving = client.done(entry, whole_fields(DATA, uuid=UUID))
        assert arriving["error"] == "Parts of the file are still arriving."
        assert "preventRetry" not in arriving

    def missing() -> bool:
        error: str = client.done(entry, whole_fields(DATA, uuid=UUID))["error"]
        return error == "1 parts are missing, the first of them 0."

    wait_for(missing)
    assert client.part(entry, body).json()["success"] is True
    assert client.done(entry, whole_fields(DATA, uuid=UUID))["success"] is True
    assert client.audit(entry)["parts"] == {"0": 2}


def test_a_part_that_comes_again_takes_the_place_of_one_that_stalls(
    client: Client, entry: int, large_video: bytes
) -> None:
    data = large_video[: CHUNK + 3_000_000]
    stale = piece(data, 0)[:-4] + b"junk"
    wire = [multipart(part_fields(data, n, uuid=UUID), piece(data, n)) for n in (0, 1)]
    bent = multipart(part_fields(data, 0, uuid=UUID), stale)
    with half(client, entry, bent) as first, half(client, entry, bent) as second:
        wait_for(lambda: client.audit(entry)["received"].get("part") == 2)
        assert client.part(entry, wire[0]).json()["success"] is True
        assert client.part(entry, wire[1]).json()["success"] is True
        first.sendall(bent[len(bent) // 2 :])
        refused = {"success": False, "error": "The part is arriving once more."}
        assert answered(first) == refused
        assert client.done(entry, whole_fields(data, uuid=UUID))["success"] is True
        second.sendall(bent[len(bent) // 2 :])
        assert answered(second) == refused
    assert client.audit(entry)["sha256"] == hashlib.sha256(data).hexdigest()
    assert client.audit(entry)["parts"] == {"0": 1, "1": 1}


def test_another_part_that_stalls_is_waited_for(
    client: Client, entry: int, large_video: bytes
) -> None:
    data = large_video[: CHUNK + 3_000_000]
    wire = [multipart(part_fields(data, n, uuid=UUID), piece(data, n)) for n in (0, 1)]
    assert client.part(entry, wire[0]).json()["success"] is True
    with half(client, entry, wire[1]) as line:
        wait_for(lambda: client.audit(entry)["received"].get("part") == 2)
        arriving = client.done(entry, whole_fields(data, uuid=UUID))
        assert arriving["error"] == "Parts of the file are still arriving."
        line.sendall(wire[1][len(wire[1]) // 2 :])
        assert answered(line)["success"] is True
    assert client.done(entry, whole_fields(data, uuid=UUID))["success"] is True


def test_fields_that_stall_keep_nobody_waiting(client: Client, entry: int) -> None:
    body = multipart(FIELDS, DATA)
    with half(client, entry, body[:200] * 2) as line:
        wait_for(lambda: client.audit(entry)["received"].get("part") == 1)
        assert client.part(entry, body).json()["success"] is True
        assert client.done(entry, whole_fields(DATA, uuid=UUID))["success"] is True
        line.sendall(body[200:])
        assert answered(line)["success"] is False


def test_a_line_on_which_nothing_moves_is_cut(tmp_path: Path, clock: Clock) -> None:
    body = multipart(FIELDS, DATA)
    with (
        Sandbox(tmp_path, clock=clock, idle_seconds=0.2) as sandbox,
        Client(sandbox.url) as client,
    ):
        entry = client.created()
        client.stream(entry)
        with half(client, entry, body) as part, mute(client) as silent:
            assert answered(part) == {"success": False, "error": "timed out."}
            assert silent.recv(1) == b""
        with mute(client, f"POST /api/v2/videos/{entry} HTTP/1.1\r\nContent-Length: 9\r\n") as head:
            assert head.recv(1) == b""
        assert client.part(entry, body).json()["success"] is True
        assert client.done(entry, whole_fields(DATA, uuid=UUID))["success"] is True
    assert sandbox.audit()["crashes"] == []


def test_a_longer_file_that_broke_off_leaves_nothing_in_a_shorter_one(
    client: Client, entry: int, small_video: Path
) -> None:
    data = small_video.read_bytes()
    longer = data + bytes(6_000_000)
    broken = multipart(part_fields(longer, 0, uuid=UUID), longer)
    with half(client, entry, broken):
        wait_for(lambda: client.audit(entry)["received"].get("part") == 1)
    wait_for(lambda: (client.audit(entry)["parts"]) == {})
    part = multipart(part_fields(data, 0, uuid=OTHER), data)

    def taken() -> bool:
        return bool(client.part(entry, part).json()["success"])

    wait_for(taken)
    wait_for(lambda: client.done(entry, whole_fields(data, uuid=OTHER))["success"])
    assert client.audit(entry)["sha256"] == hashlib.sha256(data).hexdigest()


def test_a_stalled_part_does_not_hold_up_the_end(tmp_path: Path, clock: Clock) -> None:
    before = set(threading.enumerate())
    with Sandbox(tmp_path, clock=clock) as sandbox, Client(sandbox.url) as client:
        entry = client.created()
        client.stream(entry)
        line = half(client, entry, multipart(FIELDS, DATA))
        wait_for(lambda: client.audit(entry)["received"].get("part") == 1)
    line.close()
    new = set(threading.enumerate()) - before
    assert not [thread for thread in new if "sandbox" in thread.name]


def test_a_client_that_resets_its_line_is_no_crash(tmp_path: Path, clock: Clock) -> None:
    with Sandbox(tmp_path, clock=clock) as sandbox, Client(sandbox.url) as client:
        entry = client.created()
        client.stream(entry)
        line = half(client, entry, multipart(FIELDS, DATA))
        wait_for(lambda: client.audit(entry)["received"].get("part") == 1)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        line.close()
        wait_for(lambda: any(each["status"] == 500 for each in sandbox.audit()["requests"]))
    assert sandbox.audit()["crashes"] == []


def test_an_early_refusal_reaches_a_client_that_is_still_sending(sandbox: Sandbox) -> None:
    answer = requests.post(
        f"{sandbox.url}/api/v2/videos/1/file/chunks",
        data=b"x" * (3 * CHUNK),
        headers={"X-Request-With": "nv-garage"},
        timeout=20,
    )
    assert answer.status_code == 401
