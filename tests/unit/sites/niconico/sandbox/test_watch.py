from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
import requests

from nicobatch.sandbox import Sandbox
from tests.unit.sites.niconico.sandbox.client import SECOND, Client
from tests.unit.sites.niconico.sandbox.conftest import Clock

LATER = "2026-12-01T18:00:00+09:00"


def thumb(client: Client, entry: int) -> ET.Element:
    answer = client.get(f"/api/getthumbinfo/sm{entry}")
    assert answer.headers["Content-Type"] == "text/xml; charset=utf-8"
    return ET.fromstring(answer.content)


def thumb_code(client: Client, entry: int) -> str | None:
    root = thumb(client, entry)
    assert root.get("status") == "fail"
    return root.findtext("error/code")


def test_a_public_video(client: Client, clock: Clock, video: bytes) -> None:
    entry = client.upload(video)
    client.publish(entry, series={"id": 3, "addToHead": True})
    clock.encode()
    answer = client.get(f"/watch/sm{entry}?responseType=json").json()
    assert answer["meta"] == {"status": 200, "code": "HTTP_200"}
    page = answer["data"]["response"]
    assert page["video"]["id"] == f"sm{entry}"
    assert page["video"]["isPrivate"] is False
    assert page["video"]["duration"] == 2
    assert page["video"]["registeredAt"] == "2026-09-21T23:13:30+09:00"
    assert page["genre"] == {
        "key": "game",
        "label": "ゲーム",
        "isNotSet": False,
        "isDisabled": False,
    }
    assert page["tag"]["items"] == [
        {"name": "ゲーム", "isLocked": True},
        {"name": "実況プレイ動画", "isLocked": True},
    ]
    assert page["owner"]["nickname"] == "サンドボックス"
    assert page["series"]["id"] == 3
    root = thumb(client, entry)
    assert root.get("status") == "ok"
    assert root.findtext("thumb/title") == "第1回 はじめての冒険"
    assert root.findtext("thumb/length") == "0:02"
    assert root.findtext("thumb/embeddable") == "1"
    assert [(tag.text, tag.get("lock")) for tag in root.iter("tag")] == [
        ("ゲーム", "1"),
        ("実況プレイ動画", "1"),
    ]


def test_a_genre_that_is_not_set(client: Client, clock: Clock, video: bytes) -> None:
    entry = client.upload(video)
    client.publish(entry, genreKey="none")
    clock.encode()
    assert client.watch(entry)["genre"]["isNotSet"] is True


def test_a_private_video(sandbox: Sandbox, client: Client, clock: Clock, video: bytes) -> None:
    entry = client.upload(video)
    client.publish(entry, publish=False)
    clock.encode()
    seen = client.watch(entry)
    assert (seen["statusCode"], seen["reasonCode"]) == (403, "HIDDEN_VIDEO")
    assert seen["publishScheduledAt"] is None
    assert thumb_code(client, entry) == "NOT_FOUND"
    path = f"/watch/sm{entry}?responseType=json"
    own = client.get(path).json()["data"]["response"]
    assert own["video"]["isPrivate"] is True
    with Client(sandbox.url, SECOND) as other:
        assert other.get(path).status_code == 403


def guest(client: Client, entry: int, **changes: str) -> requests.Response:
    asked = {
        "actionTrackId": "AAAAAAAAAA_1700000000000",
        "_frontendId": "6",
        "_frontendVersion": "0",
        **changes,
    }
    return client.get(f"/api/watch/v3_guest/sm{entry}", params=asked)


def test_the_guests_own_route(client: Client, clock: Clock, video: bytes) -> None:
    entry = client.upload(video)
    assert guest(client, entry).status_code == 404
    client.publish(entry, publish=False)
    encoding = guest(client, entry)
    assert (encoding.status_code, encoding.json()["data"]["reasonCode"]) == (
        400,
        "PROCESSING_VIDEO",
    )
    clock.encode()
    hidden = guest(client, entry)  # the owner's session counts for nothing here
    assert hidden.status_code == 400
    assert hidden.json() == {
        "meta": {"status": 400, "errorCode": "FORBIDDEN"},
        "data": {"reasonCode": "HIDDEN_VIDEO", "publishScheduledAt": None},
    }
    client.edit(entry, publishTimer={"use": True, "registeredAt": LATER})
    waiting = guest(client, entry)
    assert (waiting.status_code, waiting.json()["data"]["publishScheduledAt"]) == (400, LATER)
    client.edit(entry)
    page = guest(client, entry).json()
    assert (page["meta"], page["data"]["video"]["id"]) == ({"status": 200}, f"sm{entry}")
    client.delete(entry)
    gone = guest(client, entry)
    assert (gone.status_code, gone.json()["data"]["reasonCode"]) == (404, "DELETED_VIDEO")
    assert guest(client, 1).status_code == 404


@pytest.mark.parametrize(
    "changes",
    [
        {"actionTrackId": ""},
        {"actionTrackId": "AAAAAAAAAA_170000000000"},
        {"actionTrackId": "AAAAAAAAA-_1700000000000"},
        {"_frontendId": ""},
        {"_frontendVersion": ""},
    ],
)
def test_guests_say_who_asks(client: Client, changes: dict[str, str]) -> None:
    answer = guest(client, 1, **changes)
    assert answer.status_code == 400
    assert answer.json()["meta"]["errorCode"] == "INVALID_PARAMETER"


def test_guests_may_say_it_in_headers(client: Client) -> None:
    headers = {"X-Frontend-Id": "6", "X-Frontend-Version": "0"}
    query = "actionTrackId=AAAAAAAAAA_1700000000000"
    assert client.get(f"/api/watch/v3_guest/sm1?{query}", headers=headers).status_code == 404


def test_a_scheduled_video_comes_when_its_time_has_come(
    client: Client, clock: Clock, video: bytes
) -> None:
    entry = client.upload(video)
    client.publish(entry, publishTimer={"use": True, "registeredAt": LATER})
    clock.encode()
    seen = client.watch(entry)
    assert (seen["statusCode"], seen["publishScheduledAt"]) == (403, LATER)
    clock.now = 1_796_115_600.0
    assert client.watch(entry)["video"]["registeredAt"] == LATER


def test_what_visitors_can_not_see(client: Client, clock: Clock, video: bytes) -> None:
    assert client.watch(1)["errorCode"] == "NOT_FOUND"
    assert thumb_code(client, 1) == "NOT_FOUND"
    entry = client.upload(video)
    assert client.watch(entry)["errorCode"] == "NOT_FOUND"
    client.draft(entry)
    clock.encode()
    assert client.watch(entry)["errorCode"] == "NOT_FOUND"
    client.delete(entry)
    seen = client.watch(entry)
    assert (seen["statusCode"], seen["reasonCode"]) == (404, "DELETED_VIDEO")
    assert thumb_code(client, entry) == "DELETED"


def test_people_are_shown_the_garage(client: Client) -> None:
    assert client.get("/watch/sm9").headers["Location"] == "/garage/videos#sm9"
