"""The HTTP server and its record: quiet, and stoppable while requests are under way."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import threading
import traceback
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from nicobatch.sandbox.state import SandboxError

HOST: Final = "127.0.0.1"


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
        lines = list(self._lines())
        return [
            {name: value for name, value in line.items() if name != "kind"}
            for line in lines
            if line["kind"] == kind
        ]

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

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing: the audit has it."""


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

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - the base's name
        """Say nothing: the audit has it."""


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
