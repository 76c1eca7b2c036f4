from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
import requests

from nicobatch.sandbox import Sandbox, clean, holding
from tests.unit.sites.bilibili.sandbox.client import MAIN, SECOND, Client, body
from tests.unit.sites.bilibili.sandbox.conftest import CHUNK
from tests.unit.sites.niconico.sandbox.conftest import ENCODE_SECONDS, Clock


def test_two_pages_from_the_first_byte_to_the_public(
    sandbox: Sandbox, client: Client, clock: Clock, video: bytes
) -> None:
    first, second = client.uploaded(video, "a.mp4"), client.uploaded(video + b"more", "b.mp4")
    made = client.submitted({**first, "title": "前篇"}, {**second, "title": "后篇"})
    assert made["aid"] > 1 << 32
    assert made["bvid"].startswith("BV")
    assert len(made["bvid"]) == 12
    seen = []
    for _ in range(4):
        seen.append((client.view(made["bvid"])["archive"]["state"], client.public(made["bvid"])))
        clock.now += ENCODE_SECONDS / 2
    assert seen == [(-30, 62002), (-9, 62002), (0, 0), (0, 0)]
    view = client.view(made["bvid"])
    assert [page["title"] for page in view["videos"]] == ["前篇", "后篇"]
    assert [page["filename"] for page in view["videos"]] == [first["filename"], second["filename"]]
    assert [page["cid"] for page in view["videos"]] == [first["cid"], second["cid"]]
    assert [page["duration"] for page in view["videos"]] == [2, 2]
    listed = client.archives(status="pubed")
    assert listed["page"] == {"pn": 1, "ps": 10, "count": 1}
    assert listed["arc_audits"][0]["Archive"]["bvid"] == made["bvid"]
    uploads = client.state()["uploads"]
    assert [each["sha256"] for each in uploads] == [
        hashlib.sha256(data).hexdigest() for data in (video, video + b"more")
    ]
    parts = list(range(1, -(-len(video) // CHUNK) + 1))
    assert uploads[0]["accepted"] == parts
    assert uploads[0]["begun"] == {str(number): 1 for number in parts}
    assert uploads[0]["completes"] == 1
    assert client.notes() == []
    entries = sandbox.audit()["entries"]
    assert [entry["kind"] for entry in entries] == ["upload", "upload", "archive"]
    assert (entries[2]["state"], entries[2]["title"]) == (0, "第1集 初次冒险")


def test_the_state_outlasts_the_server(
    mounted: None, tmp_path: Path, clock: Clock, video: bytes
) -> None:
    with Sandbox(tmp_path, clock=clock) as first, Client(first.url) as client:
        client.set(chunk_size=CHUNK)
        terms = client.begun(video)
        client.part(terms, video, 2)
    with Sandbox(tmp_path, clock=clock) as second, Client(second.url) as client:
        terms["place"] = f"{client.url}/{terms['upos_uri'].rpartition('/')[2]}"
        for number in range(terms["size"] // CHUNK + 1, 0, -1):
            if number != 2:
                assert client.part(terms, video, number).ok
        assert client.complete(terms).json()["OK"] == 1
        upload = client.state()["uploads"][0]
        page = {"filename": upload["filename"], "title": "", "cid": upload["id"]}
        made = client.submitted(page)
    with Sandbox(tmp_path, clock=clock) as third, Client(third.url) as client:
        assert client.view(made["bvid"])["videos"][0]["title"] == "P1"
        assert upload["sha256"] == hashlib.sha256(video).hexdigest()
    found = holding(tmp_path)
    assert found.foreign == ()
    assert tmp_path / f"bilibili/files/{upload['id']}.video" in found.videos
    clean(tmp_path)
    assert not (tmp_path / "bilibili").exists()


def test_nothing_is_anothers(sandbox: Sandbox, client: Client, video: bytes) -> None:
    page = client.uploaded(video)
    with Client(sandbox.url, SECOND) as other:
        assert other.submit(page)["code"] == 21015
        made = client.submitted(page)
        assert other.view(made["bvid"])["code"] == -404
        assert other.archives()["arc_audits"] is None
        assert other.edit(made["aid"], page)["code"] == -404


def test_a_guest_is_told_so(sandbox: Sandbox, client: Client) -> None:
    with Client(sandbox.url, None) as guest:
        nav = guest.get("/x/web-interface/nav").json()
        assert (nav["code"], nav["data"]["isLogin"]) == (-101, False)
        assert guest.preupload(1).json()["code"] == -101
        assert guest.submitting(body("")).json()["code"] == -101
        assert guest.get("/x/web/archives").json()["code"] == -101
    nav = client.get("/x/web-interface/nav").json()
    assert (nav["code"], nav["data"]["mid"]) == (0, MAIN.user_id)


def test_what_is_not_there(client: Client) -> None:
    answer = client.get("/x/nothing")
    assert (answer.status_code, answer.json()["code"]) == (404, -404)
    leak = client.get("/x/web-interface/nav", SESSDATA="abc")
    assert (leak.status_code, leak.json()["code"]) == (400, -400)


@pytest.mark.parametrize("language", ["en", "ja", "zh"])
def test_the_page_shows_it(
    mounted: None, tmp_path: Path, clock: Clock, video: bytes, language: str
) -> None:
    with Sandbox(tmp_path, clock=clock, language=language) as sandbox:
        with Client(sandbox.url) as client:
            made = client.submitted(client.uploaded(video), desc="一<b>\n二", title="<i>夏</i>")
            clock.encode()
            page = requests.get(f"{client.url}/platform/upload-manager/article", timeout=10).text
            assert f'id="{made["bvid"]}"' in page
            assert "&lt;i&gt;夏&lt;/i&gt;" in page
            assert "一&lt;b&gt;<br>二<br>" in page
            assert "游戏" in page
            assert {"en": "Public", "ja": "公開中", "zh": "已公开"}[language] in page
            assert '<a href="/garage/videos">niconico</a>' in page
            watch = client.get(f"/video/{made['bvid']}")
            assert watch.headers["Location"].endswith(f"article#{made['bvid']}")
            cover = client.view(made["bvid"])["archive"]["cover"]
            assert requests.get(cover, timeout=10).content.startswith(b"\xff\xd8")
            media = f"{client.url}/platform/upload-manager/media/{made['aid'] - 2}"
            assert requests.get(media, timeout=10).content == video
        assert sandbox.audit()["crashes"] == []
