from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests.utils

from nicobatch import __version__
from nicobatch.errors import Stopped, UsageError
from nicobatch.http import BLOCK, Http
from tests.support.servers import Reply, Site, serving

SECRET = "user_session_1234567_0123abcd"


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        yield site


@pytest.fixture
def http() -> Iterator[Http]:
    http = Http(stall_timeout=5)
    yield http
    http.close()


# What leaves


def test_a_request_is_as_plain_as_it_can_be(site: Site, http: Http) -> None:
    http.send("GET", f"{site.url}/api")
    (seen,) = site.seen
    assert (seen.method, seen.target, seen.body) == ("GET", "/api", b"")
    assert seen.headers["User-Agent"] == f"nicobatch/{__version__}"
    assert {name.lower() for name in seen.headers} <= {"host", "user-agent", "accept-encoding"}


def test_a_request_carries_what_it_is_given(site: Site, http: Http) -> None:
    headers, cookies = {"X-Frontend-Id": "23"}, {"user_session": SECRET, "area": "JP"}
    http.send("PUT", f"{site.url}/a?q=%E7%AC%AC", headers=headers, cookies=cookies)
    (seen,) = site.seen
    assert (seen.method, seen.target) == ("PUT", "/a?q=%E7%AC%AC")
    assert seen.headers["X-Frontend-Id"] == "23"
    assert seen.headers["Cookie"] == f"user_session={SECRET}; area=JP"


def test_a_form_is_sent_as_a_browser_sends_it(site: Site, http: Http) -> None:
    http.send("POST", site.url, form={"timing": "20263", "name": "第"})
    (seen,) = site.seen
    assert seen.body == b"timing=20263&name=%E7%AC%AC"
    assert seen.headers["Content-Type"] == "application/x-www-form-urlencoded"


def test_a_document_is_sent_as_json(site: Site, http: Http) -> None:
    http.send("POST", site.url, document={"title": "第1回", "tags": []})
    (seen,) = site.seen
    assert json.loads(seen.body) == {"title": "第1回", "tags": []}
    assert seen.headers["Content-Type"] == "application/json"


class Stream:
    """A body that notes how much of it is asked for at a time."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self._at = 0
        self.asked: list[int] = []

    def __len__(self) -> int:
        return len(self.content)

    def __iter__(self) -> Iterator[bytes]:
        raise AssertionError("it is read")

    def read(self, size: int = -1) -> bytes:
        self.asked.append(size)
        block = self.content[self._at : self._at + size]
        self._at += len(block)
        return block


@pytest.mark.parametrize("length", [0, 1, BLOCK, 3 * BLOCK + 7])
def test_a_body_arrives_whole_block_by_block(site: Site, http: Http, length: int) -> None:
    body = Stream(bytes(index % 251 for index in range(length)))
    http.send("POST", site.url, headers={"Content-Type": "video/mp4"}, body=body)
    (seen,) = site.seen
    assert seen.body == body.content
    assert seen.headers["Content-Length"] == str(length)
    assert seen.headers["Transfer-Encoding"] is None
    assert seen.headers["Content-Type"] == "video/mp4"
    assert set(body.asked) <= {BLOCK}
    assert len(body.asked) >= -(-length // BLOCK)


class Interrupted(Stream):
    """A body that the user stops on its way."""

    def read(self, size: int = -1) -> bytes:
        if self.asked:
            raise Stopped
        return super().read(size)


def test_what_a_body_raises_is_what_is_raised(site: Site, http: Http) -> None:
    with pytest.raises(Stopped):
        http.send("POST", site.url, body=Interrupted(bytes(2 * BLOCK)))
    http.close()  # else the site waits for the rest


# What the site wants, and does not get


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(site: Site, http: Http, status: int) -> None:
    site.replies["/old"] = Reply(status, {"Location": f"{site.url}/new"})
    answer = http.send("POST", f"{site.url}/old", form={"a": "1"})
    assert (answer.status, answer.headers["Location"]) == (status, f"{site.url}/new")
    assert [seen.target for seen in site.seen] == ["/old"]


def test_no_cookie_is_kept(site: Site, http: Http) -> None:
    site.replies["/"] = Reply(headers={"Set-Cookie": "user_session=other; Path=/"})
    for _ in range(2):
        http.send("GET", f"{site.url}/")
    assert [seen.headers["Cookie"] for seen in site.seen] == [None, None]
    assert http.cookie("user_session") is None


def test_cookies_are_kept_where_they_are_wanted(site: Site) -> None:
    site.replies["/"] = Reply(headers={"Set-Cookie": f"user_session={SECRET}; Path=/"})
    http = Http(keep_cookies=True)
    for _ in range(2):
        http.send("GET", f"{site.url}/")
    http.close()
    assert [seen.headers["Cookie"] for seen in site.seen] == [None, f"user_session={SECRET}"]
    assert http.cookie("user_session") == SECRET
    assert http.cookie("nicosid") is None


# Where it goes


@pytest.mark.parametrize("url", ["http://127.1", "http://[::ffff:127.0.0.1]", "http://0.0.0.0"])
@pytest.mark.parametrize(
    "credential", [{"secret": True}, {"cookies": {"user_session": SECRET}}], ids=["form", "cookie"]
)
def test_a_credential_is_kept_back_before_anything_is_sent(
    site: Site, http: Http, url: str, credential: dict[str, object]
) -> None:
    port = site.url.rpartition(":")[2]
    with pytest.raises(UsageError, match="neither https nor this machine"):
        http.send("POST", f"{url}:{port}/", form={"password": SECRET}, **credential)  # type: ignore[arg-type]
    assert site.seen == []


def test_a_credential_may_go_to_this_machine(site: Site, http: Http) -> None:
    http.send("POST", site.url, form={"password": SECRET}, secret=True)
    assert len(site.seen) == 1


def test_nothing_leaves_once_the_run_is_to_stop(site: Site) -> None:
    stop = threading.Event()
    http = Http(stop=stop)
    http.send("GET", site.url)
    stop.set()
    with pytest.raises(Stopped):
        http.send("GET", site.url)
    http.close()
    assert len(site.seen) == 1


def test_no_password_of_netrc_is_sent(
    site: Site, http: Http, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = home / ".netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password hunter2\n", encoding="utf-8")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    assert requests.utils.get_netrc_auth(site.url) == ("somebody", "hunter2"), "it could be"
    http.send("GET", site.url)
    assert site.seen[0].headers["Authorization"] is None


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    with serving() as proxy:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
            monkeypatch.setenv(name.lower(), proxy.url)
        yield proxy


def test_the_environments_proxy_is_used(proxy: Site, http: Http) -> None:
    http.send("GET", "http://niconico.invalid/search")
    assert [seen.target for seen in proxy.seen] == ["http://niconico.invalid/search"]


def test_a_proxy_that_is_named_comes_before_the_environments(proxy: Site) -> None:
    with serving() as named:
        http = Http(proxy=named.url)
        http.send("GET", "http://niconico.invalid/search")
        http.close()
        assert [seen.target for seen in named.seen] == ["http://niconico.invalid/search"]
    assert proxy.seen == []


def test_what_is_for_this_machine_passes_no_proxy(proxy: Site, site: Site, http: Http) -> None:
    http.send("GET", site.url, cookies={"user_session": SECRET})
    http.send("GET", site.url.replace("127.0.0.1", "localhost"))
    assert (len(site.seen), proxy.seen) == (2, [])


def test_every_host_is_reached_its_own_way_each_time(proxy: Site, site: Site, http: Http) -> None:
    for _ in range(2):
        http.send("GET", "http://niconico.invalid/search")
        http.send("GET", site.url)
    assert (len(site.seen), len(proxy.seen)) == (2, 2)


# What has moved, as the user says


def test_paths_and_headers_of_today_take_the_place_of_older_ones(site: Site) -> None:
    paths = {"/v2/videos": "/v3/uploads", "/v2": "/other"}
    http = Http(paths=paths, headers={"x-frontend-id": "24", "X-New": "1"})
    asked = ("/v2/videos", "/v2/videos/1?q=/v2/videos", "/v2/videosx", "/v20", "/a/v2/videos")
    for each in asked:
        http.send("GET", site.url + each, headers={"X-Frontend-Id": "23"})
    assert [seen.target for seen in site.seen] == [
        "/v3/uploads",
        "/v3/uploads/1?q=/v2/videos",
        "/other/videosx",
        "/v20",
        "/a/v2/videos",
    ]
    assert {seen.headers["X-Frontend-Id"] for seen in site.seen} == {"24"}
    assert site.seen[0].headers["X-New"] == "1"
    http.close()


# What is written down


def test_the_log_shows_neither_query_nor_credential(
    site: Site, http: Http, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "nicobatch")
    http.send("POST", f"{site.url}/a?q={SECRET}", cookies={"user_session": SECRET})
    lines = [text for name, _, text in caplog.record_tuples if name.startswith("nicobatch")]
    assert lines == ["POST /a 200"]


def test_nothing_is_shown_of_what_is_kept(site: Site) -> None:
    site.replies["/"] = Reply(headers={"Set-Cookie": f"user_session={SECRET}; Path=/"})
    http = Http(keep_cookies=True)
    http.send("GET", f"{site.url}/")
    assert SECRET not in repr(http)
    http.close()
