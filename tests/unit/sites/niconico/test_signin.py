"""Showing who we are by a session, as niconico has it since 2026."""

from __future__ import annotations

import json
from typing import Any

import pytest

from nicobatch.errors import NicobatchError, Passing, SignInNeeded, SiteRefuses
from nicobatch.model import Secret
from nicobatch.sandbox import Account, Sandbox
from nicobatch.sites.niconico.profiles import GARAGE_2024, GARAGE_2026, Profile
from nicobatch.sites.session import Credentials
from tests.support.faults import Answered, Faults, Play, answered, refused, reset_before
from tests.unit.sites.niconico.making import (
    MAIN,
    SECOND,
    EnterDoor,
    by_password,
    by_session,
    redirected,
    requests_of,
)

GARAGES = pytest.mark.parametrize("profile", [GARAGE_2026, GARAGE_2024], ids=["2026", "2024"])
LOGIN = "https://account.nicovideo.jp/login"
ME = r"GET /v1/users/me\?"


@GARAGES
@pytest.mark.parametrize(
    ("account", "said"),
    [
        (MAIN, "サンドボックス (user 10000001, premium)"),
        (SECOND, "砂場の友だち (user 10000002, normal)"),
    ],
    ids=["premium", "free"],
)
def test_a_session_says_whose_it_is(
    door: EnterDoor, profile: Profile, account: Account, said: str
) -> None:
    person = door(profile, by_session(account.user_session))
    assert str(person) == said
    assert (person.user_id, person.nickname) == (str(account.user_id), account.nickname)
    assert person.premium is account.premium
    assert person.user_session.reveal() == account.user_session


@GARAGES
def test_a_session_that_is_no_good(door: EnterDoor, profile: Profile) -> None:
    with pytest.raises(SignInNeeded, match="does not accept the sign-in") as caught:
        door(profile, by_session("user_session_1_expired"))
    assert "nicobatch session set" in caught.value.hint


@GARAGES
def test_nobody(sandbox: Sandbox, door: EnterDoor, profile: Profile) -> None:
    with pytest.raises(SignInNeeded, match="nobody is signed in") as caught:
        door(profile, Credentials())
    assert "NICOBATCH_USER_SESSION" in caught.value.hint
    assert requests_of(sandbox) == []


@GARAGES
def test_mail_and_password_are_explained_away(
    sandbox: Sandbox, door: EnterDoor, profile: Profile
) -> None:
    with pytest.raises(SignInNeeded, match="no longer lets a program sign in") as caught:
        door(profile, by_password(MAIN))
    assert "nicobatch session set" in caught.value.hint
    assert requests_of(sandbox) == []


def test_a_session_goes_before_mail_and_password(door: EnterDoor) -> None:
    credentials = Credentials(
        user_session=Secret(SECOND.user_session), mail=MAIN.mail, password=Secret(MAIN.password)
    )
    assert door(GARAGE_2026, credentials).user_id == str(SECOND.user_id)


def test_a_session_is_looked_up_as_a_viewer(door: EnterDoor, faults: Faults) -> None:
    seen: list[tuple[str, str]] = []

    def look(app: Any, environ: Any) -> Answered:
        seen.append((environ["HTTP_X_FRONTEND_ID"], environ["HTTP_X_FRONTEND_VERSION"]))
        return answered(app, environ)

    faults.at(ME, look)
    door(GARAGE_2026, by_session(MAIN.user_session))
    assert seen == [("6", "0")]


@pytest.mark.parametrize("data", [None, [], {}, {"user": None}, {"user": []}])
def test_an_answer_that_names_nobody(door: EnterDoor, faults: Faults, data: object) -> None:
    body = json.dumps({"meta": {"status": 200}, "data": data}).encode()
    faults.at(ME, refused("200 OK", (), body))
    with pytest.raises(Passing, match="did not say whose"):
        door(GARAGE_2026, by_session(MAIN.user_session))


def test_a_nickname_fit_for_a_terminal(door: EnterDoor, faults: Faults) -> None:
    user = {"id": 7, "nickname": "\x1b[31m山田　太郎\n"}
    body = json.dumps({"meta": {"status": 200}, "data": {"user": user}}).encode()
    faults.at(ME, refused("200 OK", (), body))
    assert str(door(GARAGE_2026, by_session("x"))) == "[31m山田　太郎 (user 7, normal)"


@pytest.mark.parametrize(
    ("play", "error"),
    [
        pytest.param(refused("503 Busy", [("Retry-After", "9")]), Passing, id="503"),
        pytest.param(reset_before, Passing, id="reset"),
        pytest.param(refused("404 Gone"), SiteRefuses, id="moved"),
        pytest.param(
            redirected("https://account.nicovideo.jp/login"), SignInNeeded, id="to-the-login"
        ),
    ],
)
def test_looking_up_a_session_may_fail(
    door: EnterDoor, faults: Faults, play: Play, error: type[NicobatchError]
) -> None:
    faults.at(ME, play)
    with pytest.raises(error):
        door(GARAGE_2026, by_session(MAIN.user_session))
