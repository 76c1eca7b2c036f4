"""The imitation, asked without the client: what the document tells of the site, and its page."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
import requests

from nicobatch.sandbox import DEFAULT_ACCOUNTS, Sandbox, clean, holding
from tests.unit.livetube.making import AFTER, Ask, asking
from tests.unit.preview.conftest import browser

if TYPE_CHECKING:
    from playwright.sync_api import Browser

__all__ = ["browser"]
MAIN = DEFAULT_ACCOUNTS[0]


@pytest.fixture
def url(sandbox: Sandbox) -> str:
    return f"{sandbox.url}/livetube"


def get(url: str, **headers: str) -> requests.Response:
    return requests.get(url, headers=headers, timeout=30)


def write(url: str, stream: str, text: str, name: str = "", **cookies: str) -> requests.Response:
    form = {"name": name, "c": text}
    return requests.post(f"{url}/stream/{stream}.comments", form, cookies=cookies, timeout=10)


def signed_in(url: str) -> str:
    form = {"user": MAIN.nickname, "password": MAIN.password}
    return str(requests.post(f"{url}/login", form, timeout=10).cookies["u"])


def test_a_comment_looks_as_the_document_has_it(url: str, ask: Ask, stream: str) -> None:
    ask("ends", stream=stream)
    write(url, stream, "コメント1")
    write(url, stream, "コメント2", MAIN.nickname, u=signed_in(url))
    answer = get(f"{url}/stream/{stream}.comments.1")
    shown = answer.content.decode()
    known = ask("broadcasts", author="nago", title="テスト", tags=[])
    assert known == {"stream": stream}
    name, path = MAIN.nickname, quote(MAIN.nickname)
    time_shown = shown.split('style="">')[1].partition("<")[0]
    shown_id = shown.split('italic;">')[1].partition("<")[0]
    expected = (
        AFTER.replace("/userimage/hatenaTest.png", f"/livetube/userimage/{path}.png")
        .replace("/hatena%E3%83%86%E3%82%B9%E3%83%88", f"/livetube/{path}")
        .replace("hatenaテスト", name)
        .replace("2/10 16:07:19", time_shown)
        .replace("334F65I", shown_id)
        .replace("/>\n2 :", "/>\r\n2 :")
    )
    assert shown == expected
    assert get(f"{url}/userimage/{path}.png").content.startswith(b"\x89PNG")


def test_an_answer_comes_in_chunks_and_tells_of_marks(url: str, ask: Ask, stream: str) -> None:
    write(url, stream, "a")
    ask("marks", stream=stream, number=1, scores=[-48])
    answer = get(f"{url}/stream/{stream}.comments")
    assert answer.headers["Transfer-Encoding"] == "chunked"
    assert answer.headers["Content-Encoding"] == "gzip"
    told = json.loads(answer.headers["X-JSON"])
    assert (told["marks"], told["mark_thresh"], told["cc"]) == ({"0": [-48]}, 24, [0])
    assert "Content-Encoding" not in get(answer.url, **{"Accept-Encoding": "identity"}).headers


def test_java_is_given_plain_lines(url: str, stream: str) -> None:
    write(url, stream, "a b\nc", "な")
    line = get(f"{url}/stream/{stream}.comments", **{"User-Agent": "Java/1.8.0"}).text
    assert line.startswith("1 : %E3%81%AA ")
    assert line.endswith(" a%20b%0Ac\n")


@pytest.mark.parametrize("text", ["", " \n"])
def test_no_text_is_refused(url: str, stream: str, text: str) -> None:
    answer = write(url, stream, text)
    assert (answer.status_code, answer.content.decode()) == (
        200,
        "書き込めません:コメントの文字がないようです。",
    )


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/stream/aaaaaaaaaaaaa.comments", 404),
        ("POST", "/stream/aaaaaaaaaaaaa.comments", 404),
        ("GET", "/stream/{stream}.comments.x", 404),
        ("POST", "/stream/{stream}.comments", 400),
        ("GET", "/nobody", 404),
        ("GET", "/userimage/nobody.png", 404),
        ("GET", "/login?password=x", 400),
        ("POST", "/sandbox/marks", 400),
    ],
)
def test_what_it_does_not_take(url: str, stream: str, method: str, path: str, status: int) -> None:
    answer = requests.request(method, url + path.format(stream=stream), timeout=10)
    assert answer.status_code == status


def test_pages_and_lists(url: str, ask: Ask, stream: str) -> None:
    page = get(f"{url}/nago/テスト").text
    assert f'<meta itemprop="image" content="/stream/{stream}.snapshot.jpg">' in page
    assert "実行中" in get(f"{url}/nago").content.decode()
    (row,) = get(f"{url}/index.live.json").json()
    assert (row["id"], row["link"]) == (stream, "/livetube/nago/%E3%83%86%E3%82%B9%E3%83%88")
    assert f"<id>{stream}</id>" in get(f"{url}/index.live.xml").text
    ask("ends", stream=stream)
    assert "実行中" not in get(f"{url}/nago").content.decode()
    assert stream not in get(f"{url}/index.live.xml").text


def test_signing_in_and_out(url: str, stream: str) -> None:
    wrong = requests.post(f"{url}/login", {"user": MAIN.nickname, "password": "x"}, timeout=10)
    assert "Set-Cookie" not in wrong.headers
    value = signed_in(url)
    requests.get(f"{url}/logoff", cookies={"u": value}, timeout=10)
    write(url, stream, "a", MAIN.nickname, u=value)
    assert "color:green" not in get(f"{url}/stream/{stream}.comments").text


def test_there_is_always_something_on(url: str) -> None:
    (row,) = get(f"{url}/index.live.json").json()
    assert (row["author"], row["tags"]) == (MAIN.nickname, ["テスト", "nanasiid"])


class Clock:
    """A clock that is moved, and knows how often it was looked at."""

    def __init__(self) -> None:
        self.now, self.looks = 1_800_000_000.0, 0

    def __call__(self) -> float:
        self.looks += 1
        return self.now


def test_an_answer_is_held_back_for_three_minutes(tmp_path: Path) -> None:
    clock, answers = Clock(), list[requests.Response]()
    with Sandbox(tmp_path / "site", clock=clock) as server:
        stream = asking(server)("broadcasts", author="nago", title="a", tags=[])["stream"]
        address = f"{server.url}/livetube/stream/{stream}.comments"
        waiting = threading.Thread(target=lambda: answers.append(get(address)))
        for seconds in (179, 1):
            looks = clock.looks
            if not waiting.is_alive():
                waiting.start()
            while clock.looks < looks + 3:  # it waits by now
                time.sleep(0.01)
            assert answers == []
            clock.now += seconds
        waiting.join()
    assert (answers[0].status_code, answers[0].content) == (200, b"")
    assert "X-JSON" in answers[0].headers


@pytest.mark.parametrize("ending", ["written", "server", "client"])
def test_what_ends_the_wait(tmp_path: Path, ending: str) -> None:
    with Sandbox(tmp_path) as server:
        url = f"{server.url}/livetube"
        stream = asking(server)("broadcasts", author="nago", title="a", tags=[])["stream"]
        address = f"{url}/stream/{stream}.comments"
        answers: list[str] = []

        def wait() -> None:
            patience = 0.2 if ending == "client" else 20
            try:
                answers.append(requests.get(address, timeout=patience).text)
            except requests.RequestException:
                answers.append("cut")

        waiting = threading.Thread(target=wait)
        waiting.start()
        time.sleep(0.1)
        if ending == "written":
            write(url, stream, "a")
        begun = time.monotonic()
        if ending != "server":
            waiting.join()
    waiting.join()
    assert time.monotonic() - begun < 10
    assert ("<div" in answers[0]) == (ending == "written")


def test_what_it_keeps_lasts_and_is_cleaned_away(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with Sandbox(state) as server:
        ask = asking(server)
        stream = ask("broadcasts", author="nago", title="a", tags=["b"])["stream"]
        write(
            f"{server.url}/livetube",
            stream,
            "kept",
            MAIN.nickname,
            u=signed_in(f"{server.url}/livetube"),
        )
        ask("marks", stream=stream, number=1, scores=[-1, -2])
    with Sandbox(state) as server:
        answer = get(f"{server.url}/livetube/stream/{stream}.comments")
        assert "kept" in answer.text
        assert json.loads(answer.headers["X-JSON"])["marks"] == {"0": [-1, -2]}
        kinds = {each.get("kind") for each in server.audit()["entries"]}
        assert kinds == {"broadcast", "comment", "session"}
    assert holding(state).foreign == ()
    clean(state)
    assert [path for path in state.rglob("*") if path.is_file()] == []


HOSTILE = '<img src=x onerror="alert(1)">\u202e\nsecond'


def test_the_page_shows_what_is_written(sandbox: Sandbox, url: str, ask: Ask, stream: str) -> None:
    write(url, stream, HOSTILE)
    write(url, stream, "b", "nago")
    ask("marks", stream=stream, number=2, scores=[-24])
    answer = get(f"{url}/")
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert '<a href="/livetube/" aria-current="page">Livetube</a>' in answer.text
    assert '<a href="/livetube/">Livetube</a>' in get(f"{sandbox.url}/garage/videos").text
    page = answer.content.decode()
    assert "&lt;img src=x" in page
    assert "&lt;U+202E&gt;<br>second" in page
    assert "<img src=x" not in page
    assert '<li value="2" class="banned">' in page
    news = get(f"{url}/sandbox/news?after=0").json()
    assert [each["stream"] for each in news["comments"]] == [stream, stream]
    assert "&lt;img src=x" in news["comments"][0]["html"]


@pytest.mark.allow_hosts(["127.0.0.1", "::1"])
def test_comments_appear_on_the_page_as_they_are_written(
    browser: Browser, url: str, stream: str
) -> None:
    tab = browser.new_page()
    said: list[str] = []
    tab.on("console", lambda message: said.append(message.text))
    tab.goto(f"{url}/")
    texts = tab.locator(f"#{stream} .text")
    assert texts.count() == 0
    write(url, stream, HOSTILE)
    write(url, stream, "last", "nago")
    texts.nth(1).wait_for()
    assert texts.nth(1).inner_text() == "last"
    assert said == []
    tab.close()
