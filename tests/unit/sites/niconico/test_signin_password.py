"""Showing who we are by mail, password and one-time code, as it was until 2026."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from nicobatch.errors import NicobatchError, Passing, SignInNeeded, SiteRefuses, Stopped
from nicobatch.http import Http
from nicobatch.model import Secret
from nicobatch.sandbox import Account, Sandbox
from nicobatch.sites.niconico.client import Client
from nicobatch.sites.niconico.profiles import ARTICLE_2021, at_origin
from nicobatch.sites.niconico.signin import DEVICE_NAME, Person
from nicobatch.sites.session import Credentials
from tests.support.faults import Answered, Faults, Play, answered, refused, reset_before
from tests.unit.sites.niconico.making import (
    CAREFUL,
    MAIN,
    SECOND,
    Clock,
    EnterDoor,
    by_password,
    by_session,
    redirected,
    requests_of,
)

LOGIN = r"POST /secure/login\?.*"
CODE_PAGE = r"GET /mfa\?.*"
CODE = r"POST /login/mfa\?.*"
CALLBACK = r"GET /login/mfa/callback\?.*"
CODE_TEXT = str(CAREFUL.otp)


def test_a_password_signs_in(sandbox: Sandbox, door: EnterDoor) -> None:
    person = door(ARTICLE_2021, by_password(MAIN))
    assert person.user_session.reveal() == MAIN.user_session
    assert str(person) == "(user 10000001)"
    assert requests_of(sandbox) == ["POST /secure/login"]


def test_its_session_is_good_for_uploads(
    sandbox: Sandbox, door: EnterDoor, http: Http, stop: threading.Event
) -> None:
    client = Client(at_origin(ARTICLE_2021, sandbox.url), http, stop)
    client.use(door(ARTICLE_2021, by_password(SECOND)).user_session)
    assert client.create().id


@pytest.mark.parametrize("account", [MAIN, CAREFUL], ids=["password", "code"])
def test_no_secret_is_in_a_url(
    sandbox: Sandbox, door: EnterDoor, faults: Faults, account: Account
) -> None:
    urls: list[str] = []

    def look(app: Any, environ: Any) -> Answered:
        urls.append(f"{environ['PATH_INFO']}?{environ['QUERY_STRING']}")
        return answered(app, environ)

    for _ in range(9):
        faults.at(".*", look)
    door(ARTICLE_2021, by_password(account, code=lambda: CODE_TEXT))
    assert sandbox.audit()["leaks"] == []
    secrets = (account.mail, account.mail.partition("@")[0], account.user_session, CODE_TEXT)
    assert not [url for url in urls for secret in secrets if secret in url]
    assert "password" not in " ".join(urls)


@pytest.mark.parametrize(
    "credentials",
    [
        Credentials(),
        Credentials(mail="a@example.com"),
        Credentials(password=Secret("p")),
        by_session(MAIN.user_session),
    ],
    ids=["nothing", "mail", "password", "session"],
)
def test_a_password_profile_needs_both(
    sandbox: Sandbox, door: EnterDoor, credentials: Credentials
) -> None:
    with pytest.raises(SignInNeeded, match="article-2021 signs in by mail and password") as caught:
        door(ARTICLE_2021, credentials)
    assert "NICOBATCH_MAIL and NICOBATCH_PASSWORD" in caught.value.hint
    assert requests_of(sandbox) == []


@pytest.mark.parametrize("password", ["wrong", "", "sandbox "])
def test_a_wrong_password(door: EnterDoor, password: str) -> None:
    with pytest.raises(SignInNeeded, match="mail address or the password"):
        door(ARTICLE_2021, by_password(MAIN, password=password))


@pytest.mark.parametrize(
    "play", [refused("200 OK"), refused("404 Gone"), redirected("/")], ids=["page", "404", "home"]
)
def test_a_sign_in_that_is_no_longer_there(door: EnterDoor, faults: Faults, play: Play) -> None:
    faults.at(LOGIN, play)
    with pytest.raises(SignInNeeded, match="did not sign us in") as caught:
        door(ARTICLE_2021, by_password(MAIN))
    assert "garage-2026" in caught.value.hint


@pytest.mark.parametrize("status", ["408 Slow", "429 Many", "500 Oh", "503 Busy"])
@pytest.mark.parametrize("step", [LOGIN, CODE_PAGE, CODE, CALLBACK])
def test_a_fault_on_the_way_passes(door: EnterDoor, faults: Faults, step: str, status: str) -> None:
    faults.at(step, refused(status, [("Retry-After", "30")], b"<html>"))
    with pytest.raises(Passing) as caught:
        door(ARTICLE_2021, by_password(CAREFUL, code=lambda: CODE_TEXT))
    assert (caught.value.retry_after, caught.value.outcome_unknown) == (30, False)
    assert len(faults.played) == 1


def test_a_stop_before_signing_in(door: EnterDoor, stop: threading.Event) -> None:
    stop.set()
    with pytest.raises(Stopped):
        door(ARTICLE_2021, by_password(MAIN))


# The one-time code


@pytest.mark.parametrize("code", [CODE_TEXT, f" {CODE_TEXT}\n"])
def test_a_one_time_code(sandbox: Sandbox, door: EnterDoor, code: str) -> None:
    person = door(ARTICLE_2021, by_password(CAREFUL, code=lambda: code))
    assert person.user_session.reveal() == CAREFUL.user_session
    assert person.user_id == str(CAREFUL.user_id)
    assert requests_of(sandbox) == [
        "POST /secure/login",
        "GET /mfa",
        "POST /login/mfa",
        "GET /login/mfa/callback",
    ]


def test_nobody_is_asked_without_need(door: EnterDoor) -> None:
    def ask() -> str:
        pytest.fail("was asked")

    assert door(ARTICLE_2021, by_password(MAIN, code=ask)).user_id == str(MAIN.user_id)


def test_a_wrong_code(door: EnterDoor) -> None:
    with pytest.raises(SignInNeeded, match="does not accept the one-time code"):
        door(ARTICLE_2021, by_password(CAREFUL, code=lambda: "000000"))


def test_a_late_code(door: EnterDoor, clock: Clock) -> None:
    def slowly() -> str:
        clock.now += 15 * 60
        return CODE_TEXT

    with pytest.raises(SignInNeeded, match="came too late"):
        door(ARTICLE_2021, by_password(CAREFUL, code=slowly))


def test_a_code_is_not_asked_for_in_vain(door: EnterDoor, faults: Faults, clock: Clock) -> None:
    """A sign-in that has expired before its page is shown has no use for a code."""

    def late(app: Any, environ: Any) -> Answered:
        clock.now += 15 * 60
        return answered(app, environ)

    faults.at(CODE_PAGE, late)
    with pytest.raises(SignInNeeded, match="came too late"):
        door(ARTICLE_2021, by_password(CAREFUL, code=lambda: pytest.fail("was asked")))


def test_nobody_to_ask(sandbox: Sandbox, door: EnterDoor) -> None:
    with pytest.raises(SignInNeeded, match="nobody to ask") as caught:
        door(ARTICLE_2021, by_password(CAREFUL))
    assert "NICOBATCH_OTP" in caught.value.hint
    assert requests_of(sandbox) == ["POST /secure/login"]


def test_a_page_without_a_form_is_answered_where_it_is(
    sandbox: Sandbox, door: EnterDoor, faults: Faults
) -> None:
    faults.at(CODE_PAGE, refused("200 OK", (), b"<p>Enter your code"))
    with pytest.raises(SignInNeeded):
        door(ARTICLE_2021, by_password(CAREFUL, code=lambda: CODE_TEXT))
    assert requests_of(sandbox)[-1] == "POST /mfa"


def test_the_first_form_is_the_one(door: EnterDoor, faults: Faults) -> None:
    page = b"<form method=post action='/login/mfa?site=niconico'></form><form></form>"
    faults.at(CODE_PAGE, refused("200 OK", (), page))
    person = door(ARTICLE_2021, by_password(CAREFUL, code=lambda: CODE_TEXT))
    assert person.user_id == str(CAREFUL.user_id)


def test_the_device_has_a_name_that_fits() -> None:
    assert DEVICE_NAME.startswith("nicobatch on ")
    assert len(DEVICE_NAME) < 64


# Other hosts

FOREIGN = ["https://evil.example/mfa", "//evil.example/mfa", "http://127.0.0.1:9/mfa"]


@pytest.mark.parametrize("step", [LOGIN, CODE])
@pytest.mark.parametrize("location", FOREIGN)
def test_a_sign_in_does_not_leave_its_host(
    door: EnterDoor, faults: Faults, step: str, location: str
) -> None:
    faults.at(step, redirected(location))
    with pytest.raises(SiteRefuses, match="leads to another host"):
        door(ARTICLE_2021, by_password(CAREFUL, code=lambda: CODE_TEXT))


def test_nor_its_scheme(sandbox: Sandbox, door: EnterDoor, faults: Faults) -> None:
    faults.at(LOGIN, redirected(sandbox.url.replace("http:", "https:") + "/mfa"))
    with pytest.raises(SiteRefuses, match="leads to another host"):
        door(ARTICLE_2021, by_password(MAIN))


@pytest.mark.parametrize("action", FOREIGN)
def test_nor_does_the_code(door: EnterDoor, faults: Faults, action: str) -> None:
    faults.at(CODE_PAGE, refused("200 OK", (), f'<form action="{action}">'.encode()))
    with pytest.raises(SiteRefuses, match="leads to another host"):
        door(ARTICLE_2021, by_password(CAREFUL, code=lambda: CODE_TEXT))


# Secrets


def test_nothing_shows_a_secret() -> None:
    secrets = ("the-session", "the-password", "the-code")
    credentials = Credentials(
        user_session=Secret(secrets[0]),
        mail="a@example.com",
        password=Secret(secrets[1]),
        one_time_code=lambda: secrets[2],
    )
    person = Person(user_session=Secret(secrets[0]), user_id="1", nickname="n")
    shown = f"{credentials!r} {credentials} {person!r} {person}"
    assert not [secret for secret in secrets if secret in shown]


@pytest.mark.parametrize("step", [LOGIN, CODE_PAGE, CODE, CALLBACK])
@pytest.mark.parametrize(
    "play", [refused("500 Oh"), refused("403 No"), redirected("//evil.example/"), reset_before]
)
def test_no_error_shows_a_secret(door: EnterDoor, faults: Faults, step: str, play: Play) -> None:
    faults.at(step, play)
    with pytest.raises(NicobatchError) as caught:
        door(ARTICLE_2021, by_password(CAREFUL, code=lambda: CODE_TEXT))
    shown = f"{caught.value!r} {caught.value} {caught.value.hint}"
    for secret in (CAREFUL.mail, CAREFUL.password, CODE_TEXT, CAREFUL.user_session, "?"):
        assert secret not in shown
