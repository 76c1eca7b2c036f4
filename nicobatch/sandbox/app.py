"""All sites on one origin: the Flask application, and the HTTP server with its record.

The server is quiet, and stoppable while requests are under way.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from nicobatch.sandbox.state import SandboxError
from nicobatch.sandbox.world import Account, Imitation, Refusal

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue
    from werkzeug.wrappers import Response

HOST: Final = "127.0.0.1"

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


class RequestLog:
    """An append-only file of JSON lines; it never holds a query string or a body."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._file = path.open("a", encoding="utf-8")

    def add(self, kind: str, **facts: object) -> None:
        """Write one line, at once."""
        line = json.dumps({"kind": kind, **facts}, ensure_ascii=False) + "\n"
        with self._lock:
            self._file.write(line)
            self._file.flush()

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Return the lines of that kind, oldest first."""
        return [line for line in self._lines() if line.pop("kind") == kind]

    def close(self) -> None:
        """Close the file; what was written can still be read."""
        with self._lock:
            self._file.close()

    def _lines(self) -> Iterator[dict[str, Any]]:
        for text in self._path.read_text("utf-8", errors="replace").splitlines():
            try:
                yield json.loads(text)
            except ValueError:  # torn by a kill
                continue


def logged(app: WSGIApplication, log: RequestLog) -> WSGIApplication:
    """Return the application with every request noted, `status` 0 where it got no answer."""

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        noted = False

        def note(status: int) -> None:
            nonlocal noted
            path = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
            if not noted and "/sandbox/" not in path:
                log.add("request", method=environ["REQUEST_METHOD"], path=path, status=status)
            noted = True

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            note(int(status.split(" ", 1)[0]))
            return start_response(status, headers, exc_info)

        try:
            return app(environ, start)
        except (ConnectionError, TimeoutError):  # a dropped connection is a fault of the network's
            note(0)
            raise
        except Exception:
            note(0)
            log.add("crash", method=environ["REQUEST_METHOD"], traceback=traceback.format_exc())
            raise

    return application


class _Handler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    """Heads and bodies are sent apart; neither is to wait for the other's receipt."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - the base's name
        """Say nothing: the audit has it."""

    def connection_dropped(self, error: BaseException, environ: Any = None) -> None:  # noqa: ARG002
        """Hang up as well; to a client, a fault that a test injects looks the same."""
        self.close_connection = True


class Server(ThreadedWSGIServer):
    """Listens on loopback from its construction on."""

    daemon_threads = False  # so that closing waits for every request's thread

    def __init__(
        self, port: int, app: WSGIApplication, log: RequestLog, idle_seconds: float
    ) -> None:
        self._log = log
        self._idle_seconds = idle_seconds
        self._lock = threading.Lock()
        self._connections: set[socket.socket] = set()
        with _listening(port) as listener:
            super().__init__(HOST, port, app, _Handler, fd=listener.fileno())

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Handle one connection, which `hang_up` or its silence may end."""
        request.settimeout(self._idle_seconds)
        with self._lock:
            self._connections.add(request)
        try:
            super().finish_request(request, client_address)
        finally:
            with self._lock:
                self._connections.discard(request)

    def hang_up(self) -> None:
        """End every connection, so that no thread waits for a client."""
        with self._lock:
            for connection in self._connections:
                with contextlib.suppress(OSError):  # the client was faster
                    connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002
        """Note what went wrong outside the application."""
        self._log.add("crash", method="", traceback=traceback.format_exc())


def _listening(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # elsewhere it would let two servers share the port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        message = f"port {port} of {HOST} can't be used: {error.strerror or error}"
        raise SandboxError(message) from error
    return listener


class _Path(Rule):
    """Compiles what writes its URL only when a page asks for it.

    Pages ask for a few paths of eighty, and all else of a sandbox's start takes a third of that.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:  # noqa: FBT001, FBT002 - the base's
        compile_now = super()._compile_builder

        def build(rule: Rule, /, **values: Any) -> tuple[str, str]:
            return compile_now(append_unknown)(rule, **values)

        return build


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
        app.url_rule_class = _Path
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
