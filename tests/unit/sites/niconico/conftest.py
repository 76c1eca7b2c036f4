"""A sandbox with faults and a clock to turn, and clients that are signed in to it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nicobatch.http import Http
from nicobatch.media import identify, probe
from nicobatch.model import Secret
from nicobatch.sandbox import Sandbox
from nicobatch.sites.base import Job
from nicobatch.sites.niconico.client import Client
from nicobatch.sites.niconico.profiles import GARAGE_2026, Profile, at_origin
from nicobatch.sites.niconico.signin import Person, sign_in
from nicobatch.sites.niconico.target import Niconico
from nicobatch.sites.session import Credentials
from tests.support.faults import Faults
from tests.unit.sites.niconico.making import (
    MAIN,
    Clock,
    EnterDoor,
    MakeClient,
    ignore,
    receipt,
    says,
    video,
)
from tests.unit.sites.niconico.stepping import Begin, credentials, run


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
def sandbox(tmp_path: Path, faults: Faults, clock: Clock) -> Iterator[Sandbox]:
    """The sandbox of `tests/conftest.py`, with the faults between it and the client."""
    state = tmp_path / "site"
    with Sandbox(state, encode_seconds=0, wrap=faults.wrap, clock=clock) as server:
        yield server
    assert server.audit()["crashes"] == []


@pytest.fixture
def stop() -> threading.Event:
    return threading.Event()


@pytest.fixture
def http(stop: threading.Event) -> Iterator[Http]:
    http = Http(stop=stop, stall_timeout=5)
    yield http
    http.close()


@pytest.fixture
def make_client(sandbox: Sandbox, http: Http, stop: threading.Event) -> MakeClient:
    """Make a client of a profile, signed in to the sandbox."""

    def make(profile: Profile = GARAGE_2026, session: str = MAIN.user_session) -> Client:
        client = Client(at_origin(profile, sandbox.url), http, stop)
        client.use(Secret(session))
        return client

    return make


@pytest.fixture
def client(make_client: MakeClient) -> Client:
    return make_client()


@pytest.fixture
def door(sandbox: Sandbox, stop: threading.Event) -> Iterator[EnterDoor]:
    """Sign in to the sandbox with a profile and credentials."""
    kept: list[Http] = []

    def enter(profile: Profile, credentials: Credentials) -> Person:
        kept.append(Http(stop=stop, keep_cookies=True, stall_timeout=5))
        return sign_in(at_origin(profile, sandbox.url), credentials, kept[-1])

    yield enter
    for http in kept:
        http.close()


@pytest.fixture
def target(sandbox: Sandbox, stop: threading.Event) -> Niconico:
    found = Niconico(at_origin(GARAGE_2026, sandbox.url), credentials(), stop=stop)
    found.sign_in()
    return found


@pytest.fixture
def begin(small_video: Path) -> Begin:
    """Begin a job whose receipt knows nothing yet."""

    def make(file: Path = small_video, **changes: Any) -> Job:
        identity = identify(file)
        info = probe(small_video)
        return Job(
            video=video(file, **changes),
            medias=(info,),
            files=(identity,),
            receipt=receipt(identity),
            progress=ignore,
        )

    return make


@pytest.fixture
def told(target: Niconico, begin: Begin, faults: Faults) -> Begin:
    """Create an entry of which the site, when it is asked next, tells these states."""

    def tell(**states: str) -> Job:
        job = run(target, begin(), "create")
        faults.at(r"GET .*/status\?", says({"meta": {"status": 200}, "data": states}))
        return job

    return tell
