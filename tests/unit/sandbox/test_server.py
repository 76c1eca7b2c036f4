from __future__ import annotations

import hashlib
import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from uuid import uuid4
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import pytest
import requests

import nicobatch
from nicobatch.sandbox import AlreadyRunning, Sandbox, SandboxError, running
from tests.unit.sites.niconico.sandbox.client import (
    Client,
    multipart,
    part_fields,
    piece,
    whole_fields,
)
from tests.unit.sites.niconico.sandbox.conftest import Clock

ROOT = Path(nicobatch.__file__).parents[1]


def test_it_stops_quickly_and_leaves_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    before = set(threading.enumerate())
    with Sandbox(tmp_path) as sandbox:
        assert sandbox.url.startswith("http://127.0.0.1:")
        assert requests.get(sandbox.url, timeout=10).ok
        assert requests.get(f"{sandbox.url}/nothing", timeout=10).status_code == 404
        begun = time.monotonic()
    assert time.monotonic() - begun < 1
    assert set(threading.enumerate()) == before
    with pytest.raises(requests.ConnectionError):
        requests.get(sandbox.url, timeout=10)
    assert capfd.readouterr() == ("", "")


def test_the_state_outlasts_the_server(tmp_path: Path, clock: Clock, large_video: bytes) -> None:
    uuid = str(uuid4())
    with Sandbox(tmp_path, clock=clock) as first, Client(first.url) as client:
        entry = client.created()
        client.stream(entry)
        fields = part_fields(large_video, 0, uuid=uuid)
        client.part(entry, multipart(fields, piece(large_video, 0)))
    with (tmp_path / "requests.jsonl").open("a") as log:
        log.write('{"kind": "requ')  # as a kill may leave it
    with Sandbox(tmp_path, clock=clock) as second, Client(second.url) as client:
        for index in (1, 2):
            fields = part_fields(large_video, index, uuid=uuid)
            client.part(entry, multipart(fields, piece(large_video, index)))
        assert client.done(entry, whole_fields(large_video, uuid=uuid))["success"] is True
        client.post(f"/api/v2/videos/{entry}/scene-thumbnails/0", data={"timing": "0"})
        client.publish(entry)
    with Sandbox(tmp_path, clock=clock) as third, Client(third.url) as client:
        clock.encode()
        assert client.status(entry)["postStatus"] == "REGISTERED"
        assert client.created() == entry + 1
        found = client.audit(entry)
    assert found["sha256"] == hashlib.sha256(large_video).hexdigest()
    assert found["parts"] == {"0": 1, "1": 1, "2": 1}
    assert found["received"]["create"] == 1


SERVE = """
import signal, sys
from pathlib import Path
from nicobatch.sandbox import Sandbox
sandbox = Sandbox(Path(sys.argv[1]))
signal.signal(signal.SIGTERM, lambda *_: sandbox.stop())
sandbox.serve_forever()
print("ended")
"""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], Path, str]]:
    """A server of its own process, with its state and URL."""
    command = [sys.executable, "-c", SERVE, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            while (url := running(tmp_path)) is None:
                assert process.poll() is None
                time.sleep(0.02)
            yield process, tmp_path, url
        finally:
            process.kill()


def test_a_killed_server_loses_nothing(served: tuple[subprocess.Popen[str], Path, str]) -> None:
    process, state, url = served
    with Client(url) as client:
        entry = client.created()
    process.kill()
    process.wait()
    assert running(state) is None
    with Sandbox(state) as sandbox, Client(sandbox.url) as client:
        assert client.status(entry)["postStatus"] == "CREATED"


@pytest.mark.skipif(sys.platform == "win32", reason="SIGTERM ends a process at once there")
def test_a_signal_ends_the_server_cleanly(
    served: tuple[subprocess.Popen[str], Path, str],
) -> None:
    process, state, _ = served
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=10)
    assert (process.returncode, out) == (0, "ended\n")
    assert not (state / "server.json").exists()


def test_serve_forever_ends_when_told_from_another_thread(tmp_path: Path) -> None:
    sandbox = Sandbox(tmp_path)
    thread = threading.Thread(target=sandbox.serve_forever)
    thread.start()
    while running(tmp_path) is None:
        time.sleep(0.01)
    sandbox.stop()
    thread.join(5)
    assert not thread.is_alive()
    with sandbox:
        assert running(tmp_path) == sandbox.url


def test_one_server_for_one_folder(tmp_path: Path) -> None:
    assert running(tmp_path / "nothing") is None
    assert running(tmp_path) is None
    with Sandbox(tmp_path) as sandbox:
        assert running(tmp_path) == sandbox.url
        with pytest.raises(AlreadyRunning, match=sandbox.url):
            Sandbox(tmp_path).start()
        assert requests.get(sandbox.url, timeout=10).ok
    assert running(tmp_path) is None


def test_a_holder_that_never_tells_its_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nicobatch.sandbox.state._PATIENCE", 0.1)
    with Sandbox(tmp_path):
        (tmp_path / "server.json").write_text("{")
        assert running(tmp_path) is None
        with pytest.raises(AlreadyRunning, match="an address that it has not told"):
            Sandbox(tmp_path).start()


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(SandboxError, match=rf"port {port} of 127\.0\.0\.1 can't be used"):
            Sandbox(tmp_path, port=port).start()
    with Sandbox(tmp_path, port=port) as sandbox:
        assert sandbox.url == f"http://127.0.0.1:{port}"


def test_there_is_no_audit_before_the_start(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="not started"):
        Sandbox(tmp_path).audit()


def test_faults_can_be_injected(tmp_path: Path) -> None:
    """The answer to the first create is lost, the second is refused before it arrives."""
    faults = iter(["lose", "refuse"])

    def wrap(app: WSGIApplication) -> WSGIApplication:
        def faulty(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            fault = next(faults, "") if environ["REQUEST_METHOD"] == "POST" else ""
            if fault == "lose":
                list(app(environ, lambda *_: lambda _data: None))
                raise ConnectionAbortedError
            if fault == "refuse":
                start_response("503 Busy", [("Retry-After", "1"), ("Content-Length", "0")])
                return []
            return app(environ, start_response)

        return faulty

    with Sandbox(tmp_path, wrap=wrap) as sandbox, Client(sandbox.url) as client:
        with pytest.raises(requests.ConnectionError):
            client.create()
        assert client.create().status_code == 503
        assert client.create().status_code == 409
        report = sandbox.audit()
    assert len(report["entries"]) == 1
    assert report["entries"][0]["received"] == {"create": 1, "create_refused": 1}
    assert [each["status"] for each in report["requests"]] == [0, 503, 409]
    assert report["requests"][0] == {"method": "POST", "path": "/api/v2/videos", "status": 0}
    assert report["crashes"] == []


def test_crashes_are_told_in_the_audit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def broken(_app: WSGIApplication) -> WSGIApplication:
        def application(_environ: WSGIEnvironment, _start: StartResponse) -> Iterable[bytes]:
            raise RuntimeError("the wrap is broken")

        return application

    with Sandbox(tmp_path / "wrap", wrap=broken) as sandbox:
        assert requests.get(sandbox.url, timeout=10).status_code == 500
        assert "the wrap is broken" in sandbox.audit()["crashes"][0]["traceback"]

    monkeypatch.setattr("nicobatch.sites.niconico.sandbox.watch.make_response", None)
    with Sandbox(tmp_path / "view") as sandbox:
        answer = requests.get(sandbox.url, timeout=10)
        assert answer.json()["meta"]["error-code"] == "INTERNAL_SERVER_ERROR"
        assert "TypeError" in sandbox.audit()["crashes"][0]["traceback"]
    assert capfd.readouterr() == ("", "")


def test_trouble_below_the_application_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def handle(_self: object) -> None:
        raise RuntimeError("the handler is broken")

    with Sandbox(tmp_path) as sandbox:
        monkeypatch.setattr("nicobatch.sandbox.app._Handler.handle", handle)
        with pytest.raises(requests.ConnectionError):
            requests.get(sandbox.url, timeout=10)
        assert "the handler is broken" in sandbox.audit()["crashes"][0]["traceback"]
    assert capfd.readouterr() == ("", "")


def test_noise_on_the_line_is_borne(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with Sandbox(tmp_path) as sandbox:
        port = int(sandbox.url.rpartition(":")[2])
        for noise in (b"", b"\x16\x03\x01\x00\r\n\r\n", b"GET"):
            with socket.create_connection(("127.0.0.1", port)) as line:
                line.sendall(noise)
        assert requests.get(sandbox.url, timeout=10).ok
    assert capfd.readouterr() == ("", "")


def test_the_audit_is_plain_json(sandbox: Sandbox, client: Client) -> None:
    client.created()
    client.get("/v2/genres?x=1")
    report = requests.get(f"{sandbox.url}/sandbox/audit", timeout=10).json()
    assert report == json.loads(json.dumps(sandbox.audit()))
    assert [each["path"] for each in report["requests"]] == ["/api/v2/videos", "/v2/genres"]


def test_the_door_is_cheap() -> None:
    code = (
        "import sys, nicobatch.sandbox as s; s.Sandbox;"
        "print(sorted({'flask', 'av', 'werkzeug', 'filelock', 'jinja2'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_git_does_not_see_what_was_rehearsed(tmp_path: Path) -> None:
    with Sandbox(tmp_path / "site"):
        pass
    assert (tmp_path / "site" / ".gitignore").read_text("utf-8") == "*\n"
