"""All services on one origin: the Flask application."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING, Final

from flask import Flask, request
from werkzeug.exceptions import HTTPException

from nicobatch.sandbox import (
    answers,
    audit,
    garage_api,
    garage_page,
    nvapi,
    search,
    signin,
    watch,
)
from nicobatch.sandbox.chunks import Chunks

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue
    from werkzeug.wrappers import Response

    from nicobatch.sandbox.site import Site

_SECRET_NAMES: Final = frozenset(
    {"mail", "mail_tel", "mailOrTel", "password", "otp", "user_session"}
)
"""Parameters that must never be in a URL."""

_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; media-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}

_MAX_FORM: Final = 1_000_000
"""Bytes of anything that is not a part of a file."""


def create_app(site: Site) -> Flask:
    """Return the application that answers for the site."""
    app = Flask(__name__)
    app.url_map.merge_slashes = False
    # A page elsewhere must not reach the sandbox by a name that points to this machine.
    app.config["TRUSTED_HOSTS"] = ["127.0.0.1", "localhost"]
    app.config["MAX_FORM_MEMORY_SIZE"] = _MAX_FORM
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.before_request(lambda: _refuse_leaks(site))
    app.after_request(_secured)
    _answer_errors(app, site)
    chunks = Chunks(site)
    for prefix in garage_api.PREFIXES:
        app.register_blueprint(garage_api.routes(site, prefix, chunks))
    for module in (nvapi, watch, search, signin, garage_page):
        app.register_blueprint(module.routes(site))
    app.add_url_rule(
        "/sandbox/audit", "audit", lambda: audit.report(site.store, site.log, site.lifecycle)
    )
    return app


def _refuse_leaks(site: Site) -> None:
    """Refuse loudly what would leave a credential in logs and histories."""
    secrets = {text for who in site.accounts for text in (who.mail, who.user_session)}
    leaked = sorted(
        name
        for name, value in request.args.items(multi=True)
        if name in _SECRET_NAMES or value in secrets
    )
    if leaked:
        site.log.add("leak", method=request.method, path=request.path, parameters=leaked)
        raise answers.garage(400, "CREDENTIAL_IN_URL", f"{', '.join(leaked)}: never in a URL")


def _secured(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def _answer_errors(app: Flask, site: Site) -> None:
    @app.errorhandler(answers.Refusal)
    def _refused(refusal: answers.Refusal) -> ResponseReturnValue:
        return dict(refusal.body), refusal.status

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> ResponseReturnValue:
        status = error.code or 500
        code = error.name.upper().replace(" ", "_")
        return {"meta": {"status": status, "error-code": code, "errorCode": code}}, status

    @app.errorhandler(Exception)
    def _crashed(error: Exception) -> ResponseReturnValue:
        # A client that has gone, or sends no more, is nobody's mistake.
        if not isinstance(error, ConnectionError | TimeoutError):
            text = "".join(traceback.format_exception(error))
            site.log.add("crash", method=request.method, traceback=text)
        code = "INTERNAL_SERVER_ERROR"
        return {"meta": {"status": 500, "error-code": code, "errorCode": code}}, 500
