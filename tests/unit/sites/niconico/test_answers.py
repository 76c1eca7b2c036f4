"""What an answer means, as a table over status and body."""

from __future__ import annotations

import email.utils
import json
import time
from typing import Any

import pytest

from nicobatch.errors import (
    Busy,
    EntryGone,
    NicobatchError,
    Passing,
    SignInNeeded,
    SiteRefuses,
    VideoFailed,
)
from nicobatch.http import Answer
from nicobatch.sites.abilities import printable
from nicobatch.sites.niconico.answers import data_of

ASKED = "https://garage.nicovideo.jp/api/v2/videos"


def answer(status: int, document: object = None, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, named, json.dumps(document).encode(), ASKED)


def envelope(status: object, data: object = None, **meta: object) -> dict[str, object]:
    """Return niconico's envelope; `error_code` is spelt as the upload API spells it."""
    named = {name.replace("_", "-"): value for name, value in meta.items()}
    return {"meta": {"status": status, **named}, "data": data}


AB001 = {"errorDetail": "AB001"}
BLOCKER = [{"id": 39130867}]
LISTLESS: tuple[object, ...] = (
    None,
    [],
    {},
    [1],
    [{}],
    [{"id": "39130867"}],
    {"id": 39130867},
)
"""What a 409 may hold in the place of its list."""


@pytest.mark.parametrize(
    ("status", "document", "data"),
    [
        (200, envelope(200, {"id": 1}), {"id": 1}),
        (201, envelope(201, {"id": 1}), {"id": 1}),
        (201, envelope(200, [1]), [1]),
        (200, {"meta": {"status": 200}}, None),
        (200, {"meta": {}, "data": "x"}, "x"),
        (200, {"meta": {"status": "200"}, "data": "x"}, "x"),
    ],
)
def test_a_success_is_its_data(status: int, document: object, data: object) -> None:
    assert data_of(answer(status, document), "asking") == data


def case(
    name: str,
    answer: Answer,
    error: type[NicobatchError],
    *,
    entry: bool = False,
    **facts: Any,
) -> Any:
    return pytest.param(answer, entry, error, facts, id=name)


LOGIN = "https://account.nicovideo.jp/login"
OLD_LOGIN = "https://secure.nicovideo.jp/login"
PORTALS = [
    "https://portal.example/login",
    "http://192.0.2.1:8880/guest/login?next=https://garage.nicovideo.jp/",
    "//wifi.example/",
    "https://nicovideo.jp.example/login",
    "https://evilnicovideo.jp/login",
    "https://account.nicovideo.jp@portal.example/login",
]
REFUSALS = [
    # nobody is signed in
    case("401", answer(401, envelope(401, error_code="UNAUTHORIZED")), SignInNeeded),
    case("401-of-nvapi", answer(401, envelope(401, errorCode="UNAUTHORIZED")), SignInNeeded),
    case("401-within-200", answer(200, envelope(401)), SignInNeeded),
    case("401-without-envelope", Answer(401, {}, b"<html>"), SignInNeeded),
    case("to-the-login", answer(302, Location=f"{LOGIN}?next=%2F"), SignInNeeded),
    case("to-the-old-login", answer(302, Location=OLD_LOGIN), SignInNeeded),
    case("to-the-new-login", answer(303, Location="/spa/login/index.html"), SignInNeeded),
    # the site does not take it, or is not there
    case("AB001", answer(403, envelope(403, AB001, errorCode="FORBIDDEN")), SiteRefuses),
    case("AB001-within-200", answer(200, envelope(403, AB001)), SiteRefuses),
    case("AB001-as-code", answer(403, envelope(403, error_code="AB001")), SiteRefuses),
    case("404", answer(404, envelope(404, error_code="NOT_FOUND")), SiteRefuses),
    case("410", answer(410, envelope(410)), SiteRefuses),
    case("404-page", Answer(404, {}, b"<html>nginx"), SiteRefuses),
    case("redirected", answer(301, Location="https://www.nicovideo.jp/"), SiteRefuses),
    case("redirected-within", answer(308, Location="/api/v3/videos"), SiteRefuses),
    case("redirected-login", answer(301, Location="https://www.nicovideo.jp/login"), SiteRefuses),
    case("redirected-nowhere", answer(302), SiteRefuses),
    # the entry is gone
    case("404-entry", answer(404, envelope(404)), EntryGone, entry=True),
    case("410-entry", answer(410, envelope(410)), EntryGone, entry=True),
    case("404-entry-page", Answer(404, {}, b""), EntryGone, entry=True),
    case("404-entry-within-200", answer(200, envelope(404)), EntryGone, entry=True),
    # another upload is in the way
    case(
        "409",
        answer(409, envelope(409, BLOCKER, error_code="ID_ALREADY_EXISTS")),
        Busy,
        blocker="39130867",
        message="another upload of this account is in the way (id 39130867)",
    ),
    case(
        "409-camel",
        answer(409, envelope(409, BLOCKER, errorCode="ID_ALREADY_EXISTS")),
        Busy,
        blocker="39130867",
    ),
    *(
        case(
            f"409-with-{data!r}",
            answer(409, envelope(409, data, error_code="ID_ALREADY_EXISTS")),
            Busy,
            blocker=None,
            message="another upload of this account is in the way",
        )
        for data in LISTLESS
    ),
    case(
        "409-of-another-kind",
        answer(409, envelope(409, error_code="ALREADY_REGISTERED")),
        VideoFailed,
        code="ALREADY_REGISTERED",
    ),
    # this video can't be published
    case("400", answer(400, envelope(400, error_code="BAD")), VideoFailed, code="BAD"),
    case("400-camel", answer(400, envelope(400, errorCode="BAD")), VideoFailed, code="BAD"),
    case("400-without-code", answer(400, envelope(400)), VideoFailed, code=""),
    case("400-within-200", answer(200, envelope(400, error_code="BAD")), VideoFailed, code="BAD"),
    case("400-around-200", answer(400, envelope(200)), VideoFailed, code=""),
    case("400-page", Answer(400, {}, b"no"), VideoFailed, code=""),
    case("413-page", Answer(413, {}, b"<html>too large"), VideoFailed),
    case("413-json", answer(413, {"error": "too large"}), VideoFailed),
    case("403", answer(403, envelope(403, errorCode="FORBIDDEN")), VideoFailed, code="FORBIDDEN"),
    case("403-page", Answer(403, {}, b"<html>AB001"), VideoFailed),
    case("AB001-but-not-403", answer(400, envelope(400, AB001)), VideoFailed),
    # something in between speaks
    *(
        case(f"portal-{place}", answer(302, Location=place), Passing, outcome_unknown=True)
        for place in PORTALS
    ),
    case("nowhere", answer(302, Location="//["), Passing, outcome_unknown=True),
    case("409-page", Answer(409, {}, b"<html>conflict"), Passing, outcome_unknown=True),
    case("409-empty", Answer(409, {}, b""), Passing, outcome_unknown=True),
    case("409-json", answer(409, {"error": "ID_ALREADY_EXISTS"}), Passing, outcome_unknown=True),
    case("409-list", answer(409, BLOCKER), Passing, outcome_unknown=True),
    # it passes
    case("408", answer(408, envelope(408)), Passing, outcome_unknown=True, retry_after=None),
    case("425", answer(425, envelope(425)), Passing, outcome_unknown=False),
    case("429", answer(429, envelope(429)), Passing, outcome_unknown=False, retry_after=None),
    case("429-page", Answer(429, {}, b"slow"), Passing, outcome_unknown=False),
    case("429-within-200", answer(200, envelope(429)), Passing, outcome_unknown=False),
    case("429-later", answer(429, envelope(429), Retry_After="120"), Passing, retry_after=120.0),
    case("500", answer(500, envelope(500)), Passing, outcome_unknown=True),
    case("500-around-200", answer(500, envelope(200)), Passing, outcome_unknown=True),
    case("502-page", Answer(502, {}, b"<html>bad gateway"), Passing, outcome_unknown=True),
    case("503-later", answer(503, envelope(503), Retry_After="7"), Passing, retry_after=7.0),
    case("503-page-later", Answer(503, {"Retry-After": "7"}, b""), Passing, retry_after=7.0),
    case("503-nonsense", answer(503, None, Retry_After="soon"), Passing, retry_after=None),
    case("503-within-200", answer(200, envelope(503)), Passing, outcome_unknown=True),
    case("503-entry", answer(503, envelope(503)), Passing, entry=True),
    # it is not niconico that answers
    case("page-with-200", Answer(200, {}, b"<html>hello"), Passing, outcome_unknown=True),
    case("truncated", Answer(200, {}, b'{"meta": {"status": 2'), Passing, outcome_unknown=True),
    case("empty", Answer(201, {}, b""), Passing, outcome_unknown=True),
    case("not-utf-8", Answer(200, {}, b'"\xff'), Passing, outcome_unknown=True),
    case("a-list", answer(200, [1]), Passing, outcome_unknown=True),
    case("meta-is-text", answer(200, {"meta": "x"}), Passing, outcome_unknown=True),
    case("no-meta", answer(200, {"data": {"id": 1}}), Passing, outcome_unknown=True),
]


@pytest.mark.parametrize(("answer", "entry", "error", "facts"), REFUSALS)
def test_a_refusal_says_what_is_to_be_done(
    answer: Answer, entry: bool, error: type[NicobatchError], facts: dict[str, Any]
) -> None:
    with pytest.raises(NicobatchError) as caught:
        data_of(answer, "creating the video", entry=entry)
    assert type(caught.value) is error
    assert {name: getattr(caught.value, name) for name in facts} == facts
    assert str(caught.value)


@pytest.mark.parametrize(
    ("seconds", "least", "most"), [(90, 80, 90), (-90, 0, 0)], ids=["ahead", "past"]
)
def test_retry_after_may_be_a_date(seconds: int, least: int, most: int) -> None:
    date = email.utils.formatdate(time.time() + seconds, usegmt=True)
    with pytest.raises(Passing) as caught:
        data_of(answer(503, envelope(503), Retry_After=date), "asking")
    assert caught.value.retry_after is not None
    assert least <= caught.value.retry_after <= most


def test_what_was_asked_and_what_was_said_are_in_the_message() -> None:
    refusal = answer(400, envelope(400, {"errorDetail": "title: is blank"}, error_code="INVALID"))
    with pytest.raises(VideoFailed, match=r"^naming it was refused: 400 INVALID title: is blank$"):
        data_of(refusal, "naming it")


@pytest.mark.parametrize(
    ("status", "words"),
    [(401, "session set"), (403, "refuses every write"), (404, "changed its API")],
)
def test_what_a_person_can_do_is_in_the_hint(status: int, words: str) -> None:
    with pytest.raises(NicobatchError) as caught:
        data_of(answer(status, envelope(status, AB001)), "asking")
    assert words in caught.value.hint


ESCAPES = "\x1b]0;owned\x07\x1b[2J\r\n\u202e\x9b31m"


@pytest.mark.parametrize("status", [400, 403, 409, 500])
def test_escape_sequences_stay_out_of_terminals(status: int) -> None:
    document = envelope(status, {"errorDetail": ESCAPES}, error_code=ESCAPES)
    with pytest.raises(NicobatchError) as caught:
        data_of(answer(status, document), "asking")
    code = getattr(caught.value, "code", "")
    assert all(text.isprintable() for text in (str(caught.value), caught.value.hint, code))


def test_printable_keeps_japanese_and_an_end_in_sight() -> None:
    assert printable("第1回　はじめて") == "第1回　はじめて"
    assert printable(None) == "None"
    assert len(printable("長" * 10_000)) == 200


def test_a_portal_is_named_with_whom_it_answers_for() -> None:
    with pytest.raises(Passing) as caught:
        data_of(answer(302, Location="https://portal.example/login"), "asking")
    assert caught.value.message == (
        "garage.nicovideo.jp redirects to portal.example: a captive portal or a proxy is in between"
    )


def test_a_limit_in_between_is_none_of_niconico_s() -> None:
    with pytest.raises(VideoFailed, match="something in between limits the size of a request"):
        data_of(Answer(413, {}, b"<html>too large"), "part 1 of 3", entry=True)
    with pytest.raises(VideoFailed, match="was refused: 413 TOO_LARGE"):
        data_of(answer(413, envelope(413, error_code="TOO_LARGE")), "part 1 of 3", entry=True)
