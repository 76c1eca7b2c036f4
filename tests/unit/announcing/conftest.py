"""Videos that are announced on Livetube's imitation, and to a server that apprise posts to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import apprise
import pytest

from nicobatch.announcing import Announcer
from nicobatch.events import ProblemFound
from nicobatch.livetube import Livetube
from nicobatch.model import Announcement, Problem
from nicobatch.pipeline import CheckedVideo
from nicobatch.pipeline.outcome import Outcome
from nicobatch.sandbox import Sandbox
from nicobatch.settings import Settings
from tests.support.faults import Faults
from tests.support.servers import Site, closed_port, serving
from tests.unit.livetube.making import asking
from tests.unit.pipeline.conftest import Bench
from tests.unit.pipeline.scripted import TABLE, ScriptedTarget

TOKEN = "s3cret-t0ken"
TEXT = "{url} を公開しました"


@dataclass
class World:
    """A bench whose videos are announced, and the places where that is heard."""

    bench: Bench
    sandbox: Sandbox
    faults: Faults
    other: Site
    page: str = ""
    stream: str = ""
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.open("テスト")
        host = self.other.url.removeprefix("http://")
        self.environment["OTHER_URL"] = f"json://user:{TOKEN}@{host}/"
        announcer = Announcer(
            origin=f"{self.sandbox.url}/livetube",
            journal=self.bench.journal,
            tables=lambda _site: TABLE,
            now=lambda: self.bench.now,
            stop=self.bench.stop,
            environment=self.environment,
        )
        self.bench.announcements = announcer.steps

    def open(self, title: str) -> None:
        """Begin another broadcast, and announce there."""
        made = asking(self.sandbox)("broadcasts", author="nago", title=title, tags=[])
        self.stream, self.page = made["stream"], f"http://livetube.cc/nago/{title}"
        with Livetube(f"{self.sandbox.url}/livetube") as client:
            client.write(self.stream, "はじめ")  # where there is none, an answer is held back

    def ready(self, name: str = "a", text: str = TEXT, **more: Any) -> CheckedVideo:
        announce = (
            Announcement(kind="livetube", to=self.page, text=text),
            Announcement(kind="apprise", to="OTHER_URL", text=text),
        )
        return self.bench.ready(name, **{"announce": announce, **more})

    def run(self, ready: CheckedVideo | None = None) -> Outcome:
        self.bench.events.clear()
        settings = Settings(retry_attempts=5)
        [outcome] = self.bench.run(ScriptedTarget(), [ready or self.ready()], settings)
        return outcome

    @property
    def comments(self) -> list[str]:
        """What was said on Livetube behind the first comment."""
        with Livetube(f"{self.sandbox.url}/livetube") as client:
            return [each.text for each in client.read(self.stream).comments[1:]]

    @property
    def messages(self) -> list[str]:
        """What apprise has brought."""
        return [json.loads(each.body)["message"] for each in self.other.seen]

    @property
    def told(self) -> list[Problem]:
        """What the last run warned of."""
        return [each.problem for each in self.bench.events if isinstance(each, ProblemFound)]


@pytest.fixture(scope="session", autouse=True)
def _threads() -> None:
    """Have apprise begin the threads that it keeps."""
    apprise.Apprise(f"json://{closed_port()}").notify("text")


@pytest.fixture
def world(bench: Bench, tmp_path: Path) -> Iterator[World]:
    faults = Faults()
    with (
        Sandbox(tmp_path / "site", wrap=faults.wrap, language="en") as sandbox,
        serving() as other,
    ):
        yield World(bench, sandbox, faults, other)
        assert sandbox.audit()["crashes"] == []


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)
