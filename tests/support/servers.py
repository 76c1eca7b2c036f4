"""Small real servers on 127.0.0.1: a site that notes what it is asked, and peers that misbehave."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PATIENCE = 10.0
"""Seconds after which a server gives up on a client, so that a failing test comes to its end."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One request, as it came in."""

    method: str
    target: str
    headers: Message
    body: bytes


@dataclass(slots=True)
class Reply:
    """What a path answers."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


class Site:
    """An HTTP server that answers each path as it is told, and notes every request."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.replies: dict[str, Reply] = {}
        self.url = ""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = PATIENCE
    site: Site

    def handle_one_request(self) -> None:
        with contextlib.suppress(ConnectionError):
            super().handle_one_request()

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.site.seen.append(Seen(self.command, self.path, self.headers, body))
        reply = self.site.replies.get(self.path.partition("?")[0], Reply())
        self.send_response_only(reply.status)
        for name, value in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body)

    do_GET = do_POST = do_PUT = answer  # noqa: N815 - http.server's names


@contextlib.contextmanager
def serving() -> Iterator[Site]:
    """Serve a site as long as the context."""
    site = Site()
    handler = type("Handler", (_Handler,), {"site": site})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = False
        site.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield site
        finally:
            server.shutdown()
            thread.join()


@contextlib.contextmanager
def talking(talk: Callable[[socket.socket], None], *, buffer: int = 0) -> Iterator[str]:
    """Accept connections as long as the context and hand each one to `talk`; yield host and port.

    `buffer` limits, in bytes, what the system takes in before `talk` reads it.
    """
    over = threading.Event()

    def accept(listener: socket.socket) -> None:
        while not over.is_set():
            with contextlib.suppress(OSError), listener.accept()[0] as peer:
                peer.settimeout(PATIENCE)
                talk(peer)

    with socket.socket() as listener:
        if buffer:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.settimeout(0.02)
        thread = threading.Thread(target=accept, args=(listener,))
        thread.start()
        try:
            yield f"127.0.0.1:{listener.getsockname()[1]}"
        finally:
            over.set()
            thread.join()


def request_of(peer: socket.socket) -> bytes:
    """Read a request that has no body."""
    data = b""
    while not data.endswith(b"\r\n\r\n"):
        block = peer.recv(65536)
        if not block:
            break
        data += block
    return data


def closed_port() -> str:
    """Return host and port of nobody."""
    with socket.socket() as once:
        once.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{once.getsockname()[1]}"
