"""Signing in by QR code, and new cookies for old."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, unquote, urlsplit

import requests

from nicobatch.sandbox import Sandbox
from tests.unit.sites.bilibili.sandbox.client import MAIN, SECOND, Client, JsonObject
from tests.unit.sites.niconico.sandbox.conftest import Clock

WEB = "/x/passport-login/web"
PATH = "0123456789abcdef" * 16


def polled(client: Client, key: str) -> requests.Response:
    return client.get(f"{WEB}/qrcode/poll", qrcode_key=key)


def scanned(client: Client) -> requests.Response:
    """Return the answer that a code ends with."""
    key = client.get(f"{WEB}/qrcode/generate").json()["data"]["qrcode_key"]
    codes = []
    while True:
        answer = polled(client, key)
        codes.append(answer.json()["data"]["code"])
        if codes[-1] == 0:
            assert codes == [86101, 86090, 0]
            assert polled(client, key).json()["data"]["code"] == 86038
            return answer


def test_a_code_confirms_itself(sandbox: Sandbox, clock: Clock) -> None:
    with Client(sandbox.url, None) as guest:
        answer = scanned(guest)
        data = answer.json()["data"]
        assert {"SESSDATA", "bili_jct", "DedeUserID", "DedeUserID__ckMd5", "sid"} == set(
            answer.cookies.keys()
        )
        query = parse_qs(urlsplit(data["url"]).query)
        sessdata = query["SESSDATA"][0]
        assert unquote(answer.cookies["SESSDATA"]) == sessdata
        assert int(sessdata.split(",")[1]) == int(clock.now) + 180 * 86_400
        assert len(data["refresh_token"]) == 32
        nav = guest.get("/x/web-interface/nav").json()["data"]
        assert (nav["mid"], nav["uname"]) == (MAIN.user_id, MAIN.nickname)
        clock.now += 181 * 86_400
        assert guest.get("/x/web-interface/nav").json()["code"] == -101


def test_a_code_for_another_and_one_that_is_late(sandbox: Sandbox, clock: Clock) -> None:
    with Client(sandbox.url, None) as guest:
        guest.set(qr_user=SECOND.user_id, qr_polls=0)
        key = guest.get(f"{WEB}/qrcode/generate").json()["data"]["qrcode_key"]
        assert polled(guest, key).json()["data"]["code"] == 0
        assert guest.get("/x/web-interface/nav").json()["data"]["mid"] == SECOND.user_id
        late = guest.get(f"{WEB}/qrcode/generate").json()["data"]
        assert len(late["qrcode_key"]) == 32
        assert late["qrcode_key"] in late["url"]
        clock.now += 181
        assert polled(guest, late["qrcode_key"]).json()["data"]["code"] == 86038
        assert guest.get("/x/frontend/finger/spi").json()["data"].keys() == {"b_3", "b_4"}


def refreshed(client: Client, token: str, refresh_csrf: str, **changes: str) -> requests.Response:
    form = {
        "csrf": client.csrf,
        "refresh_csrf": refresh_csrf,
        "refresh_token": token,
        "source": "main_web",
        **changes,
    }
    return client.post(f"{WEB}/cookie/refresh", data=form)


def corresponding(client: Client, path: str = PATH) -> str:
    page = client.get(f"/correspond/1/{path}")
    found = re.search(r'<div id="1-name">(\w+)</div>', page.text)
    return found[1] if found else ""


def confirmed(client: Client, token: str) -> JsonObject:
    form = {"csrf": client.csrf, "refresh_token": token}
    return dict(client.post(f"{WEB}/confirm/refresh", data=form).json())


def test_new_cookies_for_old(sandbox: Sandbox) -> None:
    with Client(sandbox.url, None) as client, Client(sandbox.url, None) as old:
        data = scanned(client).json()["data"]
        client.csrf = old.csrf = client.http.cookies["bili_jct"]
        old.http.cookies.update(client.http.cookies)
        client.set(refresh_due=True)
        info = client.get(f"{WEB}/cookie/info", csrf=client.csrf).json()["data"]
        assert (info["refresh"], info["timestamp"]) == (True, 1_790_000_000_000)
        refresh_csrf = corresponding(client)
        assert corresponding(client) == ""  # the same path again
        answer = refreshed(client, data["refresh_token"], refresh_csrf)
        assert answer.json()["data"]["status"] == 0
        client.csrf = answer.cookies["bili_jct"]
        assert client.csrf != old.csrf
        for each in (client, old):  # until it is confirmed
            assert each.get("/x/web-interface/nav").json()["code"] == 0
        token = answer.json()["data"]["refresh_token"]
        assert confirmed(client, token)["code"] == 86095
        assert confirmed(client, data["refresh_token"])["code"] == 0
        assert old.get("/x/web-interface/nav").json()["code"] == -101
        assert old.get(f"{WEB}/cookie/info").json()["code"] == -101
        assert client.get("/x/web-interface/nav").json()["code"] == 0
        assert client.get(f"{WEB}/cookie/info").json()["data"]["refresh"] is False
        assert [each["alive"] for each in client.state()["sessions"]] == [False, True]


def test_what_an_account_begins_with_can_be_renewed_too(sandbox: Sandbox, client: Client) -> None:
    import hashlib

    token = hashlib.sha256(f"refresh {MAIN.user_session}".encode()).hexdigest()[:32]
    answer = refreshed(client, token, corresponding(client))
    client.csrf = answer.cookies["bili_jct"]
    client.http.cookies.clear()
    client.http.cookies.update(answer.cookies)
    assert confirmed(client, token)["code"] == 0
    with Client(sandbox.url) as old:
        assert old.get("/x/web-interface/nav").json()["code"] == -101
    assert client.get("/x/web-interface/nav").json()["code"] == 0


def test_a_renewal_that_does_not_fit(sandbox: Sandbox, client: Client) -> None:
    assert client.get("/correspond/1/abc").status_code == 404
    assert refreshed(client, "token", corresponding(client)).json()["code"] == 86095
    assert refreshed(client, "token", "guess").json()["code"] == 86095
    assert refreshed(client, "token", "guess", csrf="other").json()["code"] == -111
    with Client(sandbox.url, None) as guest:
        assert guest.get(f"/correspond/1/{PATH[::-1]}").status_code == 404
        assert guest.get(f"{WEB}/cookie/info").json()["code"] == -101
    client.fault("refresh", code=86095)
    assert refreshed(client, "token", "guess").json()["code"] == 86095
    client.fault("correspond", status=404)
    assert client.get(f"/correspond/1/{PATH}").status_code == 404
