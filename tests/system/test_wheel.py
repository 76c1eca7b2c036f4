"""The wheel, as a user gets it: built, installed into a clean environment, used from elsewhere."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from tests.support.locked import ROOT, RUN, constraints

SCRIPTS = "Scripts" if os.name == "nt" else "bin"


def run(*command: str | Path, cwd: Path, check: bool = True) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=cwd, check=check, text=True, encoding="utf-8", capture_output=True
    )


@pytest.fixture(scope="module")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scripts of a new environment that holds the wheel and what it depends on."""
    folder = tmp_path_factory.mktemp("wheel")
    build = ("-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT)
    run(sys.executable, *build, cwd=folder)
    [wheel] = folder.glob("*.whl")
    venv.create(folder / "env", with_pip=True)
    scripts = folder / "env" / SCRIPTS
    versions = ("--constraint", constraints(RUN, folder))
    pip = ("-m", "pip", "install", "--quiet", *versions)
    run(scripts / "python", *pip, f"{wheel}[sandbox]", cwd=folder)
    return scripts


@pytest.fixture
def show(tmp_path: Path, small_video: Path) -> Path:
    shutil.copy(small_video, tmp_path / "a.mp4")
    (tmp_path / "m.yaml").write_text("version: 1\nfile: a.mp4\ntitle: 車輪\n", encoding="utf-8")
    return tmp_path


def test_it_publishes_from_another_folder(scripts: Path, show: Path) -> None:
    first = run(scripts / "nicobatch", "publish", "m.yaml", "--sandbox", cwd=show)
    assert "published" in first.stdout
    second = run(scripts / "nicobatch", "publish", "m.yaml", "--sandbox", cwd=show)
    assert "unchanged" in second.stdout


def test_it_brings_the_schema(scripts: Path, tmp_path: Path) -> None:
    printed = run(scripts / "nicobatch", "schema", cwd=tmp_path).stdout
    assert printed == (ROOT / "schemas" / "manifest.schema.json").read_text("utf-8")


@pytest.mark.parametrize(
    ("language", "usage", "publish"),
    [
        ("ja", "使い方: nicobatch", "マニフェストの動画を投稿する"),
        ("zh", "用法: nicobatch", "投稿清单中的视频"),
    ],
)
def test_it_speaks(language: str, usage: str, publish: str, scripts: Path, tmp_path: Path) -> None:
    said = run(scripts / "nicobatch", "--lang", language, "--help", cwd=tmp_path).stdout
    assert said.startswith(usage)
    assert publish in said


def test_it_brings_the_garage_page(scripts: Path, show: Path) -> None:
    code = """
import pathlib, urllib.request, nicobatch.sandbox as sandbox
with sandbox.Sandbox(pathlib.Path("site")) as server:
    page = urllib.request.urlopen(server.url + "/garage/videos").read().decode()
    style = urllib.request.urlopen(server.url + "/static/garage.css").read()
assert "SANDBOX" in page and style
"""
    run(scripts / "python", "-I", "-c", code, cwd=show)


def test_it_brings_the_preview_s_page(scripts: Path, show: Path) -> None:
    run(scripts / "nicobatch", "preview", "m.yaml", cwd=show)
    page = (show / "preview.html").read_text("utf-8")
    assert "車輪" in page
    assert "data:image/jpeg" in page
    assert "prefers-color-scheme" in page


def test_without_the_extra_the_sandbox_says_how_to_get_it(scripts: Path, show: Path) -> None:
    run(scripts / "python", "-m", "pip", "uninstall", "--quiet", "--yes", "flask", cwd=show)
    publish = (scripts / "nicobatch", "publish", "m.yaml", "--sandbox")
    result = run(*publish, cwd=show, check=False)
    assert result.returncode == 2
    assert "Traceback" not in result.stderr
    _said, found, hint = result.stderr.partition("install it: ")
    assert found
    assert hint.startswith(str(scripts / "python"))
    done = subprocess.run(hint.strip(), shell=True, check=False, cwd=show, capture_output=True)
    assert done.returncode == 0, done.stderr
    again = run(*publish, cwd=show).stdout
    assert f"`{scripts / 'nicobatch'} sandbox`" in again
