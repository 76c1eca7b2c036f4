"""The troubles that a test can ask for."""

from __future__ import annotations

import pytest
import requests

from nicobatch.sandbox import Sandbox
from tests.unit.sites.bilibili.sandbox.client import SECOND, Client, body
from tests.unit.sites.bilibili.sandbox.test_uploads import DATA


def test_too_fast_after_a_few(client: Client) -> None:
    client.fault("preupload", code=601, after=2, times=None)
    answers = [client.preupload(1) for _ in range(4)]
    assert [each.status_code for each in answers] == [200, 200, 406, 406]
    assert answers[2].json()["OK"] == 0
    assert client.get("/preupload", r="probe").json()["OK"] == 1
    client.http.delete(f"{client.url}/sandbox/faults", timeout=10)
    client.fault("preupload", code=406)
    answer = client.preupload(1)
    assert (answer.status_code, answer.json()["code"]) == (406, 406)
    assert client.preupload(1).status_code == 200


@pytest.mark.parametrize("code", [601, 21012, 21566, 21564, 137022, -101, 20001, 21590, -702])
def test_a_code_at_a_submission(client: Client, video: bytes, code: int) -> None:
    page = client.uploaded(video)
    client.fault("submit", code=code)
    answer = client.submit(page)
    assert answer["code"] == code
    assert ("v_voucher" in answer.get("data", {})) is (code == 601)
    assert client.state()["archives"] == []
    client.submitted(page)


def test_a_page_that_went_wrong_and_an_address_that_is_blocked(client: Client) -> None:
    client.fault("submit", code=21015, page=2)
    assert client.submit()["message"] == "第2个视频可能出现问题，请重新上传"
    client.fault("submit", code=-412)
    answer = client.submitting({})
    assert (answer.status_code, answer.json()["code"]) == (412, -412)


def test_an_answer_that_is_lost(sandbox: Sandbox, client: Client, video: bytes) -> None:
    page = client.uploaded(video)
    client.fault("submit", play="lost")
    with pytest.raises(requests.ConnectionError):
        client.submit(page)
    assert len(client.state()["archives"]) == 1
    assert client.submit(page)["code"] == 21015
    client.fault("list", play="drop")
    with pytest.raises(requests.ConnectionError):
        client.archives()
    assert client.archives()["page"]["count"] == 1
    seen = [each for each in sandbox.audit()["requests"] if each["path"].endswith("/archives")]
    assert [each["status"] for each in seen] == [0, 200]


@pytest.mark.parametrize(("play", "text"), [("empty", ""), ("html", "<html>")])
def test_an_answer_that_is_none(client: Client, video: bytes, play: str, text: str) -> None:
    content = body(client.csrf, client.uploaded(video))
    client.fault("submit", play=play)
    answer = client.submitting(content)
    assert (answer.status_code, answer.text[:6]) == (200, text)
    assert len(client.state()["archives"]) == 1


def test_a_merge_that_takes_its_time(client: Client) -> None:
    terms = client.begun(DATA)
    for number in (1, 2, 3):
        client.fault("part", status=504, where={"partNumber": number})
        assert client.part(terms, DATA, number).status_code == 504
        assert client.part(terms, DATA, number).ok
    client.fault("complete", status=500, times=2)
    assert [client.complete(terms).status_code for _ in range(3)] == [500, 500, 200]
    assert client.state()["uploads"][0]["accepted"] == [1, 2, 3]
    client.fault("complete", code=1)
    assert client.complete(terms).json()["OK"] == 0


def test_one_account_alone(sandbox: Sandbox, client: Client) -> None:
    client.fault("list", code=-702, where={"user": SECOND.user_id})
    assert client.get("/x/web/archives").json()["code"] == 0
    with Client(sandbox.url, SECOND) as other:
        assert other.get("/x/web/archives").json()["code"] == -702


def test_what_can_not_be_asked_for(client: Client) -> None:
    asked = [
        client.post("/sandbox/faults", json={"play": "lost"}),
        client.post("/sandbox/faults", json={"at": "submit", "play": "dance"}),
        client.post("/sandbox/settings", json={"colour": "red"}),
        client.post("/sandbox/settings", data="chunk_size=1"),
    ]
    assert [each.json()["code"] for each in asked] == [-400] * 4
    assert client.state()["faults"] == []
