"""Signing in as it was until mid-2026: a form, a one-time code for those who have one, a cookie."""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, redirect, render_template, request

from nicobatch.sites.niconico.sandbox.site import flag_of

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from nicobatch.sandbox.world import Account
    from nicobatch.sites.niconico.sandbox.site import Site

MFA_SECONDS: Final = 15 * 60
"""How long a one-time code is waited for."""

_DEVICE_NAME: Final = 64
"""Characters that a device name must stay under."""

_DOORS: Final = {"/secure/login": "mail", "/login/redirector": "mail_tel"}
"""Where the form goes, and what it calls the mail address there."""


@dataclass(frozen=True, slots=True)
class _Pending:
    """A sign-in that waits for its code; lost at a restart, which reads as expired."""

    account: Account
    since: float
    passed: bool = False


def routes(site: Site) -> Blueprint:
    """Return the sign-in's pages."""
    blueprint = Blueprint("signin", __name__, template_folder="templates")
    signin = _SignIn(site)
    for path in _DOORS:
        blueprint.add_url_rule(path, path, signin.password, methods=["POST"])
    blueprint.add_url_rule("/login", "login", signin.form)
    blueprint.add_url_rule("/mfa", "mfa", signin.code_form)
    blueprint.add_url_rule("/login/mfa", "code", signin.code, methods=["POST"])
    blueprint.add_url_rule("/login/mfa/callback", "callback", signin.callback)
    return blueprint


class _SignIn:
    def __init__(self, site: Site) -> None:
        self._site = site
        self._pending: dict[str, _Pending] = {}
        self._lock = threading.Lock()

    def form(self) -> str:
        return render_template(
            "niconico/login.html", failed=request.args.get("message") == "cant_login"
        )

    def password(self) -> Response:
        given = (request.form.get(_DOORS[request.path]), request.form.get("password"))
        accounts = self._site.world.accounts
        account = next((who for who in accounts if (who.mail, who.password) == given), None)
        if account is None:
            return redirect("/login?" + urlencode({"message": "cant_login", "site": "niconico"}))
        return self._ask_code(account) if account.otp else _welcome(account)

    def _ask_code(self, account: Account) -> Response:
        session = secrets.token_hex(16)
        with self._lock:
            self._pending[session] = _Pending(account, self._site.world.clock())
        query = urlencode({"site": "niconico", "continue": _next_url()})
        response = redirect(f"/mfa?{query}")
        response.set_cookie("mfa_session", session, httponly=True, samesite="Lax")
        response.set_cookie("nicosid", secrets.token_hex(8), samesite="Lax")
        return response

    def code_form(self) -> Response | str:
        return self._code_page("") if self._waiting() else _expired()

    def code(self) -> Response | str:
        pending = self._waiting()
        if pending is None:
            return _expired()
        form = request.form
        if not form.get("loginBtn") or not 0 < len(form.get("device_name", "")) < _DEVICE_NAME:
            return self._code_page("Name the device, in fewer than 64 characters.")
        if form.get("otp") != pending.account.otp:
            return self._code_page("The code is wrong. Enter the 6 digits again.")
        session = request.cookies["mfa_session"]
        with self._lock:
            self._pending[session] = _Pending(pending.account, pending.since, passed=True)
        token = secrets.token_urlsafe(16)
        query = urlencode({"site": "niconico", "continue": _next_url(), "csrf_token": token})
        return redirect(f"/login/mfa/callback?{query}")

    def callback(self) -> Response:
        pending = self._waiting()
        if pending is None or not pending.passed:
            return _expired()
        with self._lock:
            self._pending.pop(request.cookies["mfa_session"], None)
        response = _welcome(pending.account)
        response.delete_cookie("mfa_session")
        return response

    def _waiting(self) -> _Pending | None:
        pending = self._pending.get(request.cookies.get("mfa_session", ""))
        fresh = pending and self._site.world.clock() - pending.since < MFA_SECONDS
        return pending if fresh else None

    def _code_page(self, error: str) -> str:
        query = urlencode({"site": "niconico", "continue": _next_url()})
        return render_template("niconico/mfa.html", action=f"/login/mfa?{query}", error=error)


def _next_url() -> str:
    """Return where to go afterwards, a path of this site in any case."""
    wanted = request.args.get("next_url") or request.args.get("continue") or "/"
    parts = urlsplit(wanted)
    own = not parts.scheme and not parts.netloc and wanted.startswith("/") and "\\" not in wanted
    return wanted if own else "/"


def _welcome(account: Account) -> Response:
    response = redirect(_next_url())
    response.set_cookie("user_session", account.user_session, httponly=True, samesite="Lax")
    response.headers["x-niconico-id"] = str(account.user_id)
    response.headers["x-niconico-authflag"] = flag_of(account)
    return response


def _expired() -> Response:
    return redirect("/login?" + urlencode({"error-code": "MFA_SESSION_EXPIRED"}))
