"""A sandbox full of others' videos and programmes, and the client that searches them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from nicobatch.http import Http
from nicobatch.sandbox import Sandbox
from nicobatch.sites.niconico.profiles import GARAGE_2026, Profile, at_origin
from nicobatch.sites.niconico.search import Search
from nicobatch.sites.niconico.search.services import SNAPSHOT, VIDEO, Service
from tests.support.faults import Faults
from tests.unit.sites.niconico.search.catalogue import LIVES, VIDEOS


@dataclass(slots=True)
class Library:
    """What the sandbox serves; tests may change `catalogue`, and put it back."""

    catalogue: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    faults: Faults = field(default_factory=Faults)
    url: str = ""

    @property
    def profile(self) -> Profile:
        return at_origin(GARAGE_2026, self.url)


@pytest.fixture(scope="session")
def _served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    library = Library()
    state = Path(tmp_path_factory.mktemp("searched"))
    with Sandbox(state, wrap=library.faults.wrap, catalogue=library.catalogue) as server:
        library.url = server.url
        yield library
    assert server.audit()["crashes"] == []


@pytest.fixture
def library(_served: Library) -> Library:
    _served.catalogue.update(video=[*VIDEOS], live=[*LIVES])
    _served.faults.plan.clear()
    _served.faults.played.clear()
    return _served


@pytest.fixture
def http() -> Iterator[Http]:
    http = Http(stall_timeout=5)
    yield http
    http.close()


@pytest.fixture
def search(library: Library, http: Http) -> Search:
    return Search(library.profile, http)


@pytest.fixture(params=[SNAPSHOT, VIDEO], ids=["snapshot", "contents"])
def service(request: pytest.FixtureRequest) -> Service:
    """Each endpoint for videos."""
    found: Service = request.param
    return found
