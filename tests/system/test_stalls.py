"""A site that falls silent, and one that breaks off in the middle of a part."""

from __future__ import annotations

import functools
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from wsgiref.types import WSGIApplication, WSGIEnvironment

import pytest

from nicobatch.errors import SignInNeeded
from nicobatch.http import BLOCK, Http
from nicobatch.pipeline.outcome import State
from nicobatch.sandbox import Sandbox
from nicobatch.sites.niconico import steps
from tests.support import faults
from tests.support.faults import Answered, Faults, Play
from tests.support.stages import LONG, THREE_PARTS, padded, sha256
from tests.system.test_publishing import STEPS, Publisher

STALL = 0.3
"""Seconds of silence that the client bears."""
MANIFEST = "version: 1\nfile: {file}\ntitle: はじめまして\nthumbnail: {{timing: 0.5}}\n"


@dataclass(slots=True)
class Silence:
    """Never ends by itself."""

    over: threading.Event = field(default_factory=threading.Event)

    def __call__(self) -> Answered:
        self.over.wait(20)
        raise ConnectionError


@pytest.fixture
def silence() -> Silence:
    return Silence()


@pytest.fixture
def publisher(
    tmp_path: Path, small_video: Path, silence: Silence, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Publisher]:
    monkeypatch.setattr(steps, "Http", functools.partial(Http, stall_timeout=STALL))
    folder, played = tmp_path / "show", Faults()
    folder.mkdir()
    shutil.copy(small_video, folder / "a.mp4")
    with Sandbox(tmp_path / "site", encode_seconds=0, wrap=played.wrap) as server:
        yield Publisher(folder, server, played)
        silence.over.set()
    assert server.audit()["crashes"] == []


def demand_published(publisher: Publisher, video: str) -> None:
    [outcome] = publisher.run()
    assert publisher.faults.played
    assert outcome.state is State.PUBLISHED, outcome.error
    [entry] = publisher.entries()
    assert entry["published"]
    assert entry["sha256"] == sha256(publisher.folder / video)
    assert entry["received"]["create"] == 1


@pytest.mark.parametrize("acts", [True, False], ids=["after acting", "without acting"])
@pytest.mark.parametrize("step", [*STEPS, "session"])
def test_silence_anywhere_still_gives_one_video(
    publisher: Publisher, silence: Silence, step: str, acts: bool
) -> None:
    def play(app: WSGIApplication, environ: WSGIEnvironment) -> Answered:
        if acts:
            faults.answered(app, environ)
        else:
            faults.drained(environ)
        return silence()

    publisher.write(MANIFEST.format(file="a.mp4"))
    publisher.faults.at({**STEPS, "session": "GET /v1/users/me[?]"}[step], play)
    demand_published(publisher, "a.mp4")


def cut(app: WSGIApplication, environ: WSGIEnvironment) -> Answered:
    """Break the connection off with most of the part unread."""
    environ["wsgi.input"].read(BLOCK)
    raise ConnectionError


def cut_at_once(app: WSGIApplication, environ: WSGIEnvironment) -> Answered:
    raise ConnectionError


def early(status: str, *headers: tuple[str, str]) -> Play:
    """Answer before any of the part was read."""
    return lambda app, environ: Answered(status, [*headers])


def early_and_gone(app: WSGIApplication, environ: WSGIEnvironment) -> Answered:
    """Answer before any of the part was read, and break the connection off."""
    environ["wsgi.input"] = None
    socket = environ["werkzeug.socket"]
    socket.sendall(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")
    raise ConnectionError


BROKEN = {
    "cut": cut,
    "cut at once": cut_at_once,
    "early 503": early("503 Service Unavailable"),
    "early 429": early("429 Too Many Requests", ("Retry-After", "7")),
    "early 502 with a page": early("502 Bad Gateway", ("Content-Type", "text/html")),
    "early 503 and gone": early_and_gone,
}


@pytest.fixture
def long_video(publisher: Publisher, small_video: Path) -> Path:
    """A video of three parts, to be published."""
    (publisher.folder / "a.mp4").unlink()
    publisher.write(MANIFEST.format(file=LONG))
    return padded(small_video, publisher.folder / LONG)


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("fault", BROKEN)
def test_a_part_that_breaks_off_is_sent_again(
    publisher: Publisher, long_video: Path, fault: str, place: int
) -> None:
    for _ in range(place):
        publisher.faults.at(STEPS["chunk"], faults.answered)
    publisher.faults.at(STEPS["chunk"], BROKEN[fault])
    demand_published(publisher, LONG)
    [entry] = publisher.entries()
    assert entry["size"] == THREE_PARTS
    assert entry["parts"] == {"0": 1, "1": 1, "2": 1}


def test_a_part_that_nobody_reads_on_is_sent_again(
    publisher: Publisher, long_video: Path, silence: Silence
) -> None:
    def play(app: WSGIApplication, environ: WSGIEnvironment) -> Answered:
        environ["wsgi.input"].read(BLOCK)
        return silence()

    publisher.faults.at(STEPS["chunk"], play)
    demand_published(publisher, LONG)


def test_an_early_answer_is_understood(publisher: Publisher, long_video: Path) -> None:
    publisher.faults.at(STEPS["chunk"], early("401 Unauthorized"))
    [outcome] = publisher.run()
    assert isinstance(outcome.error, SignInNeeded)
    assert [outcome.state for outcome in publisher.run()] == [State.PUBLISHED]
