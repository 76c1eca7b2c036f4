"""The GitLab pipelines of `examples/ci` and of the page on CI, run as GitLab runs their scripts."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as ET

import pytest

from nicobatch.sandbox import Sandbox
from tests.system.ci.blocks import GITLAB, block, document
from tests.system.ci.conftest import Repository, write_command
from tests.system.ci.runner import git
from tests.unit.cli.running import MAIN, ROOT

Audit = Callable[[], list[dict[str, Any]]]
MESSAGE: Final = "Keep the receipts of published videos"
PIPELINES: Final = {
    "example": document((ROOT / "examples" / "ci" / "gitlab-ci.yml").read_text("utf-8")),
    "page": document(block(GITLAB)),
}
each_pipeline = pytest.mark.parametrize("pipeline", PIPELINES.values(), ids=PIPELINES)
TOKEN: Final = "glpat-of-the-project"
_INSTALLERS: Final = ("pip", "apt-get", "git-lfs")
"""What is only noted: what they bring is there, or comes from places that tests don't go to."""


class Job:
    """One job's machine, with the repository as GitLab's runner leaves it."""

    def __init__(self, folder: Path, repository: Repository, commit: str, site: Sandbox) -> None:
        self.work, self._bin = folder / "work", folder / "bin"
        self.calls = folder / "calls"
        git(folder, "clone", "--quiet", str(repository.bare), str(self.work))
        git(self.work, "checkout", "--quiet", "--detach", commit)
        git(self.work, "branch", "--quiet", "--delete", "--force", "main")
        write_command(self._bin)
        for name in _INSTALLERS:
            tool = self._bin / name
            tool.write_text(f'#!/bin/sh\necho "{name} $*" >> "{self.calls}"\n', "utf-8")
            tool.chmod(0o755)
        self._variables = {
            "CI": "true",
            "GITLAB_CI": "true",
            "CI_COMMIT_BRANCH": "main",
            "CI_SERVER_HOST": "gitlab.example",
            "CI_SERVER_URL": repository.bare.parent.as_uri(),
            "CI_PROJECT_PATH": repository.bare.stem,
            "RECEIPTS_TOKEN": TOKEN,
            "NICOBATCH_USER_SESSION": MAIN.user_session,
            "NICOBATCH_API_ORIGIN": site.url,
        }

    def run(self, pipeline: Mapping[str, Any], name: str) -> tuple[bool, str]:
        """Run the job's scripts as a runner does; return whether it passed, and its log."""
        job, default = pipeline[name], pipeline["default"]
        main = self._bash([*default["before_script"], *job["script"]])
        after = self._bash(job["after_script"]) if "after_script" in job else None
        said = main.stdout + (after.stdout if after else "")
        return main.returncode == 0, said

    def _bash(self, lines: list[str]) -> subprocess.CompletedProcess[str]:
        path = f"{self._bin}{os.pathsep}{os.environ['PATH']}"
        return subprocess.run(
            ["bash", "-c", "set -eo pipefail\n" + "\n".join(lines)],
            cwd=self.work,
            env={**os.environ, **self._variables, "PATH": path},
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            timeout=120,
        )


@pytest.fixture
def videos(repository: Repository) -> Repository:
    repository.shelf.series("a", "b", name="videos/m.yaml")
    repository.push()
    return repository


@pytest.fixture
def begun(
    tmp_path_factory: pytest.TempPathFactory, videos: Repository, sandbox: Sandbox
) -> Callable[[], Job]:
    """Begin a job for what is pushed by now."""
    return lambda: Job(tmp_path_factory.mktemp("gitlab"), videos, videos.head, sandbox)


@each_pipeline
def test_the_branch_is_published_and_its_receipts_are_pushed(
    pipeline: Mapping[str, Any], begun: Callable[[], Job], videos: Repository, audit: Audit
) -> None:
    job = begun()
    passed, log = job.run(pipeline, "publish")
    assert passed, log
    assert [entry["published"] for entry in audit()] == [True, True]
    assert [path for path in videos.files() if ".nicobatch" in path] == [
        "videos/.nicobatch/m.yaml/a.json",
        "videos/.nicobatch/m.yaml/b.json",
    ]
    assert videos.messages()[0] == MESSAGE
    report = pipeline["publish"]["artifacts"]["reports"]["junit"]
    cases = ET.parse(job.work / report).getroot().iter("testcase")
    assert [case.get("name") for case in cases] == ["a", "b"]
    assert MAIN.user_session not in log
    assert TOKEN not in log
    called = job.calls.read_text("utf-8")
    assert "'nicobatch @ git+https" not in called
    assert "nicobatch @ git+https://github.com/nicobatch/nicobatch" in called


@each_pipeline
def test_a_job_that_waited_has_the_receipts_of_the_job_before(
    pipeline: Mapping[str, Any], begun: Callable[[], Job], videos: Repository, audit: Audit
) -> None:
    waiting = begun()
    assert begun().run(pipeline, "publish")[0]
    head = videos.head
    passed, log = waiting.run(pipeline, "publish")
    assert passed, log
    assert "unchanged" in log
    assert (len(audit()), videos.head) == (2, head)


@each_pipeline
def test_a_failed_job_pushes_its_receipts_and_fails(
    pipeline: Mapping[str, Any], begun: Callable[[], Job], videos: Repository
) -> None:
    assert begun().run(pipeline, "publish")[0]
    git(videos.clone, "-c", "user.name=x", "-c", "user.email=x@x", "pull", "--quiet", "--rebase")
    videos.shelf.add("videos/a.mp4", at_least=50_000)
    videos.shelf.series("c", name="videos/n.yaml")
    videos.push()
    passed, log = begun().run(pipeline, "publish")
    assert not passed
    assert "a.mp4 is not the file that was uploaded" in log
    assert "videos/.nicobatch/n.yaml/c.json" in videos.files()


@each_pipeline
def test_receipts_that_can_not_be_pushed_fail_the_job_and_are_kept(
    pipeline: Mapping[str, Any], begun: Callable[[], Job], videos: Repository
) -> None:
    hook = videos.bare / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\nexit 1\n", "utf-8")
    hook.chmod(0o755)
    job = begun()
    assert not job.run(pipeline, "publish")[0]
    (kept,) = pipeline["publish"]["artifacts"]["paths"]
    found = sorted(job.work.glob(f"{kept}/*/*.json"))
    assert [path.name for path in found] == ["a.json", "b.json"]


@each_pipeline
def test_a_merge_request_is_checked(
    pipeline: Mapping[str, Any], begun: Callable[[], Job], videos: Repository, sandbox: Sandbox
) -> None:
    assert begun().run(pipeline, "check")[0]
    videos.shelf.series("a", name="videos/m.yaml", more="defaults: {tags: [a b]}\n")
    videos.push()
    job = begun()
    passed, log = job.run(pipeline, "check")
    assert not passed
    assert "[tag-with-blank]" in log
    report = pipeline["check"]["artifacts"]["reports"]["junit"]
    assert list(ET.parse(job.work / report).getroot().iter("failure"))
    assert sandbox.audit()["requests"] == []
