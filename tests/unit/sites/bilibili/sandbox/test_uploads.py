"""The preupload and the upload host: what fits together is taken, what does not is refused."""

from __future__ import annotations

import hashlib
import socket
import time
from typing import Any

import pytest
import requests

from nicobatch.sandbox import Sandbox
from tests.unit.sites.bilibili.sandbox.client import MAIN, Client
from tests.unit.sites.niconico.sandbox.conftest import Clock

DATA = bytes(range(250)) * 10
"""Three parts, the last of them half as long."""


def test_the_lines_can_be_timed(client: Client) -> None:
    answer = client.get("/preupload", r="probe").json()
    assert answer["OK"] == 1
    assert answer["probe"] == {"post": 0.1}
    client.fault("line", status=503, times=None, where={"line": "estx"})
    statuses = [
        requests.post(f"http:{line['probe_url']}", data=bytes(100_000), timeout=10).status_code
        for line in answer["lines"]
    ]
    assert statuses == [503, 200, 200, 200]
    assert "upcdn=bda2" in answer["lines"][1]["query"]
    assert requests.get(f"{client.url}/OK/none", timeout=10).status_code == 404


def test_the_terms_are_the_sites(sandbox: Sandbox, client: Client) -> None:
    client.set(threads=5)
    terms = client.preupload(2_500, "第1集.MKV").json()
    host = sandbox.url.removeprefix("http:")
    assert terms["endpoint"] == host
    assert terms["endpoints"] == [host]
    assert terms["upos_uri"].startswith("upos://bilibili/n")
    assert terms["upos_uri"].endswith(".mkv")
    assert (terms["chunk_size"], terms["threads"], terms["chunk_retry"]) == (1_000, 5, 10)
    assert terms["biz_id"] > 1 << 32
    assert f"uid={MAIN.user_id}&" in terms["auth"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": ""}, -400),
        ({"size": 0}, -400),
        ({"size": "many"}, -400),
        ({"size": 1 << 40}, -617),
        ({"r": "kodo"}, -400),
        ({"profile": "ugcfr/pc3"}, -400),
        ({"version": ""}, -400),
    ],
)
def test_a_preupload_that_is_wrong(client: Client, changes: Any, code: int) -> None:
    answer = client.preupload(**{"size": 1, **changes}).json()
    assert (answer["OK"], answer["code"]) == (0, code)


def test_what_other_clients_send_is_noted(client: Client) -> None:
    assert client.preupload(1, r"C:\videos\a.txt", upcdn="kodo", csrf="x").json()["OK"] == 1
    assert client.notes() == [
        "preupload: name is a path, not a bare file name",
        "preupload: the page lets nobody choose a file of this extension",
        "preupload: upcdn is no line that the probe names",
        "preupload: csrf is not asked for here",
    ]


def test_parts_come_in_any_order_and_again(client: Client) -> None:
    terms = client.begun(DATA)
    for number in (3, 1, 1, 2):
        assert client.part(terms, DATA, number).text == "MULTIPART_PUT_SUCCESS"
    answer = client.complete(terms)
    place = terms["upos_uri"].removeprefix("upos://")
    key = place.partition("/")[2]
    expected = {"OK": 1, "location": place, "bucket": "bilibili", "key": f"/{key}"}
    assert answer.json() == expected
    assert client.complete(terms).json() == expected
    assert client.part(terms, DATA, 1).status_code == 400
    assert client.init(terms).status_code == 400
    upload = client.state()["uploads"][0]
    assert upload["accepted"] == [3, 1, 1, 2]
    assert upload["begun"] == {"3": 1, "1": 2, "2": 1}
    assert (upload["inits"], upload["completes"]) == (1, 2)
    assert upload["sha256"] == hashlib.sha256(DATA).hexdigest()
    headers = {"Range": "bytes=1000-1009"}
    look = client.at_host("GET", terms, {})
    assert look.content == DATA
    assert requests.get(terms["place"], headers=headers, timeout=10).status_code == 403


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"partNumber": 0}, 400),
        ({"partNumber": 4}, 400),
        ({"partNumber": "1.0"}, 400),
        ({"chunk": 1}, 400),
        ({"chunks": 2}, 400),
        ({"size": 999}, 400),
        ({"start": 1}, 400),
        ({"end": 999}, 400),
        ({"total": 2_501}, 400),
        ({"uploadId": "other"}, 404),
        ({"end": None}, 400),
        ({"body": DATA[:999]}, 400),
        ({"body": b""}, 411),
    ],
)
def test_a_part_that_contradicts_itself(client: Client, changes: Any, status: int) -> None:
    terms = client.begun(DATA)
    assert client.part(terms, DATA, 1, **changes).status_code == status
    assert client.state()["uploads"][0]["held"] == []


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"uploadId": "other"}, 400),
        ({"output": "xml"}, 400),
        ({"biz_id": 1}, 400),
        ({"biz_id": None, "name": "other.mp4", "profile": "ugcfx/bup"}, 200),
        ({"body": {"parts": [{"partNumber": 1, "eTag": "etag"}]}}, 400),
        ({"body": {"parts": [{"partNumber": n, "eTag": "etag"} for n in (2, 1, 3)]}}, 400),
        ({"body": {}}, 200),
    ],
)
def test_completing_wrongly(client: Client, changes: Any, status: int) -> None:
    terms = client.begun(DATA)
    for number in (1, 2, 3):
        client.part(terms, DATA, number)
    assert client.complete(terms, **changes).status_code == status
    noted = {
        "body": ["complete: the list of parts is empty"],
        "name": [
            "complete: biz_id is missing",
            "complete: profile is not the preupload's",
            "complete: name is not the preupload's",
        ],
    }
    taken = [note for name in changes for note in noted.get(name, ()) if status == 200]
    assert client.notes() == taken


def test_completing_too_early(client: Client) -> None:
    terms = client.begun(DATA)
    client.part(terms, DATA, 1)
    client.part(terms, DATA, 3)
    answer = client.complete(terms)
    assert (answer.status_code, answer.json()["info"]) == (400, "1 parts are missing, first 2")


def test_beginning_anew_forgets_the_parts(client: Client) -> None:
    terms = client.begun(DATA)
    client.part(terms, DATA, 1)
    again = {**terms, "upload_id": client.init(terms).json()["upload_id"]}
    assert again["upload_id"] != terms["upload_id"]
    assert client.part(terms, DATA, 2).status_code == 404
    assert client.state()["uploads"][0]["held"] == []
    assert client.init(terms, partsize=5).status_code == 400
    assert client.init(terms, uploads="1").status_code == 400


def test_who_may_send_bytes(client: Client, clock: Clock) -> None:
    terms = client.begun(DATA)
    stranger = {**terms, "auth": "ak=1"}
    assert client.part(stranger, DATA, 1).status_code == 403
    elsewhere = {**terms, "place": terms["place"].replace("/n", "/m")}
    assert client.part(elsewhere, DATA, 1).status_code == 403
    client.upload_host.cookies.set("SESSDATA", "secret")
    assert client.part(terms, DATA, 1).ok
    assert client.notes() == ["part: cookies were sent to the upload host"]
    clock.now += 5 * 86_400
    late = client.part(terms, DATA, 2)
    assert late.status_code == 403
    assert late.headers["X-Upos-Auth"].startswith("AUTH_TS_GT_5DAY ")


def test_an_auth_that_ends_early(client: Client) -> None:
    terms = client.begun(DATA)
    client.fault("auth", where={"partNumber": 2})
    assert client.part(terms, DATA, 1).ok
    assert client.part(terms, DATA, 2).status_code == 403
    assert client.part(terms, DATA, 3).status_code == 403
    assert client.begun(DATA)["upload_id"]


def test_a_part_that_breaks_off_is_not_there(client: Client, sandbox: Sandbox) -> None:
    terms = client.begun(DATA)
    client.part(terms, DATA, 1)
    port = int(sandbox.url.rpartition(":")[2])
    query = (
        f"partNumber=1&uploadId={terms['upload_id']}&chunk=0&chunks=3&size=1000&start=0&end=1000"
        "&total=2500"
    )
    path = terms["place"].removeprefix(sandbox.url)
    head = f"PUT {path}?{query} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Upos-Auth: {terms['auth']}\r\n"
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.sendall(f"{head}Content-Length: 1000\r\n\r\n".encode() + bytes(500))
        deadline = time.monotonic() + 10
        while client.state()["uploads"][0]["held"] and time.monotonic() < deadline:
            time.sleep(0.02)
        assert client.part(terms, DATA, 1).ok  # while the other is still under way
        line.sendall(bytes(500))
        assert b" 409 " in line.recv(100)
    for number in (2, 3):
        client.part(terms, DATA, number)
    client.complete(terms)
    assert client.state()["uploads"][0]["sha256"] == hashlib.sha256(DATA).hexdigest()


def test_too_many_uploads_an_hour(client: Client, clock: Clock) -> None:
    client.set(preuploads_per_hour=2, pause=600)
    assert [client.preupload(1).status_code for _ in range(3)] == [200, 200, 406]
    clock.now += 599
    refused = client.preupload(1)
    assert refused.json()["code"] == 601
    assert refused.json()["detail"]["v_voucher"].startswith("voucher_")
    clock.now += 599  # trying has prolonged it
    assert client.preupload(1).status_code == 406
    clock.now += 601
    assert [client.preupload(1).status_code for _ in range(3)] == [200, 200, 406]
