"""Signing in at the sandbox: by cookies, by a code that confirms itself, and renewed in time."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest

from nicobatch.errors import Passing, SignInNeeded
from nicobatch.http import Http
from nicobatch.model import Secret
from nicobatch.sandbox import Sandbox
from nicobatch.sites.bilibili import service
from nicobatch.sites.bilibili.cookies import Cookies, parse
from nicobatch.sites.bilibili.profiles import WEB_2026, at_origin
from nicobatch.sites.bilibili.signin import Door, Person, Qr, QrState, login, sign_in
from nicobatch.sites.service import Reach
from nicobatch.sites.session import Credentials
from tests.unit.sites.bilibili.making import Stage, credentials
from tests.unit.sites.bilibili.sandbox.client import MAIN, PREFIX, SECOND, Client


@pytest.fixture
def http() -> Iterator[Http]:
    http = Http(stall_timeout=10)
    yield http
    http.close()


@pytest.fixture
def door(sandbox: Sandbox, http: Http) -> Door:
    return Door(at_origin(WEB_2026, sandbox.url + PREFIX), http)


def no_pause(seconds: float) -> None:
    assert seconds > 0


def entered(sandbox: Sandbox, http: Http, given: Credentials) -> str:
    return str(sign_in(at_origin(WEB_2026, sandbox.url + PREFIX), given, http))


def test_cookies_are_somebodys(sandbox: Sandbox, http: Http) -> None:
    told: list[Secret] = []
    words = entered(sandbox, http, credentials(gained=told.append))
    assert words == f"{MAIN.nickname} (user {MAIN.user_id}, level 5)"
    assert MAIN.user_session in {each.reveal() for each in told}


def test_nobody_s_are_refused(sandbox: Sandbox, http: Http) -> None:
    with pytest.raises(SignInNeeded):
        entered(sandbox, http, Credentials())
    with pytest.raises(SignInNeeded):
        entered(sandbox, http, Credentials(user_session=Secret("SESSDATA=x; bili_jct=y")))


def test_a_code_is_scanned_confirmed_and_brings_a_sign_in(site: Client, door: Door) -> None:
    site.set(qr_user=SECOND.user_id)
    shown: list[Qr] = []
    cookies = login(door, shown.append, no_pause)
    assert shown[0].url.startswith("http")
    person = door.nav(cookies)
    assert (person.mid, bool(cookies.refresh_token)) == (SECOND.user_id, True)
    assert parse(cookies.kept(), "x") == cookies


def test_its_states_are_told_apart(site: Client, door: Door) -> None:
    code = door.qr()
    assert [door.poll(code) for _ in range(2)] == [QrState.WAITING, QrState.SCANNED]
    assert isinstance(door.poll(code), Cookies)
    assert door.poll(code) is QrState.EXPIRED


def test_a_code_that_nobody_scans_ends(site: Client, door: Door, stage: Stage) -> None:
    site.set(qr_polls=10**6)

    def pause(seconds: float) -> None:
        stage.advance(60)

    with pytest.raises(SignInNeeded):
        login(door, lambda qr: None, pause)


def test_the_service_signs_in_by_an_address(sandbox: Sandbox, site: Client) -> None:
    site.set(qr_polls=0)
    shown: list[str] = []
    reach = Reach(profile="web-2026", origin=sandbox.url)
    session = service.scan(reach, shown.append, threading.Event())
    assert "qrcode_key" in shown[0]
    assert parse(session.reveal(), "x").is_whole


def test_it_is_renewed_when_the_site_wishes_and_kept_before_the_old_one_dies(
    sandbox: Sandbox, site: Client, door: Door, http: Http
) -> None:
    site.set(refresh_due=True, qr_polls=0)
    old = login(door, lambda qr: None, no_pause)
    kept: list[Cookies] = []

    def keep(session: Secret) -> None:
        kept.append(parse(session.reveal(), "x"))
        assert door.nav(old).mid == MAIN.user_id  # it is still good

    entered(sandbox, http, Credentials(user_session=Secret(old.kept()), renewed=keep))
    (new,) = kept
    assert new.csrf != old.csrf
    assert new.refresh_token != old.refresh_token
    assert door.nav(new).mid == MAIN.user_id
    with pytest.raises(SignInNeeded):
        door.nav(old)


def test_a_sign_in_of_the_environment_is_not_renewed(
    sandbox: Sandbox, site: Client, http: Http
) -> None:
    site.set(refresh_due=True)
    entered(sandbox, http, credentials())
    assert site.state()["settings"]["refresh_due"]


@pytest.mark.parametrize(
    ("trouble", "kind"),
    [
        ({"at": "refresh", "code": 86095}, SignInNeeded),
        ({"at": "correspond", "status": 404}, SignInNeeded),
        ({"at": "correspond", "status": 502}, Passing),
        ({"at": "refresh", "play": "empty"}, Passing),
    ],
)
def test_a_renewal_that_fails_keeps_the_old_sign_in(
    site: Client, door: Door, trouble: dict[str, object], kind: type[Exception]
) -> None:
    site.set(qr_polls=0)
    old = login(door, lambda qr: None, no_pause)
    at = str(trouble.pop("at"))
    site.fault(at, **trouble)
    kept: list[Cookies] = []
    with pytest.raises(kind):
        door.renew(old, kept.append)
    assert kept == []
    assert door.nav(old).mid == MAIN.user_id


def test_without_a_token_nothing_renews_it(door: Door) -> None:
    with pytest.raises(SignInNeeded):
        door.renew(Cookies({"SESSDATA": "a", "bili_jct": "b"}), lambda cookies: None)


def test_its_end_is_told_in_days(site: Client, door: Door, stage: Stage) -> None:
    site.set(qr_polls=0, session_days=20)
    person = door.nav(login(door, lambda qr: None, no_pause))
    now = stage.now()
    assert (person.days_left(now), person.is_ending(now)) == (20, False)
    assert person.is_ending(now + timedelta(days=7))
    assert person.data["user_id"] == str(MAIN.user_id)


@pytest.mark.parametrize(("days", "words"), [(20, "19 more days"), (5, "sign in again soon")])
def test_people_are_told_of_its_end(days: int, words: str) -> None:
    ends = int(time.time()) + days * 86_400 - 60
    cookies = Cookies({"SESSDATA": f"a%2C{ends}%2Cb", "bili_jct": "b"})
    assert words in str(Person(cookies=cookies, mid=1, name="x"))
