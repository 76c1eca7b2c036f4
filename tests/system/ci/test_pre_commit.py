"""The hook, by the real pre-commit, in a repository of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
import yaml

from tests.system.ci.blocks import PRE_COMMIT, block
from tests.system.ci.runner import git
from tests.unit.cli.conftest import Shelf
from tests.unit.cli.running import ROOT

URL: Final = "https://github.com/nicobatch/nicobatch"
_LEFT_OUT: Final = shutil.ignore_patterns(
    ".git", ".venv", ".hypothesis", ".*_cache", "__pycache__", "node_modules", ".coverage*", "*.mp4"
)


def pre_commit(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pre_commit", *arguments],
        cwd=folder,
        env={**os.environ, "PRE_COMMIT_COLOR": "never"},
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    )


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This checkout as a repository: what it holds now, committed on `main`."""
    copy = tmp_path_factory.mktemp("hook") / "nicobatch"
    shutil.copytree(ROOT, copy, ignore=_LEFT_OUT)
    git(copy, "init", "--quiet", "--initial-branch", "main")
    git(copy, "add", "--all")
    author = ("-c", "user.name=x", "-c", "user.email=x@example.com")
    git(copy, *author, "commit", "--quiet", "--message", "x")
    return copy


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pre-commit keeps its environments, for all tests together."""
    return tmp_path_factory.mktemp("pre-commit")


@pytest.fixture
def work(
    tmp_path: Path,
    source: Path,
    *,
    store: Path,
    small_video: Path,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Shelf:
    """A repository with the page's configuration, whose address leads to this checkout."""
    settings = home / ".gitconfig"
    settings.write_text(
        f'[url "{source.as_uri()}"]\n\tinsteadOf = {URL}\n'
        "[user]\n\tname = x\n\temail = x@example.com\n",
        "utf-8",
    )
    monkeypatch.setenv("PRE_COMMIT_HOME", str(store))
    folder = tmp_path / "videos of mine"
    folder.mkdir()
    git(folder, "init", "--quiet")
    (folder / ".pre-commit-config.yaml").write_text(block(PRE_COMMIT), "utf-8")
    pinned = pre_commit(folder, "autoupdate", "--bleeding-edge", "--freeze")
    assert pinned.returncode == 0, pinned.stdout
    installed = pre_commit(folder, "install", "--install-hooks")
    assert "mutable" not in pinned.stdout + installed.stdout
    if installed.returncode and not is_online(tmp_path):
        pytest.skip("PyPI can't be reached")
    assert installed.returncode == 0, installed.stdout
    return Shelf(folder, small_video)


def is_online(folder: Path) -> bool:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--retries", "0"]
    destination = ("--dest", str(folder / "pypi"), "hatchling")
    found = subprocess.run([*command, *destination], check=False, capture_output=True)
    return found.returncode == 0


def commit(shelf: Shelf) -> subprocess.CompletedProcess[str]:
    git(shelf.folder, "add", "--all")
    return subprocess.run(
        ["git", "commit", "--message", "x"],
        cwd=shelf.folder,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    )


def test_the_hook_is_that_of_one_commit(work: Shelf, source: Path) -> None:
    settings = yaml.safe_load((work.folder / ".pre-commit-config.yaml").read_text("utf-8"))
    assert settings["repos"][0]["rev"] == git(source, "rev-parse", "HEAD")


def test_a_commit_without_mistakes_passes(work: Shelf) -> None:
    work.series("第1回", "b", name="videos/m.yaml")
    result = commit(work)
    assert result.returncode == 0, result.stdout
    assert "nicobatch check" in result.stdout
    assert "Passed" in result.stdout


def test_a_commit_with_a_mistake_is_refused(work: Shelf) -> None:
    work.series("a", name="videos/m.yaml")
    work.series("b", name="videos/実況.yml", more="defaults: {tags: [a b]}\n")
    result = commit(work)
    assert result.returncode == 1
    assert "videos/実況.yml:2:" in result.stdout
    assert "[tag-with-blank]" in result.stdout
    assert "1 error in 2 manifests" in result.stdout
    assert git(work.folder, "status", "--porcelain").startswith("A ")


def test_pointers_of_git_lfs_will_do_unless_the_videos_are_wanted(work: Shelf) -> None:
    work.series("a", name="videos/m.yaml")
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n"
    work.write(pointer, "videos/a.mp4")
    assert commit(work).returncode == 0
    settings = work.folder / ".pre-commit-config.yaml"
    document = yaml.safe_load(settings.read_text("utf-8"))
    document["repos"][0]["hooks"][0]["args"] = []
    settings.write_text(yaml.safe_dump(document), "utf-8")
    git(work.folder, "add", "--all")
    result = pre_commit(work.folder, "run", "--all-files")
    assert result.returncode == 1
    assert "[git-lfs-pointer]" in result.stdout


def test_other_yaml_is_left_alone_where_a_folder_is_named(work: Shelf) -> None:
    work.write("services: {}\n", "compose.yaml")
    work.write("on: push\n", ".github/workflows/x.yml")
    result = commit(work)
    assert result.returncode == 0
    assert "Skipped" in result.stdout


def test_by_itself_it_reads_what_check_reads(work: Shelf) -> None:
    settings = work.folder / ".pre-commit-config.yaml"
    document = yaml.safe_load(settings.read_text("utf-8"))
    del document["repos"][0]["hooks"][0]["files"]
    settings.write_text(yaml.safe_dump(document), "utf-8")
    work.write("services: {}\n", "compose.yaml")
    work.write("on: push\n", ".github/workflows/x.yml")
    result = commit(work)
    assert result.returncode == 1
    assert "compose.yaml:1:1: error: " in result.stdout
    assert "1 error in 1 manifest" in result.stdout
