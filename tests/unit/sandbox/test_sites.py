"""Several sites in one sandbox: each with its paths, its folder, its words and its tab."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from nicobatch.sandbox import Sandbox, clean, holding
from tests.unit.sandbox import second
from tests.unit.sites.niconico.sandbox.client import Client


@pytest.fixture
def _two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nicobatch.sandbox.world.SITES", ("niconico", "second"))
    monkeypatch.setitem(sys.modules, "nicobatch.sites.second.sandbox", second)


@pytest.fixture
def both(_two: None, tmp_path: Path) -> Iterator[Sandbox]:
    with Sandbox(tmp_path / "state", language="en") as sandbox:
        yield sandbox
    assert sandbox.audit()["crashes"] == []


def test_each_has_its_paths_and_its_folder(both: Sandbox, tmp_path: Path) -> None:
    with Client(both.url) as client:
        client.created()
    made = requests.post(f"{both.url}/second/videos", data={"title": "a"}, timeout=10).json()
    assert made == {"id": 1, "user_id": 1, "title": "a"}
    assert json.loads((tmp_path / "state/second/entries/1.json").read_text("utf-8")) == made
    assert [each["id"] for each in both.audit()["entries"]] == [39_130_867, 1]


def test_each_refuses_in_its_own_words(both: Sandbox) -> None:
    lost = requests.get(f"{both.url}/second/nothing", timeout=10)
    assert (lost.status_code, lost.json()["message"]) == (404, "NOT_FOUND")
    leak = requests.get(f"{both.url}/second/page?pass=x", timeout=10)
    assert (leak.status_code, leak.json()["code"]) == (400, -400)
    assert requests.get(f"{both.url}/secondary", timeout=10).json()["meta"]["status"] == 404


def test_a_page_leads_to_the_others(both: Sandbox) -> None:
    page = requests.get(f"{both.url}/second/page", timeout=10).text
    assert '<a href="/second/page" aria-current="page">Second</a>' in page
    assert '<a href="/garage/videos">niconico</a>' in page
    assert "Nothing here is on the second site." in page
    assert '<a href="/garage/videos" aria-current="page">' in _garage(both)


def test_one_site_alone_has_no_tabs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("nicobatch.sandbox.world.SITES", ("niconico",))
    monkeypatch.setattr("nicobatch.sandbox.world.BESIDE", ())
    with Sandbox(tmp_path) as sandbox:
        assert "<nav" not in _garage(sandbox)


@pytest.mark.usefixtures("_two")
def test_what_each_keeps_is_cleaned_away(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with Sandbox(state) as sandbox:
        requests.post(f"{sandbox.url}/second/videos", data={"title": "a"}, timeout=10)
    strange = state / "second/notes.txt"
    strange.write_text("mine", "utf-8")
    assert holding(state).foreign == (strange,)
    assert state / "second/entries/1.json" in clean(state).own
    assert [path for path in state.rglob("*") if path.is_file()] == [strange]


def _garage(sandbox: Sandbox) -> str:
    return requests.get(f"{sandbox.url}/garage/videos", timeout=10).text
