"""Links that somebody has put where receipts, locks and rehearsals are kept."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Final

import pytest

from nicobatch.sandbox import Sandbox
from tests.unit.cli.conftest import Cli, Shelf
from tests.unit.cli.running import process

pytestmark = pytest.mark.skipif(os.name == "nt", reason="there they need rights of their own")

OUT: Final = "is a link that leads out of ., so nothing is kept there"


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("place", [".nicobatch", ".nicobatch/m.yaml"])
def test_a_folder_of_receipts_leads_nowhere_else(
    cli: Cli, shelf: Shelf, site: Sandbox, elsewhere: Path, place: str
) -> None:
    shelf.series("a")
    link = shelf.folder / place
    link.parent.mkdir(exist_ok=True)
    link.symlink_to(elsewhere, target_is_directory=True)
    for command in ("plan", "publish", "status"):
        result = cli(command, ".")
        assert result.code == 1, command
        assert f"{Path(place)} {OUT}" in result.out + result.err
        assert "--journal DIR" in result.out + result.err
    assert list(elsewhere.iterdir()) == []
    assert site.audit()["entries"] == []
    assert cli("publish", ".", "--journal", str(elsewhere)).code == 0
    assert (elsewhere / "m.yaml/a.json").is_file()


def test_a_folder_of_receipts_may_be_a_link_within(cli: Cli, shelf: Shelf, site: Sandbox) -> None:
    shelf.series("a")
    (shelf.folder / "kept").mkdir()
    (shelf.folder / ".nicobatch").symlink_to("kept", target_is_directory=True)
    assert cli("publish", ".").code == 0
    assert (shelf.folder / "kept/m.yaml/a.json").is_file()


def test_in_a_folder_of_ones_own_nothing_leads_out(
    cli: Cli, shelf: Shelf, site: Sandbox, elsewhere: Path
) -> None:
    shelf.series("a")
    (shelf.folder / "kept").mkdir()
    (shelf.folder / "kept/m.yaml").symlink_to(elsewhere, target_is_directory=True)
    result = cli("publish", ".", "--journal", "kept")
    assert result.code == 1
    assert "leads out of kept" in result.err
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize(
    "name", [".gitignore", ".account-main.lock", ".locks.guard", "m.yaml/.a.json.lock"]
)
@pytest.mark.parametrize("exists", [True, False])
def test_no_link_in_it_is_written_through(
    cli: Cli, shelf: Shelf, site: Sandbox, elsewhere: Path, name: str, exists: bool
) -> None:
    shelf.series("a")
    target, link = elsewhere / "precious", shelf.folder / ".nicobatch" / name
    link.parent.mkdir(parents=True)
    if exists:
        target.write_text("precious", "utf-8")
    link.symlink_to(target)
    result = cli("publish", ".")
    assert result.code == (0 if name == ".gitignore" else 1)
    assert result.code == 0 or f"{link.name} is in a lock's place, and is none" in result.err
    assert target.exists() == exists
    assert not exists or target.read_text("utf-8") == "precious"


@pytest.mark.parametrize("name", [".account-main.lock", ".locks.guard"])
def test_a_pipe_in_a_locks_place_is_told(cli: Cli, shelf: Shelf, site: Sandbox, name: str) -> None:
    shelf.series("a")
    (shelf.folder / ".nicobatch").mkdir()
    os.mkfifo(shelf.folder / ".nicobatch" / name)
    result = cli("publish", ".")
    assert result.code == 1
    assert f"{name} is in a lock's place, and is none" in result.err


@pytest.mark.parametrize(
    "place", ["sandbox", "sandbox/.site", "sandbox/.site/files", "sandbox/m.yaml"]
)
def test_a_rehearsal_leads_nowhere_else(shelf: Shelf, elsewhere: Path, place: str) -> None:
    shelf.series("a")
    link = shelf.folder / ".nicobatch" / place
    link.parent.mkdir(parents=True)
    link.symlink_to(elsewhere, target_is_directory=True)
    result = process("publish", ".", "--sandbox")
    assert result.code == 1
    assert "is a link that leads out of" in result.err
    assert list(elsewhere.iterdir()) == []
    shutil.rmtree(shelf.folder / ".nicobatch")
