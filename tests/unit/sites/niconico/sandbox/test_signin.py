from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import pytest
import requests

from nicobatch.sandbox import Sandbox
from tests.unit.sites.niconico.sandbox.client import CAREFUL, MAIN, SECOND, Client
from tests.unit.sites.niconico.sandbox.conftest import Clock


@pytest.fixture
def guest(sandbox: Sandbox) -> Iterator[Client]:
    with Client(sandbox.url, None) as client:
        yield client


@pytest.mark.parametrize(
    ("path", "name"), [("/secure/login?site=niconico", "mail"), ("/login/redirector", "mail_tel")]
)
def test_mail_and_password(guest: Client, path: str, name: str) -> None:
    answer = guest.post(path, data={name: MAIN.mail, "password": MAIN.password})
    assert answer.status_code == 302
    assert answer.headers["x-niconico-id"] == str(MAIN.user_id)
    assert answer.cookies["user_session"] == MAIN.user_session
    assert re.fullmatch(r"user_session_\d+_[0-9a-f]{64}", MAIN.user_session)
    assert guest.get("/v1/users/me").json()["data"]["user"] == {
        "id": MAIN.user_id,
        "nickname": "サンドボックス",
        "isPremium": True,
        "userLevel": {"currentLevel": 7},
    }


@pytest.mark.parametrize(
    ("wanted", "location"),
    [
        ("/garage/videos", "/garage/videos"),
        ("//evil.example", "/"),
        ("https://evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("evil", "/"),
    ],
)
def test_the_way_on_stays_on_this_site(guest: Client, wanted: str, location: str) -> None:
    answer = guest.post(
        "/login/redirector",
        params={"site": "niconico", "next_url": wanted},
        data={"mail_tel": SECOND.mail, "password": SECOND.password},
    )
    assert answer.headers["Location"] == location
    assert answer.headers["x-niconico-authflag"] == "1"


def test_a_wrong_password(guest: Client) -> None:
    answer = guest.post("/secure/login", data={"mail": MAIN.mail, "password": "wrong"})
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/login?message=cant_login")
    assert 'class="notice error"' in guest.get(answer.headers["Location"]).text
    assert "notice error" not in guest.get("/login").text
    assert "user_session" not in guest.http.cookies


def ask_for_code(guest: Client) -> str:
    """Sign in up to the code, and return where the form goes."""
    answer = guest.post("/secure/login", data={"mail": CAREFUL.mail, "password": CAREFUL.password})
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/mfa?")
    assert {"mfa_session", "nicosid"} <= set(guest.http.cookies.keys())
    page = guest.get(answer.headers["Location"]).text
    actions = re.findall(r'<form[^>]* action="([^"]+)"', page)
    assert len(actions) == 1
    return unescape(actions[0])


def code_form(**changes: str) -> dict[str, str]:
    return {"otp": "123456", "loginBtn": "ログイン", "device_name": "test", **changes}


def test_a_one_time_code(guest: Client) -> None:
    answer = guest.post(ask_for_code(guest), data=code_form())
    assert answer.status_code == 302
    callback = answer.headers["Location"]
    assert callback.startswith("/login/mfa/callback?")
    assert "csrf_token=" in callback
    answer = guest.get(callback)
    assert answer.status_code == 302
    assert guest.http.cookies["user_session"] == CAREFUL.user_session
    assert "mfa_session" not in guest.http.cookies


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"otp": "000000"}, "The code is wrong. Enter the 6 digits again."),
        ({"device_name": ""}, "Name the device"),
        ({"device_name": "x" * 64}, "Name the device"),
        ({"loginBtn": ""}, "Name the device"),
    ],
)
def test_a_wrong_code(guest: Client, changes: dict[str, str], words: str) -> None:
    action = ask_for_code(guest)
    answer = guest.post(action, data=code_form(**changes))
    assert answer.status_code == 200
    assert re.search(rf'class="formError">{words}', answer.text)
    assert guest.post(action, data=code_form()).status_code == 302


def test_the_code_comes_too_late(guest: Client, clock: Clock) -> None:
    action = ask_for_code(guest)
    clock.now += 15 * 60
    for answer in (guest.post(action, data=code_form()), guest.get("/mfa")):
        assert answer.headers["Location"] == "/login?error-code=MFA_SESSION_EXPIRED"


def test_the_callback_wants_the_code_first(guest: Client) -> None:
    ask_for_code(guest)
    answer = guest.get("/login/mfa/callback")
    assert answer.headers["Location"].endswith("MFA_SESSION_EXPIRED")


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("mail=a@example.com&password=x", ["mail", "password"]),
        ("password=sandbox", ["password"]),
        (f"q={MAIN.user_session}", ["q"]),
        (f"name={MAIN.mail}", ["name"]),
    ],
)
def test_credentials_in_a_url_are_refused_and_told(
    sandbox: Sandbox, guest: Client, query: str, names: list[str]
) -> None:
    answer = guest.post(f"/secure/login?{query}")
    assert answer.status_code == 400
    assert answer.json()["meta"]["error-code"] == "CREDENTIAL_IN_URL"
    told = sandbox.audit()["leaks"]
    assert told == [{"method": "POST", "path": "/secure/login", "parameters": names}]
    assert MAIN.mail not in str(sandbox.audit())


@pytest.mark.parametrize(("account", "flag"), [(None, "0"), (MAIN, "3"), (SECOND, "1")])
def test_the_front_page_tells_who_is_there(sandbox: Sandbox, account: None, flag: str) -> None:
    with Client(sandbox.url, account) as client:
        answer = client.get("/")
        assert answer.status_code == 200
        assert answer.headers["x-niconico-authflag"] == flag
        assert ("x-niconico-id" in answer.headers) is (flag != "0")
        browser = client.get("/", headers={"Accept": "text/html,*/*"})
        assert browser.headers["Location"] == "/garage/videos"
        assert browser.headers["x-niconico-authflag"] == flag


def test_only_names_of_this_machine_are_answered(sandbox: Sandbox) -> None:
    headers = {"Host": "evil.example"}
    assert requests.get(sandbox.url, headers=headers, timeout=10).status_code == 400
