"""Signing in: who it is, a QR code that confirms itself, and new cookies for old."""

from __future__ import annotations

import re
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, request

from nicobatch.sites.bilibili.sandbox import answers
from nicobatch.sites.bilibili.sandbox.records import Session

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from nicobatch.sites.bilibili.sandbox.site import Site

_QR_SECONDS: Final = 180
"""How long a code can be scanned."""

_PATH: Final = re.compile(r"[0-9a-f]{256}")
"""RSA-OAEP of 1024 bits in hex; nobody but the site can open it, so its form is all there is."""

_WEB: Final = "/x/passport-login/web"


@dataclass(slots=True)
class _Code:
    """A QR code that was made, and how often it was asked about."""

    since: float
    polls: int = 0
    used: bool = False


def routes(site: Site) -> Blueprint:
    """Return the calls of signing in."""
    blueprint = Blueprint("bilibili_signin", __name__)
    signin = _SignIn(site)
    for method, path, call, view in (
        ("GET", "/x/web-interface/nav", "nav", signin.nav),
        ("GET", "/x/frontend/finger/spi", "spi", signin.spi),
        ("POST", "/x/internal/gaia-gateway/ExClimbWuzhi", "marked", signin.marked),
        ("GET", f"{_WEB}/qrcode/generate", "qr", signin.generate),
        ("GET", f"{_WEB}/qrcode/poll", "poll", signin.poll),
        ("GET", f"{_WEB}/cookie/info", "info", signin.info),
        ("GET", "/correspond/1/<path>", "correspond", signin.correspond),
        ("POST", f"{_WEB}/cookie/refresh", "refresh", signin.refresh),
        ("POST", f"{_WEB}/confirm/refresh", "confirm", signin.confirm),
    ):
        site.rule(blueprint, method, path, call, view)
    return blueprint


class _SignIn:
    def __init__(self, site: Site) -> None:
        self._site = site
        self._codes: dict[str, _Code] = {}
        self._paths: set[str] = set()
        self._refresh_csrfs: dict[str, str] = {}
        """By the cookies that they were made for; each can be used once."""
        self._lock = threading.Lock()

    def nav(self) -> ResponseReturnValue:
        """Say who is signed in."""
        picture = {
            "img_url": self._site.address(f"/bfs/wbi/{'7cd084941338484aaefc29ec0a2a94df'}.png"),
            "sub_url": self._site.address(f"/bfs/wbi/{'4932caff0ff746eab6f01bf08b70ac45'}.png"),
        }
        session = self._site.session()
        if session is None:
            raise answers.refused(-101, data={"isLogin": False, "wbi_img": picture})
        account = self._site.account(session.user_id)
        data = {
            "isLogin": True,
            "mid": session.user_id,
            "uname": account.nickname if account else "",
            "level_info": {"current_level": 5},
            "wbi_img": picture,
        }
        return answers.ok(data)

    def spi(self) -> ResponseReturnValue:
        """Give a browser its two marks."""
        return answers.ok({"b_3": f"{secrets.token_hex(16)}infoc", "b_4": secrets.token_hex(16)})

    def marked(self) -> ResponseReturnValue:
        """Take what a browser tells of itself; other clients make it up."""
        return answers.ok({})

    # The code

    def generate(self) -> ResponseReturnValue:
        """Make a code to be scanned."""
        key = secrets.token_hex(16)
        with self._lock:
            self._codes[key] = _Code(self._site.now)
        url = self._site.address("/h5/account-h5/auth/scan-web")
        query = urlencode({"navhide": 1, "callback": "close", "qrcode_key": key, "from": ""})
        return answers.ok({"url": f"{url}?{query}", "qrcode_key": key})

    def poll(self) -> ResponseReturnValue:
        """Say how far the code has come; it is scanned and confirmed by itself."""
        with self._lock:
            code = self._codes.get(request.args.get("qrcode_key", ""))
            state = self._state(code)
            if code and state == 0:
                code.used = True
        if state:
            return answers.ok(_polled(state))
        user_id = self._site.settings.qr_user or self._site.world.accounts[0].user_id
        session = self._site.sign_in(user_id)
        cookies = urlencode(_cookies(session), safe="%*")
        url = f"{self._site.address('/crossDomain')}?{cookies}"
        now = int(self._site.now * 1000)
        data = _polled(0, url=url, refresh_token=session.refresh_token, timestamp=now)
        return self._given(data, session)

    def _state(self, code: _Code | None) -> int:
        if code is None or code.used or self._site.now - code.since > _QR_SECONDS:
            return 86038
        code.polls += 1
        left = self._site.settings.qr_polls - code.polls
        return 0 if left < 0 else 86090 if left == 0 else 86101

    # New cookies

    def info(self) -> ResponseReturnValue:
        """Say whether the cookies should be renewed."""
        self._site.member()
        due = self._site.settings.refresh_due
        return answers.ok({"refresh": due, "timestamp": int(self._site.now * 1000)})

    def correspond(self, path: str) -> ResponseReturnValue:
        """Give the page that holds what a renewal needs."""
        session = self._site.session()
        with self._lock:
            good = session and _PATH.fullmatch(path) and path not in self._paths
            self._paths.add(path)
            if session is None or not good:
                return Response("<html>404</html>", 404, mimetype="text/html")
            given = secrets.token_hex(16)
            self._refresh_csrfs[session.sessdata] = given
        page = f'<!DOCTYPE html>\n<html><body><div id="1-name">{given}</div></body></html>'
        return Response(page, mimetype="text/html")

    def refresh(self) -> ResponseReturnValue:
        """Make new cookies; the old ones are good until that is confirmed."""
        given = request.form
        session = self._site.writer(given.get("csrf"))
        with self._lock:
            expected = self._refresh_csrfs.pop(session.sessdata, None)
        fits = given.get("refresh_token") == session.refresh_token
        if expected is None or given.get("refresh_csrf") != expected or not fits:
            raise answers.refused(86095)
        if given.get("source") != "main_web":
            raise answers.refused(-400, detail="source must be main_web")
        fresh = self._site.sign_in(session.user_id)
        self._site.settings.refresh_due = False
        data = {"status": 0, "message": "", "refresh_token": fresh.refresh_token}
        return self._given(data, fresh)

    def confirm(self) -> ResponseReturnValue:
        """End the cookies that the token belongs to; asked with the new ones."""
        given = request.form
        session = self._site.writer(given.get("csrf"))
        old = self._of(session.user_id, given.get("refresh_token", ""))
        if old is None or old.sessdata == session.sessdata:
            raise answers.refused(86095)
        self._site.end(old)
        return answers.ok()

    def _of(self, user_id: int, token: str) -> Session | None:
        account = self._site.account(user_id)
        known = [*self._site.records.all(Session, user_id)]
        if account and all(each.sessdata != account.cookie("SESSDATA") for each in known):
            known.append(self._site.first(account))
        return next((each for each in known if each.refresh_token == token and each.alive), None)

    def _given(self, data: Mapping[str, Any], session: Session) -> Response:
        response = jsonify(answers.ok(data))
        for name, value in _cookies(session).items():
            response.set_cookie(
                name,
                value,
                expires=session.expires_at,
                httponly=name == "SESSDATA",
                secure=request.is_secure,
            )
        return response


def _cookies(session: Session) -> dict[str, str]:
    return {
        "SESSDATA": session.sessdata.replace(",", "%2C"),
        "bili_jct": session.bili_jct,
        "DedeUserID": str(session.user_id),
        "DedeUserID__ckMd5": session.bili_jct[:16],
        "sid": session.refresh_token[:8],
    }


def _polled(code: int, **more: Any) -> dict[str, Any]:
    text = "" if code == 0 else answers.message(code)
    return {"url": "", "refresh_token": "", "timestamp": 0, "code": code, "message": text, **more}
