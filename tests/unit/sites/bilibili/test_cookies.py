"""Sign-ins, in each form in which people have them."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from requests.structures import CaseInsensitiveDict

from nicobatch.credentials import from_environment
from nicobatch.errors import UsageError
from nicobatch.http import Answer
from nicobatch.sites.bilibili.cookies import HANDED, Cookies, in_query, parse, set_by

SESSION = "1a2b3c4d%2C1811500000%2C5e6f7*81"
HEADER = f"buvid3=B-3infoc; SESSDATA={SESSION}; bili_jct=0123abcd; DedeUserID=42; theme=dark"
NETSCAPE = "\n".join(
    [
        "# Netscape HTTP Cookie File",
        f"#HttpOnly_.bilibili.com\tTRUE\t/\tTRUE\t1811500000\tSESSDATA\t{SESSION}",
        ".bilibili.com\tTRUE\t/\tFALSE\t1811500000\tbili_jct\t0123abcd",
        ".example.com\tTRUE\t/\tFALSE\t1811500000\tbili_jct\tevil",
    ]
)
LIST = json.dumps(
    [{"name": "SESSDATA", "value": SESSION}, {"name": "bili_jct", "value": "0123abcd"}]
)
BILIUP = json.dumps(
    {
        "cookie_info": {"cookies": json.loads(LIST)},
        "token_info": {"refresh_token": "r-1", "access_token": "secret"},
    }
)
PLAIN = json.dumps({"SESSDATA": SESSION, "bili_jct": "0123abcd", "ac_time_value": "r-1"})


@pytest.mark.parametrize(
    "text", [HEADER, f"Cookie: {HEADER}", NETSCAPE, LIST, BILIUP, PLAIN, f"{HEADER}; \n"]
)
def test_a_sign_in_is_read(text: str) -> None:
    cookies = parse(text, "the file")
    assert (cookies.values["SESSDATA"], cookies.csrf) == (SESSION, "0123abcd")
    assert "theme" not in cookies.values
    assert parse(cookies.kept(), "x") == cookies


def test_a_token_that_renews_it_is_kept_and_never_sent() -> None:
    for text in (BILIUP, PLAIN):
        cookies = parse(text, "x")
        assert cookies.refresh_token == "r-1"
        assert "r-1" not in "".join(cookies.header().values())


@pytest.mark.parametrize(
    "text", ["", "SESSDATA=1", "{", "[[[", '{"a": 1}', "bili_jct=1", "x\ty", "nothing at all"]
)
def test_what_is_none_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse(text, "the file")


def test_a_value_that_would_be_another_header_is_refused() -> None:
    with pytest.raises(UsageError):
        parse(json.dumps({"SESSDATA": "a\r\nX: y", "bili_jct": "1"}), "x")


def test_it_shows_no_text_of_its_own() -> None:
    assert SESSION not in repr(parse(HEADER, "x"))


def test_the_environment_names_it_by_account() -> None:
    given = {
        "NICOBATCH_BILIBILI_SESSDATA": "other",
        "NICOBATCH_BILIBILI_BILI_JCT": "0123abcd",
        "NICOBATCH_STUDIO_BILIBILI_SESSDATA": SESSION,
    }
    session = from_environment(given, "studio", HANDED).user_session
    assert session
    assert parse(session.reveal(), "x").values["SESSDATA"] == SESSION
    with pytest.raises(UsageError):
        from_environment({"NICOBATCH_BILIBILI_SESSDATA": SESSION}, "studio", HANDED)


def test_its_end_is_told_where_the_value_has_it() -> None:
    assert parse(HEADER, "x").expires == datetime.fromtimestamp(1811500000, UTC)
    assert Cookies({"SESSDATA": "abc"}).expires is None
    assert Cookies({"SESSDATA": "a%2C99999999999999999%2Cb"}).expires is None


def test_the_cookies_of_an_answer_are_told_apart() -> None:
    text = (
        f"SESSDATA={SESSION}; Path=/; Expires=Sun, 30 May 2027 10:00:00 GMT; HttpOnly,"
        " bili_jct=0123abcd; Path=/, other=1; Path=/, sid=; Path=/"
    )
    told = Answer(200, CaseInsensitiveDict({"Set-Cookie": text}), b"")
    assert set_by(told) == {"SESSDATA": SESSION, "bili_jct": "0123abcd"}
    url = f"https://passport.example/crossDomain?DedeUserID=42&SESSDATA={SESSION}&gourl=x"
    assert in_query(url) == {"DedeUserID": "42", "SESSDATA": SESSION}
