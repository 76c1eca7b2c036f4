"""What lies among manifests without being one, and files that no one can open."""

from __future__ import annotations

import json
import os
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nicobatch.sites.niconico.fields import SITE
from tests.unit.cli.conftest import Cli, Shelf
from tests.unit.cli.running import process

NO_LINKS = pytest.mark.skipif(os.name == "nt", reason="links and pipes are others there")
COMPOSE = 'version: "3.8"\nservices: {}\n'
ODD = [
    "/proc/1/exe",
    "/proc/self/mem",
    "/dev/stdin",
    "/dev/zero",
    "/dev/tty",
    "pipe.mp4",
    "circle.mp4",
    "to-pipe.mp4",
    "m.yaml/a.mp4",
    "a" * 300 + ".mp4",
    "あ" * 200 + ".mp4",
    "../" * 3000 + "a.mp4",
    "sub",
]


def test_other_yaml_is_noted_by_every_search(cli: Cli, shelf: Shelf) -> None:
    shelf.series("a")
    shelf.write(COMPOSE, "docker-compose.yml")
    for command in (("check",), ("plan",), ("preview",)):
        result = cli(*command, ".")
        assert result.code == 0, result.out + result.err
        assert "docker-compose.yml:1:1: note: " in result.out
        quiet = cli(*command, ".", "-q")
        assert "docker-compose" not in quiet.out
    assert cli("check", ".", "--strict").code == 0
    (note,) = cli("check", ".", "--format", "json").of("problem")
    assert (note["rule"], note["severity"]) == ("other-yaml", "note")
    assert "::notice file=" in cli("check", ".", "--github").err
    assert cli("check", "docker-compose.yml").code == 1


def test_folders_can_be_excluded(cli: Cli, shelf: Shelf) -> None:
    shelf.series("a")
    shelf.write("version: 1\nvidoes: []\n", "old/deep/x.yaml")
    shelf.write("version: 1\nvidoes: []\n", "drafts/y.yaml")
    assert cli("check", ".").code == 1
    for globs in (("old", "drafts"), ("old/", "draft*"), ("old/deep", "**/y.yaml"), ("*.yaml",)):
        options = [word for each in globs for word in ("--exclude", each)]
        expected = 1 if globs == ("*.yaml",) else 0
        assert cli("check", ".", *options).code == expected, globs
    assert cli("check", str(shelf.folder), "--exclude", str(shelf.folder / "old")).code == 1
    assert cli("plan", ".", "--exclude", "old", "--exclude", "drafts").code == 0
    assert cli("status", ".", "--exclude", "old").code == 0


@NO_LINKS
@pytest.mark.parametrize("command", ["check", "plan", "preview"])
def test_what_is_no_file_hangs_nothing(command: str, shelf: Shelf) -> None:
    shelf.series("a")
    os.mkfifo(shelf.folder / "pipe.yaml")
    (shelf.folder / "zero.yaml").symlink_to("/dev/zero")
    with (shelf.folder / "sparse.yaml").open("wb") as file:
        file.truncate(4 << 30)
    for paths in ((".",), ("pipe.yaml", "a.yaml"), ("zero.yaml",), ("sparse.yaml",)):
        result = process(command, *paths)
        assert result.code == 1, result.err
        assert "bug" not in result.err


@NO_LINKS
def test_links_out_of_the_folder_are_not_read(cli: Cli, shelf: Shelf, tmp_path: Path) -> None:
    shelf.series("a")
    (tmp_path / "token").write_text("user_session_1_secret: [\n", encoding="utf-8")
    (shelf.folder / "evil.yaml").symlink_to(tmp_path / "token")
    (shelf.folder / "evil").symlink_to(tmp_path)
    (shelf.folder / "fine.yaml").symlink_to("m.yaml")
    for path in (".", "*", "**"):
        result = cli("check", path, "--format", "json")
        rules = {each["rule"] for each in result.of("problem")}
        assert rules == {"leads-out"}, path
        assert "secret" not in result.out


@NO_LINKS
@pytest.mark.parametrize("file", ODD)
def test_a_file_that_can_not_be_opened_is_its_entrys_problem(
    cli: Cli, shelf: Shelf, file: str
) -> None:
    os.mkfifo(shelf.folder / "pipe.mp4")
    (shelf.folder / "to-pipe.mp4").symlink_to("pipe.mp4")
    (shelf.folder / "circle.mp4").symlink_to("circle.mp4")
    (shelf.folder / "sub").mkdir()
    shelf.series("a", name="good.yaml")
    shelf.write(f"version: 1\nfile: {json.dumps(file)}\ntitle: t\nid: x\n")
    result = cli("check", ".", "--format", "json")
    assert result.code == 1
    assert {each["path"] for each in result.of("problem")} == {"m.yaml"}
    assert "bug" not in result.err


@pytest.mark.skipif(sys.platform != "linux", reason="needs another user's /proc")
def test_a_link_that_nobody_may_follow(shelf: Shelf) -> None:
    if os.geteuid() != 0:
        pytest.skip("others' links are refused anyway, and there is no one to become")
    shelf.series("a", name="good.yaml")
    shelf.write("version: 1\nfile: /proc/1/exe\ntitle: t\nid: x\n")
    for each in (*shelf.folder.parents, shelf.folder):
        each.chmod(each.stat().st_mode | 0o755)
    child = os.fork()
    if child == 0:  # pragma: no cover - in a process of its own
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
        from nicobatch.manifest import load
        from tests.unit.manifest.reading import NOW

        loaded = load(["."], sites={SITE.name: SITE}, now=NOW)
        os._exit(0 if len(loaded.videos) == 2 else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_names_in_the_other_normal_form(
    cli: Cli, shelf: Shelf, audit: Callable[[], list[dict[str, Any]]]
) -> None:
    whole, pieces = (unicodedata.normalize(form, "ガギ") for form in ("NFC", "NFD"))
    shelf.add(f"{pieces}/{pieces}.mp4")
    if (shelf.folder / whole).exists():
        pytest.skip("this disk does not tell the normal forms apart")
    text = "version: 1\nfile: {}/{}.mp4\ntitle: t\n"
    manifest = shelf.write(text.format(whole, whole), f"{pieces}.yaml")
    assert cli("check", f"{whole}.yaml").code == 0
    assert cli("publish", f"{whole}.yaml").code == 0
    (receipt,) = shelf.folder.glob(".nicobatch/*/*.json")
    assert receipt.stem == whole
    # As a copy from a Mac has it: receipts and the manifest's text taken apart.
    receipt.rename(receipt.with_name(f"{pieces}.json"))
    manifest.write_text(text.format(pieces, pieces), encoding="utf-8")
    manifest.rename(shelf.folder / f"{whole}.yaml")
    assert "unchanged" in cli("publish", ".").out
    shelf.write(text.format(whole, "*").replace("title: t", "title: '{stem}'"), f"{whole}.yaml")
    assert "t -> " in cli("plan", ".").out
    assert len(audit()) == 1
    assert cli("status", f"{pieces}.yaml").out.count("sm") >= 1
