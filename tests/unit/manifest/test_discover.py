"""PATH to manifests."""

from __future__ import annotations

import os
import socket
import unicodedata
from pathlib import Path
from typing import Literal

import pytest

from nicobatch.manifest.discover import discover

NAMES = ["b.yaml", "a.yml", "ep10.yaml", "ep2.yaml", "sub/c.YAML"]
IGNORED = ["video.mp4", ".hidden/d.yaml", ".e.yaml", "sub/.git/f.yaml", "notes.yaml.txt"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in [*NAMES, *IGNORED]:
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / name).touch()
    return tmp_path


def names(folder: Path, *paths: str) -> list[str]:
    manifests, problems = discover([str(folder / each) for each in paths])
    assert problems == []
    return [each.path.relative_to(folder).as_posix() for each in manifests]


def rules(*paths: str) -> list[str]:
    manifests, problems = discover(paths)
    assert manifests == []
    return [each.rule for each in problems]


def test_a_folder_is_walked_in_natural_order(folder: Path) -> None:
    assert names(folder, "") == ["a.yml", "b.yaml", "ep2.yaml", "ep10.yaml", "sub/c.YAML"]


def test_arguments_keep_their_order_and_each_manifest_comes_once(folder: Path) -> None:
    assert names(folder, "ep2.yaml", "a.yml", "sub/../ep2.yaml", "ep*.yaml") == [
        "ep2.yaml",
        "a.yml",
        "ep10.yaml",
    ]


def test_a_named_file_may_have_any_ending(folder: Path) -> None:
    assert names(folder, "notes.yaml.txt") == ["notes.yaml.txt"]


def test_a_glob_takes_manifests_and_walks_folders(folder: Path) -> None:
    assert names(folder, "*") == ["a.yml", "b.yaml", "ep2.yaml", "ep10.yaml", "sub/c.YAML"]
    assert names(folder, "**/c.*") == ["sub/c.YAML"]


@pytest.mark.parametrize(("typed", "on_disk"), [("NFC", "NFD"), ("NFD", "NFC")])
def test_a_glob_finds_names_that_spell_their_letters_otherwise(
    typed: Literal["NFC", "NFD"], on_disk: Literal["NFC", "NFD"], tmp_path: Path
) -> None:
    name = unicodedata.normalize(on_disk, "ガ/ギ1.yaml")
    (tmp_path / name).parent.mkdir()
    (tmp_path / name).touch()
    for pattern in ("ガ/ギ*.yaml", "ガ/*", "?*/ギ*"):
        [found] = names(tmp_path, unicodedata.normalize(typed, pattern))
        assert unicodedata.normalize(on_disk, found) == name


def test_a_file_whose_name_looks_like_a_glob_is_a_file(folder: Path) -> None:
    (folder / "[1].yaml").touch()
    assert names(folder, "[1].yaml") == ["[1].yaml"]


@pytest.mark.parametrize("path", ["missing.yaml", "a\0b", ""])
def test_a_path_without_a_file_is_a_problem(path: str, tmp_path: Path) -> None:
    assert rules(str(tmp_path / "x" / path)) == ["path-not-found"]


def test_a_path_that_no_system_takes_is_a_problem(tmp_path: Path) -> None:
    path = tmp_path / f"{'a' * 300}.yaml"
    [problem] = discover([str(path)])[1]
    assert problem.path == path
    # Windows can't tell such a name from one that is not there.
    assert problem.rule == ("path-not-found" if os.name == "nt" else "unreadable")


def test_a_folder_or_glob_without_manifests_is_a_problem(tmp_path: Path) -> None:
    assert rules(str(tmp_path), str(tmp_path / "*.yaml")) == ["no-manifest", "no-manifest"]


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="needs a file that is no file")
def test_what_is_neither_file_nor_folder_is_a_problem(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    assert rules(str(tmp_path / "pipe.yaml")) == ["not-a-file"]


@pytest.mark.usefixtures("_rightless")
def test_a_folder_that_may_not_be_read_is_a_problem(folder: Path) -> None:
    (folder / "sub").chmod(0)
    try:
        _, problems = discover([str(folder)])
    finally:
        (folder / "sub").chmod(0o700)
    assert [each.rule for each in problems] == ["unreadable"]
