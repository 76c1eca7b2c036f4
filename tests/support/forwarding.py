"""A forward proxy as companies have them, on 127.0.0.1: plain requests, and CONNECT.

In a tunnel it speaks TLS with a certificate of its own, as proxies do that look inside; so it can
lose the answers of either kind, once the request has gone through.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import socket
import ssl
import struct
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.support.servers import PATIENCE

SITE = "niconico.example"
"""Whom the proxy's certificate names, besides 127.0.0.1."""
_HOP = {"host", "connection", "proxy-connection", "proxy-authorization", "accept-encoding"}


def make_certificate(folder: Path) -> Path:
    """Make a key with its certificate, by an authority that nobody knows: `.crt` has no key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs openssl")
    path = folder / "both.pem"
    make = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=niconico"]
    names = f"subjectAltName=IP:127.0.0.1,DNS:{SITE},DNS:*.nicovideo.jp"
    make += ["-addext", names, "-days", "2"]
    subprocess.run([*make, "-keyout", path, "-out", f"{path}.crt"], check=True, capture_output=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(Path(f"{path}.crt").read_text(encoding="utf-8"))
    return path


class Lost(Exception):
    """The answer does not come back, and the connection ends."""


def swallow(handler: Handler) -> None:
    """Close the connection in place of an answer."""
    raise Lost


def reset(handler: Handler) -> None:
    """Reset the connection in place of an answer."""
    linger = struct.pack("ii", 1, 0)
    handler.tcp.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    raise Lost


Loss = Callable[["Handler"], None]


@dataclass(slots=True)
class Forwarder:
    """What the proxy is to do, and what it has seen."""

    site: str
    """Where requests end up, whatever host they name."""
    context: ssl.SSLContext | None = None
    url: str = ""
    sign_in: str = ""
    """What `Proxy-Authorization` has to be, if anything."""
    connects: int = 200
    """The status of every CONNECT."""
    losses: list[tuple[str, Loss]] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def lose(self, request: str, loss: Loss) -> None:
        """Lose the answer to the next request whose `METHOD path?query` matches."""
        self.losses.append((request, loss))

    def loss_of(self, request: str) -> Loss | None:
        with self.lock:
            self.seen.append(request)
            for index, (pattern, loss) in enumerate(self.losses):
                if re.fullmatch(pattern, request):
                    del self.losses[index]
                    self.lost.append(request)
                    return loss
        return None


class Handler(BaseHTTPRequestHandler):
    """One client's connection."""

    protocol_version = "HTTP/1.1"
    timeout = PATIENCE
    proxy: Forwarder
    tcp: socket.socket

    def setup(self) -> None:
        self.tcp = self.request
        super().setup()

    def handle(self) -> None:
        with contextlib.suppress(Lost, OSError):
            super().handle()

    def finish(self) -> None:
        super().finish()
        self.tcp.close()

    def do_CONNECT(self) -> None:
        self.proxy.loss_of(f"CONNECT {self.path}")
        if self._is_refused():
            return
        if self.proxy.connects != 200 or self.proxy.context is None:
            self.send_error(self.proxy.connects)
            return
        self.send_response_only(200, "Connection established")
        self.end_headers()
        self.request = self.proxy.context.wrap_socket(self.tcp, server_side=True)
        self.tcp = self.request
        super().finish()
        super().setup()
        self.close_connection = False

    def forward(self) -> None:
        if self.path.startswith("http:") and self._is_refused():
            return
        url = urlsplit(self.path)
        target = f"{url.path}?{url.query}" if url.query else url.path
        loss = self.proxy.loss_of(f"{self.command} {url.path}?{url.query}")
        status, headers, body = self._asked(target)
        if loss:
            loss(self)
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = forward  # noqa: N815 - http.server's names

    def _is_refused(self) -> bool:
        if self.headers.get("Proxy-Authorization", "") == self.proxy.sign_in:
            return False
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_error(407)
        return True

    def _asked(self, target: str) -> tuple[int, list[tuple[str, str]], bytes]:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        kept = {name: value for name, value in self.headers.items() if name.lower() not in _HOP}
        connection = HTTPConnection(urlsplit(self.proxy.site).netloc, timeout=PATIENCE)
        with contextlib.closing(connection):
            connection.request(self.command, target, body or None, kept)
            answer: HTTPResponse = connection.getresponse()
            content = answer.read()
        length = [("Content-Length", str(len(content)))]
        told = [each for each in answer.getheaders() if each[0] in {"Content-Type", "Location"}]
        return answer.status, told + length, content

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's name
        pass


@contextlib.contextmanager
def forwarding(site: str, certificate: Path | None = None) -> Iterator[Forwarder]:
    """Serve the proxy as long as the context; with a certificate, tunnels too."""
    context = None
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
    proxy = Forwarder(site, context)
    handler = type("Forwarding", (Handler,), {"proxy": proxy})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = False
        proxy.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield proxy
        finally:
            server.shutdown()
            thread.join()
