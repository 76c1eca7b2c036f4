"""Servers that send for ever, or nonsense: an answer is read within bounds, or can't be read."""

from __future__ import annotations

import gzip
import itertools
import socket
import tracemalloc
import zlib
from collections.abc import Callable, Iterator

import pytest

from nicobatch.errors import Passing
from nicobatch.http import Bounds, Http
from tests.support.servers import Reply, request_of, serving, talking

pytestmark = pytest.mark.no_cover  # being traced would double its time, and cover nothing more

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
MIB = 1 << 20


def endless(head: bytes, again: bytes) -> Callable[[socket.socket], None]:
    """Send the head once, and the rest until nobody takes it any more."""

    def talk(peer: socket.socket) -> None:
        request_of(peer)
        peer.sendall(head)
        while True:
            peer.sendall(again)

    return talk


def once(answer: bytes) -> Callable[[socket.socket], None]:
    def talk(peer: socket.socket) -> None:
        request_of(peer)
        peer.sendall(answer)

    return talk


def bomb(times: int) -> Callable[[socket.socket], None]:
    def talk(peer: socket.socket) -> None:
        names = ["gzip"] * times
        packer = zlib.compressobj(1, wbits=31)
        content = b"".join(packer.compress(bytes(MIB)) for _ in range(200)) + packer.flush()
        for _ in names[1:]:
            content = gzip.compress(content)
        head = f"Content-Encoding: {', '.join(names)}\r\nContent-Length: {len(content)}\r\n\r\n"
        once(OK + head.encode() + content)(peer)

    return talk


FLOODS = {
    "100 GB": endless(OK + b"Content-Length: 100000000000\r\n\r\n", bytes(MIB)),
    "without a length": endless(OK + b"\r\n", bytes(MIB)),
    "chunks": endless(CHUNKED, b"100000\r\n" + bytes(MIB) + b"\r\n"),
    "a chunk's extension": endless(CHUNKED + b"1;", b"x" * MIB),
    "trailers": endless(CHUNKED + b"0\r\n", b"X-A: 1\r\n" * 10_000),
    "100 Continue": endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 10_000),
    "100 Continue with headers": endless(b"", b"HTTP/1.1 100 Continue\r\nX-A: 1\r\n\r\n" * 9_000),
    "headers": endless(OK, b"X-A: 1\r\n" * 10_000),
    "one header": endless(OK + b"X-A: ", b"x" * MIB),
    "a status line": endless(b"HTTP/1.1 200 ", b"x" * MIB),
    "a bomb": bomb(1),
    "a bomb in a bomb": bomb(2),
    "a redirect": endless(b"HTTP/1.1 302 Found\r\nLocation: /x\r\n\r\n", bytes(MIB)),
    "an error page": endless(b"HTTP/1.1 500 Oh\r\n\r\n", bytes(MIB)),
}


@pytest.fixture
def http() -> Iterator[Http]:
    http = Http(stall_timeout=5)
    yield http
    http.close()


@pytest.mark.parametrize("flood", FLOODS)
def test_no_flood_is_taken_in(http: Http, flood: str) -> None:
    with talking(FLOODS[flood]) as host:
        tracemalloc.start()
        try:
            with pytest.raises(Passing, match="can't be read") as caught:
                http.send("POST", f"http://{host}/api")
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert caught.value.outcome_unknown
    assert peak < 64 * MIB


def test_a_long_answer_is_read_whole(http: Http) -> None:
    body = bytes(5 * MIB)
    with serving() as site:
        site.replies["/"] = Reply(body=body)
        assert http.send("GET", f"{site.url}/").body == body
        site.replies["/"] = Reply(headers={"Content-Encoding": "gzip"}, body=gzip.compress(body))
        site.replies["/"].headers = {
            "Content-Encoding": "gzip",
            "Content-Length": str(len(site.replies["/"].body)),
        }
        assert http.send("GET", f"{site.url}/").body == body


DRIPS = {
    "of the body": (OK + b"Content-Length: 1000000\r\n\r\n", b"x"),
    "of a chunk": (CHUNKED + b"f4240\r\n", b"x"),
    "of a header": (OK + b"X-A: ", b"x"),
    "of the status": (b"HTTP/1.1 200 ", b"x"),
    "of 100 Continue": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
}


@pytest.mark.parametrize("drip", DRIPS)
def test_what_comes_byte_by_byte_comes_to_an_end(drip: str) -> None:
    ticks = itertools.count(step=2.0)  # the clock shows two seconds more at every look
    http = Http(stall_timeout=5, bounds=Bounds(seconds=60, clock=lambda: next(ticks)))
    with talking(endless(*DRIPS[drip])) as host, pytest.raises(Passing) as caught:
        http.send("POST", f"http://{host}/api")
    http.close()
    assert caught.value.message == f"{host} did not answer in time"
    assert caught.value.outcome_unknown
    assert next(ticks) <= 70


NONSENSE = {
    "chunk of -5": CHUNKED + b"-5\r\nhello\r\n0\r\n\r\n",
    "chunk of no number": CHUNKED + b"five\r\nhello\r\n0\r\n\r\n",
    "chunk beyond all": CHUNKED + b"f" * 400 + b"\r\nhello",
    "no version": b"HTTP/9 200 OK\r\n\r\n",
    "no status": b"HTTP/1.1 abc OK\r\n\r\n",
    "negative status": b"HTTP/1.1 -20 OK\r\n\r\n",
    "another protocol": b"SSH-2.0-OpenSSH_9.9\r\n\r\n",
    "no gzip": OK + b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope",
}


@pytest.mark.parametrize("answer", NONSENSE)
def test_nonsense_can_t_be_read(http: Http, answer: str) -> None:
    with talking(once(NONSENSE[answer])) as host, pytest.raises(Passing) as caught:
        http.send("POST", f"http://{host}/api")
    assert caught.value.message == f"the answer of {host} can't be read"
    assert caught.value.outcome_unknown


@pytest.mark.parametrize(
    "location", ["//[", "http://[::1", "http://a:99999999/", "\x1b[2J", "x" * 60_000]
)
def test_a_redirect_to_nowhere_is_an_answer(http: Http, location: str) -> None:
    answer = f"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: {location}\r\n\r\n"
    with talking(once(answer.encode())) as host:
        assert http.send("POST", f"http://{host}/api").status == 302
