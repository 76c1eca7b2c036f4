"""Signing in by name and password, and out."""

from __future__ import annotations

import base64
import secrets
from typing import TYPE_CHECKING, Final

from flask import Blueprint, make_response, redirect, request

from nicobatch.livetube.sandbox.records import Session

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from nicobatch.livetube.sandbox.site import Site

_LIFE: Final = 4 * 365 * 86_400
"""Seconds that a sign-in lasts."""


def routes(site: Site) -> Blueprint:
    """Return the calls of signing in and out."""
    blueprint = Blueprint("livetube_signin", __name__)

    @blueprint.post("/login")
    def login() -> ResponseReturnValue:
        """Give a cookie; none says no."""
        account = site.account(request.form.get("user", ""))
        answer = make_response("<!doctype html><title>Livetube</title>")
        if account and request.form.get("password") == account.password:
            session = site.records.make(
                Session,
                user_id=account.user_id,
                value=base64.b32encode(secrets.token_bytes(160)).decode().rstrip("="),
                ends_at=site.now + _LIFE,
            )
            answer.set_cookie("u", session.value, expires=session.ends_at)
        return answer

    @blueprint.get("/logoff")
    def logoff() -> ResponseReturnValue:
        """End the sign-in."""
        session = site.session()
        if session:
            site.end(session)
        answer = redirect(f"{site.prefix}/")
        answer.delete_cookie("u")
        return answer

    return blueprint
