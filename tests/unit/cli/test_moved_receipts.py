"""Receipts that were moved by hand, and folders that may not be written to."""

from __future__ import annotations

from pathlib import Path

import pytest

from nicobatch.sandbox import Sandbox
from tests.unit.cli.conftest import Cli, Shelf


def test_a_moved_receipt_goes_by_its_new_place(cli: Cli, shelf: Shelf, site: Sandbox) -> None:
    shelf.series("a", name="old.yaml")
    assert cli("publish", ".").code == 0
    Path("old.yaml").rename("new.yaml")
    Path(".nicobatch/old.yaml").rename(".nicobatch/new.yaml")
    assert cli("plan", "new.yaml").out.startswith("= new.yaml#a: unchanged")
    assert "new.yaml#a" in cli("status", "new.yaml").out
    assert "old.yaml" not in cli("status").out
    shelf.write("version: 1\nfile: a.mp4\ntitle: もう一度\n", "copy.yaml")
    refused = cli("plan", "copy.yaml").out
    assert "taken by new.yaml#a" in refused
    assert "old.yaml" not in refused
    adopted = cli("adopt", "sm39130867", "copy.yaml")
    assert "sm39130867 is the video of new.yaml#a already" in adopted.err


@pytest.mark.usefixtures("_rightless")
@pytest.mark.parametrize("begun", [True, False])
def test_a_folder_that_may_not_be_written_to(
    cli: Cli, shelf: Shelf, site: Sandbox, tmp_path: Path, begun: bool
) -> None:
    shelf.series("a")
    folder = shelf.folder / ".nicobatch" if begun else shelf.folder
    folder.mkdir(exist_ok=True)
    folder.chmod(0o555)
    try:
        result = cli("publish", ".")
        assert result.code == 1
        assert "--journal DIR keeps the receipts in another one" in result.err
        assert cli("publish", ".", "--journal", str(tmp_path / "kept")).code == 0
    finally:
        folder.chmod(0o755)
