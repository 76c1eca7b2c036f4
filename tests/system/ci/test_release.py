"""A release: its version and notes, its sdist, its page on PyPI, and the workflow's scripts."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tarfile
import tomllib
import zipfile
from pathlib import Path
from typing import Any, Final

import pytest
from hatchling.builders.sdist import SdistBuilder
from hatchling.builders.wheel import WheelBuilder
from twine.commands.check import check

from nicobatch import __version__
from tests.support.locked import ROOT
from tests.support.release import CHANGELOG, newest, notes
from tests.system.ci.blocks import document
from tests.system.ci.runner import Ended, Runner

PROJECT: Final = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
WORKFLOW: Final = document((ROOT / ".github" / "workflows" / "release.yml").read_text("utf-8"))
HOME: Final = str(PROJECT["urls"]["Repository"])
LOG: Final = (
    "# Changelog\n\n## [1.2.0] - 2027-01-31\n\n### Added\n\n- It.\n\n## [1.1.0] - 2026-12-01\n"
)
NOT_IN_SDIST: Final = {".ci/run", ".gitignore"}
"""What only a checkout needs; hatchling itself adds the second."""


def tracked() -> set[str]:
    """Return the files that git keeps, or would as soon as they are added."""
    if not (ROOT / ".git").exists():
        pytest.skip("no checkout")
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    found = subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    files = os.fsdecode(found.stdout).split("\0")
    return {each for each in files if each and (ROOT / each).exists()}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The sdist and the wheel."""
    folder = str(tmp_path_factory.mktemp("dist"))
    sdist, wheel = (
        next(builder(str(ROOT)).build(directory=folder, versions=["standard"]))
        for builder in (SdistBuilder, WheelBuilder)
    )
    return Path(sdist), Path(wheel)


# Version and notes


def test_the_changelog_s_newest_is_the_package_s_version() -> None:
    version, _day, told = newest(CHANGELOG.read_text("utf-8"))
    assert version == __version__
    assert told


def test_notes_are_what_the_changelog_tells_of_the_tag() -> None:
    assert notes("v1.2.0", "1.2.0", LOG) == "### Added\n\n- It.\n"


@pytest.mark.parametrize(
    ("tag", "version", "changelog", "message"),
    [
        ("1.2.0", "1.2.0", LOG, "the tag is 1.2.0"),
        ("v1.2.0", "1.3.0", LOG, "it would be v1.3.0"),
        ("v1.1.0", "1.1.0", LOG, "the changelog's newest is 1.2.0"),
        ("v1.2.0", "1.2.0", LOG.replace("2027-01-31", "unreleased"), "write the day"),
        (
            "v1.2.0",
            "1.2.0",
            "## [1.2.0] - 2027-01-31\n\n## [1.1.0] - 2026-12-01\n",
            "tells nothing",
        ),
        ("v1.2.0", "1.2.0", "# Changelog\n", "no heading"),
    ],
)
def test_what_does_not_agree_is_not_released(
    tag: str, version: str, changelog: str, message: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        notes(tag, version, changelog)


# Sdist and wheel


def test_the_sdist_has_all_that_git_has(built: tuple[Path, Path]) -> None:
    with tarfile.open(built[0]) as sdist:
        names = {each.partition("/")[2] for each in sdist.getnames()}
    names = {each for each in names if not each.startswith("man/")}  # of an earlier `make dist`
    assert names - {"PKG-INFO"} - NOT_IN_SDIST == tracked() - NOT_IN_SDIST


def test_the_wheel_has_the_package_and_nothing_else(built: tuple[Path, Path]) -> None:
    with zipfile.ZipFile(built[1]) as wheel:
        tops = {each.partition("/")[0] for each in wheel.namelist()}
        licences = [each for each in wheel.namelist() if each.endswith("licenses/LICENSE")]
    assert tops == {"nicobatch", f"nicobatch-{__version__}.dist-info"}
    assert len(licences) == 1


def test_pypi_can_show_the_page(built: tuple[Path, Path]) -> None:
    assert not check([str(each) for each in built], strict=True)


def test_links_of_the_page_lead_to_files_that_there_are(built: tuple[Path, Path]) -> None:
    with zipfile.ZipFile(built[1]) as wheel:
        page = wheel.read(f"nicobatch-{__version__}.dist-info/METADATA").decode()
    links = re.findall(r"\]\(([^)\s]+)\)", page)
    ours = [each.removeprefix(f"{HOME}/blob/main/") for each in links if each.startswith(HOME)]
    assert ours
    assert [each for each in ours if not (ROOT / each.partition("#")[0]).exists()] == []
    assert [each for each in links if not each.startswith(("https://", "http://", "#"))] == []


# The project


def test_the_repository_s_address_is_the_same_everywhere() -> None:
    """Where it has to be written out; code takes it from one place."""
    owner = re.compile(r"https://(?:github\.com|raw\.githubusercontent\.com)/nicobatch\b[\w/-]*")
    raw = HOME.replace("github.com", "raw.githubusercontent.com")
    for name in sorted(tracked()):
        if name.endswith((".md", ".toml", ".yml", ".yaml", ".py", ".json", ".po", "Containerfile")):
            for found in owner.findall((ROOT / name).read_text("utf-8", errors="replace")):
                assert f"{found}/".startswith((f"{HOME}/", f"{raw}/")), name


def test_the_readme_s_and_the_project_s_files_are_linked() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    for name in ("SECURITY.md", "CODE_OF_CONDUCT.md", "CHANGELOG.md", "docs/architecture.md"):
        assert f"]({name})" in text


# The workflow


def scripted(name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a job, and its step that runs a script."""
    job = WORKFLOW["jobs"][name]
    return job, next(step for step in job["steps"] if "run" in step)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Runner:
    """A runner whose docker and gh note what they are asked for."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("docker", "gh", "make"):
        (tools / name).write_text(
            f'#!/bin/sh\necho "{name} $*" >> "{tmp_path}/called"\n'
            'case "$1 $2" in "inspect --format") echo "$4@sha256:0123" | sed "s/:1.2.0@/@/" ;;'
            ' "login ghcr.io") cat > /dev/null ;; esac\n',
            "utf-8",
        )
        (tools / name).chmod(0o755)
    environment = {
        "PATH": f"{tools}:{os.environ['PATH']}",
        "GITHUB_REPOSITORY": "Nicobatch/nicobatch",
        "GITHUB_REF_NAME": "v1.2.0",
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_SHA": "0" * 40,
        "GITHUB_ACTOR": "someone",
    }
    return Runner(tmp_path / "runner", environment)


def run(machine: Runner, step: dict[str, Any], **values: str) -> tuple[Ended, list[str]]:
    process, files = machine.begin(step, {}, values)
    log, _ = process.communicate(timeout=60)
    called = machine.folder.parent / "called"
    return machine.ended(process.returncode, log, files), called.read_text("utf-8").splitlines()


def test_the_image_is_built_tried_pushed_and_named_with_its_digest(machine: Runner) -> None:
    job, step = scripted("image")
    ended, called = run(machine, step, TOKEN="secret")
    assert ended.ok, ended.log
    assert [line.split()[1] for line in called] == ["build", "run", "login", "push", "inspect"]
    assert "secret" not in "\n".join(called)
    assert called[1].endswith("ghcr.io/nicobatch/nicobatch:1.2.0 --version")
    assert ended.outputs == {"name": "ghcr.io/nicobatch/nicobatch", "digest": "sha256:0123"}
    given = job["steps"][-1]["with"]
    assert set(re.findall(r"outputs\.(\w+)", str(given))) == set(ended.outputs)


def test_a_release_is_told_with_its_notes_and_files(machine: Runner) -> None:
    _, step = scripted("github")
    (machine.workspace / "dist").mkdir()
    for name in ("nicobatch-1.2.0.tar.gz", "NOTES.md"):
        (machine.workspace / "dist" / name).touch()
    ended, called = run(machine, step)
    assert ended.ok, ended.log
    files = "--notes-file dist/NOTES.md dist/nicobatch-1.2.0.tar.gz"
    assert called == [f"gh release create v1.2.0 --verify-tag {files}"]


def test_what_is_built_is_what_make_makes(machine: Runner) -> None:
    _, step = scripted("build")
    ended, called = run(machine, step)
    assert (ended.ok, called) == (True, ["make dist TAG=v1.2.0 PYTHON=python"])


@pytest.mark.skipif(not shutil.which("make"), reason="needs make")
def test_make_builds_only_what_agrees() -> None:
    told = subprocess.run(
        ["make", "--dry-run", "dist", "TAG=v1.2.0"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    order = ["tests.support.release", "-m build", "twine check --strict"]
    places = [told.index(each) for each in order]
    assert places == sorted(places)


def test_nothing_is_published_untested_and_rights_are_each_job_s_own() -> None:
    jobs = WORKFLOW["jobs"]
    assert WORKFLOW["permissions"] == {"contents": "read"}
    for name in ("pypi", "image"):
        assert jobs[name]["needs"] == ["test", "build"]
    assert jobs["pypi"]["permissions"] == {"id-token": "write"}
    assert [
        name for name, job in jobs.items() if job["permissions"].get("contents") == "write"
    ] == ["github"]


def test_the_image_brings_the_notice_of_what_is_under_the_gpl() -> None:
    containerfile = (ROOT / "examples" / "container" / "Containerfile").read_text("utf-8")
    assert "COPY LICENSE examples/container/NOTICE /usr/share/doc/nicobatch/" in containerfile
    assert "GPL-2.0-or-later" in containerfile
    notice = (ROOT / "examples" / "container" / "NOTICE").read_text("utf-8")
    import av

    bundled = Path(av.__file__).parents[1] / "av.libs"
    names = {each.name.partition("-")[0] for each in bundled.glob("lib*")}
    for library in ("libx264", "libx265"):
        assert library in notice
        assert not names or library in names, "it is in the wheel no more: the notice says so"
