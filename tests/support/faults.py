"""Faults between a client and the sandbox: a WSGI middleware that plays them once each."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment


@dataclass(slots=True)
class Answered:
    """An answer that the application gave, held back."""

    status: str = "200 OK"
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""


Play = Callable[[WSGIApplication, WSGIEnvironment], Answered]


def drained(environ: WSGIEnvironment) -> None:
    """Read the request's body away, as a server that refuses politely does."""
    left = int(environ.get("CONTENT_LENGTH") or 0)
    while left and (block := environ["wsgi.input"].read(min(left, 1 << 20))):
        left -= len(block)


def answered(app: WSGIApplication, environ: WSGIEnvironment) -> Answered:
    """Let the application act and keep what it answers."""
    held = Answered()

    def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        held.status, held.headers = status, headers
        return lambda data: None

    chunks = app(environ, start)
    held.body = b"".join(chunks)
    if hasattr(chunks, "close"):
        chunks.close()
    return held


def reset_before(app: WSGIApplication, environ: WSGIEnvironment) -> Answered:
    raise ConnectionError


def answer_lost(app: WSGIApplication, environ: WSGIEnvironment) -> Answered:
    answered(app, environ)
    raise ConnectionError


def refused(status: str, headers: Iterable[tuple[str, str]] = (), body: bytes = b"") -> Play:
    """Answer without acting."""

    def play(app: WSGIApplication, environ: WSGIEnvironment) -> Answered:
        drained(environ)
        return Answered(status, [*headers], body)

    return play


def unavailable_after_acting(app: WSGIApplication, environ: WSGIEnvironment) -> Answered:
    answered(app, environ)
    return Answered("503 Service Unavailable")


def repeated(app: WSGIApplication, environ: WSGIEnvironment) -> Answered:
    """Send it twice, as some proxies do, and hand on the second answer alone."""
    answered(app, environ)
    return answered(app, environ)


def html_after_acting(app: WSGIApplication, environ: WSGIEnvironment) -> Answered:
    answered(app, environ)
    return Answered("200 OK", [("Content-Type", "text/html")], b"<html>hello</html>")


def empty_after_acting(app: WSGIApplication, environ: WSGIEnvironment) -> Answered:
    answered(app, environ)
    return Answered()


def truncated_after_acting(app: WSGIApplication, environ: WSGIEnvironment) -> Answered:
    held = answered(app, environ)
    return Answered(held.status, [("Content-Type", "application/json")], held.body[:-5])


@dataclass(slots=True)
class Faults:
    """Plays a fault at the first requests that match `method path`; `wrap` goes to the sandbox."""

    plan: list[tuple[str, Play]] = field(default_factory=list)
    played: list[str] = field(default_factory=list)

    def at(self, request: str, play: Play) -> None:
        """Play the fault at the next request whose `METHOD path?query` matches the expression."""
        self.plan.append((request, play))

    def wrap(self, app: WSGIApplication) -> WSGIApplication:
        def wrapped(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            name = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}?{environ['QUERY_STRING']}"
            for index, (pattern, play) in enumerate(self.plan):
                if re.fullmatch(pattern, name):
                    del self.plan[index]
                    self.played.append(name)
                    held = play(app, environ)
                    length = ("Content-Length", str(len(held.body)))
                    kept = [each for each in held.headers if each[0].lower() != "content-length"]
                    start_response(held.status, [*kept, length])
                    return [held.body]
            return app(environ, start_response)

        return wrapped
