"""Whom the environment lets trust, over real TLS."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from nicobatch.errors import SiteRefuses, UsageError
from nicobatch.http import Http
from tests.support.forwarding import make_certificate
from tests.support.servers import request_of, talking

VARIABLES = ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The certificate alone, of a company's authority as it were."""
    return Path(f"{make_certificate(tmp_path_factory.mktemp('tls'))}.crt")


@pytest.fixture
def secure(certificate: Path) -> Iterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.with_suffix(""))

    def talk(peer: socket.socket) -> None:
        with context.wrap_socket(peer, server_side=True) as private:
            request_of(private)
            private.sendall(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")

    with talking(talk) as host:
        yield f"https://{host}/"


@pytest.fixture
def http() -> Iterator[Http]:
    http = Http(stall_timeout=5)
    yield http
    http.close()


@pytest.mark.parametrize("variable", VARIABLES)
def test_a_company_s_certificate_is_trusted(
    http: Http, secure: str, certificate: Path, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, str(certificate))
    assert http.send("GET", secure).status == 204


@pytest.mark.parametrize("variable", ["SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_folder_of_certificates_is_looked_into(
    http: Http,
    secure: str,
    certificate: Path,
    tmp_path: Path,
    variable: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shutil.copy(certificate, tmp_path / "company.crt")
    subprocess.run(["openssl", "rehash", tmp_path], check=True, capture_output=True)
    several = variable == "SSL_CERT_DIR"
    value = os.pathsep.join(["/nowhere", str(tmp_path)]) if several else str(tmp_path)
    monkeypatch.setenv(variable, value)
    assert http.send("GET", secure).status == 204


def test_requests_variable_comes_first(
    http: Http, secure: str, certificate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "nowhere"))
    assert http.send("GET", secure).status == 204


@pytest.fixture(params=["missing", "empty", "text", "key", "folder", "fifo", "unsorted folder"])
def broken(request: pytest.FixtureRequest, tmp_path: Path, certificate: Path) -> Path:
    path = tmp_path / "ca.pem"
    kind = request.param
    if kind in {"empty", "text"}:
        path.write_text("" if kind == "empty" else "no certificate\n", encoding="utf-8")
    elif kind == "key":
        text = certificate.with_suffix("").read_text(encoding="utf-8")
        path.write_text(text.partition("-----BEGIN CERT")[0], encoding="utf-8")
    elif kind == "fifo":
        if sys.platform == "win32":
            pytest.skip("Windows has none")
        os.mkfifo(path)
    elif kind != "missing":
        path.mkdir()
    if kind == "unsorted folder":
        shutil.copy(certificate, path / "company.crt")
    return path


@pytest.mark.parametrize("variable", [*VARIABLES, "SSL_CERT_DIR"])
def test_a_variable_that_names_nothing_of_use_is_named(
    http: Http, secure: str, broken: Path, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, str(broken))
    with pytest.raises(UsageError) as caught:
        http.send("GET", secure)
    assert caught.value.message.startswith(f"{variable} names {broken}, which can't be used: ")
    assert variable in caught.value.hint
    assert "_ssl.c" not in caught.value.message


def test_without_tls_no_variable_matters(
    http: Http, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "nowhere"))

    def talk(peer: socket.socket) -> None:
        request_of(peer)
        peer.sendall(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")

    with talking(talk) as host:
        assert http.send("GET", f"http://{host}/").status == 204


@pytest.mark.parametrize("installed", [True, False])
def test_an_unknown_authority_is_trusted_by_no_store(
    http: Http, secure: str, installed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if installed:
        pytest.importorskip("truststore")
    else:
        monkeypatch.setitem(sys.modules, "truststore", None)
    with pytest.raises(SiteRefuses, match="can't prove that it is") as caught:
        http.send("GET", secure)
    for way in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "nicobatch[tls]"):
        assert way in caught.value.hint


def test_a_certificate_for_another_host_is_none(
    http: Http, secure: str, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with pytest.raises(SiteRefuses, match="can't prove that it is localhost"):
        http.send("GET", secure.replace("127.0.0.1", "localhost"))
