"""A repository of videos on a server of its own, and a machine that runs its jobs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from nicobatch.sandbox import Sandbox
from tests.system.ci.runner import BASH, Runner, git
from tests.unit.cli.conftest import Shelf
from tests.unit.cli.running import MAIN, ROOT

Machine = Callable[[], Runner]


@pytest.fixture(autouse=True)
def _tools() -> None:
    if os.name == "nt" or not BASH or not shutil.which("git"):
        pytest.skip("the scripts of a Linux runner need bash and git")


@pytest.fixture(autouse=True)
def _identity(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let git be as on a machine where nobody has set anything."""
    for name in filter(lambda name: name.startswith("GIT_"), tuple(os.environ)):
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_TERMINAL_PROMPT", "0")
    (home / ".gitconfig").write_text("[user]\n\tuseConfigOnly = true\n", "utf-8")


@dataclass(frozen=True)
class Repository:
    """The server's side of it, and the clone of somebody who works on it."""

    bare: Path
    shelf: Shelf

    @property
    def clone(self) -> Path:
        return self.shelf.folder

    @property
    def head(self) -> str:
        return git(self.bare, "rev-parse", "main")

    def push(self, message: str = "Add videos") -> str:
        """Commit and push everything; return the commit."""
        author = ("-c", "user.name=Creator", "-c", "user.email=creator@example.com")
        git(self.clone, "add", "--all")
        git(self.clone, *author, "commit", "--quiet", "--allow-empty", "--message", message)
        git(self.clone, *author, "pull", "--quiet", "--rebase")
        git(self.clone, "push", "--quiet")
        return git(self.clone, "rev-parse", "HEAD")

    def files(self) -> list[str]:
        """Return what the server has on the branch."""
        listed = git(
            self.bare, "-c", "core.quotePath=false", "ls-tree", "-r", "--name-only", "main"
        )
        return listed.splitlines()

    def messages(self) -> list[str]:
        """Return what was committed, the newest first."""
        return git(self.bare, "log", "--format=%s", "main").splitlines()


@pytest.fixture
def repository(tmp_path: Path, small_video: Path) -> Repository:
    bare, clone = tmp_path / "server.git", tmp_path / "clone"
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch", "main", str(bare))
    git(bare, "config", "receive.advertisePushOptions", "true")
    git(tmp_path, "clone", "--quiet", str(bare), str(clone))
    git(clone, "checkout", "--quiet", "-b", "main")
    git(clone, "config", "push.default", "current")
    author = ("-c", "user.name=Creator", "-c", "user.email=creator@example.com")
    git(clone, *author, "commit", "--quiet", "--allow-empty", "--message", "Begin")
    git(clone, "push", "--quiet", "--set-upstream", "origin", "main")
    return Repository(bare, Shelf(clone, small_video))


@pytest.fixture
def machine(
    tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox, repository: Repository
) -> Machine:
    """Return a new machine for each job, with nicobatch installed; it publishes to the sandbox."""

    def new() -> Runner:
        runner = Runner(
            tmp_path_factory.mktemp("runner"),
            {"NICOBATCH_API_ORIGIN": sandbox.url},
            repository.bare,
            {"ref_name": "main", "sha": repository.head},
            {"NICOBATCH_USER_SESSION": MAIN.user_session},
        )
        install(runner.temp)
        return runner

    return new


@pytest.fixture
def audit(sandbox: Sandbox) -> Callable[[], list[dict[str, Any]]]:
    """Return the entries that the site knows."""
    return lambda: list(sandbox.audit()["entries"])


def install(temp: Path) -> None:
    """Put there what the action's step of that name does, without a download."""
    script = 'printf %s "$1" | cksum | cut -d " " -f 1'
    key = subprocess.run(
        ["bash", "-c", script, "-", ROOT], check=True, capture_output=True, text=True
    ).stdout.strip()
    write_command(temp / f"nicobatch-{key}" / "bin")
    (temp / f"nicobatch-{key}" / "installed").touch()


def write_command(folder: Path) -> None:
    """Put a `nicobatch` there that is this checkout's."""
    folder.mkdir(parents=True)
    command = folder / "nicobatch"
    command.write_text(
        f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m nicobatch "$@"\n', "utf-8"
    )
    command.chmod(0o755)
