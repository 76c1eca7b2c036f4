from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nicobatch import credentials
from nicobatch.errors import UsageError
from nicobatch.model import Secret

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
    assert text(credentials.from_environment(environment, account)) == expected


def test_a_session_that_is_none_is_named_by_its_variable() -> None:
    environment = {"NICOBATCH_SECOND_USER_SESSION": "two words"}
    with pytest.raises(UsageError) as caught:
        credentials.from_environment(environment, "second")
    assert caught.value.message.startswith("NICOBATCH_SECOND_USER_SESSION is no value")
    assert "two words" not in repr(caught.value)


@pytest.mark.parametrize("value", ["p@ss; word\\", "パスワード"])
def test_a_password_may_look_like_anything(value: str) -> None:
    found = credentials.from_environment({"NICOBATCH_PASSWORD": value}, "main", "PASSWORD")
    assert text(found) == value


# What a session looks like


@pytest.mark.parametrize(
    "value",
    [SESSION, f"user_session={SESSION}", f"{SESSION};", f"  user_session={SESSION};\n", "a%20b"],
)
def test_a_session_may_be_copied_with_its_name(value: str) -> None:
    expected = "a%20b" if "%" in value else SESSION
    assert credentials.session(value, "the input").reveal() == expected


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
        credentials.session(value, "the input")
    assert caught.value.message == "the input is no value of the user_session cookie"
    assert "copy the cookie's value alone" in caught.value.hint
    assert SESSION not in repr(caught.value)


@given(st.text(st.characters(codec="latin-1")))
def test_what_is_taken_can_stand_in_a_header(value: str) -> None:
    try:
        taken = credentials.session(value, "the input").reveal()
    except UsageError:
        return
    assert taken.isascii()
    assert taken.isprintable()
    assert not set(taken) & set(' ",;\\')
