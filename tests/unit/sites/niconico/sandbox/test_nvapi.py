from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from nicobatch.sandbox import Sandbox
from tests.unit.sites.niconico.sandbox.client import MAIN, SECOND, Client
from tests.unit.sites.niconico.sandbox.conftest import Clock


def test_genres(client: Client) -> None:
    found = client.get("/v2/genres").json()["data"]["genres"]
    assert len(found) == 17
    assert {"key": "music_sound", "label": "音楽・サウンド"} in found
    assert "none" not in {genre["key"] for genre in found}


def test_ones_own_list(client: Client, clock: Clock, video: bytes) -> None:
    later = "2026-12-01T18:00:00+09:00"
    entries = []
    for changes in (
        {"title": "公開"},
        {"title": "非公開", "publish": False, "series": {"id": 5, "addToHead": False}},
        {"title": "予約", "publishTimer": {"use": True, "registeredAt": later}},
    ):
        entry = client.upload(video)
        assert client.publish(entry, **changes).ok
        clock.encode()
        clock.now += 1
        entries.append(entry)
    client.draft(client.upload(video))
    data = client.get("/v2/users/me/videos?sortKey=registeredAt&sortOrder=asc").json()["data"]
    assert [item["essential"]["title"] for item in data["items"]] == ["公開", "非公開", "予約"]
    assert [item["isHidden"] for item in data["items"]] == [False, True, True]
    assert [item["publishTimerDetail"] for item in data["items"]] == [
        None,
        None,
        {"scheduledAt": later},
    ]
    assert data["items"][1]["series"] == {"id": 5, "title": "シリーズ 5", "order": 1}
    assert data["items"][0]["essential"]["id"] == f"sm{entries[0]}"
    assert data["items"][0]["essential"]["duration"] == 2
    assert (data["totalCount"], data["totalItemCount"]) == (3, 3)
    page = client.get("/v2/users/me/videos?pageSize=2&page=2").json()["data"]
    assert [item["essential"]["title"] for item in page["items"]] == ["公開"]
    series = client.get("/v1/users/me/series?pageSize=10&page=1").json()["data"]
    assert series["items"] == [{"id": 5, "title": "シリーズ 5", "isListed": True, "itemsCount": 1}]


def test_slots_that_are_left(sandbox: Sandbox, client: Client, clock: Clock, video: bytes) -> None:
    with Client(sandbox.url, SECOND) as free:
        free.publish(free.upload(video))
        clock.encode()
        limits = free.get("/v2/users/me/videos").json()["data"]["limitation"]
    assert limits["user"] == {"uploadableCount": 49, "uploadedCountForLimitation": 1}
    assert isinstance(limits["borderId"], int)
    limits = client.get("/v2/users/me/videos").json()["data"]["limitation"]
    assert limits["user"] == {"uploadableCount": None, "uploadedCountForLimitation": 0}


@pytest.mark.parametrize(
    "query", ["pageSize=0", "pageSize=101", "page=0", "page=x", "sortKey=title", "sortOrder=up"]
)
def test_lists_are_asked_for_properly(client: Client, query: str) -> None:
    answer = client.get(f"/v2/users/me/videos?{query}")
    assert answer.status_code == 400
    assert answer.json()["meta"] == {"status": 400, "errorCode": "INVALID_PARAMETER"}


def test_deleting(sandbox: Sandbox, client: Client, clock: Clock, video: bytes) -> None:
    entry = client.upload(video)
    client.publish(entry)
    clock.encode()
    del client.http.headers["X-Request-With"]
    assert client.delete(entry).status_code == 403
    headers = {"X-Request-With": "https://www.nicovideo.jp"}
    with Client(sandbox.url, SECOND) as other:
        assert other.delete(entry, headers=headers).status_code == 404
    with Client(sandbox.url, None) as guest:
        assert guest.delete(entry, headers=headers).status_code == 401
    assert client.delete(entry, headers=headers).status_code == 200
    assert client.delete(1, headers=headers).status_code == 404
    assert client.watch(entry)["reasonCode"] == "DELETED_VIDEO"
    assert client.get("/v2/users/me/videos").json()["data"]["items"] == []
    assert client.get(f"/garage/media/{entry}").status_code == 404
    assert client.audit(entry)["received"]["delete"] == 1


@pytest.mark.parametrize("path", ["/v2/nothing", "/api/v2/videos/sm9/status", "/v1/users/me/x"])
def test_routes_that_are_not_there(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.json()["meta"]["status"] == 404


def test_an_account_may_have_less_room(tmp_path: Path, clock: Clock, video: bytes) -> None:
    small = replace(MAIN, uploadable_count=1)
    with Sandbox(tmp_path / "small", encode_seconds=0, clock=clock, accounts=[small]) as server:
        for left in (1, 0):
            with Client(server.url, small) as owner:
                limits = owner.get("/v2/users/me/videos").json()["data"]["limitation"]
                assert limits["user"]["uploadableCount"] == left
                owner.publish(owner.upload(video))
