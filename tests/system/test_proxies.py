"""Proxies, by option and from the environment: everything goes by them, and nothing else does."""

from __future__ import annotations

import http.server
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from nicobatch.cli import run
from nicobatch.sandbox import DEFAULT_ACCOUNTS, Sandbox

SESSION = DEFAULT_ACCOUNTS[0].user_session


class Relay(http.server.BaseHTTPRequestHandler):
    """Hands plain requests on to this machine, refuses tunnels, and remembers both."""

    protocol_version = "HTTP/1.1"
    seen: list[str]

    def do_CONNECT(self) -> None:
        self.seen.append(f"CONNECT {self.path}")
        self.send_error(403)

    def _relay(self) -> None:
        self.seen.append(f"{self.command} {self.path}")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        hop = {"host", "proxy-connection", "connection", "accept-encoding"}
        headers = {name: value for name, value in self.headers.items() if name.lower() not in hop}
        with requests.Session() as session:
            session.trust_env = False
            answer = session.request(self.command, self.path, headers=headers, data=body)
        self.send_response(answer.status_code)
        self.send_header("Content-Length", str(len(answer.content)))
        self.end_headers()
        self.wfile.write(answer.content)

    do_GET = do_POST = _relay  # noqa: N815 - http.server's names

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's name
        pass


@pytest.fixture
def proxy() -> Iterator[tuple[str, list[str]]]:
    seen: list[str] = []
    handler = type("Recorded", (Relay,), {"seen": seen})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    with server:
        yield f"http://127.0.0.1:{server.server_port}", seen
        server.shutdown()
        thread.join()


@pytest.fixture
def show(tmp_path: Path, small_video: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copy(small_video, tmp_path / "a.mp4")
    manifest = tmp_path / "m.yaml"
    manifest.write_text("version: 1\nfile: a.mp4\ntitle: 冒険\n", encoding="utf-8")
    monkeypatch.setenv("NICOBATCH_USER_SESSION", SESSION)
    return manifest


def test_every_request_goes_by_the_proxy_that_is_asked_for(
    proxy: tuple[str, list[str]], show: Path, sandbox: Sandbox
) -> None:
    url, seen = proxy
    assert run(["publish", str(show), "--api-origin", sandbox.url, "--proxy", url]) == 0
    asked = [f"{each['method']} {each['path']}" for each in sandbox.audit()["requests"]]
    relayed = [f"{line.split()[0]} {urlsplit(line.split()[1]).path}" for line in seen]
    assert len(asked) > 5
    assert relayed == asked
    assert sandbox.audit()["entries"][0]["published"]


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
def test_niconico_is_reached_by_the_environment_s_proxy(
    proxy: tuple[str, list[str]],
    show: Path,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    url, seen = proxy
    monkeypatch.setenv(variable, url)
    assert run(["publish", str(show), "--retry-attempts", "1"]) == 1
    assert seen
    assert set(seen) == {"CONNECT nvapi.nicovideo.jp:443"}
    assert SESSION not in "".join(capsys.readouterr())


def test_this_machine_is_not_behind_the_environment_s_proxy(
    proxy: tuple[str, list[str]], show: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, seen = proxy
    monkeypatch.setenv("HTTP_PROXY", url)
    assert run(["publish", str(show), "--api-origin", sandbox.url]) == 0
    assert seen == []


@pytest.mark.parametrize(
    "proxy_url", ["http://me:secret@127.0.0.1:3128", "127.0.0.1:3128", "socks5://127.0.0.1:1"]
)
def test_what_is_no_proxy_is_refused(
    show: Path, proxy_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["publish", str(show), "--proxy", proxy_url]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_a_sign_in_in_plain_text_is_kept_from_a_proxy_elsewhere(
    show: Path, sandbox: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--api-origin", sandbox.url, "--proxy", "http://proxy.example:3128"]
    assert run(["publish", str(show), *arguments]) == 2
    assert "proxy.example" in capsys.readouterr().err
    assert sandbox.audit()["requests"] == []
