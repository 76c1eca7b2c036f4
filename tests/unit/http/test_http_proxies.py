"""What is said of a proxy that is not there, wants a sign-in, or is none: on real sockets."""

from __future__ import annotations

import base64
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from nicobatch import installation
from nicobatch.errors import NicobatchError, Passing, UsageError
from nicobatch.http import Http
from tests.support.forwarding import SITE, Forwarder, forwarding, make_certificate
from tests.support.servers import Site, closed_port, serving, talking

SECRET = "hunter2"
VARIABLES = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]
URL = f"https://{SITE}/api"


@pytest.fixture
def http() -> Iterator[Http]:
    http = Http(stall_timeout=5)
    yield http
    http.close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        yield site


@pytest.fixture
def forwarder(
    http: Http, site: Site, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Forwarder]:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", f"{certificate}.crt")
    with forwarding(site.url, certificate) as forwarder:
        yield forwarder
        http.close()  # else the proxy waits for another request


def failure(http: Http, url: str = URL) -> NicobatchError:
    """Return what a request by the proxy ends in, which shows no password."""
    with pytest.raises(NicobatchError) as caught:
        http.send("POST", url)
    assert SECRET not in f"{caught.value!r}"
    return caught.value


@pytest.mark.parametrize("variable", VARIABLES)
def test_a_tunnel_leads_to_the_site(
    http: Http, site: Site, forwarder: Forwarder, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, forwarder.url.removeprefix("http://"))  # as curl takes it, too
    assert http.send("POST", URL).status == 200
    assert forwarder.seen == [f"CONNECT {SITE}:443", "POST /api?"]


@pytest.mark.parametrize("variable", VARIABLES)
def test_a_proxy_that_is_not_there_is_named(
    http: Http, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = closed_port()
    monkeypatch.setenv(variable, f"http://somebody:{SECRET}@{host}/")
    error = failure(http)
    assert isinstance(error, Passing)
    assert not error.outcome_unknown
    assert error.message == f"the proxy http://{host} can't be reached"
    assert error.hint.startswith(f"{variable} names it")


def test_no_proxy_is_asked_about_what_it_is_not_for(
    http: Http, forwarder: Forwarder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", forwarder.url)
    monkeypatch.setenv("NO_PROXY", ".invalid")
    assert "can't be reached" in failure(http, "http://nobody.invalid/").message
    assert forwarder.seen == []


@pytest.mark.parametrize("signed", [f"somebody:{SECRET}@", ""])
@pytest.mark.parametrize("url", [URL, "http://niconico.invalid/api"])
def test_a_proxy_that_wants_a_sign_in_is_given_it(
    http: Http,
    forwarder: Forwarder,
    url: str,
    signed: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    right = base64.b64encode(f"somebody:{SECRET}@".encode()).decode()
    forwarder.sign_in = f"Basic {right}"
    host = forwarder.url.removeprefix("http://")
    monkeypatch.setenv("ALL_PROXY", f"http://{signed}{host}")
    error = failure(http, url)
    assert isinstance(error, UsageError)
    assert error.message == f"the proxy {forwarder.url} wants a sign-in (407)"
    assert "HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT" in error.hint
    monkeypatch.setenv("ALL_PROXY", f"http://somebody:{SECRET}%40@{host}")
    other = Http(stall_timeout=5)
    assert other.send("POST", url).status == 200
    other.close()


@pytest.mark.parametrize("status", [403, 502, 503, 504])
def test_a_proxy_that_does_not_connect_has_sent_nothing(
    http: Http, forwarder: Forwarder, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", forwarder.url)
    forwarder.connects = status
    error = failure(http)
    assert isinstance(error, Passing)
    assert not error.outcome_unknown
    expected = f"the proxy {forwarder.url} does not connect to {SITE} ({status})"
    assert error.message == expected


def nonsense(peer: socket.socket) -> None:
    peer.recv(65536)
    peer.sendall(b"nonsense\r\n\r\n")


def leave(peer: socket.socket) -> None:
    peer.recv(65536)


def flood(peer: socket.socket) -> None:
    peer.recv(65536)
    peer.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        peer.sendall(b"X-A: 1\r\n" * 10_000)


def hang_up_in_the_tunnel(peer: socket.socket) -> None:
    peer.recv(65536)
    peer.sendall(b"HTTP/1.1 200 OK\r\n\r\n")


@pytest.mark.parametrize(
    ("talk", "message"),
    [
        (nonsense, "the answer of {whom} can't be read"),
        (flood, "the answer of {whom} can't be read"),
        (leave, "the connection to {whom} broke"),
        (hang_up_in_the_tunnel, "the connection to {whom} broke"),
    ],
)
def test_a_tunnel_that_does_not_come_about_has_sent_nothing(
    http: Http, talk: object, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with talking(talk) as host:  # type: ignore[arg-type]
        monkeypatch.setenv("HTTPS_PROXY", f"http://{host}")
        error = failure(http)
    assert isinstance(error, Passing)
    assert not error.outcome_unknown
    assert error.message == message.format(whom=f"{SITE} by the proxy http://{host}")


MALFORMED = [
    "http://",
    "http://:3128",
    f"http://somebody:{SECRET}@",
    "http://[::1",
    "http://127.0.0.1:port",
    "http://127.0.0.1:99999",
    "http://127.0.0.1:0",
    "ftp://127.0.0.1:3128",
    "http://127.0.0.1 :3128",
    "http://127.0.0.1:3128?x",
    "http://127.0.0.1:3128\x1b[2J",
    f"http://人:{SECRET}@127.0.0.1:3128",
    "{}",
]


@pytest.mark.parametrize("value", MALFORMED)
@pytest.mark.parametrize("variable", VARIABLES)
def test_a_variable_that_names_no_proxy_is_named(
    http: Http, variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    error = failure(http)
    assert isinstance(error, UsageError)
    assert error.message == f"{variable} does not name a proxy"
    assert "http://127.0.0.1:3128" in error.hint


def test_an_empty_variable_names_none(
    http: Http, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "")
    assert isinstance(failure(http, f"https://{closed_port()}/"), Passing)


# SOCKS


def received(peer: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size and (block := peer.recv(size - len(data))):
        data += block
    return data


def pump(source: socket.socket, target: socket.socket) -> None:
    while block := source.recv(65536):
        target.sendall(block)
    target.shutdown(socket.SHUT_WR)


@contextmanager
def socks(site: Site, named: list[str]) -> Iterator[str]:
    """Serve SOCKS 5 as long as the context; every host that is named is the site."""
    port = int(site.url.rpartition(":")[2])

    def talk(peer: socket.socket) -> None:
        received(peer, received(peer, 2)[1])
        peer.sendall(b"\5\0")
        size = received(peer, 5)[4]
        named.append(received(peer, size).decode())
        received(peer, 2)
        peer.sendall(b"\5\0\0\1" + bytes(6))
        with socket.create_connection(("127.0.0.1", port)) as there:
            back = threading.Thread(target=pump, args=(there, peer))
            back.start()
            pump(peer, there)
            back.join()

    with talking(talk) as host:
        yield f"socks5h://{host}"


def test_a_socks_proxy_is_gone_by(http: Http, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("socks")
    named: list[str] = []
    with socks(site, named) as url:
        monkeypatch.setenv("ALL_PROXY", url)
        assert http.send("POST", "http://niconico.invalid/api").status == 200
        http.close()
    assert named == ["niconico.invalid"]
    assert [seen.target for seen in site.seen] == ["/api"]


@pytest.mark.parametrize("scheme", ["socks4", "socks4a", "socks5", "SOCKS5H"])
def test_a_socks_proxy_needs_the_extra(
    http: Http, scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "socks", None)
    monkeypatch.setenv("all_proxy", f"{scheme}://somebody:{SECRET}@127.0.0.1:1080")
    error = failure(http)
    assert isinstance(error, UsageError)
    assert error.message.startswith(f"{scheme.lower()}://127.0.0.1:1080 is a SOCKS proxy")
    assert error.hint == installation.missing("socks")


def test_a_socks_proxy_that_is_not_there(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("socks")
    host = closed_port()
    monkeypatch.setenv("HTTPS_PROXY", f"socks5h://somebody:{SECRET}@{host}")
    error = failure(http)
    assert isinstance(error, Passing)
    assert not error.outcome_unknown
    assert error.message == f"{SITE} by the proxy socks5h://{host} can't be reached"
