from __future__ import annotations

import sys
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nicobatch.http import Answer, Http
from tests.support.servers import Reply, Site, serving

NOW = 1_790_000_000.0  # Mon, 21 Sep 2026 14:13:20 GMT


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        yield site


@pytest.fixture
def http() -> Iterator[Http]:
    http = Http(stall_timeout=5)
    yield http
    http.close()


@pytest.mark.parametrize("status", [200, 201, 204, 302, 400, 401, 404, 409, 429, 500, 503])
def test_every_status_is_an_answer(site: Site, http: Http, status: int) -> None:
    site.replies["/"] = Reply(status, {"X-Niconico-Id": "9"}, b"" if status == 204 else b'{"a": 1}')
    answer = http.send("GET", f"{site.url}/")
    assert answer.status == status
    assert answer.headers["x-niconico-id"] == "9", "whatever the case of its name"
    assert answer.body == site.replies["/"].body
    assert len(site.seen) == 1, "nothing is tried again"


def test_an_answer_is_read_as_json() -> None:
    assert Answer(200, {}, '{"meta": {"status": 200}, "x": "第"}'.encode()).json() == {
        "meta": {"status": 200},
        "x": "第",
    }


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"a": ', b"\xff\xfe\xfd", b"[" * 100_000])
def test_an_answer_that_is_no_json_says_so(body: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - json's own words
        Answer(200, {}, body).json()


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (None, None),
        ("", None),
        ("0", 0.0),
        ("120", 120.0),
        (" 120 ", 120.0),
        ("Mon, 21 Sep 2026 14:15:20 GMT", 120.0),
        ("Monday, 21-Sep-26 14:15:20 GMT", 120.0),
        ("Mon Sep 21 14:15:20 2026", 120.0),
        ("Mon, 21 Sep 2026 23:15:20 +0900", 120.0),
        ("Mon, 21 Sep 2026 14:15:20 -0000", 120.0),
        ("Mon, 21 Sep 2026 14:12:20 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("1e3", None),
        ("Mon, 99 Sep 2026 14:15:20 GMT", None),
        ("Mon, 21 Sep 99999999999 14:15:20 GMT", None),
        ("Mon, 21 Sep 2026 14:15:20 +9999999999999999", None),
    ],
)
def test_the_site_may_ask_to_wait(
    site: Site, http: Http, text: str | None, seconds: float | None
) -> None:
    site.replies["/"] = Reply(503, {} if text is None else {"Retry-After": text})
    answer = http.send("GET", f"{site.url}/")
    assert answer.retry_after(NOW) == seconds


@pytest.fixture
def _in_japan(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    if sys.platform == "win32":
        pytest.skip("Windows keeps its own time zone")
    with monkeypatch.context() as there:
        there.setenv("TZ", "JST-9")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("_in_japan")
@pytest.mark.parametrize("text", ["Mon Sep 21 14:15:20 2026", "Mon, 21 Sep 2026 14:15:20 -0000"])
def test_a_date_without_a_zone_is_greenwichs_wherever_we_are(text: str) -> None:
    assert Answer(503, {"Retry-After": text}, b"").retry_after(NOW) == 120.0


@given(st.text(), st.floats(0, 4e9))
def test_no_wish_to_wait_is_a_fault_of_ours(text: str, now: float) -> None:
    seconds = Answer(503, {"Retry-After": text}, b"").retry_after(now)
    assert seconds is None or seconds >= 0
