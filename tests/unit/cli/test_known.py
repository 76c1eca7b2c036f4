"""What was published before is read once, and again where it was written since."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nicobatch import disk
from nicobatch.actions import checking
from nicobatch.actions.receipts import Known
from nicobatch.errors import JournalError
from nicobatch.journal import Journal
from nicobatch.model import DEFAULT_SITE, FileIdentity, Video
from nicobatch.receipt import DELETION, Receipt, Remote, StepRecord, StepState

DONE = StepRecord(state=StepState.DONE, digest="0" * 64, inputs={"title": "x"}, at="2026-11-20")


def receipt(name: str, number: int) -> Receipt:
    return Receipt(
        video=name,
        manifest=f"{name}.yaml",
        origin="https://garage.nicovideo.jp",
        profile="garage-2026",
        account="main",
        files=(FileIdentity(f"{name}.mp4", 5, hashlib.sha256(name.encode()).hexdigest()),),
        steps={"create": DONE, "metadata": DONE},
        remote=Remote(id=str(number), video_id=f"sm{number}", url="https://x/"),
    )


class Shelf:
    """A journal whose readings are counted."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.journal = folder, Journal()
        self.reads: list[str] = []
        self.known = Known(self.journal, folder / "any.yaml")
        read = disk.read

        def counted(path: Path, *limits: Any, **ways: Any) -> bytes:
            self.reads += [path.stem] * (path.suffix == ".json")
            return read(path, *limits, **ways)

        monkeypatch.setattr(disk, "read", counted)

    def write(self, made: Receipt) -> Path:
        manifest = self.folder / made.manifest
        video = Video(manifest=manifest, id=made.video, file=manifest, title="x")
        self.journal.write(video, made)
        self.reads.clear()
        return self.journal.path(video)

    def demand_all(self) -> None:
        """Assert that what is known is what a plain reading finds."""
        found = self.known()
        reads = list(self.reads)
        wanted = checking.known_files(self.journal, [self.folder / "any.yaml"])
        assert found == wanted
        self.reads[:] = reads


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    return Shelf(tmp_path, monkeypatch)


def test_each_receipt_is_read_once(shelf: Shelf) -> None:
    for index in range(9):
        shelf.write(receipt("abcdefghi"[index], index + 1))
    shelf.demand_all()
    assert sorted(shelf.reads) == list("abcdefghi")
    shelf.reads.clear()
    for _time in range(3):
        shelf.demand_all()
    assert shelf.reads == []


def test_what_another_process_writes_is_seen(shelf: Shelf) -> None:
    shelf.write(receipt("a", 1))
    shelf.write(receipt("b", 2))
    shelf.demand_all()
    shelf.write(replace(receipt("a", 1), files=(FileIdentity("a.mp4", 5, "f" * 64),)))
    shelf.demand_all()
    assert shelf.reads == ["a"]
    shelf.write(receipt("c", 3))
    shelf.demand_all()
    assert shelf.reads == ["c"]


def test_what_is_gone_is_forgotten(shelf: Shelf) -> None:
    path = shelf.write(receipt("a", 1))
    shelf.demand_all()
    path.unlink()
    assert shelf.known().takers == {}
    shelf.write(receipt("a", 1))
    shelf.demand_all()
    assert shelf.reads == ["a"]


def test_a_deleted_video_leaves_its_file_free(shelf: Shelf) -> None:
    gone = receipt("a", 1)
    shelf.write(replace(gone, steps={**gone.steps, DELETION: DONE}))
    shelf.write(replace(receipt("b", 2), steps={}, remote=None))
    shelf.demand_all()
    assert shelf.known().remotes.keys() == {(DEFAULT_SITE, gone.origin, "1")}
    assert not any(shelf.known().takers.values())


def test_a_claim_is_not_kept(shelf: Shelf) -> None:
    shelf.write(receipt("a", 1))
    known = shelf.known()
    known.remotes.clear()
    next(iter(known.takers.values()))["y"] = "z"
    shelf.demand_all()


def test_a_damaged_receipt_is_told_each_time(shelf: Shelf) -> None:
    path = shelf.write(receipt("a", 1))
    shelf.demand_all()
    path.write_text("{}")
    for _time in range(2):
        with pytest.raises(JournalError, match="damaged"):
            shelf.known()


def test_a_receipt_that_goes_while_it_is_looked_for_is_none(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = shelf.write(receipt("a", 1))
    monkeypatch.setattr(Journal, "paths", lambda self, manifest: [path.with_name("b.json"), path])
    assert len(shelf.known().remotes) == 1
