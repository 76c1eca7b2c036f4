"""Sites that answer otherwise than any site should, in HTTP's own terms and in what they say."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing, suppress
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any, Final
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from nicobatch.errors import NicobatchError
from nicobatch.http import Bounds, Http
from nicobatch.livetube.client import Livetube
from nicobatch.model import Secret
from nicobatch.sandbox import DEFAULT_ACCOUNTS, Sandbox
from nicobatch.sites.bilibili import profiles as bilibili
from nicobatch.sites.bilibili.target import Bilibili
from nicobatch.sites.niconico import profiles as niconico
from nicobatch.sites.niconico.search import Question, Search
from nicobatch.sites.niconico.target import Niconico
from nicobatch.sites.session import Credentials
from tests.support.fuzz.mutating import answer, mutated
from tests.support.servers import request_of, talking

SESSION: Final = DEFAULT_ACCOUNTS[0].user_session
DATE: Final = b"Retry-After: Fri, 27 Nov 2026 16:00:00 GMT\r\n"
COOKIE: Final = b"Retry-After: 3\r\nSet-Cookie: a=b; Path=/\r\n"
GZIP: Final = b"Location: http://[::1]/x\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\x08"
OK: Final = (
    b'HTTP/1.1 200 OK\r\nContent-Length: 14\r\n%b\r\n{"meta": 1234}' % COOKIE,
    b"HTTP/1.1 503 Busy\r\nTransfer-Encoding: chunked\r\n%b\r\n5\r\nhello\r\n0\r\n\r\n" % DATE,
    b"HTTP/1.1 302 Found\r\n%b" % GZIP,
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 200 OK\r\n\r\nnothing more",
)
BOUNDS: Final = Bounds(seconds=2.0)
MOST: Final = 50
"""Rows of a list that are read."""


def headers(random: Random) -> None:
    """Read one answer whose very bytes were changed."""
    data = mutated(random.choice(OK), random)

    def talk(peer: socket.socket) -> None:
        request_of(peer)
        with suppress(OSError):
            peer.sendall(data)
            peer.shutdown(socket.SHUT_WR)

    http = Http(stall_timeout=1.0, bounds=BOUNDS)
    with talking(talk) as place, closing(http), suppress(NicobatchError):
        read = http.send("GET", f"http://{place}/a")
        read.retry_after(0.0)
        with suppress(ValueError):
            read.json()


class Answers:
    """The sandbox, whose answers are changed while a site's client asks."""

    def __init__(self, folder: Path) -> None:
        self._random: Random | None = None
        self._stack = ExitStack()
        sandbox = Sandbox(folder, encode_seconds=0, wrap=self._wrap)
        self._url = self._stack.enter_context(sandbox).url

    def close(self) -> None:
        """End the sandbox."""
        self._stack.close()

    def __call__(self, random: Random) -> None:
        """Ask one question, or two in a row, of a site."""
        with ExitStack() as stack:
            questions = list(self._questions(stack))
            self._random = random
            try:
                for ask in random.choices(questions, k=random.randint(1, 2)):
                    with suppress(NicobatchError):
                        ask()
            finally:
                self._random = None

    def _questions(self, stack: ExitStack) -> Iterator[Callable[[], object]]:
        stop = threading.Event()
        who = Credentials(user_session=Secret(SESSION))
        profile = niconico.at_origin(niconico.GARAGE_2026, self._url)
        nico = stack.enter_context(closing(Niconico(profile, who, stop=stop)))
        http = stack.enter_context(closing(Http(stop=stop, bounds=BOUNDS)))
        yield from _of_target(nico, "sm9")
        yield lambda: list(islice(Search(profile, http).results(Question(q="ゲーム")), MOST))

        cookies = f"SESSDATA={SESSION}; bili_jct={SESSION[-32:]}; buvid3=B"
        other = bilibili.at_origin(bilibili.WEB_2026, f"{self._url}/bilibili")
        bili = Bilibili(
            other,
            Credentials(user_session=Secret(cookies)),
            stop=stop,
            origin="sandbox",
            now=partial(datetime.now, UTC),
        )
        yield from _of_target(stack.enter_context(closing(bili)), "BV1xx411c7mD")

        tube = stack.enter_context(Livetube(f"{self._url}/livetube", patience=2.0))
        yield tube.live
        yield partial(tube.read, "1")
        yield partial(tube.stream, "someone")

    def _wrap(self, app: WSGIApplication) -> WSGIApplication:
        def wrapped(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            random = self._random
            if random is None or random.random() < 0.2:
                return app(environ, start_response)
            told: list[Any] = []
            body = b"".join(app(environ, lambda *given: told.extend(given)))  # type: ignore[arg-type]
            status = random.choice((told[0],) * 6 + ("200 OK", "404 No", "500 Oh", "302 There"))
            kept = [(name, value) for name, value in told[1] if name.lower() != "content-length"]
            if random.random() < 0.1:
                kept.append(("Location", random.choice(("//[", "/", "http://a:b", "x" * 9_000))))
            changed = answer(body, random)
            start_response(status, [*kept, ("Content-Length", str(len(changed)))])
            return [changed]

        return wrapped


def _of_target(target: Niconico | Bilibili, video: str) -> Iterator[Callable[[], object]]:
    yield target.who
    yield target.sign_in
    yield target.room
    yield lambda: list(islice(target.listed(), MOST))
    yield partial(target.find, video)
    yield partial(target.is_at_work, "1")
    yield partial(target.is_there, "1", listed=True)
