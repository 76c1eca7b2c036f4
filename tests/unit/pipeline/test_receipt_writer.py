"""What a run writes down of a video, before anything is done about it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nicobatch.actions.patience import Hold, telling
from nicobatch.journal import FOLDER
from nicobatch.locks import Locks
from nicobatch.model import FileIdentity
from nicobatch.pipeline import Owner
from nicobatch.pipeline.locking import AccountLocks, on_machine
from nicobatch.pipeline.receipt_writer import ReceiptWriter
from nicobatch.receipt import Receipt, Upload
from tests.unit.pipeline.conftest import Bench

FILE = FileIdentity("a.mp4", 30, "a" * 64)
UPLOAD = Upload(sha256=FILE.sha256, part_size=10, total_parts=3, done_parts=frozenset({0, 2}))
BEFORE = Receipt(
    video="a",
    manifest="m.yaml",
    origin="http://127.0.0.1",
    profile="scripted",
    account="main",
    site="elsewhere",
    files=(FILE, FILE),
    uploads={0: UPLOAD, 1: UPLOAD},
)


@pytest.mark.parametrize(("page", "kept"), [(0, [1]), (1, [0]), (None, [])])
def test_parts_that_are_lost_are_those_of_their_page(
    bench: Bench, page: int | None, kept: list[int]
) -> None:
    video = bench.ready(site="elsewhere").video
    take = Hold(locks=Locks("publish"), waiting=telling(bench.events.append, "a"))
    with (
        AccountLocks(bench.folder / "locks", BEFORE.origin, Owner.of(video)) as account,
        account.of_receipt(bench.journal, video, take) as guards,
    ):
        assert on_machine(account.folder, BEFORE.origin, Owner.of(video)).path.exists()
        assert (bench.folder / FOLDER / ".gitignore").exists(), "git is to see no lock"
        writer = ReceiptWriter(video=video, receipt=BEFORE, journal=bench.journal, guards=guards)
        writer.forget_parts(page)
        writer.save()
    found = bench.journal.read(video)
    assert found == writer.receipt
    assert [each for each, upload in found.uploads.items() if upload.done_parts] == kept
    assert {upload.total_parts for upload in found.uploads.values()} == {3}
    assert replace(found, uploads=BEFORE.uploads) == BEFORE
