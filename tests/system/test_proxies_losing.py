"""Forward proxies that lose answers: one video all the same, by CONNECT and by plain requests."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from nicobatch.errors import UsageError
from nicobatch.pipeline.outcome import State
from nicobatch.sandbox import Sandbox
from tests.support.faults import Faults
from tests.support.forwarding import (
    SITE,
    Forwarder,
    forwarding,
    make_certificate,
    reset,
    swallow,
)
from tests.support.stages import LONG, padded, sha256
from tests.system.test_publishing import STEPS, Publisher, longer

MANIFEST = "version: 1\nfile: {file}\ntitle: はじめまして\nthumbnail: {{timing: 0.5}}\n"
TWO = "version: 1\nvideos: [{file: a.mp4, title: あ}, {file: b.mp4, title: い}]\n"
LOSSES = {"swallow": swallow, "reset": reset}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Sandbox]:
    with Sandbox(tmp_path / "site", encode_seconds=0) as server:
        yield server
    assert server.audit()["crashes"] == []


@pytest.fixture
def forwarder(site: Sandbox, certificate: Path) -> Iterator[Forwarder]:
    with forwarding(site.url, certificate) as forwarder:
        yield forwarder


@pytest.fixture(params=["CONNECT", "plain"])
def publisher(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    small_video: Path,
    site: Sandbox,
    forwarder: Forwarder,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Publisher:
    """Publishes by the proxy: over https as the environment has it, or to this machine."""
    folder = tmp_path / "show"
    folder.mkdir()
    shutil.copy(small_video, folder / "a.mp4")
    if request.param == "plain":
        return Publisher(folder, site, Faults(), proxy=forwarder.url)
    monkeypatch.setenv("HTTPS_PROXY", forwarder.url)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", f"{certificate}.crt")
    return Publisher(folder, site, Faults(), origin=f"https://{SITE}")


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("step", [*STEPS, "session"])
def test_an_answer_that_the_proxy_loses_still_gives_one_video(
    publisher: Publisher, forwarder: Forwarder, step: str, loss: str
) -> None:
    publisher.write(MANIFEST.format(file="a.mp4"))
    forwarder.lose({**STEPS, "session": "GET /v1/users/me[?]"}[step], LOSSES[loss])
    [outcome] = publisher.run()
    assert forwarder.lost
    assert outcome.state is State.PUBLISHED, outcome.error
    [entry] = publisher.entries()
    assert entry["published"]
    assert entry["sha256"] == sha256(publisher.folder / "a.mp4")
    assert (entry["received"]["create"], entry["received"]["metadata"]) == (1, 1)


@pytest.mark.parametrize("publisher", ["CONNECT"], indirect=True)
def test_a_variable_that_is_wrong_ends_the_account(
    publisher: Publisher, small_video: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (publisher.folder / "b.mp4").write_bytes(longer(small_video.read_bytes()))
    publisher.write(TWO)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/ca.pem")
    first, second = publisher.run()
    assert isinstance(first.error, UsageError)
    assert (first.state, second.state) == (State.FAILED, State.SKIPPED)
    assert publisher.requests() == []


def test_every_answer_is_lost_once(
    publisher: Publisher, forwarder: Forwarder, small_video: Path
) -> None:
    (publisher.folder / "a.mp4").unlink()
    publisher.write(MANIFEST.format(file=LONG))
    padded(small_video, publisher.folder / LONG)
    for step in STEPS.values():
        forwarder.lose(step, swallow)
    for _ in range(2):
        forwarder.lose(STEPS["chunk"], reset)
    [outcome] = publisher.run()
    assert forwarder.losses == []
    assert outcome.state is State.PUBLISHED, outcome.error
    [entry] = publisher.entries()
    assert entry["published"]
    assert entry["received"]["create"] == 1
