"""All sites on one origin: the Flask application, and what each of its answers has."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from flask import Flask, request
from werkzeug.exceptions import HTTPException

from nicobatch.sandbox.world import Imitation, Refusal

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue
    from werkzeug.wrappers import Response

    from nicobatch.sandbox.accounts import Account
    from nicobatch.sandbox.wsgi import RequestLog

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


class App:
    """Answers for all sites, each below its prefix, and for the audit."""

    def __init__(
        self, sites: Mapping[str, Imitation], accounts: tuple[Account, ...], log: RequestLog
    ) -> None:
        self._sites = sites
        self._log = log
        self._secrets = {text for who in accounts for text in (who.mail, who.user_session)}

    def flask(self) -> Flask:
        """Return the application."""
        app = Flask(__name__)
        app.url_map.merge_slashes = False
        # A page elsewhere must not reach the sandbox by a name that points to this machine.
        app.config["TRUSTED_HOSTS"] = ["127.0.0.1", "localhost"]
        app.config["MAX_FORM_MEMORY_SIZE"] = _MAX_FORM
        app.json.ensure_ascii = False  # type: ignore[attr-defined]
        app.json.sort_keys = False  # type: ignore[attr-defined]
        app.before_request(self._refuse_leaks)
        app.after_request(_secured)
        app.register_error_handler(Refusal, _refused)
        app.register_error_handler(HTTPException, self._http)
        app.register_error_handler(Exception, self._crashed)
        for prefix, site in self._sites.items():
            for each in site.routes():
                app.register_blueprint(each, url_prefix=prefix + (each.url_prefix or ""))
        tabs = [(site.label, prefix + site.page) for prefix, site in self._sites.items()]
        app.context_processor(lambda: {"tabs": tabs})
        app.add_url_rule("/sandbox/audit", "audit", self.audit)
        return app

    def audit(self) -> dict[str, Any]:
        """Return all that was received, and what became of it."""
        return {
            "entries": [entry for site in self._sites.values() for entry in site.audit()],
            "requests": self._log.of("request"),
            "leaks": self._log.of("leak"),
            "crashes": self._log.of("crash"),
        }

    def _site(self) -> Imitation:
        """Return whose path was asked for; the first site's, where it is nobody's."""
        inside = (each for each in self._sites if each and request.path.startswith(f"{each}/"))
        return self._sites[next(inside, "")]

    def _refuse_leaks(self) -> None:
        """Refuse loudly what would leave a credential in logs and histories."""
        site = self._site()
        leaked = sorted(
            name
            for name, value in request.args.items(multi=True)
            if name in site.secret_names or value in self._secrets
        )
        if leaked:
            self._log.add("leak", method=request.method, path=request.path, parameters=leaked)
            raise site.failure(400, "CREDENTIAL_IN_URL", f"{', '.join(leaked)}: never in a URL")

    def _http(self, error: HTTPException) -> ResponseReturnValue:
        code = error.name.upper().replace(" ", "_")
        return _refused(self._site().failure(error.code or 500, code))

    def _crashed(self, error: Exception) -> ResponseReturnValue:
        # A client that has gone, or sends no more, is nobody's mistake.
        if not isinstance(error, ConnectionError | TimeoutError):
            text = "".join(traceback.format_exception(error))
            self._log.add("crash", method=request.method, traceback=text)
        return _refused(self._site().failure(500, "INTERNAL_SERVER_ERROR"))


def _refused(refusal: Refusal) -> ResponseReturnValue:
    return dict(refusal.body), refusal.status


def _secured(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    return response
