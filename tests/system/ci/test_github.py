"""The workflows of `examples/ci` and of the page on CI, run as a runner runs them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

import pytest

from nicobatch.sandbox import Sandbox
from tests.system.ci.blocks import GITHUB, block, document
from tests.system.ci.conftest import Machine, Repository
from tests.system.ci.runner import OURS
from tests.unit.cli.running import MAIN, ROOT

Audit = Callable[[], list[dict[str, Any]]]
EXAMPLES: Final = ROOT / "examples" / "ci"
MESSAGE: Final = "Keep the receipts of published videos"
RECEIPTS: Final = ["videos/.nicobatch/m.yaml/a.json", "videos/.nicobatch/m.yaml/b.json"]


def example(name: str) -> Any:
    return document((EXAMPLES / name).read_text("utf-8"))


PUBLISH: Final = {
    "example": example("github-publish.yml")["jobs"]["publish"],
    "page": document(block(GITHUB))["jobs"]["publish"],
}
each_publish = pytest.mark.parametrize("job", PUBLISH.values(), ids=PUBLISH)


@pytest.fixture
def videos(repository: Repository) -> Repository:
    repository.shelf.series("a", "b", name="videos/m.yaml")
    repository.push()
    return repository


def is_ours(step: Mapping[str, Any]) -> bool:
    return str(step.get("uses", "")).startswith(OURS)


# Publishing


@each_publish
def test_what_is_pushed_is_published_and_its_receipts_are_committed(
    job: Mapping[str, Any], machine: Machine, videos: Repository, audit: Audit
) -> None:
    ended = machine().job(job)
    assert ended.ok, ended.log
    assert [entry["published"] for entry in audit()] == [True, True]
    assert [path for path in videos.files() if ".nicobatch" in path] == RECEIPTS
    assert videos.messages()[0] == MESSAGE
    assert MAIN.user_session not in ended.log.replace(f"::add-mask::{MAIN.user_session}", "")


@each_publish
def test_a_second_run_changes_nothing_and_commits_nothing(
    job: Mapping[str, Any], machine: Machine, videos: Repository, sandbox: Sandbox
) -> None:
    assert machine().job(job).ok
    head, requests = videos.head, len(sandbox.audit()["requests"])
    ended = machine().job(job)
    assert ended.ok, ended.log
    assert "unchanged" in ended.log
    assert (videos.head, len(sandbox.audit()["requests"])) == (head, requests)


@each_publish
def test_a_run_that_waited_has_the_receipts_of_the_run_before(
    job: Mapping[str, Any], machine: Machine, videos: Repository, audit: Audit
) -> None:
    waiting = machine()  # begun by the same push, before the receipts were there
    assert machine().job(job).ok
    assert waiting.github["sha"] != videos.head
    assert waiting.job(job).ok
    assert len(audit()) == 2


@each_publish
def test_somebody_pushes_meanwhile(
    job: Mapping[str, Any], machine: Machine, videos: Repository
) -> None:
    runner = machine()

    def meanwhile(step: Mapping[str, Any]) -> None:
        if is_ours(step):
            videos.push("Meanwhile")

    runner.before = meanwhile
    ended = runner.job(job)
    assert ended.ok, ended.log
    assert videos.messages()[:2] == [MESSAGE, "Meanwhile"]


@each_publish
def test_the_receipts_of_a_run_that_fails_are_committed_too(
    job: Mapping[str, Any], machine: Machine, videos: Repository
) -> None:
    assert machine().job(job).ok
    videos.push("Nothing")
    videos.shelf.add("videos/a.mp4", at_least=50_000)
    videos.shelf.series("c", name="videos/n.yaml")
    videos.push("Another file for a, and a new video")
    ended = machine().job(job)
    assert not ended.ok
    assert "a.mp4 is not the file that was uploaded" in ended.log
    assert "videos/.nicobatch/n.yaml/c.json" in videos.files()


@each_publish
def test_a_run_without_any_receipt_commits_nothing(
    job: Mapping[str, Any], machine: Machine, videos: Repository
) -> None:
    runner = machine()
    runner.secrets = {}
    ended = runner.job(job)
    assert not ended.ok
    assert "nobody is signed in" in ended.log
    assert videos.messages()[0] == "Add videos"


def test_receipts_that_can_not_be_pushed_are_saved_elsewhere(
    machine: Machine, videos: Repository
) -> None:
    hook = videos.bare / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\nexit 1\n", "utf-8")
    hook.chmod(0o755)
    runner = machine()
    assert not runner.job(PUBLISH["example"]).ok
    ((action, given),) = runner.played
    assert action.startswith("actions/upload-artifact@")
    assert given["path"] == "videos/**/.nicobatch"
    kept = sorted(runner.workspace.glob(given["path"] + "/*/*.json"))
    assert [path.name for path in kept] == ["a.json", "b.json"]


# Checking, planning, asking


def test_a_pull_request_is_checked_and_planned(
    machine: Machine, videos: Repository, sandbox: Sandbox
) -> None:
    jobs = example("github-check.yml")["jobs"]
    checked = machine().job(jobs["check"])
    assert checked.ok, checked.log
    planned = machine().job(jobs["plan"])
    assert planned.ok, planned.log
    assert "2 to create" in planned.log + planned.summary
    assert sandbox.audit()["requests"] == []


def test_a_pull_request_with_a_mistake(machine: Machine, videos: Repository) -> None:
    videos.shelf.series("a", name="videos/m.yaml", more="defaults: {tags: [a b]}\n")
    videos.push()
    ended = machine().job(example("github-check.yml")["jobs"]["check"])
    assert not ended.ok
    assert "::error file=videos/m.yaml,line=2,col=" in ended.log


def test_pointers_of_git_lfs_are_enough_for_the_check(machine: Machine, videos: Repository) -> None:
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n"
    videos.shelf.write(pointer, "videos/a.mp4")
    videos.push()
    jobs = example("github-check.yml")["jobs"]
    assert machine().job(jobs["check"]).ok
    ended = machine().job(jobs["plan"])
    assert not ended.ok
    assert "git-lfs-pointer" in ended.log


def test_alerts_are_handed_over(machine: Machine, videos: Repository) -> None:
    videos.shelf.series("a", name="videos/m.yaml", more="defaults: {tags: [a b]}\n")
    videos.push()
    runner = machine()
    ended = runner.job(example("github-check.yml")["jobs"]["code-scanning"])
    assert ended.ok, ended.log
    ((_, given),) = runner.played
    report = json.loads((runner.workspace / given["sarif_file"]).read_text("utf-8"))
    assert report["runs"][0]["results"]


def test_every_night_the_site_is_asked(machine: Machine, videos: Repository, audit: Audit) -> None:
    assert machine().job(PUBLISH["example"]).ok
    runner = machine()
    ended = runner.job(example("github-status.yml")["jobs"]["status"])
    assert ended.ok, ended.log
    assert all(entry["videoId"] in ended.log for entry in audit())
    runner = machine()
    runner.secrets = {}
    assert not runner.job(example("github-status.yml")["jobs"]["status"]).ok
