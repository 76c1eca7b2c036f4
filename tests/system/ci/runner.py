"""An imitation of GitHub's runner: jobs and composite actions, step by step, with real bash."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from tests.system.ci.expressions import Unsupported, filled, value_of
from tests.unit.cli.running import ROOT

BASH: Final = shutil.which("bash")
OURS: Final = "nicobatch/nicobatch@"
PLAYED: Final = ("actions/upload-artifact@", "actions/cache@", "github/codeql-action/upload-sarif@")
"""Actions that are only noted: they talk to GitHub."""
_OUTPUT: Final = re.compile(r"^([\w-]+)=(.*)$", re.MULTILINE)
_TIMEOUT: Final = 300.0


@dataclass(frozen=True)
class Ended:
    """How a step or a job ended."""

    ok: bool
    outputs: Mapping[str, str] = field(default_factory=dict)
    log: str = ""
    summary: str = ""


@dataclass
class Runner:
    """One job's machine: a workspace, a place for temporary files, and an environment."""

    folder: Path
    environment: Mapping[str, str]
    remote: Path | None = None
    """What `actions/checkout` clones."""
    github: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    played: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    before: Callable[[Mapping[str, Any]], None] = lambda step: None
    """Is told of each step of a job before it runs."""
    _files: int = 0

    def __post_init__(self) -> None:
        self.workspace.mkdir(parents=True, exist_ok=True)
        self.temp.mkdir(parents=True, exist_ok=True)

    @property
    def workspace(self) -> Path:
        return self.folder / "work"

    @property
    def temp(self) -> Path:
        return self.folder / "temp"

    def job(self, job: Mapping[str, Any]) -> Ended:
        """Run the job's steps; one that fails keeps those after it from running by themselves."""
        ended, log, summary = True, "", ""
        for step in job["steps"]:
            self.before(step)
            context = {"github": self.github, "secrets": self.secrets, "steps": {}}
            if not self._is_due(step, context, ok=ended):
                continue
            result = self._step(step, context)
            ended &= result.ok or bool(step.get("continue-on-error"))
            log, summary = log + result.log, summary + result.summary
        return Ended(ended, log=log, summary=summary)

    def action(
        self, given: Mapping[str, str], environment: Mapping[str, str] | None = None
    ) -> Ended:
        """Run this repository's composite action with the inputs."""
        action = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
        assert set(given) <= set(action["inputs"])
        defaults = {name: each["default"] for name, each in action["inputs"].items()}
        steps: dict[str, Any] = {}
        context = {"inputs": defaults | dict(given), "steps": steps, "github": self.github}
        ended, log, summary = True, "", ""
        for step in action["runs"]["steps"]:
            if not self._is_due(step, context, ok=ended):
                continue
            result = self._step(step, context, {**self._of_action(), **(environment or {})})
            steps[step.get("id", "")] = {"outputs": result.outputs}
            ended &= result.ok
            log, summary = log + result.log, summary + result.summary
        outputs = {name: filled(each["value"], context) for name, each in action["outputs"].items()}
        return Ended(ended, outputs, log, summary)

    def _is_due(self, step: Mapping[str, Any], context: Mapping[str, Any], *, ok: bool) -> bool:
        functions = {"always()": True, "failure()": not ok, "success()": ok}
        condition = str(step.get("if", "success()")).removeprefix("${{").removesuffix("}}")
        value = bool(value_of(condition, {**context, **functions}))
        return value and (ok or any(name in condition for name in functions))

    def _step(
        self,
        step: Mapping[str, Any],
        context: Mapping[str, Any],
        environment: Mapping[str, str] | None = None,
    ) -> Ended:
        values = {**(environment or {}), **_filled(step.get("env", {}), context)}
        if "run" in step:
            assert "${{" not in step["run"], "an expression in a script can be code"
            return self._run(step, context, values)
        given = _filled(step.get("with", {}), context)
        uses = str(step["uses"])
        if uses.startswith(OURS):
            return self.action(given, values)
        if uses.startswith("actions/checkout@"):
            return self._checkout(given)
        if uses.startswith("actions/setup-python@"):
            return Ended(ok=True, outputs={"python-path": sys.executable})
        if not uses.startswith(PLAYED):
            raise Unsupported(uses)
        self.played.append((uses, given))
        return Ended(ok=True)

    def _checkout(self, given: Mapping[str, str]) -> Ended:
        assert self.remote
        shutil.rmtree(self.workspace)
        git(self.folder, "clone", "--quiet", str(self.remote), str(self.workspace))
        if "ref" in given:
            git(self.workspace, "checkout", "--quiet", given["ref"])
        else:
            git(self.workspace, "checkout", "--quiet", "--detach", self.github["sha"])
        return Ended(ok=True)

    def _run(
        self, step: Mapping[str, Any], context: Mapping[str, Any], values: Mapping[str, str]
    ) -> Ended:
        process, files = self.begin(step, context, values)
        log, _ = process.communicate(timeout=_TIMEOUT)
        return self.ended(process.returncode, log, files)

    def begin(
        self, step: Mapping[str, Any], context: Mapping[str, Any], values: Mapping[str, str]
    ) -> tuple[subprocess.Popen[str], Mapping[str, Path]]:
        """Start a step's script as a runner does; its files are those that it may write to."""
        self._files += 1
        files = {
            name: self.temp / f"{name}-{self._files}"
            for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_ENV", "GITHUB_PATH")
        }
        for file in files.values():
            file.touch()
        script = self.temp / f"{self._files}.sh"
        script.write_text(step["run"], "utf-8")
        # docs.github.com: `bash` where it is named, else the same without pipefail
        flags = ("--noprofile", "--norc", "-eo", "pipefail") if "shell" in step else ("-e",)
        where = filled(step.get("working-directory", "."), context)
        process = subprocess.Popen(
            [BASH or "bash", *flags, str(script)],
            cwd=self.workspace / where,
            env={**self._machine(), **{name: str(file) for name, file in files.items()}, **values},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )
        return process, files

    @staticmethod
    def ended(code: int, log: str, files: Mapping[str, Path]) -> Ended:
        outputs = dict(_OUTPUT.findall(files["GITHUB_OUTPUT"].read_text("utf-8")))
        return Ended(code == 0, outputs, log, files["GITHUB_STEP_SUMMARY"].read_text("utf-8"))

    def _machine(self) -> dict[str, str]:
        return {
            **os.environ,
            **self.environment,
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_WORKSPACE": str(self.workspace),
            "RUNNER_TEMP": str(self.temp),
        }

    def _of_action(self) -> dict[str, str]:
        return {"GITHUB_ACTION_PATH": str(ROOT)}


def _filled(values: Mapping[str, Any], context: Mapping[str, Any]) -> dict[str, str]:
    return {name: filled(_text(value), context) for name, value in values.items()}


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def git(folder: Path, *arguments: str) -> str:
    """Run git there, and return what it says."""
    result = subprocess.run(
        ["git", "-c", "core.autocrlf=false", *arguments],
        cwd=folder,
        env={**os.environ, "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0"},
        check=False,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


def scripts_of(document: Any) -> Iterator[str]:
    """Yield every script below: of steps that run one."""
    if isinstance(document, Mapping):
        if isinstance(document.get("run"), str):
            yield document["run"]
        for value in document.values():
            yield from scripts_of(value)
    elif isinstance(document, list):
        for value in document:
            yield from scripts_of(value)
