"""Where bytes may go, and what the site allows for a file."""

from __future__ import annotations

from typing import Any

import pytest

from nicobatch.errors import Passing, SiteRefuses
from nicobatch.sites.bilibili.profiles import WEB_2026, at_origin
from nicobatch.sites.bilibili.upos import Line, allowed, endpoint, lines_of, total_parts

HERE = at_origin(WEB_2026, "http://127.0.0.1:8025")
REPLY: dict[str, Any] = {
    "OK": 1,
    "auth": "ak=1&sign=abc",
    "biz_id": 500001630152509,
    "chunk_retry": 10,
    "chunk_retry_delay": 3,
    "chunk_size": 10485760,
    "endpoint": "//upos-cs-upcdntxa.bilivideo.com",
    "threads": 3,
    "upos_uri": "upos://ugcfx2lf/n240728ad1p51if4g3ke4s3o95sznogy.mkv",
}


def test_what_the_site_allows_is_read() -> None:
    to = allowed(WEB_2026, REPLY)
    assert to.url == (
        "https://upos-cs-upcdntxa.bilivideo.com/ugcfx2lf/n240728ad1p51if4g3ke4s3o95sznogy.mkv"
    )
    assert (to.filename, to.biz_id) == ("n240728ad1p51if4g3ke4s3o95sznogy", 500001630152509)
    assert (to.part_size, to.threads, to.delay) == (10485760, 3, 3.0)
    assert "sign=abc" not in repr(to)


@pytest.mark.parametrize(
    "change",
    [
        {"auth": ""},
        {"auth": "a\r\nX: y"},
        {"biz_id": None},
        {"chunk_size": 0},
        {"chunk_size": True},
        {"upos_uri": "upos://../x.mp4"},
        {"upos_uri": "https://example.com/x.mp4"},
        {"upos_uri": "upos://bucket/a/b.mp4"},
    ],
)
def test_what_lacks_is_asked_for_again(change: dict[str, Any]) -> None:
    with pytest.raises(Passing):
        allowed(WEB_2026, {**REPLY, **change})


def test_odd_numbers_of_threads_are_the_pages_own() -> None:
    assert allowed(WEB_2026, {**REPLY, "threads": 10**6}).threads == 3


@pytest.mark.parametrize(
    "told",
    [
        "http://upos.example.com",
        "//user@upos.example.com",
        "//upos.example.com/path",
        "//upos.example.com?x",
        "ftp://x",
        "//",
        "",
        "//a\\b.example.com",
    ],
)
def test_no_part_goes_to_an_odd_address(told: str) -> None:
    with pytest.raises(SiteRefuses):
        endpoint(WEB_2026, told)


@pytest.mark.parametrize(
    ("told", "origin"),
    [
        ("//upos.example.com", "https://upos.example.com"),
        ("https://upos.example.com:8443/", "https://upos.example.com:8443"),
        ("//127.0.0.1:8025", "https://127.0.0.1:8025"),
    ],
)
def test_parts_go_by_https(told: str, origin: str) -> None:
    assert endpoint(WEB_2026, told) == origin


def test_a_sandbox_may_name_itself_without_https_and_nobody_else() -> None:
    assert endpoint(HERE, "//127.0.0.1:9000") == "http://127.0.0.1:9000"
    assert endpoint(HERE, "//upos.example.com") == "https://upos.example.com"
    with pytest.raises(SiteRefuses):
        endpoint(HERE, "http://upos.example.com")


def test_lines_have_names() -> None:
    rows = [
        {"os": "upos", "query": "upcdn=estx&zone=cs&probe_version=1", "probe_url": "//x/OK"},
        {"os": "kodo", "query": "bucket=1"},
        "nonsense",
        {"os": "upos", "query": ""},
    ]
    (line,) = lines_of({"lines": rows})
    assert (line.name, line.probe_url) == ("estx", "//x/OK")
    assert Line("zone=cs").name == ""
    assert lines_of({}) == []


@pytest.mark.parametrize(("size", "count"), [(1, 1), (10, 1), (11, 2), (100, 10)])
def test_parts_are_counted(size: int, count: int) -> None:
    assert total_parts(size, 10) == count
