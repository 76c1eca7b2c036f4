from __future__ import annotations

import errno
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from nicobatch import disk
from nicobatch.errors import JournalError, Later
from nicobatch.journal import FOLDER, Journal, codec
from nicobatch.model import Video
from tests.unit.journal.receipts import BLANK, LATER, RECEIPT, names, spoil

# What can't be written

UNWRITABLE = (
    "make room, or let the folder be written to; --journal DIR keeps the receipts in another one"
)


@pytest.fixture
def full_disk() -> Iterator[None]:
    """A disk that takes no file of more than 100 bytes."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture
def earlier(here: Video) -> Path:
    """A receipt that was written while all was well."""
    Journal().write(here, RECEIPT)
    return Journal().path(here)


def test_a_full_disk_leaves_the_old_receipt(here: Video, earlier: Path, full_disk: None) -> None:
    with pytest.raises(JournalError) as caught:
        Journal().write(here, LATER)
    assert caught.value.message.startswith(f"the receipt {earlier} can't be written: ")
    assert Journal().read(here) == RECEIPT
    assert names(earlier.parent) == [earlier.name]


def test_a_full_disk_is_found_before_anything_is_sent(here: Video, full_disk: None) -> None:
    with pytest.raises(JournalError) as caught:
        Journal().write(here, BLANK)
    assert caught.value.hint == UNWRITABLE
    assert names(here.manifest.parent) == []


def test_where_nothing_can_be_saved_the_video_is_named(here: Video, full_disk: None) -> None:
    with pytest.raises(JournalError) as caught:
        Journal().write(here, RECEIPT)
    assert RECEIPT.remote is not None
    assert RECEIPT.remote.url in caught.value.hint


@pytest.fixture
def unwritable(here: Video, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The place of a receipt on a disk that has become read-only."""
    place = Journal().path(here)
    rename = os.replace

    def refuse(old: Path, new: Path) -> None:
        if Path(new) == place:
            raise OSError(errno.EROFS, "Read-only file system")
        rename(old, new)

    monkeypatch.setattr(os, "replace", refuse)
    return place


def saved_as(hint: str) -> Path:
    """Return the path that the hint tells of."""
    match = re.fullmatch("its newest state was saved as (.+): move it there .+", hint)
    assert match, hint
    return Path(match[1])


def test_what_was_sent_is_saved_elsewhere(here: Video, unwritable: Path, home: Path) -> None:
    with pytest.raises(JournalError) as caught:
        Journal().write(here, RECEIPT)
    assert caught.value.message == (
        f"the receipt {unwritable} can't be written: Read-only file system"
    )
    copy = saved_as(caught.value.hint)
    assert copy.is_relative_to(home)
    assert copy.parent.name == "nicobatch"
    assert copy.match(f"{unwritable.stem}-*.json")
    assert codec.decode(copy.read_text(encoding="utf-8")) == RECEIPT
    unwritable.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(copy, unwritable)
    assert Journal().read(here) == RECEIPT


def test_without_a_folder_of_the_users_it_is_saved_where_programs_may(
    here: Video, unwritable: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    shutil.rmtree(home)
    home.write_text("no folder", encoding="utf-8")
    with pytest.raises(JournalError) as caught:
        Journal().write(here, RECEIPT)
    assert saved_as(caught.value.hint).parent == tmp_path


def test_what_tells_of_nothing_on_the_site_is_not_saved(
    here: Video, unwritable: Path, home: Path
) -> None:
    with pytest.raises(JournalError) as caught:
        Journal().write(here, BLANK)
    assert caught.value.hint == UNWRITABLE
    assert names(home) == []


@pytest.mark.parametrize("rehearsal", [False, True])
def test_a_folder_that_can_not_be_made_is_found(here: Video, rehearsal: bool) -> None:
    (here.manifest.parent / FOLDER).write_text("", encoding="utf-8")
    journal = Journal(rehearsal=rehearsal)
    with pytest.raises(JournalError, match=re.escape(f"the receipt {journal.path(here)} can't be")):
        journal.write(here, BLANK)


@pytest.mark.usefixtures("_rightless")
def test_a_read_only_folder_leaves_the_old_receipt(here: Video, earlier: Path) -> None:
    earlier.parent.chmod(0o500)
    try:
        with pytest.raises(JournalError, match="Permission denied"):
            Journal().write(here, LATER)
    finally:
        earlier.parent.chmod(0o700)
    assert Journal().read(here) == RECEIPT


@pytest.mark.parametrize("content", [b"{", b'{"nicobatch": 2}'])
def test_what_can_not_be_read_is_not_written_over(here: Video, content: bytes) -> None:
    path = spoil(here, content)
    with pytest.raises(JournalError):
        Journal().write(here, RECEIPT)
    assert path.read_bytes() == content


def test_a_receipt_is_own_once_it_came_to_name_its_video_here(here: Video) -> None:
    journal = Journal()
    journal.write(here, BLANK)
    assert not journal.is_own(here, BLANK)
    journal.write(here, RECEIPT)
    assert journal.is_own(here, RECEIPT)
    another = replace(here, id="another")
    assert not journal.is_own(another, RECEIPT)
    journal.write(another, RECEIPT)
    assert journal.is_own(another, RECEIPT)
    assert journal.is_own(here, RECEIPT)
    assert RECEIPT.remote
    assert not journal.is_own(here, replace(RECEIPT, remote=replace(RECEIPT.remote, id="10")))


def test_a_strangers_receipt_is_written_on_and_stays_a_strangers(here: Video) -> None:
    spoil(here, codec.encode(RECEIPT).encode())
    journal = Journal()
    journal.write(here, LATER)
    assert not journal.is_own(here, LATER)
    journal.vouch(here, LATER)
    assert journal.is_own(here, LATER)


@pytest.mark.parametrize("attempt", [3, 4])
def test_the_newest_run_writes(here: Video, attempt: int) -> None:
    Journal().write(here, replace(RECEIPT, attempt=3))
    Journal().write(here, replace(LATER, attempt=attempt))
    assert Journal().read(here) == replace(LATER, attempt=attempt)


def test_a_run_that_was_overtaken_writes_nothing_more(here: Video) -> None:
    journal, newest = Journal(), replace(LATER, attempt=3)
    journal.write(here, newest)
    with pytest.raises(Later) as caught:
        journal.write(here, replace(RECEIPT, attempt=2))
    assert caught.value.message == (
        f"another run has gone on with {journal.path(here)} while this one was suspended"
    )
    assert "nicobatch status" in caught.value.hint
    assert journal.read(here) == newest


@pytest.mark.parametrize("rehearsal", [False, True])
def test_locks_lie_beside_the_receipts_and_are_none(here: Video, rehearsal: bool) -> None:
    journal = Journal(rehearsal=rehearsal)
    journal.write(here, RECEIPT)
    folder = journal.path(here).parent
    assert journal.lock(here) == folder / ".第1回.json.lock"
    assert journal.account_lock(here) == folder.parent / ".account-main.lock"
    for lock in (journal.lock(here), journal.account_lock(here)):
        lock.write_text("held", encoding="utf-8")
    assert [receipt for _, receipt in journal.receipts(here.manifest)] == [RECEIPT]


# Order


def synced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note what is made sure of to be on the disk, and when the receipt gets its name."""
    done: list[str] = []
    fsync, rename = os.fsync, os.replace

    def note_sync(handle: int) -> None:
        status = os.fstat(handle)
        done.append("folder" if stat.S_ISDIR(status.st_mode) else f"{status.st_size} bytes")
        fsync(handle)

    def note_rename(old: Path, new: Path) -> None:
        done.append("rename")
        rename(old, new)

    monkeypatch.setattr(os, "fsync", note_sync)
    monkeypatch.setattr(os, "replace", note_rename)
    return done


def test_the_bytes_are_on_the_disk_before_their_name_is(
    here: Video, earlier: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = synced(monkeypatch)
    Journal().write(here, LATER)
    size = len(codec.encode(LATER).encode())
    assert done == [f"{size} bytes", "rename", *(["folder"] if os.name != "nt" else [])]


def test_what_is_saved_elsewhere_is_on_the_disk_before_it_is_told_of(
    here: Video, unwritable: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = synced(monkeypatch)
    with pytest.raises(JournalError):
        Journal().write(here, RECEIPT)
    size = len(codec.encode(RECEIPT).encode())
    folder = ["folder"] if os.name != "nt" else []
    assert done[done.index("rename") + 1 :] == [f"{size} bytes", *folder]


@pytest.mark.skipif(os.name == "nt", reason="Windows opens no folders")
def test_a_new_folder_is_on_the_disk_before_what_is_in_it(
    here: Video, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = synced(monkeypatch)
    Journal().write(here, RECEIPT)
    size = len(codec.encode(RECEIPT).encode())
    assert done == ["folder", "folder", f"{size} bytes", "rename", "folder"]


def test_windows_opens_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    absent = tmp_path / "absent"
    with monkeypatch.context() as windows:
        windows.setattr(os, "name", "nt")
        disk.sync_folder(absent)
    assert not absent.exists()
