from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from uuid import uuid4

import pytest

from nicobatch.sandbox import Sandbox
from tests.unit.sites.niconico.sandbox.client import (
    MAIN,
    Client,
    metadata,
    multipart,
    part_fields,
    piece,
)
from tests.unit.sites.niconico.sandbox.conftest import Clock

PAGE = "/garage/videos"
LATER = "2026-12-01T18:00:00+09:00"


class Outline(HTMLParser):
    """Collects the tags, the attributes and the text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(page)
        self.text = " ".join(self.text.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes.update(name for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        self.text += data


def outline(client: Client, languages: str = "") -> Outline:
    answer = client.get(PAGE, headers={"Accept-Language": languages} if languages else {})
    assert answer.status_code == 200
    return Outline(answer.text)


def test_the_empty_garage(client: Client) -> None:
    page = outline(client)
    assert "SANDBOX" in page.text
    assert "No videos yet" in page.text
    assert "video" not in page.tags
    japanese = outline(client, "ja-JP,ja;q=0.9,en;q=0.8")
    assert "まだ動画がありません" in japanese.text
    assert 'lang="ja"' in client.get(PAGE, headers={"Accept-Language": "ja"}).text


def test_states_in_words(
    sandbox: Sandbox, client: Client, clock: Clock, video: bytes, large_video: bytes
) -> None:
    entry = client.created()
    assert "Waiting for its file" in outline(client).text
    client.delete(entry)
    assert "Deleted 2026-09-21 23:13" in outline(client).text

    entry = client.created()
    client.stream(entry)
    fields = part_fields(large_video, 1, uuid=str(uuid4()), name="収録.mp4")
    client.part(entry, multipart(fields, piece(large_video, 1)))
    assert "Uploading, 1 of 3 parts （題名はまだ）" not in outline(client).text
    assert "Uploading, 1 of 3 parts" in outline(client).text
    assert "収録.mp4" in outline(client).text
    client.delete(entry)

    entry = client.upload(video)
    assert "Encoding Its details were not sent yet." in outline(client).text
    clock.encode()
    assert "Waiting for its details" in outline(client).text
    client.draft(entry)
    assert "Draft Nobody sees it" in outline(client).text
    client.publish(entry, publish=False)
    assert "Private since 2026-09-21 23:13" in outline(client).text
    assert "非公開 2026-09-21 23:13 から" in outline(client, "ja").text
    client.edit(entry, publishTimer={"use": True, "registeredAt": LATER})
    assert "Scheduled at 2026-12-01 18:00" in outline(client).text
    client.edit(entry)
    assert "3 videos, 1 public" in outline(client).text
    assert "Public since 2026-09-21 23:13" in outline(client).text

    client.upload(b"junk")
    clock.encode()
    assert "Encoding failed" in outline(client).text


def test_hostile_words_stay_words(client: Client, clock: Clock, video: bytes) -> None:
    entry = client.upload(video, name='"><script>alert(0)</script>.mp4')
    before = outline(client)
    assert '"><script>alert(0)</script>.mp4' in before.text
    client.publish(
        entry,
        title="<script>alert(1)</script>",
        detail='<img src=x onerror="alert(2)"><a href="javascript:alert(3)">本文</a><br>次',
        tags=["<b>太字</b>", '"><svg/onload=alert(4)>', "{{7*7}}"],
    )
    clock.encode()
    page = outline(client)
    assert "<script>alert(1)</script>" in page.text
    assert "{{7*7}}" in page.text
    assert "本文 次" in page.text
    for seen in (before, page):
        assert not {"script", "img", "b "} & set(seen.tags)
        assert not {name for name in seen.attributes if name.startswith("on")}


JAPANESE = re.compile("[\u3040-\u30ff\u3400-\u9fff]")


def test_a_page_speaks_one_language(
    tmp_path: Path, clock: Clock, video: bytes, large_video: bytes
) -> None:
    def speaking(language: str) -> str:
        state = tmp_path / language
        with (
            Sandbox(state, clock=clock, language=language) as sandbox,
            Client(sandbox.url) as client,
        ):
            client.publish(client.upload(video, name="a"), title="T", tags=["t"], detail="d")
            clock.encode()
            client.draft(client.upload(video, name="b"), title="T", tags=["t"], detail="d")
            clock.encode()
            client.draft(client.upload(video, name="c"), title="T", tags=["t"], detail="d")
            clock.encode()
            entry = client.created()
            client.stream(entry)
            fields = part_fields(large_video, 1, uuid=str(uuid4()), name="d")
            client.part(entry, multipart(fields, piece(large_video, 1)))
            other = "en" if language == "ja" else "ja"
            return outline(client, other).text.replace("サンドボックス", "")

    english = speaking("en")
    assert not JAPANESE.search(english)
    assert "Permissions all on but clip tweet NG share on" in english
    japanese = speaking("ja")
    names = "SANDBOX|NG|sandbox|nicobatch|niconico|bilibili|Livetube"
    rest = re.sub(rf"{names}|sm[0-9]+|\b[a-dT]\b|\bt\b", "", japanese)
    assert not re.search("[A-Za-z]{2}", rest)
    assert "許可 切り抜きの投稿以外を許可" in japanese
    assert "アップロード中（3 個中 1 個）" in japanese
    chinese = speaking("zh")
    assert not re.search("[\u3040-\u30fb\u30fd-\u30ff]", chinese)
    assert "许可 除片段发布外全部允许" in chinese
    assert "上传中（3 个分片中的 1 个）" in chinese


@pytest.mark.parametrize(
    ("detail", "html"),
    [
        ("<b>太字</b>と<i>斜体</i><br>次", "<b>太字</b>と<i>斜体</i><br>\n次"),
        ('<font color="#ff0000" size="5">赤</font>', '<font color="#ff0000" size="5">赤</font>'),
        ("<u>a</u><s>b</s><strong>c</strong>", "<u>a</u><s>b</s><strong>c</strong>"),
        ('<b onclick="x()" style="position:fixed">a</b>', "<b>a</b>"),
        ('<font color="red;x" onload=1>a</font>', "<font>a</font>"),
        ("<b>open", "<b>open</b>"),
        ("<iframe src=//x></iframe><svg onload=x><b>a</b>", "<b>a</b>"),
        ("a\u202eb", "a&lt;U+202E&gt;b"),
    ],
)
def test_descriptions_keep_their_markup(
    client: Client, video: bytes, detail: str, html: str
) -> None:
    entry = client.upload(video)
    assert client.publish(entry, detail=detail).ok
    assert f">{html}</div>" in client.get(PAGE).text


@pytest.mark.parametrize(
    ("name", "pictured"),
    [("\u202egpj.4pm", "<U+202E>gpj.4pm"), ("a\x1b[31m", "a␛[31m"), ("a\u2028b", "a<U+2028>b")],
)
def test_names_that_hide_something_are_pictured(
    client: Client, video: bytes, name: str, pictured: str
) -> None:
    entry = client.upload(video, name=name)
    assert pictured in outline(client).text
    client.publish(entry, title=name, tags=[name])
    page = outline(client)
    assert page.text.count(pictured) >= 1
    assert name not in page.text


def test_the_policy_allows_no_script(client: Client) -> None:
    policy = client.get(PAGE).headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'self';")
    assert "unsafe" not in policy
    assert "script-src" not in policy
    assert "style=" not in client.get(PAGE).text
    assert client.get("/static/garage.css").headers["Content-Type"].startswith("text/css")


@pytest.mark.parametrize(
    ("off", "words"),
    [
        ([], "all on"),
        (["allowGift"], "all on but gifts"),
        (["allowUadFlag", "allowGift"], "all on but nico ads and gifts"),
        (["allowUadFlag", "allowGift", "allowClipTweet"], "6 of 9 on"),
        (list(metadata(1)["permissionSettings"]), "all off"),
    ],
)
def test_permissions(client: Client, video: bytes, off: list[str], words: str) -> None:
    entry = client.upload(video)
    settings = {name: name not in off for name in metadata(entry)["permissionSettings"]}
    assert client.publish(entry, permissionSettings=settings).ok
    assert f"Permissions {words} NG share" in outline(client).text


def test_the_video_plays_from_anywhere(client: Client, video: bytes) -> None:
    entry = client.upload(video)
    whole = client.get(f"/garage/media/{entry}")
    assert whole.content == video
    assert whole.headers["Content-Type"] == "video/mp4"
    part = client.get(f"/garage/media/{entry}", headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, video[10:20])
    assert part.headers["Content-Range"] == f"bytes 10-19/{len(video)}"


def test_thumbnails_are_the_chosen_ones(client: Client, video: bytes) -> None:
    entry = client.upload(video)
    path = f"/garage/thumbnails/{entry}.jpg"
    stand_in = client.get(path).content
    assert stand_in == client.get(path).content
    for index, timing in enumerate((0, 1900)):
        client.post(f"/api/v2/videos/{entry}/scene-thumbnails/{index}", data={"timing": timing})
    first = client.get(path)
    assert first.headers["Content-Type"] == "image/jpeg"
    picture = {**metadata(entry)["thumbnail"], "selectThumbnailIndex": "1"}
    assert client.publish(entry, thumbnail=picture).ok
    assert len({stand_in, first.content, client.get(path).content}) == 3


@pytest.mark.parametrize(
    "path",
    [
        "/garage/media/1",
        "/garage/media/..%2fentries%2f39130867.json",
        "/garage/media/../entries/39130867.json",
        "/garage/thumbnails/..%2f..%2frequests.jsonl",
        "/garage/thumbnails/1.jpg",
        "/static/..%2fstate.py",
        "/static/../state.py",
    ],
)
def test_paths_lead_nowhere_else(client: Client, path: str) -> None:
    client.created()
    assert client.get(path).status_code == 404


def test_a_half_file_is_not_shown(client: Client, video: bytes) -> None:
    entry = client.created()
    client.stream(entry)
    fields = part_fields(video, 0, uuid=str(uuid4()))
    client.part(entry, multipart(fields, video))
    assert client.get(f"/garage/media/{entry}").status_code == 404


@pytest.mark.parametrize("html", ["<br><br>", " <p>\u3000</p>\n", "<!-- - -->", "&nbsp;<b></b>"])
def test_a_description_without_words_is_not_shown(
    client: Client, clock: Clock, video: bytes, html: str
) -> None:
    client.publish(client.upload(video), detail=html)
    clock.encode()
    assert 'class="description' not in client.get(PAGE).text


def test_an_owner_who_left_is_a_number(
    sandbox: Sandbox, client: Client, clock: Clock, video: bytes, tmp_path: Path
) -> None:
    client.publish(client.upload(video))
    sandbox.stop()
    with (
        Sandbox(tmp_path / "state", accounts=(), clock=clock) as later,
        Client(later.url) as visitor,
    ):
        assert str(MAIN.user_id) in outline(visitor).text
