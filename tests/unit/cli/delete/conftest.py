"""A site with faults to play, two videos on it, and somebody at the terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest

from nicobatch.pipeline import retry
from nicobatch.sandbox import Sandbox
from tests.support.faults import Faults
from tests.unit.cli.conftest import Cli, Shelf
from tests.unit.cli.delete.looking import Sit


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
def sandbox(tmp_path: Path, faults: Faults) -> Iterator[Sandbox]:
    with Sandbox(tmp_path / "site", encode_seconds=0, wrap=faults.wrap) as server:
        yield server
    assert server.audit()["crashes"] == []


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "FIRST_PAUSE", 0.0)


@pytest.fixture
def published(cli: Cli, shelf: Shelf, site: Sandbox) -> Shelf:
    """Two published videos."""
    shelf.series("a", "b")
    assert cli("publish", ".").code == 0
    return shelf


@pytest.fixture
def sit(monkeypatch: pytest.MonkeyPatch) -> Sit:
    """Sit down at the terminal, do something there and answer; return what was asked."""

    def sit_down(*, yes: bool, meanwhile: Callable[[], object] = bool) -> list[str]:
        questions: list[str] = []

        def confirm(text: str, *, err: bool) -> bool:
            questions.append(text)
            meanwhile()
            return yes

        monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
        monkeypatch.setattr(click, "confirm", confirm)
        return questions

    return sit_down
