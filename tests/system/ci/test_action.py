"""The composite action, its steps run as a runner runs them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from nicobatch.sandbox import Sandbox
from tests.system.ci.conftest import Machine, Repository
from tests.system.ci.expressions import HOLE, filled
from tests.system.ci.runner import Runner, scripts_of
from tests.unit.cli.conftest import Shelf
from tests.unit.cli.running import MAIN, ROOT

Audit = Callable[[], list[dict[str, Any]]]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))


@pytest.fixture
def runner(machine: Machine) -> Runner:
    return machine()


@pytest.fixture
def show(runner: Runner, small_video: Path) -> Shelf:
    """The runner's workspace, as a shelf to put videos on."""
    return Shelf(runner.workspace, small_video)


# Its file


def test_no_script_has_an_expression_in_it() -> None:
    scripts = list(scripts_of(ACTION))
    assert len(scripts) == 2
    assert not any(HOLE.search(script) for script in scripts)


def test_every_input_is_used_and_every_output_is_some_step_s() -> None:
    text = json.dumps(ACTION["runs"])
    assert [name for name in ACTION["inputs"] if f"inputs.{name}" not in text] == []
    assert all(each["value"] for each in ACTION["outputs"].values())


# What it does


def test_a_check_that_finds_nothing(runner: Runner, show: Shelf) -> None:
    show.series("a")
    ended = runner.action({})
    assert ended.ok, ended.log
    assert ended.outputs["exit-code"] == "0"
    assert "1 manifest checked, no problems" in ended.log + ended.summary


def test_a_check_that_finds_something(runner: Runner, show: Shelf) -> None:
    show.write("version: 1\nfile: gone.mp4\ntitle: 第2回\n", "videos/n.yaml")
    ended = runner.action({"command": "check", "paths": "videos"})
    assert not ended.ok
    assert ended.outputs["exit-code"] == "1"
    assert "::error file=videos/n.yaml,line=2,col=7," in ended.log
    assert "videos/n.yaml" in ended.summary


def test_paths_stand_one_a_line_and_need_no_quotes(runner: Runner, show: Shelf) -> None:
    show.series("a", name="第1期/my videos.yaml")
    show.series("b", name="-b.yaml")
    show.series("c", name="c.yaml", more="defaults: {genre: gmae}\n")
    ended = runner.action({"paths": "第1期/my videos.yaml\n\n-b.yaml\n"})
    assert ended.ok, ended.log
    assert "2 manifests checked, no problems" in ended.log + ended.summary


def test_the_working_directory_is_where_paths_begin(runner: Runner, show: Shelf) -> None:
    show.series("a", name="deep/m.yaml")
    assert runner.action({"paths": "m.yaml", "working-directory": "deep"}).ok


def test_options_are_words_as_a_shell_has_them(runner: Runner, show: Shelf) -> None:
    show.series("a", more="defaults: {genre: gmae}\n")
    assert runner.action({"args": ""}).ok
    assert not runner.action({"args": "--strict  --no-media"}).ok
    show.series("a")
    given = {"command": "publish", "args": "--sandbox --journal 'my receipts'\n--no-wait"}
    runner.environment = {}
    assert runner.action(given).ok
    assert (runner.workspace / "my receipts").is_dir()


@pytest.mark.parametrize(
    "given",
    [
        {"paths": "$(touch pwned)"},
        {"paths": "`touch pwned`\n; touch pwned"},
        {"args": "--strict; touch pwned"},
        {"args": "$(touch pwned)"},
        {"args": "--strict' ; touch pwned"},
        {"command": "check; touch pwned"},
        {"command": "$(touch pwned)"},
        {"output": "$(touch pwned)"},
        {"output": "x; touch pwned"},
    ],
)
def test_what_is_given_never_becomes_a_script(
    given: dict[str, str], runner: Runner, show: Shelf
) -> None:
    show.series("a")
    runner.action(given)
    assert not (runner.workspace / "pwned").exists()


def test_options_with_an_open_quote_run_nothing(
    runner: Runner, show: Shelf, sandbox: Sandbox
) -> None:
    show.series("a")
    ended = runner.action({"command": "publish", "args": "--journal 'receipts --no-wait"})
    assert not ended.ok
    assert "exit-code" not in ended.outputs or ended.outputs["exit-code"] == ""
    assert sandbox.audit()["requests"] == []


def test_a_link_in_the_repository_leads_the_output_nowhere(runner: Runner, show: Shelf) -> None:
    show.series("a")
    elsewhere = runner.workspace.parent / "elsewhere"
    elsewhere.write_text("mine")
    (runner.workspace / "o.sarif").symlink_to(elsewhere)
    ended = runner.action({"args": "--format sarif", "output": "o.sarif"})
    assert ended.ok, ended.log
    assert elsewhere.read_text() == "mine"
    assert json.loads((runner.workspace / "o.sarif").read_text("utf-8"))["version"] == "2.1.0"


@pytest.mark.parametrize("command", ["delete", "", "check --strict", "-v"])
def test_other_commands_are_refused(command: str, runner: Runner) -> None:
    ended = runner.action({"command": command})
    assert not ended.ok
    assert "the command must be check, plan, publish or status" in ended.log


def test_a_plan_with_something_to_do_is_no_failure(
    runner: Runner, show: Shelf, sandbox: Sandbox
) -> None:
    show.series("a", "b")
    ended = runner.action({"command": "plan"})
    assert ended.ok, ended.log
    assert (ended.outputs["exit-code"], ended.outputs["changes"]) == ("6", "2")
    assert "+ m.yaml#a: create" in ended.log
    assert runner.action({"command": "publish", "user-session": MAIN.user_session}).ok
    ended = runner.action({"command": "plan"})
    assert (ended.outputs["exit-code"], ended.outputs["changes"]) == ("0", "0")
    show.add("a.mp4", at_least=50_000)
    ended = runner.action({"command": "plan"})
    assert not ended.ok
    assert (ended.outputs["exit-code"], ended.outputs["refused"]) == ("1", "1")


@pytest.mark.parametrize("way", ["input", "environment"])
def test_publishing_with_a_secret(way: str, runner: Runner, show: Shelf, audit: Audit) -> None:
    show.series("a", "b")
    session = MAIN.user_session
    if way == "input":
        ended = runner.action({"command": "publish", "user-session": session})
    else:
        ended = runner.action({"command": "publish"}, {"NICOBATCH_USER_SESSION": session})
    assert ended.ok, ended.log
    ids = " ".join(entry["videoId"] for entry in audit())
    assert {name: ended.outputs[name] for name in ("published", "failed", "ids")} == {
        "published": "2",
        "failed": "0",
        "ids": ids,
    }
    told = {line for line in ended.log.splitlines() if session in line}
    assert told == {f"::add-mask::{session}"}
    left = [path for path in runner.folder.rglob("*") if path.is_file()]
    assert not any(session.encode() in path.read_bytes() for path in left)


def test_publishing_without_a_session(runner: Runner, show: Shelf) -> None:
    show.series("a")
    ended = runner.action({"command": "publish"})
    assert not ended.ok
    assert (ended.outputs["exit-code"], ended.outputs["failed"]) == ("3", "1")


def test_what_is_printed_can_go_to_a_file(runner: Runner, show: Shelf) -> None:
    show.write("version: 1\nfile: gone.mp4\ntitle: 第2回\n")
    ended = runner.action({"args": "--format sarif", "output": "my report.sarif"})
    assert not ended.ok
    report = json.loads((runner.workspace / "my report.sarif").read_text("utf-8"))
    assert report["version"] == "2.1.0"
    assert report["runs"][0]["results"][0]["ruleId"] == "file-not-found"


def test_the_status_of_what_was_published(runner: Runner, show: Shelf) -> None:
    show.series("a")
    assert runner.action({"command": "publish", "user-session": MAIN.user_session}).ok
    ended = runner.action(
        {"command": "status", "args": "--remote", "user-session": MAIN.user_session}
    )
    assert ended.ok, ended.log
    assert "m.yaml#a" in ended.log


def test_a_cancelled_job_saves_everything(
    runner: Runner, show: Shelf, audit: Audit, sandbox: Sandbox
) -> None:
    show.series("a")
    show.add("a.mp4", at_least=3_000_000)
    step = ACTION["runs"]["steps"][-1]
    given = {"command": "publish", "args": "--limit-rate 100k", "user-session": MAIN.user_session}
    defaults = {name: each["default"] for name, each in ACTION["inputs"].items()}
    context = {"inputs": defaults | given}
    values = {name: filled(str(value), context) for name, value in step["env"].items()}
    process, files = runner.begin(step, context, {**values, "GITHUB_ACTION_PATH": str(ROOT)})
    receipt = runner.workspace / ".nicobatch" / "m.yaml" / "a.json"
    wait_for(lambda: receipt.exists() and "uuid" in receipt.read_text("utf-8"), process)
    process.send_signal(signal.SIGINT)  # to the shell alone, as a runner does
    log, _ = process.communicate(timeout=10)
    ended = runner.ended(process.returncode, log, files)
    assert ended.outputs["exit-code"] == "143", log
    assert "everything is saved" in log
    assert process.returncode == 143
    assert runner.action({"command": "publish", "user-session": MAIN.user_session}).ok
    assert len(audit()) == 1


def wait_for(is_so: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < deadline
        assert process.poll() is None, process.communicate()[0]
        time.sleep(0.05)


# The real installation


@pytest.fixture
def pypi(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--retries", "0"]
    found = subprocess.run(
        [*command, "--dest", tmp_path / "pypi", "hatchling"], check=False, capture_output=True
    )
    if found.returncode:
        pytest.skip("PyPI can't be reached")


PLANTED = (
    *(
        "venv.py",
        "ensurepip.py",
        "pip.py",
        "pip/__init__.py",
        "pip/__main__.py",
        "sitecustomize.py",
    ),
    *("usercustomize.py", "hatchling/__init__.py", "hatchling/build.py", "nicobatch/__init__.py"),
    *("nicobatch/__main__.py", "click.py", "os.py", "setup.py", "conftest.py"),
)
"""Modules that Python or pip would import from the folder where they are started."""


@pytest.mark.usefixtures("pypi")
@pytest.mark.parametrize("where", [".", "videos"])
def test_what_a_pull_request_brings_is_no_part_of_the_installer(
    where: str, tmp_path: Path, small_video: Path, repository: Repository
) -> None:
    """It is installed once, and used from then on."""
    tools = tmp_path / "tools"
    tools.mkdir()
    python = tools / "python3"
    python.write_text(f'#!/bin/sh\nenv > "{tmp_path}/seen"\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    runner = Runner(tmp_path / "new", {"PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"})
    Shelf(runner.workspace, small_video).series("a")
    for name in PLANTED:
        for folder in (runner.workspace, runner.workspace / where):
            planted = folder / name
            planted.parent.mkdir(parents=True, exist_ok=True)
            planted.write_text(f"open({str(tmp_path / 'pwned')!r}, 'a').write(__file__)\n", "utf-8")
    given = {
        "python-version": "",
        "paths": str(runner.workspace / "m.yaml"),
        "working-directory": where,
    }
    secrets = {"NICOBATCH_USER_SESSION": "user_session_1_x", "NICOBATCH_A_USER_SESSION": "geheim"}
    ended = runner.action(given, secrets)
    assert ended.ok, ended.log
    seen = (tmp_path / "seen").read_text("utf-8")
    assert "RUNNER_TEMP=" in seen
    assert "NICOBATCH" not in seen
    (marker,) = runner.temp.glob("nicobatch-*/installed")
    before = marker.stat().st_mtime_ns
    published = runner.action({**given, "command": "publish", "args": "--sandbox"})
    assert published.ok, published.log
    assert published.outputs["published"] == "1"
    assert marker.stat().st_mtime_ns == before
    assert not (tmp_path / "pwned").exists()
