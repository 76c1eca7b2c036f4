"""The account's own list, over real HTTP, from the sandbox and from sites that tell less."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any
from wsgiref.types import WSGIApplication, WSGIEnvironment

import pytest

from nicobatch.errors import Passing, SignInNeeded, SiteRefuses, VideoFailed
from nicobatch.http import Http
from nicobatch.model import Secret
from nicobatch.sandbox import Sandbox
from nicobatch.sites.abilities import OwnVideo, Standing, folded
from nicobatch.sites.niconico.library import Library
from nicobatch.sites.niconico.profiles import GARAGE_2026, at_origin
from tests.support.faults import Answered, Faults, answered, refused
from tests.unit.sites.niconico.making import MAIN, SECOND, Clock, requests_of, says
from tests.unit.sites.niconico.sandbox.client import Client

LIST = r"GET /v2/users/me/videos\?.*"


@pytest.fixture
def library(sandbox: Sandbox, http: Http) -> Library:
    made = Library(at_origin(GARAGE_2026, sandbox.url), http)
    made.use(Secret(MAIN.user_session))
    return made


def item(number: int, **essential: Any) -> dict[str, Any]:
    return {"essential": {"id": f"sm{number}", **essential}}


def page(numbers: Iterable[int], **more: Any) -> dict[str, Any]:
    return {"meta": {"status": 200}, "data": {"items": [item(n) for n in numbers], **more}}


def ids(library: Iterable[OwnVideo]) -> list[int]:
    return [int(video.id) for video in library]


def test_the_list_tells_of_every_video_that_is_registered(
    sandbox: Sandbox, library: Library, small_video: Path, clock: Clock
) -> None:
    later = "2026-12-01T18:00:00+09:00"
    with Client(sandbox.url) as client:
        entries = []
        for changes in (
            {"title": "公開", "detail": "一行目<br>二行目"},
            {"title": "非公開", "publish": False},
            {"title": "予約", "publishTimer": {"use": True, "registeredAt": later}},
        ):
            entries.append(client.upload(small_video.read_bytes()))
            assert client.publish(entries[-1], **changes).ok
            clock.now += 1
        client.draft(client.upload(small_video.read_bytes()))
    with Client(sandbox.url, SECOND) as other:
        other.publish(other.upload(small_video.read_bytes()))
    timed, hidden, public = library
    assert public == OwnVideo(
        id=str(entries[0]),
        video_id=f"sm{entries[0]}",
        title="公開",
        description="一行目<br>二行目",
        duration=2.0,
        registered_at=datetime.fromisoformat("2026-09-21T23:13:20+09:00"),
        views=0,
    )
    assert (hidden.title, hidden.standing) == ("非公開", Standing.PRIVATE)
    assert (timed.title, timed.standing) == ("予約", Standing.SCHEDULED)
    assert timed.registered_at == datetime.fromisoformat(later)
    assert ids(library) == entries[::-1]
    assert requests_of(sandbox).count("GET /v2/users/me/videos") == 1


def test_an_empty_list_takes_one_request(sandbox: Sandbox, library: Library) -> None:
    assert (list(library), list(library), library.find("1")) == ([], [], None)
    assert requests_of(sandbox) == ["GET /v2/users/me/videos"]


def test_it_asks_as_niconicos_own_pages_do(library: Library, faults: Faults) -> None:
    seen: list[WSGIEnvironment] = []

    def note(app: WSGIApplication, environ: WSGIEnvironment) -> Answered:
        seen.append(environ)
        return answered(app, environ)

    faults.at(LIST, note)
    assert list(library) == []
    (request,) = seen
    assert request["QUERY_STRING"] == "sortKey=registeredAt&sortOrder=desc&pageSize=100&page=1"
    assert (request["HTTP_X_FRONTEND_ID"], request["HTTP_X_FRONTEND_VERSION"]) == ("6", "0")
    assert request["HTTP_COOKIE"] == f"user_session={MAIN.user_session}"
    assert "HTTP_X_REQUEST_WITH" not in request


def test_pages_are_read_as_they_are_needed_and_once(library: Library, faults: Faults) -> None:
    for first in (300, 200, 100):
        size = 100 if first > 100 else 50
        faults.at(LIST, says(page(range(first, first - size, -1), totalCount=250)))
    assert library.find("250")
    assert len(faults.played) == 1
    assert library.find("150")
    assert library.find("299")
    assert len(faults.played) == 2
    assert library.find("7") is None
    assert ids(library) == [*range(300, 50, -1)]
    assert [name.rpartition("=")[2] for name in faults.played] == ["1", "2", "3"]


@pytest.mark.parametrize("total", [{}, {"totalCount": None}, {"totalCount": "3"}])
def test_without_a_total_the_list_ends_where_nothing_is_new(
    library: Library, faults: Faults, total: dict[str, Any]
) -> None:
    for numbers in ((3, 2), (1,), (1,)):
        faults.at(LIST, says(page(numbers, **total)))
    assert ids(library) == [3, 2, 1]
    assert len(faults.played) == 3


def test_the_larger_of_two_totals_counts(library: Library, faults: Faults) -> None:
    faults.at(LIST, says(page([2], totalCount=1, totalItemCount=2)))
    faults.at(LIST, says(page([1], totalCount=1, totalItemCount=2)))
    assert ids(library) == [2, 1]


def test_a_video_that_moved_to_the_next_page_is_told_once(library: Library, faults: Faults) -> None:
    faults.at(LIST, says(page([3, 2], totalCount=4)))
    faults.at(LIST, says(page([2, 1], totalCount=4)))
    assert ids(library) == [3, 2, 1]


def test_a_fault_is_raised_and_the_same_page_asked_for_again(
    library: Library, faults: Faults
) -> None:
    faults.at(LIST, says(page([2], totalCount=2)))
    faults.at(LIST, refused("503 Service Unavailable"))
    faults.at(LIST, says(page([1], totalCount=2)))
    with pytest.raises(Passing, match="list of videos: niconico can't answer just now"):
        list(library)
    assert ids(library) == [2, 1]
    assert faults.played[1] == faults.played[2]


@pytest.mark.parametrize(
    ("status", "document", "error"),
    [
        ("404 Not Found", {"meta": {"status": 404, "errorCode": "NOT_FOUND"}}, SiteRefuses),
        ("200 OK", {"meta": {"status": 200}}, SiteRefuses),
        ("200 OK", {"meta": {"status": 200}, "data": {"items": None}}, SiteRefuses),
        ("200 OK", {"meta": {"status": 200}, "data": []}, SiteRefuses),
        ("400 Bad Request", {"meta": {"status": 400}}, VideoFailed),
        ("401 Unauthorized", {"meta": {"status": 401}}, SignInNeeded),
        ("200 OK", "maintenance", Passing),
    ],
)
def test_what_is_no_list(
    library: Library,
    faults: Faults,
    status: str,
    document: object,
    error: type[Exception],
) -> None:
    faults.at(LIST, says(document, status))
    with pytest.raises(error):
        list(library)


FULL = {
    "isHidden": True,
    "isDeleted": True,
    "isUnderReview": True,
    "publishTimerDetail": {"anything": 1},
    "description": "<b>説明</b>",
    "essential": {
        "id": "sm9",
        "title": "題",
        "registeredAt": "2007-03-06T00:33:00+09:00",
        "duration": 319,
        "count": {"view": 12, "comment": 3},
    },
}


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"essential": {"id": "sm9"}}, OwnVideo(id="9", video_id="sm9")),
        ({"essential": {"id": "so9"}}, OwnVideo(id="9", video_id="so9")),
        ({"essential": {"id": 9}}, OwnVideo(id="9", video_id="sm9")),
        ({"id": "sm9", "essential": None}, OwnVideo(id="9", video_id="sm9")),
        ({"essential": {"id": "sm9", "title": None, "duration": None}}, None),
        ({"essential": {"id": "sm9", "title": 3, "duration": "5:19"}}, None),
        ({"essential": {"id": "sm9", "registeredAt": "soon", "duration": 0}}, None),
        ({"essential": {"id": "sm9", "registeredAt": 5, "duration": True}}, None),
        ({"essential": {"id": "sm9", "count": {"view": "12"}}}, None),
        ({"essential": {"id": "sm9", "count": [12]}}, None),
        ({"isHidden": 1, "isDeleted": None, "essential": {"id": "sm9"}}, None),
        (
            FULL,
            OwnVideo(
                id="9",
                video_id="sm9",
                title="題",
                description="<b>説明</b>",
                duration=319,
                registered_at=datetime.fromisoformat("2007-03-06T00:33:00+09:00"),
                views=12,
                hidden=True,
                scheduled=True,
                under_review=True,
                deleted=True,
            ),
        ),
    ],
)
def test_what_is_not_told_is_not_missed(
    library: Library, faults: Faults, told: dict[str, Any], expected: OwnVideo | None
) -> None:
    faults.at(LIST, says({"meta": {"status": 200}, "data": {"items": [told], "totalCount": 1}}))
    assert list(library) == [expected or OwnVideo(id="9", video_id="sm9")]


@pytest.mark.parametrize("odd", [None, 5, [], {}, {"essential": {"id": "smx"}}, {"id": ""}])
def test_an_item_without_an_id_is_passed_over(
    library: Library, faults: Faults, odd: object
) -> None:
    document = {"meta": {"status": 200}, "data": {"items": [odd, item(1)], "totalCount": 2}}
    faults.at(LIST, says(document))
    assert ids(library) == [1]


# Once more


def test_after_a_while_only_the_newest_are_asked_for_again(
    library: Library, faults: Faults
) -> None:
    faults.at(LIST, says(page(range(200, 100, -1), totalCount=150)))
    faults.at(LIST, says(page(range(100, 50, -1), totalCount=150)))
    assert len(list(library)) == 150
    library.expire()
    faults.at(LIST, says(page([201, *range(200, 101, -1)], totalCount=151)))
    assert library.find("201")
    assert library.find("201")
    assert len(faults.played) == 3


def test_many_new_ones_are_all_found(library: Library, faults: Faults) -> None:
    faults.at(LIST, says(page([1], totalCount=1)))
    assert ids(library) == [1]
    library.expire()
    faults.at(LIST, says(page([5, 4], totalCount=5)))
    faults.at(LIST, says(page([3, 2, 1], totalCount=5)))
    assert ids(library) == [1, 5, 4, 3, 2]


def test_a_list_that_became_empty_ends(library: Library, faults: Faults) -> None:
    faults.at(LIST, says(page([1], totalCount=1)))
    assert ids(library) == [1]
    library.expire()
    faults.at(LIST, says(page([], totalCount=0)))
    assert ids(library) == [1]


def test_what_was_never_read_can_not_be_too_old(sandbox: Sandbox, library: Library) -> None:
    library.expire()
    assert list(library) == []
    assert len(requests_of(sandbox)) == 1


# What is told of one


@pytest.mark.parametrize(
    ("facts", "standing"),
    [
        ({}, Standing.PUBLIC),
        ({"hidden": True}, Standing.PRIVATE),
        ({"hidden": True, "scheduled": True}, Standing.SCHEDULED),
        ({"hidden": True, "scheduled": True, "under_review": True}, Standing.UNDER_REVIEW),
        ({"hidden": True, "under_review": True, "deleted": True}, Standing.DELETED),
    ],
)
def test_standing(facts: dict[str, Any], standing: Standing) -> None:
    assert OwnVideo(id="9", video_id="sm9", **facts).standing is standing


@pytest.mark.parametrize(
    ("facts", "alike"),
    [
        ({"title": "第1回 序章", "duration": 60}, True),
        ({"title": "第１回　序章 ", "duration": 60}, True),
        ({"title": "第1回 序章", "duration": 62}, True),
        ({"title": "第1回 序章", "duration": 58}, True),
        ({"title": "第1回 序章", "duration": 62.1}, False),
        ({"title": "第1回 序章", "duration": 57.9}, False),
        ({"title": "第1回 序章", "duration": None}, True),
        ({"title": "第2回 序章", "duration": 60}, False),
        ({"title": None, "duration": 60}, False),
        ({"title": "第1回 序章", "duration": 60, "deleted": True}, False),
        ({"title": "第1回 序章", "duration": 60, "hidden": True}, True),
    ],
)
def test_likeness(facts: dict[str, Any], alike: bool) -> None:
    own = OwnVideo(id="9", video_id="sm9", **facts)
    assert (own.is_called("第1回 序章") and own.is_as_long_as(60.0)) is alike


def test_folding() -> None:
    assert folded(" ＡＢＣ　ｶﾞ\n") == "ABC ガ"
    assert folded("a") != folded("A")


@pytest.mark.parametrize(
    ("limitation", "room"),
    [
        ({"borderId": None, "user": {"uploadableCount": 7, "uploadedCountForLimitation": 1}}, 7),
        ({"user": {"uploadableCount": 0}}, 0),
        ({"user": {"uploadableCount": None}}, None),
        ({"user": {"uploadableCount": True}}, None),
        ({"user": None}, None),
        (None, None),
    ],
)
def test_the_room_that_is_left(
    sandbox: Sandbox, library: Library, faults: Faults, limitation: object, room: int | None
) -> None:
    faults.at(LIST, says(page([3], totalCount=1, limitation=limitation)))
    assert library.room == room
    assert (ids(library), library.room) == ([3], room)
    assert requests_of(sandbox) == ["GET /v2/users/me/videos"]
