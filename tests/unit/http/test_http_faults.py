"""What becomes of a request when the network fails it: real sockets that misbehave."""

from __future__ import annotations

import socket
import ssl
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import urllib3

from nicobatch.errors import NicobatchError, Passing, SiteRefuses
from nicobatch.http import BLOCK, Http, sending
from tests.support.forwarding import make_certificate
from tests.support.servers import closed_port, request_of, talking
from tests.unit.http.test_http import SECRET, Stream

STALL = 0.2
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"
Talk = Callable[[socket.socket], None]


@pytest.fixture
def http() -> Iterator[Http]:
    http = Http(stall_timeout=STALL)
    yield http
    http.close()


def hang_up(peer: socket.socket) -> None:
    """Read the request, which may well be carried out, and leave."""
    request_of(peer)


def stall(peer: socket.socket) -> None:
    request_of(peer)
    peer.recv(1)  # until the client has had enough


def stall_midway(peer: socket.socket) -> None:
    request_of(peer)
    peer.sendall(HEAD + b"half of it")
    peer.recv(1)


def cut_short(peer: socket.socket) -> None:
    request_of(peer)
    peer.sendall(HEAD + b"half of it")


def babble(peer: socket.socket) -> None:
    request_of(peer)
    peer.sendall(b"this is no HTTP\r\n\r\n")


def garble(peer: socket.socket) -> None:
    request_of(peer)
    peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope")


FAULTS = [
    (hang_up, "the connection to {host} broke"),
    (stall, "{host} did not answer in time"),
    (stall_midway, "the connection to {host} broke"),
    (cut_short, "the answer of {host} can't be read"),
    (babble, "the answer of {host} can't be read"),
    (garble, "the answer of {host} can't be read"),
]


@pytest.mark.parametrize(("talk", "message"), FAULTS)
def test_what_fails_after_the_request_has_left_may_have_been_done(
    http: Http, talk: Talk, message: str
) -> None:
    with talking(talk) as host, pytest.raises(Passing) as caught:
        http.send("GET", f"http://{host}/api")
    assert caught.value.message == message.format(host=host)
    assert caught.value.outcome_unknown
    assert caught.value.retry_after is None


def test_who_is_not_there_has_done_nothing(http: Http) -> None:
    host = closed_port()
    with pytest.raises(Passing) as caught:
        http.send("POST", f"http://{host}/api")
    assert caught.value.message == f"{host} can't be reached"
    assert not caught.value.outcome_unknown


def test_a_name_that_nobody_has_has_done_nothing(
    http: Http, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody(*args: object, **kwargs: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    with pytest.raises(Passing, match=r"nobody\.invalid can't be reached") as caught:
        http.send("POST", "http://nobody.invalid/api")
    assert not caught.value.outcome_unknown


def test_a_dead_proxy_has_done_nothing(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    host = closed_port()
    monkeypatch.setenv("http_proxy", f"http://somebody:{SECRET}@{host}")
    with pytest.raises(Passing) as caught:
        http.send("POST", "http://niconico.invalid/api")
    assert caught.value.message == f"the proxy http://{host} can't be reached"
    assert caught.value.hint.startswith("http_proxy names it")
    assert not caught.value.outcome_unknown


def test_a_peer_that_takes_no_connection_has_done_nothing(
    http: Http, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "CONNECT_TIMEOUT", STALL)
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        address = full.getsockname()
        waiting = [socket.socket() for _ in range(8)]
        for each in waiting:  # the queue of those not yet accepted is full after some
            each.setblocking(False)
            each.connect_ex(address)
        time.sleep(0.05)
        with pytest.raises(Passing) as caught:
            http.send("POST", f"http://127.0.0.1:{address[1]}/")
        for each in waiting:
            each.close()
    assert not caught.value.outcome_unknown


def test_a_body_that_nobody_reads_is_given_up(http: Http) -> None:
    def read_the_head(peer: socket.socket) -> None:
        peer.recv(100)
        time.sleep(2 * STALL)

    with talking(read_the_head, buffer=4096) as host, pytest.raises(Passing) as caught:
        http.send("POST", f"http://{host}/", body=Stream(bytes(16 * BLOCK)))
    assert caught.value.outcome_unknown


def send_little_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the system from taking in whole blocks that the other side has not read."""
    connect = urllib3.connection.HTTPConnection._new_conn

    def connect_narrowly(connection: urllib3.connection.HTTPConnection) -> socket.socket:
        narrow = connect(connection)
        narrow.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
        return narrow

    monkeypatch.setattr(urllib3.connection.HTTPConnection, "_new_conn", connect_narrowly)


def test_a_slow_line_may_take_as_long_as_it_likes(monkeypatch: pytest.MonkeyPatch) -> None:
    """No block leaves within the time that a connection may take, and each within a stall."""
    monkeypatch.setattr(sending, "CONNECT_TIMEOUT", 0.1)
    send_little_at_once(monkeypatch)
    length = 2 * BLOCK

    def read_slowly(peer: socket.socket) -> None:
        left = length
        while left > 0 and (block := peer.recv(32768)):
            left -= len(block)
            time.sleep(0.01)
        peer.settimeout(0.1)
        while b"\r\n" in request_rest(peer):
            pass
        peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    http = Http(stall_timeout=5)
    with talking(read_slowly, buffer=32768) as host:
        assert http.send("POST", f"http://{host}/", body=Stream(bytes(length))).status == 200
    http.close()


def request_rest(peer: socket.socket) -> bytes:
    try:
        return peer.recv(65536)
    except TimeoutError:
        return b""


# TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def secure(certificate: Path) -> Iterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def talk(peer: socket.socket) -> None:
        with context.wrap_socket(peer, server_side=True) as private:
            request_of(private)
            private.sendall(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")

    with talking(talk) as host:
        yield host


def test_an_impostor_gets_nothing(http: Http, secure: str) -> None:
    with pytest.raises(SiteRefuses) as caught:
        http.send("GET", f"https://{secure}/", cookies={"user_session": SECRET})
    assert caught.value.message == f"{secure} can't prove that it is {secure}"
    assert "REQUESTS_CA_BUNDLE" in caught.value.hint


def test_the_user_may_trust_a_proxys_certificate(
    http: Http, secure: str, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", f"{certificate}.crt")
    assert http.send("GET", f"https://{secure}/").status == 204


def leave(peer: socket.socket) -> None:
    """Go away in the middle of TLS's greeting, as an overloaded site does."""
    peer.recv(65536)


def say_no(peer: socket.socket) -> None:
    peer.recv(65536)
    peer.sendall(b"HTTP/1.1 503 Service Unavailable\r\n\r\n")


@pytest.mark.parametrize("talk", [leave, say_no])
def test_tls_that_breaks_off_is_a_fault_that_passes(http: Http, talk: Talk) -> None:
    with talking(talk) as host, pytest.raises(Passing, match="broke"):
        http.send("GET", f"https://{host}/")


# Secrets


@pytest.mark.parametrize("talk", [talk for talk, _ in FAULTS])
def test_no_fault_tells_a_secret(http: Http, talk: Talk) -> None:
    with talking(talk) as host:
        check_discretion(http, host)


def test_to_reach_nobody_tells_no_secret(http: Http) -> None:
    check_discretion(http, closed_port())


def check_discretion(http: Http, host: str) -> None:
    with pytest.raises(NicobatchError) as caught:
        http.send(
            "POST",
            f"http://somebody:{SECRET}@{host}/{SECRET}?password={SECRET}",
            headers={"X-Secret": SECRET},
        )
    told = [str(caught.value), repr(caught.value), caught.value.hint]
    assert [text for text in told if SECRET in text] == []
    assert SECRET not in "".join(traceback.format_exception_only(caught.value))


def test_no_fault_shows_what_it_was_made_from(http: Http) -> None:
    with pytest.raises(Passing) as caught:
        http.send("POST", f"http://{closed_port()}/?password={SECRET}")
    text = "".join(traceback.format_exception(caught.value))
    assert "urllib3" not in text
    assert f"password={SECRET}" not in text
