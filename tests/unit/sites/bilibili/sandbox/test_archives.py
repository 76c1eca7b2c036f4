"""Covers, submissions, edits, and what can be read of them."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from typing import Any

import pytest
import requests

from nicobatch.sites.bilibili.sandbox import submit_rules
from nicobatch.sites.bilibili.sandbox.records import Page, Upload
from tests.unit.sites.bilibili.sandbox.client import Client, JsonObject, body
from tests.unit.sites.niconico.sandbox.conftest import Clock

NOW = 1_790_000_000
JPEG = b"\xff\xd8\xff\xe0picture"
HOURS = 3_600


@pytest.fixture
def page(client: Client, video: bytes) -> JsonObject:
    return client.uploaded(video)


def uri(data: bytes, kind: str = "jpeg") -> str:
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


def test_a_cover(client: Client, page: JsonObject) -> None:
    url = client.cover(uri(JPEG))["data"]["url"]
    name = hashlib.sha1(JPEG, usedforsecurity=False).hexdigest()
    assert url == f"{client.url}/bfs/archive/{name}.jpg"
    assert requests.get(url, timeout=10).content == JPEG
    assert client.cover(uri(JPEG), csrf="x")["code"] == -111
    assert client.cover("https://example.com/a.jpg")["code"] == -400
    assert client.cover("data:image/jpeg;base64,====")["code"] == -400
    assert client.cover(uri(bytes((5 << 20) + 1)))["code"] == -617
    assert client.cover(uri(JPEG, "png"))["code"] == 0
    assert client.notes() == ["cover: the picture is no image/png"]
    made = client.submitted(page, cover=url)
    assert client.view(made["bvid"])["archive"]["cover"] == url


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"title": ""}, 21103),
        ({"title": "字" * 81}, 21103),
        ({"title": 5}, -400),
        ({"tag": ""}, 21005),
        ({"tag": ",".join(map(str, range(11)))}, 21005),
        ({"tag": "字" * 21}, 21005),
        ({"tag": "a, "}, 21005),
        ({"copyright": 4}, -400),
        ({"copyright": 2}, 21021),
        ({"copyright": 2, "source": "字" * 201}, 21021),
        ({"copyright": 3, "creation_statement": ...}, -400),
        ({"creation_statement": {"id": 9}}, -400),
        ({"tid": "21"}, -400),
        ({"tid": ...}, -400),
        ({"human_type2": 1028}, -400),
        ({"desc": "字" * 2_001}, 21010),
        ({"dynamic": "字" * 234}, -400),
        ({"desc_v2": [{"raw_text": "a"}]}, -400),
        ({"dtime": NOW + 2 * HOURS - 1}, 21006),
        ({"dtime": NOW + 15 * 24 * HOURS + 1}, 21006),
        ({"dtime": str(NOW + 3 * HOURS)}, -400),
        ({"cover": "https://archive.biliimg.com/bfs/archive/0.jpg"}, -400),
        ({"web_os": 4}, -400),
        ({"csrf": "other"}, -111),
        ({"videos": []}, 21011),
        ({"videos": [{"title": "a"}]}, -400),
    ],
)
def test_a_submission_that_is_wrong(
    client: Client, page: JsonObject, changes: Any, code: int
) -> None:
    assert client.submit(page, **changes)["code"] == code
    assert client.state()["archives"] == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"title": "字" * 81}, 21104),
        ({"title": "a\nb"}, 21013),
        ({"filename": "n0"}, 21015),
        ({"cid": 1}, 21015),
        ({"desc": None}, -400),
    ],
)
def test_a_page_that_is_wrong(client: Client, page: JsonObject, changes: Any, code: int) -> None:
    answer = client.submit({**page, **changes})
    assert answer["code"] == code
    assert client.submit(page, page)["message"] == "第2个视频可能出现问题，请重新上传"


def test_over_a_hundred_pages() -> None:
    def upload(filename: str) -> Upload:
        return Upload(
            id=1,
            user_id=1,
            name="a.mp4",
            size=1,
            profile="ugcupos/bup",
            bucket="bilibili",
            key=f"{filename}.mp4",
            chunk_size=1,
            auth="",
            issued_at=0,
        )

    context = submit_rules.Context(now=NOW, least_ahead=0, upload=upload, cover=lambda _: False)
    videos = [{"filename": f"n{number}", "title": ""} for number in range(101)]
    found = submit_rules.problem(body("", *videos), context)
    assert found is not None
    assert (found.code, found.detail) == (21058, "101 pages are new")
    assert submit_rules.problem(body("", *videos[1:]), context) is None
    page = Page(cid=1, filename="n0", title="", desc="")
    old = replace(context, pages=(page,))
    assert submit_rules.problem(body("", {**videos[0], "cid": 1}, *videos[1:]), old) is None


@pytest.mark.parametrize(
    ("changes", "note"),
    [
        ({"csrf": ...}, "csrf is missing"),
        ({"dtime": None}, "dtime is null"),
        ({"topic_detail": {"from_topic_id": None}}, None),
        ({"desc_v2": []}, None),
        ({"brand_id": 1}, "brand_id is not known"),
        ({"desc": ""}, "one's own work without desc was refused to some"),
        ({"tag": "abcdefghijklmnopqrst"}, "a long tag of Latin letters has failed at times"),
        ({"tag": "a ,b"}, "a tag has a blank at an end, which counts"),
    ],
)
def test_what_other_clients_submit_is_noted(
    client: Client, page: JsonObject, changes: Any, note: str | None
) -> None:
    client.submitted(page, **changes)
    assert client.notes() == ([f"submit: {note}"] if note else [])


def test_the_envelope_of_a_submission(client: Client, page: JsonObject) -> None:
    content = body(client.csrf, page)
    assert client.submitting(None, data=content).json()["code"] == 21001
    assert client.submitting([]).json()["code"] == -400
    assert client.post("/x/vu/web/add/v3?t=1", json=content).json()["code"] == -111
    without_cid = {name: page[name] for name in ("filename", "title")}
    path = f"/x/vu/web/add/v3?t=1.5&csrf={client.csrf}&up_close_reply=1"
    answer = client.post(path, json=body(client.csrf, without_cid)).json()
    assert answer["code"] == 0
    assert client.notes() == [
        "submit: t is no whole number",
        "submit: up_close_reply is in the query",
        "submit: a page has no cid",
    ]


def test_who_does_not_look_like_the_page_is_noted(client: Client) -> None:
    client.archives()
    assert client.notes() == []
    client.http.headers.update({"User-Agent": "python", "Referer": "https://bilibili.com.test/"})
    client.archives()
    assert client.notes() == [
        "any: the User-Agent is no browser's",
        "any: the Referer is no page of the site",
    ]


def test_the_same_title_again(client: Client, clock: Clock, page: JsonObject, video: bytes) -> None:
    client.submitted(page)
    again = client.uploaded(video)
    assert client.submit(again)["code"] == 21012
    assert client.submit(page, title="another")["code"] == 21015
    clock.now += 601
    client.submitted(again)


def test_submissions_have_a_day(
    client: Client, clock: Clock, page: JsonObject, video: bytes
) -> None:
    client.set(submissions_per_day=1)
    client.submitted(page)
    answer = client.submit(client.uploaded(video), title="b")
    assert (answer["code"], list(answer["data"])) == (601, ["v_voucher"])
    clock.now += 86_401
    client.submitted(client.uploaded(video), title="b")


@pytest.mark.parametrize(
    ("changes", "verdict", "state", "public"),
    [
        ({}, {}, 0, 0),
        ({"is_only_self": 1}, {}, -50, 62002),
        ({"dtime": NOW + 3 * HOURS}, {}, -40, 62002),
        ({}, {"state": -2, "reason": "画面有水印"}, -2, 62002),
        ({}, {"seconds": 60}, -30, 62002),
    ],
)
def test_what_the_review_comes_to(
    client: Client,
    clock: Clock,
    page: JsonObject,
    changes: Any,
    verdict: Any,
    state: int,
    public: int,
) -> None:
    client.fault("review", verdict=verdict, where={"title": "第1集 初次冒险"})
    made = client.submitted(page, **changes)
    clock.encode()
    archive = client.view(made["bvid"])["archive"]
    assert (archive["state"], archive["reject_reason"]) == (state, verdict.get("reason", ""))
    assert client.public(made["bvid"]) == public
    clock.now += 4 * HOURS
    if "dtime" in changes:
        assert client.public(made["bvid"]) == 0
    groups = {-2: "not_pubed"}
    assert client.archives(status=groups.get(state, "pubed"))["page"]["count"] == 1


def test_what_the_site_changes_by_itself(
    client: Client, clock: Clock, page: JsonObject, video: bytes
) -> None:
    client.fault("review", verdict={"tid": 138, "hidden": 2})
    made = client.submitted(page, client.uploaded(video))
    assert client.view(made["bvid"])["archive"]["tid"] == 138
    assert [each["index"] for each in client.view(made["bvid"])["videos"]] == [1]
    other = client.submitted(client.uploaded(video), title="b", tid=99_999)
    assert client.view(other["bvid"])["archive"]["tid"] == 21


def test_a_file_that_is_no_video(client: Client, clock: Clock, video: bytes) -> None:
    made = client.submitted(client.uploaded(video), client.uploaded(b"no video"))
    clock.encode()
    view = client.view(made["bvid"])
    assert view["archive"]["state"] == -16
    assert [each["fail_code"] for each in view["videos"]] == [0, 9]


def test_an_edit(client: Client, clock: Clock, page: JsonObject, video: bytes) -> None:
    made = client.submitted(page)
    assert client.edit(made["aid"], page)["code"] == 21150
    clock.encode()
    more = client.uploaded(video)
    without_cid = {**page, "cid": None}
    assert client.edit(made["aid"], without_cid, more, title="新", human_type2=...)["code"] == 0
    view = client.view(made["bvid"])
    assert (view["archive"]["state"], view["archive"]["title"]) == (-6, "新")
    assert [each["cid"] for each in view["videos"]] == [page["cid"], more["cid"]]
    clock.encode()
    assert client.edit(made["aid"], more, human_type2=..., recreate=...)["code"] == 0
    assert len(client.view(made["bvid"])["videos"]) == 1
    assert client.edit(made["aid"], more)["code"] == 21150
    notes = client.notes()
    assert f"edit: 1 pages of {made['bvid']} were left out" in notes
    assert client.state()["archives"][0]["edits"] == 2


def test_a_time_that_stands_may_pass(client: Client, clock: Clock, page: JsonObject) -> None:
    made = client.submitted(page, dtime=NOW + 3 * HOURS)
    clock.now += 2.5 * HOURS
    assert client.edit(made["aid"], page, dtime=NOW + 3 * HOURS, title="b")["code"] == 0
    clock.encode()
    assert client.edit(made["aid"], page, dtime=NOW + 9 * HOURS)["code"] == 21006
    view = client.view(made["bvid"])["archive"]
    assert (view["dtime"], view["title"]) == (NOW + 3 * HOURS, "b")
    assert view["cover"]


def test_what_was_returned_can_be_mended(client: Client, clock: Clock, page: JsonObject) -> None:
    client.fault("review", verdict={"state": -2, "reason": "画面有水印", "tid": 138})
    made = client.submitted(page)
    clock.encode()
    assert client.edit(made["aid"], page, dtime=NOW + 9 * HOURS)["code"] == 0
    clock.encode()
    view = client.view(made["bvid"])["archive"]
    assert (view["state"], view["reject_reason"], view["tid"]) == (-40, "", 138)


def test_deleting_wants_a_person(client: Client, page: JsonObject) -> None:
    made = client.submitted(page)
    form = {"aid": made["aid"], "csrf": client.csrf}
    answer = client.post("/x/web/archive/delete", data=form).json()
    assert (answer["code"], answer["message"]) == (340022, "验证码错误")


def test_the_list_and_the_pages(client: Client, clock: Clock, video: bytes) -> None:
    made = [client.submitted(client.uploaded(video), title=f"t{n}") for n in range(3)]
    sides = [client.archives(pn=number, ps=2)["arc_audits"] for number in (1, 2, 3)]
    titles = [[each["Archive"]["title"] for each in side or ()] for side in sides]
    assert titles == [["t2", "t1"], ["t0"], []]
    assert sides[2] is None
    assert client.archives(keyword="t1")["page"]["count"] == 1
    assert client.archives(status="pubed")["arc_audits"] is None
    assert client.get("/x/web/archives", status="all").json()["code"] == -400
    videos = client.get("/x/web/archive/videos", aid=made[0]["aid"]).json()["data"]
    assert [page["index"] for page in videos["videos"]] == [1]
    assert client.public("BV1xxxxxxxxx") == -404
    clock.encode()
    shown = client.get("/x/web-interface/view", aid=made[0]["aid"]).json()["data"]
    assert shown["bvid"] == made[0]["bvid"]


def test_seasons(client: Client, page: JsonObject, video: bytes) -> None:
    form = {"title": "旅行", "desc": "", "cover": "", "season_price": 0, "csrf": client.csrf}
    web = "/x2/creative/web/season"
    season = client.post(f"{web}/add", data=form).json()["data"]
    assert client.post(f"{web}/add", data={**form, "title": " "}).json()["code"] == -400
    listed = client.get(f"{web}s", pn=1, ps=30).json()["data"]
    assert (listed["total"], listed["seasons"][0]["season"]["id"]) == (1, season)
    section = listed["seasons"][0]["sections"]["sections"][0]["id"]
    made = client.submitted(page)

    def put(**changes: Any) -> int:
        episode = {"aid": made["aid"], "cid": page["cid"], "title": "a", "charging_pay": 0}
        content = {"sectionId": section, "episodes": [{**episode, **changes}], "csrf": client.csrf}
        path = f"{web}/section/episodes/add?csrf={client.csrf}"
        return int(client.post(path, json=content).json()["code"])

    assert put(cid=1) == -400
    assert put(aid=1) == -404
    assert put() == 0
    assert put() == -400
    episodes = client.get(f"{web}/section", id=section).json()["data"]["episodes"]
    assert [(each["bvid"], each["order"]) for each in episodes] == [(made["bvid"], 1)]
    assert client.view(made["bvid"])["in_season"] is True
    assert client.get(f"{web}/section", id=1).json()["code"] == -404
    for _ in range(2):
        asked = client.get(web, id=12345).json()["data"]
        assert (asked["season"]["id"], asked["season"]["ep_num"]) == (12345, 0)
    assert client.get(web, id=season).json()["data"]["season"]["ep_num"] == 1
    assert client.get(web, id="x").json()["code"] == -400
    assert len(client.state()["seasons"]) == 2


def test_the_partitions(client: Client) -> None:
    web = "/x/vupre/web"
    pre = client.get(f"{web}/archive/pre", lang="cn").json()["data"]
    children = [child for top in pre["typelist"] for child in top["children"]]
    assert len(children) == 110
    assert {child["name"] for child in children if child["id"] == 21} == {"日常"}
    human = client.get(f"{web}/archive/human/type2/list").json()["data"]["type_list"]
    assert len(human) == 30
    assert {"id": 1008, "name": "游戏"} in human
    assert client.get(f"{web}/topic/tag/check", tag="a").json()["code"] == 0
    assert client.get(f"{web}/topic/tag/check", t="a").json()["code"] == -400
