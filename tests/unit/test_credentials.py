from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nicobatch import credentials
from nicobatch.errors import UsageError
from nicobatch.model import Secret
from nicobatch.sites.niconico.fields import SITE
from nicobatch.sites.session import Session

SESSION = "user_session_86_feedface"
OTHER = "user_session_87_badcafe"


def text(secret: Secret | None) -> str | None:
    return secret.reveal() if secret else None


# The environment


@pytest.mark.parametrize(
    ("environment", "account", "expected"),
    [
        ({}, "main", None),
        ({"NICOBATCH_USER_SESSION": SESSION}, "main", SESSION),
        ({"NICOBATCH_USER_SESSION": SESSION}, "second", SESSION),
        ({"NICOBATCH_SECOND_USER_SESSION": SESSION}, "second", SESSION),
        ({"NICOBATCH_SECOND_USER_SESSION": SESSION}, "main", None),
        (
            {"NICOBATCH_SECOND_USER_SESSION": SESSION, "NICOBATCH_USER_SESSION": OTHER},
            "second",
            SESSION,
        ),
        ({"NICOBATCH_CLIP_TEAM_2_USER_SESSION": SESSION}, "clip-team-2", SESSION),
        ({"NICOBATCH_CLIP_TEAM_2_USER_SESSION": SESSION}, "Clip_Team_2", SESSION),
        (
            {"NICOBATCH_SECOND_USER_SESSION": " ", "NICOBATCH_USER_SESSION": SESSION},
            "second",
            SESSION,
        ),
        ({"NICOBATCH_USER_SESSION": ""}, "main", None),
        ({"NICOBATCH_USER_SESSION": f" {SESSION}\n"}, "main", SESSION),
    ],
)
def test_an_accounts_own_variable_comes_first(
    environment: dict[str, str], account: str, expected: str | None
) -> None:
    found = credentials.from_environment(environment, account, SITE.session)
    assert text(found.user_session) == expected


def test_a_session_that_is_none_is_named_by_its_variable() -> None:
    environment = {"NICOBATCH_SECOND_USER_SESSION": "two words"}
    with pytest.raises(UsageError) as caught:
        credentials.from_environment(environment, "second", SITE.session)
    assert caught.value.message.startswith("NICOBATCH_SECOND_USER_SESSION is no value")
    assert "two words" not in repr(caught.value)


@pytest.mark.parametrize("value", ["p@ss; word\\", "パスワード"])
def test_a_password_may_look_like_anything(value: str) -> None:
    found = credentials.from_environment({"NICOBATCH_PASSWORD": value}, "main", SITE.session)
    assert text(found.password) == value


SEVERAL = Session(
    cookies={"SESSDATA": "OTHER_SESSDATA", "jct": "OTHER_JCT"},
    domain="example.com",
    home="https://www.example.com",
    read=lambda value, where: Secret(f"{where}: {value}"),
)
"""A site whose browsers are signed in by two cookies together."""


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, None),
        ({"NICOBATCH_OTHER_SESSDATA": "a"}, "NICOBATCH_OTHER_SESSDATA: SESSDATA=a"),
        (
            {"NICOBATCH_OTHER_SESSDATA": "a", "NICOBATCH_SECOND_OTHER_JCT": "b"},
            "NICOBATCH_OTHER_SESSDATA: SESSDATA=a; jct=b",
        ),
    ],
)
def test_cookies_of_one_session_are_taken_together(
    environment: dict[str, str], expected: str | None
) -> None:
    found = credentials.from_environment(environment, "second", SEVERAL)
    assert text(found.user_session) == expected


def test_another_sites_sessions_are_kept_apart(home: Path) -> None:
    other = replace(SITE, name="other")
    credentials.Store.of_user(other).set("main", Secret(OTHER))
    assert credentials.Store.of_user(SITE).get("main") is None
    assert text(credentials.Store.of_user(other).get("main")) == OTHER


# What a session looks like


@pytest.mark.parametrize(
    "value",
    [SESSION, f"user_session={SESSION}", f"{SESSION};", f"  user_session={SESSION};\n", "a%20b"],
)
def test_a_session_may_be_copied_with_its_name(value: str) -> None:
    expected = "a%20b" if "%" in value else SESSION
    assert SITE.session.read(value, "the input").reveal() == expected


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        "user_session=",
        f'"{SESSION}"',
        f"{SESSION}; nicosid=1",
        f"{SESSION}\r\nX-Evil: 1",
        f"{SESSION},x",
        "a\\b",
        "a\x00b",
        "a\x7fb",
        "セッション",
    ],
)
def test_what_no_cookie_can_hold_is_refused_and_not_repeated(value: str) -> None:
    with pytest.raises(UsageError) as caught:
        SITE.session.read(value, "the input")
    assert caught.value.message == "the input is no value of the user_session cookie"
    assert "copy the cookie's value alone" in caught.value.hint
    assert SESSION not in repr(caught.value)


@given(st.text(st.characters(codec="latin-1")))
def test_what_is_taken_can_stand_in_a_header(value: str) -> None:
    try:
        taken = SITE.session.read(value, "the input").reveal()
    except UsageError:
        return
    assert taken.isascii()
    assert taken.isprintable()
    assert not set(taken) & set(' ",;\\')
