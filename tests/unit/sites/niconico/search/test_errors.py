"""The guide's three errors and everything else that can come back, told apart."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest

from nicobatch.errors import Later, NicobatchError, Passing, SiteRefuses, UsageError
from nicobatch.pipeline.retry import Retry
from nicobatch.settings import Settings
from nicobatch.sites.niconico.search import Question, Search
from nicobatch.sites.niconico.search.services import LIVE, SNAPSHOT, Service
from tests.support.faults import Play, refused, reset_before
from tests.unit.sites.niconico.making import says
from tests.unit.sites.niconico.search.conftest import Library

ANY = "GET .*"
MIKU = Question(q="初音ミク", sort="-viewCounter")


def error(status: int, code: str, message: str) -> dict[str, Any]:
    """Return an error as the guide shows it."""
    return {"meta": {"status": status, "errorCode": code, "errorMessage": message}}


BROKEN = error(500, "INTERNAL_SERVER_ERROR", "please retry later.")
CLOSED = error(503, "MAINTENANCE", "please retry later.")


@pytest.mark.parametrize("q", ["-ミク", '"ミク', "a OR", "a b OR c"])
def test_400(search: Search, service: Service, q: str) -> None:
    with pytest.raises(UsageError) as caught:
        next(search.results(Question(q=q), service))
    assert "400 QUERY_PARSE_ERROR query parse error" in str(caught.value)
    assert "-words to leave out" in caught.value.hint


@pytest.mark.parametrize(
    ("play", "message", "pause"),
    [
        (says(BROKEN, "500 X"), "has broken down: 500 INTERNAL_SERVER_ERROR", None),
        (says(BROKEN, "500 X", Retry_After="3"), "please retry later.", 3.0),
        (says(CLOSED, "503 X"), "is closed for maintenance: 503 MAINTENANCE please", None),
        (says(CLOSED, "503 X", Retry_After="60"), "503 MAINTENANCE please retry later.", 60.0),
        (says(CLOSED), "is closed for maintenance", None),
        (refused("503 X"), "is closed for maintenance: 503", None),
        (refused("429 X", [("Retry-After", "7")]), "can't answer just now: 429", 7.0),
        (refused("502 X", body=b"<html>"), "can't answer just now: 502", None),
        (refused("200 OK", body=b"<html>"), "is not the JSON", None),
        (refused("200 OK", body=b"[]"), "is not the JSON", None),
        (reset_before, "the connection to 127.0.0.1", None),
    ],
)
def test_what_passes(
    search: Search, library: Library, play: Play, message: str, pause: float | None
) -> None:
    library.faults.at(ANY, play)
    results = search.results(MIKU)
    with pytest.raises(Passing) as caught:
        next(results)
    assert message in str(caught.value)
    assert caught.value.retry_after == pause
    assert len(list(results)) == 5  # the same page again, and nothing lost


@pytest.mark.parametrize(
    ("play", "message"),
    [
        (refused("403 X"), "refuses to answer: 403"),
        (refused("404 X", body=b"gone"), "refuses to answer: 404"),
        (refused("302 X", [("Location", "/elsewhere")]), "refuses to answer: 302"),
        (says({"meta": {"status": 200}, "data": []}), "is not the JSON"),
        (says({"meta": {"totalCount": 1}}), "is not the JSON"),
        (says({"meta": 5, "data": []}), "is not the JSON"),
    ],
)
def test_what_does_not_pass(
    search: Search, library: Library, service: Service, play: Play, message: str
) -> None:
    library.faults.at(ANY, play)
    with pytest.raises(SiteRefuses, match=message):
        next(search.results(MIKU, service))


@pytest.mark.parametrize("place", ["https://portal.example/login", "//portal.example:8080/"])
def test_a_portal_in_between(
    search: Search, library: Library, service: Service, place: str
) -> None:
    library.faults.at(ANY, refused("302 Found", [("Location", place)]))
    with pytest.raises(Passing, match=r"127\.0\.0\.1:\d+ redirects to portal\.example"):
        next(search.results(MIKU, service))


def test_hits_that_are_none(search: Search, library: Library) -> None:
    library.faults.at(ANY, says({"meta": {"status": 200, "totalCount": 2}, "data": [5, {}]}))
    hits = list(search.results(MIKU))
    assert [dict(hit.fields) for hit in hits] == [{"contentId": None, "title": None}] * 2


def test_errors_of_the_version(search: Search, library: Library) -> None:
    expected: list[tuple[Play, type[NicobatchError]]] = [
        (says(CLOSED, "503 X"), Passing),
        (refused("404 X"), SiteRefuses),
        (says({"last_modified": "once"}), SiteRefuses),
    ]
    for play, kind in expected:
        library.faults.at(ANY, play)
        with pytest.raises(kind):
            search.last_modified()


def loop(pauses: list[float], stop: threading.Event | None = None) -> Retry:
    """Return the one retry loop, whose pauses are noted and not made."""

    def sleep(seconds: float) -> bool:
        pauses.append(seconds)
        return False

    settings = Settings(retry_attempts=4, retry_max_wait=4, busy_timeout=30)
    return Retry(settings=settings, stop=stop or threading.Event(), sleep=sleep)


def again(results: Callable[[], object], pauses: list[float]) -> object:
    return loop(pauses)(results, lambda _error, _seconds: None)


@pytest.mark.parametrize("of", [SNAPSHOT, LIVE], ids=["video", "live"])
def test_the_one_retry_loop_repeats_politely(search: Search, library: Library, of: Service) -> None:
    for play in (says(BROKEN, "500 X"), says(CLOSED, "503 X", Retry_After="9")):
        library.faults.at(ANY, play)
    pauses: list[float] = []
    results = search.results(Question(q="番組 OR 煩悩"), of)
    assert again(lambda: next(results), pauses)
    assert (len(pauses), pauses[1], library.faults.plan) == (2, 9.0, [])


def test_a_long_maintenance_is_for_later(search: Search, library: Library) -> None:
    library.faults.at(ANY, says(CLOSED, "503 X", Retry_After="3600"))
    with pytest.raises(Later, match=r"maintenance.*asks for a pause of 3600 s"):
        again(lambda: next(search.results(MIKU)), [])


def test_a_wrong_question_is_not_repeated(search: Search, library: Library) -> None:
    document = error(400, "QUERY_PARSE_ERROR", "query parse error\u001b[2J")
    library.faults.at(ANY, refused("400 X", body=json.dumps(document).encode()))
    pauses: list[float] = []
    with pytest.raises(UsageError) as caught:
        again(lambda: next(search.results(MIKU)), pauses)
    assert pauses == []
    assert "\u001b" not in str(caught.value)
