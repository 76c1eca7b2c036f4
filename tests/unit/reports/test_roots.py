from __future__ import annotations

import os
from pathlib import Path

import pytest

from nicobatch.reports.record import Root


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    inner = tmp_path / "repository" / "videos"
    inner.mkdir(parents=True)
    monkeypatch.chdir(inner)
    return tmp_path / "repository"


def test_paths_are_told_from_the_workspace(folder: Path) -> None:
    root = Root.of({"GITHUB_WORKSPACE": str(folder)})
    assert root.path(Path("第1部/m.yaml")) == "videos/第1部/m.yaml"
    assert root.path(Path("../m.yaml")) == "m.yaml"
    assert root.path(folder / "m.yaml") == "m.yaml"
    assert root.path(Path("..")) == "."
    assert root.path(Path()) == "videos"


@pytest.mark.parametrize("environment", [{}, {"GITHUB_WORKSPACE": "/elsewhere"}])
def test_paths_are_told_from_the_current_folder(folder: Path, environment: dict[str, str]) -> None:
    root = Root.of(environment)
    assert root.path(Path("第1部/m.yaml")) == "第1部/m.yaml"
    assert Path(root.path(Path("../m.yaml"))).is_absolute()


def test_uris(folder: Path) -> None:
    root = Root.of({"GITHUB_WORKSPACE": str(folder)})
    assert root.uri(Path("a b#?%:ü.yaml")) == ("videos/a%20b%23%3F%25%3A%C3%BC.yaml", True)
    uri, inside = root.uri(folder.parent / "第1部.yaml")
    assert not inside
    assert uri.startswith("file:///")
    assert uri.endswith("/%E7%AC%AC1%E9%83%A8.yaml")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_a_name_that_is_no_utf_8_has_a_uri(folder: Path) -> None:
    assert Root.of({}).uri(Path(os.fsdecode(b"\xff.yaml"))) == ("%FF.yaml", True)


@pytest.mark.skipif(os.name == "nt", reason="links need a right there")
def test_links_of_folders_are_followed_and_those_of_files_are_not(folder: Path) -> None:
    (folder / "videos" / "m.yaml").touch()
    (folder.parent / "link").symlink_to(folder)
    (folder / "other.yaml").symlink_to(folder / "videos" / "m.yaml")
    root = Root.of({"GITHUB_WORKSPACE": str(folder.parent / "link")})
    assert root.path(Path("m.yaml")) == "videos/m.yaml"
    assert root.path(Path("../other.yaml")) == "other.yaml"
