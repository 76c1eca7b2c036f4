from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nicobatch.sandbox import Sandbox
from nicobatch.sites.niconico.sandbox.search_filters import SERVICES
from tests.unit.sites.niconico.sandbox.client import Client
from tests.unit.sites.niconico.sandbox.conftest import ENCODE_SECONDS, Clock

Parameters = dict[str, Any]

VIDEOS: tuple[Parameters, ...] = (
    {"title": "ミク ボーカル", "tags": ["VOCALOID", "音楽"], "genreKey": "music_sound"},
    {"title": "歌ってみた", "detail": "ミクの歌", "tags": ["歌ってみた"], "genreKey": "none"},
    {"title": "ゲーム実況 - 一", "tags": ["ゲーム", "実況"], "genreKey": "game"},
    {"title": "秘密", "publish": False},
)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, video: bytes) -> Iterator[Client]:
    """Three public videos a minute apart, and a private one."""
    clock, state = Clock(), Path(tmp_path_factory.mktemp("library"))
    with (
        Sandbox(state, clock=clock, encode_seconds=ENCODE_SECONDS) as sandbox,
        Client(sandbox.url) as client,
    ):
        for changes in VIDEOS:
            assert client.publish(client.upload(video), **changes).ok
            clock.now += 60
        yield client


def search(client: Client, service: str = "video", **parameters: Any) -> Any:
    asked = {"targets": "title,description,tags", "_sort": "startTime", **parameters}
    present = {name: value for name, value in asked.items() if value is not None}
    path = f"/api/v2/{'snapshot/video' if service == 'snapshot' else service}/contents/search"
    return client.get(path, params=present)


def titles(client: Client, service: str = "video", **parameters: Any) -> list[str]:
    answer = search(client, service, fields="title", _sort="+startTime", **parameters).json()
    assert answer["meta"]["status"] == 200, answer
    return [hit["title"] for hit in answer["data"]]


MIKU, SANG, GAME = (str(each["title"]) for each in VIDEOS[:3])


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("ミク", [MIKU, SANG]),
        ("ミク ボーカル", [MIKU]),
        ("ボーカル OR 歌ってみた", [MIKU, SANG]),
        ("ボーカル OR 歌ってみた OR 実況", [MIKU, SANG, GAME]),
        ("ボーカル OR 歌ってみた vocaloid", [MIKU]),
        ('"ミク ボーカル"', [MIKU]),
        ('"ボーカル ミク"', []),
        ("ミク -ボーカル", [SANG]),
        ('ミク -"ミク ボーカル"', [SANG]),
        ("ゲーム -", [GAME]),
        ("ミク - ボーカル", []),
        ('"OR"', []),
        ("ＶＯＣＡＬＯＩＤ", [MIKU]),
        ("秘密", []),
    ],
)
def test_queries(library: Client, q: str, found: list[str]) -> None:
    assert titles(library, q=q) == found


@pytest.mark.parametrize(
    "q", ["", " ", None, "-ミク", "-a -b", '"ミク', 'ミ"ク', "a OR", "OR a", "a OR OR b",
          "a OR -b", "a b OR c", "a OR b c OR d"],
)  # fmt: skip
def test_queries_that_can_not_be_parsed(library: Client, q: str | None) -> None:
    answer = search(library, q=q)
    assert answer.status_code == 400
    meta = answer.json()["meta"]
    assert (meta["status"], meta["errorCode"]) == (400, "QUERY_PARSE_ERROR")
    assert meta["errorMessage"] == "query parse error"


def test_the_snapshot_takes_the_empty_query(library: Client) -> None:
    assert titles(library, "snapshot", q="") == [MIKU, SANG, GAME]


def test_exact_tags_are_whole(library: Client) -> None:
    assert titles(library, q="実況", targets="tagsExact") == [GAME]
    assert titles(library, q="vocal", targets="tagsExact") == []
    assert titles(library, q="vocal", targets="tags") == [MIKU]
    assert titles(library, q="vocal", targets="title") == []


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"filters[genre][0]": "ゲーム"}, [GAME]),
        ({"filters[genre][0]": "ゲーム", "filters[genre][1]": "音楽・サウンド"}, [MIKU, GAME]),
        ({"filters[tags][0]": "音楽"}, [MIKU]),
        ({"filters[viewCounter][0]": "0"}, [MIKU, SANG, GAME]),
        ({"filters[viewCounter][gt]": "0"}, []),
        ({"filters[lengthSeconds][gte]": "2", "filters[viewCounter][lt]": "1"}, [MIKU, SANG, GAME]),
        ({"filters[startTime][lt]": "2026-09-21T23:14:00+09:00"}, [MIKU]),
        ({"filters[startTime][gte]": "2026-09-21T14:15:00+00:00"}, [GAME]),
        ({"filters[channelId][0]": "1"}, []),
        ({"filters": ""}, [MIKU, SANG, GAME]),
    ],
)  # fmt: skip
def test_filters(library: Client, filters: dict[str, str], found: list[str]) -> None:
    assert titles(library, "snapshot", q="", **filters) == found


GAMES = {"type": "equal", "field": "genre", "value": "ゲーム"}
EARLY = {"type": "range", "field": "startTime", "to": "2026-09-21T23:13:30+09:00"}


@pytest.mark.parametrize(
    ("tree", "found"),
    [
        (GAMES, [GAME]),
        ({"type": "not", "filter": GAMES}, [MIKU, SANG]),
        ({"type": "or", "filters": [GAMES, EARLY]}, [MIKU, GAME]),
        ({"type": "and", "filters": [GAMES, EARLY]}, []),
        (EARLY, [MIKU]),
        ({**EARLY, "include_upper": False}, []),
        ({"type": "range", "field": "viewCounter", "from": 0, "include_lower": False}, []),
        ({"type": "range", "field": "viewCounter", "from": 0}, [MIKU, SANG, GAME]),
        ({"type": "equal", "field": "contentId", "value": "sm39130868"}, [SANG]),
    ],
)
def test_json_filters(library: Client, tree: Parameters, found: list[str]) -> None:
    assert titles(library, "snapshot", q="", jsonFilter=json.dumps(tree)) == found


@pytest.mark.parametrize(
    "parameters",
    [
        {"targets": "title,tagsExact"},
        {"targets": None},
        {"targets": "genre"},
        {"fields": "tagsExact"},
        {"fields": "title,nothing"},
        {"_sort": None},
        {"_sort": "title"},
        {"_sort": " startTime"},
        {"_offset": "1601"},
        {"_offset": "-1"},
        {"_limit": "0"},
        {"_limit": "101"},
        {"_limit": "x"},
        {"_context": "x" * 41},
        {"unknown": "1"},
        {"filters": "x"},
        {"filters[title][0]": "x"},
        {"filters[nothing][0]": "x"},
        {"filters[contentId][0]": "sm9"},
        {"filters[viewCounter][0]": "many"},
        {"filters[viewCounter][0]": "1_000"},
        {"filters[viewCounter][0]": "１"},
        {"filters[viewCounter][almost]": "1"},
        {"filters[genre][gt]": "a"},
        {"filters[startTime][gt]": "2026-09-21"},
        {"filters[startTime][gt]": "yesterday"},
        {"jsonFilter": "{"},
        {"jsonFilter": "[]"},
        {"jsonFilter": "[" * 2000},
        {"jsonFilter": '{"type":"else"}'},
        {"jsonFilter": '{"type":"equal","field":"genre"}'},
        {"jsonFilter": '{"type":"equal","field":5,"value":1}'},
        {"jsonFilter": '{"type":"equal","field":"genre","value":5}'},
        {"jsonFilter": '{"type":"equal","field":"viewCounter","value":true}'},
        {"jsonFilter": '{"type":"equal","field":"startTime","value":5}'},
        {"jsonFilter": '{"type":"range","field":"viewCounter"}'},
        {"jsonFilter": '{"type":"range","field":"viewCounter","from":1,"include_lower":"no"}'},
        {"jsonFilter": '{"type":"or","filters":[]}'},
        {"jsonFilter": '{"type":"not","filter":' * 900 + "5" + "}" * 900},
    ],
)
def test_what_the_guide_does_not_allow(library: Client, parameters: Parameters) -> None:
    answer = search(library, **{"q": "ミク", **parameters})
    assert answer.status_code == 400
    assert answer.json()["meta"]["errorCode"] == "QUERY_PARSE_ERROR"


def test_the_snapshot_reaches_further(library: Client) -> None:
    assert search(library, "snapshot", q="ミク", _offset="100000").status_code == 200
    assert search(library, "snapshot", q="ミク", _offset="100001").status_code == 400
    assert search(library, q="ミク", _offset="1600").status_code == 200


def test_order_and_pages(library: Client) -> None:
    newest = search(library, "snapshot", q="", fields="title").json()
    assert [hit["title"] for hit in newest["data"]] == [GAME, SANG, MIKU]
    second = search(library, "snapshot", q="", fields="title", _offset="1", _limit="1").json()
    assert second["data"] == [{"title": SANG}]
    assert second["meta"]["totalCount"] == 3
    unknown = search(library, "snapshot", q="", fields="title", _sort="-lastCommentTime").json()
    assert len(unknown["data"]) == 3


def test_all_fields(library: Client) -> None:
    for name in ("video", "snapshot"):
        fields = SERVICES[name].fields
        returned = [each for each in fields if fields[each].returned]
        hit = search(library, name, q="歌", fields=",".join(returned)).json()["data"][0]
        assert list(hit) == returned
        assert (hit["contentId"], hit["genre"], hit["tags"]) == ("sm39130868", None, "歌ってみた")
    assert search(library, q="歌").json()["data"] == [{}]


def test_live_has_its_own_fields_and_no_hits(library: Client) -> None:
    found = search(library, "live", q="ミク", fields="contentId,liveStatus", **{
        "filters[liveStatus][0]": "onair", "filters[memberOnly][0]": "false",
    })  # fmt: skip
    assert found.json()["data"] == []
    assert search(library, "live", q="ミク", fields="lengthSeconds").status_code == 400
    wrong = {"filters[memberOnly][0]": "maybe"}
    assert search(library, "live", q="ミク", **wrong).status_code == 400
    tree = json.dumps({"type": "equal", "field": "memberOnly", "value": True})
    assert search(library, "live", q="ミク", jsonFilter=tree).status_code == 200
    assert library.get("/api/v2/radio/contents/search?q=a").status_code == 404


def test_version(library: Client) -> None:
    assert library.get("/api/v2/snapshot/version").json() == {
        "last_modified": "2026-09-21T23:17:20+09:00"
    }


def test_what_others_have_published(tmp_path: Path) -> None:
    others: dict[str, list[Parameters]] = {
        "video": [{"contentId": "sm9", "title": "煩悩", "tags": "公式 音楽", "genre": "ゲーム"}],
        "live": [{"contentId": "lv1", "title": "煩悩の番組", "liveStatus": "onair"}],
    }
    with Sandbox(tmp_path, catalogue=others) as sandbox, Client(sandbox.url) as client:
        for service in ("video", "snapshot"):
            found = search(client, service, q="音楽", targets="tagsExact",
                           fields="contentId,genre.keyword,viewCounter").json()  # fmt: skip
            hit = {"contentId": "sm9", "genre.keyword": "ゲーム", "viewCounter": None}
            assert found["data"] == [hit]
        found = search(client, "live", q="煩悩", fields="contentId,liveStatus,openTime").json()
        assert found["data"] == [{"contentId": "lv1", "liveStatus": "onair", "openTime": None}]
