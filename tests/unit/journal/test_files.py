from __future__ import annotations

import os
import shutil
import stat
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from nicobatch.errors import JournalError
from nicobatch.journal import FOLDER, REHEARSAL, Journal, codec
from nicobatch.model import Video
from tests.unit.journal.receipts import LATER, RECEIPT, names, spoil, video

# Where receipts lie


@pytest.mark.parametrize(
    ("journal", "expected"),
    [
        (Journal(), "videos/.nicobatch/m.yaml/ep1.json"),
        (Journal(rehearsal=True), "videos/.nicobatch/sandbox/m.yaml/ep1.json"),
        (Journal(Path("state")), "state/m.yaml/ep1.json"),
        (Journal(Path("state"), rehearsal=True), "state/sandbox/m.yaml/ep1.json"),
    ],
)
def test_a_receipt_lies_beside_the_manifest_or_where_it_is_told_to(
    journal: Journal, expected: str
) -> None:
    assert journal.path(video(Path("videos/m.yaml"), "ep1")) == Path(expected)


@pytest.mark.parametrize("manifest", ["m.yaml", "videos/m.yaml", "/videos/m.yaml"])
@pytest.mark.parametrize("root", [None, Path(), Path("state"), Path("/far/state")])
@pytest.mark.parametrize("rehearsal", [False, True])
def test_a_receipt_tells_whose_it_is_by_where_it_lies(
    manifest: str, root: Path | None, rehearsal: bool
) -> None:
    journal, its = Journal(root, rehearsal=rehearsal), video(Path(manifest), "第1.5回")
    found = journal.video(journal.path(its), RECEIPT)
    assert (found.id, found.account) == (its.id, RECEIPT.account)
    assert (found.file, found.title) == (found.manifest.with_name(RECEIPT.files[0].name), "")
    assert found.manifest == (Path("m.yaml") if root else its.manifest)
    assert journal.path(found) == journal.path(its)
    assert journal.lock(found) == journal.lock(its)
    assert journal.account_lock(found) == journal.account_lock(its)


def test_a_receipt_tells_of_which_account_it_is() -> None:
    journal, its = Journal(), video(Path("m.yaml"))
    other = replace(RECEIPT, account="second")
    assert journal.video(journal.path(its), other).account == "second"


def test_a_manifest_of_the_current_folder_has_its_receipts_there() -> None:
    assert Journal().path(video(Path("m.yaml"), "ep1")) == Path(FOLDER, "m.yaml", "ep1.json")


@pytest.mark.parametrize("rehearsal", [False, True])
def test_what_was_written_is_read(here: Video, rehearsal: bool) -> None:
    journal = Journal(rehearsal=rehearsal)
    assert journal.read(here) is None
    journal.write(here, RECEIPT)
    assert journal.read(here) == RECEIPT
    journal.write(here, LATER)
    assert journal.read(here) == LATER


def test_a_receipt_is_found_by_its_names(here: Video) -> None:
    Journal().write(here, RECEIPT)
    assert Journal().find(here.manifest, here.id) == RECEIPT
    assert Journal().find(here.manifest, "another") is None


def test_a_receipt_is_readable_text(here: Video) -> None:
    Journal().write(here, RECEIPT)
    assert Journal().path(here).read_text(encoding="utf-8") == codec.encode(RECEIPT)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_a_receipt_can_be_read_by_others_as_files_are(here: Video) -> None:
    Journal().write(here, RECEIPT)
    assert stat.S_IMODE(Journal().path(here).stat().st_mode) == 0o644


def test_rehearsals_and_the_real_site_know_nothing_of_each_other(here: Video) -> None:
    real, rehearsal = Journal(), Journal(rehearsal=True)
    real.write(here, RECEIPT)
    assert rehearsal.read(here) is None
    assert list(rehearsal.receipts(here.manifest)) == []
    rehearsal.write(here, LATER)
    assert real.read(here) == RECEIPT
    assert [receipt for _, receipt in real.receipts(here.manifest)] == [RECEIPT]


def test_another_sites_receipts_lie_in_a_folder_of_its_name(here: Video) -> None:
    journal, there = Journal(), replace(here, site="elsewhere")
    other = replace(LATER, site="elsewhere", files=(*LATER.files, *LATER.files))
    journal.write(here, RECEIPT)
    assert journal.read(there) is None
    journal.write(there, other)
    path = journal.path(here).parent / "elsewhere" / journal.path(here).name
    assert (journal.read(here), journal.read(there)) == (RECEIPT, other)
    assert list(journal.receipts(here.manifest)) == [(path, other), (journal.path(here), RECEIPT)]
    assert journal.video(path, other).key == f"{here.key}@elsewhere"
    assert journal.account_lock(there) != journal.account_lock(here)


def test_a_receipt_in_another_sites_folder_is_damaged(here: Video) -> None:
    journal, there = Journal(), replace(here, site="elsewhere")
    journal.write(there, replace(RECEIPT, site="elsewhere"))
    wrong = journal.path(replace(here, site="other"))
    wrong.parent.mkdir()
    journal.path(there).rename(wrong)
    with pytest.raises(JournalError, match="is damaged"):
        journal.at(wrong)


def test_all_receipts_beside_a_manifest_are_found(here: Video) -> None:
    journal, other = Journal(), video(here.manifest.with_name("another.yaml"), "z")
    journal.write(here, RECEIPT)
    journal.write(other, LATER)
    assert list(journal.receipts(here.manifest)) == [
        (journal.path(other), LATER),
        (journal.path(here), RECEIPT),
    ]


def test_no_folder_holds_no_receipts(here: Video) -> None:
    assert list(Journal().receipts(here.manifest)) == []


def test_what_is_left_of_a_writing_is_no_receipt(here: Video) -> None:
    journal = Journal()
    journal.write(here, RECEIPT)
    folder = journal.path(here).parent
    for name in (f".{here.id}.json.x1y2", ".hidden.json", "notes.txt", f"{here.id}.json.orig"):
        (folder / name).write_text("half a receipt", encoding="utf-8")
    assert [receipt for _, receipt in journal.receipts(here.manifest)] == [RECEIPT]


# What git sees


@pytest.mark.parametrize("root", [None, "state"])
def test_rehearsals_are_ignored_by_git(here: Video, tmp_path: Path, root: str | None) -> None:
    journal = Journal(tmp_path / root if root else None, rehearsal=True)
    journal.write(here, RECEIPT)
    ignore = tmp_path / (root or FOLDER) / REHEARSAL / ".gitignore"
    assert ignore.read_text(encoding="utf-8") == "*\n"


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_git_offers_the_receipts_of_the_real_site_alone(here: Video, tmp_path: Path) -> None:
    Journal(rehearsal=True).write(here, RECEIPT)
    Journal().write(here, RECEIPT)
    git = ["git", "-C", str(tmp_path), "-c", "core.quotePath=false"]
    subprocess.run([*git, "init", "--quiet"], check=True)
    status = [*git, "status", "--porcelain", "--untracked-files=all"]
    seen = subprocess.run(status, check=True, capture_output=True, encoding="utf-8").stdout
    assert seen == "?? .nicobatch/冒険.yaml/第1回.json\n"


def test_what_the_user_wants_ignored_stays(here: Video) -> None:
    journal = Journal(rehearsal=True)
    journal.write(here, RECEIPT)
    ignore = journal.path(here).parents[1] / ".gitignore"
    ignore.write_text("# mine\n", encoding="utf-8")
    journal.write(here, LATER)
    assert ignore.read_text(encoding="utf-8") == "# mine\n"


def test_beside_receipts_of_the_real_site_hidden_files_are_ignored(
    here: Video, tmp_path: Path
) -> None:
    Journal().write(here, RECEIPT)
    assert names(tmp_path) == [".nicobatch/.gitignore", ".nicobatch/冒険.yaml/第1回.json"]
    ignore = tmp_path / FOLDER / ".gitignore"
    assert ignore.read_text(encoding="utf-8") == ".*\n"


def test_locks_are_hidden_from_git_before_there_is_a_receipt(here: Video, tmp_path: Path) -> None:
    Journal().prepare(here)
    assert names(tmp_path) == [".nicobatch/.gitignore"]
    Journal(tmp_path / "state").prepare(here)
    assert names(tmp_path / "state") == []


def test_a_folder_that_can_not_be_prepared_is_no_failure_yet(here: Video, tmp_path: Path) -> None:
    (tmp_path / FOLDER).write_text("a file of that name", encoding="utf-8")
    Journal().prepare(here)
    assert names(tmp_path) == [FOLDER]


# What can't be read


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\x00" * 4096, b"\xff\xfe{}", b'{"nicobatch": 1}', b"[]", "第".encode("cp932")],
)
def test_a_damaged_receipt_stops_and_stays(here: Video, content: bytes) -> None:
    path = spoil(here, content)
    for reading in (lambda: Journal().read(here), lambda: list(Journal().receipts(here.manifest))):
        with pytest.raises(JournalError) as caught:
            reading()
        assert caught.value.message == f"the receipt {path} is damaged"
        assert "restore it from version control" in caught.value.hint
        assert caught.value.__suppress_context__, "a user has no use for the cause"
    assert path.read_bytes() == content


def test_a_receipt_of_a_newer_version_asks_for_that_version(here: Video) -> None:
    path = spoil(here, b'{"nicobatch": 3}')
    with pytest.raises(JournalError) as caught:
        Journal().read(here)
    assert caught.value.message == f"the receipt {path} was written by a newer nicobatch"
    assert caught.value.hint == "upgrade nicobatch"


def test_a_folder_in_the_place_of_a_receipt_is_not_taken_for_none(here: Video) -> None:
    path = Journal().path(here)
    path.mkdir(parents=True)
    with pytest.raises(JournalError) as caught:
        Journal().read(here)
    assert caught.value.message.startswith(f"the receipt {path} can't be read: ")


@pytest.mark.skipif(os.name == "nt", reason="it has no such files")
@pytest.mark.parametrize("kind", ["link", "zero", "pipe", "dangling"])
def test_what_is_no_file_is_not_read_as_one(here: Video, kind: str) -> None:
    path = Journal().path(here)
    path.parent.mkdir(parents=True)
    other = path.with_name("other")
    other.write_text(codec.encode(RECEIPT), "utf-8")
    targets = {"link": other, "zero": Path("/dev/zero"), "dangling": path.with_name("gone")}
    if kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to(targets[kind])
    with pytest.raises(JournalError, match="can't be read: it is no regular file"):
        Journal().read(here)
    with pytest.raises(JournalError, match="can't be read: it is no regular file"):
        Journal().write(here, RECEIPT)
    assert codec.decode(other.read_text("utf-8")) == RECEIPT


def test_what_is_larger_than_any_receipt_is_damaged(here: Video) -> None:
    path = spoil(here, b"{")
    with path.open("r+b") as file:
        file.truncate(3 << 30)
    with pytest.raises(JournalError, match="is damaged"):
        Journal().read(here)


@pytest.mark.skipif(os.name == "nt", reason="Windows says that there is no such file")
def test_a_file_in_the_place_of_the_folder_is_not_taken_for_none(here: Video) -> None:
    (here.manifest.parent / FOLDER).write_text("", encoding="utf-8")
    with pytest.raises(JournalError, match="can't be read: Not a directory"):
        Journal().read(here)


@pytest.mark.usefixtures("_rightless")
@pytest.mark.parametrize("level", [0, 1], ids=["one manifest's", "all"])
def test_a_folder_that_may_not_be_looked_into_is_not_taken_for_empty(
    here: Video, level: int
) -> None:
    locked = spoil(here, b"{}").parents[level]
    locked.chmod(0)
    try:
        with pytest.raises(JournalError, match="can't be read: Permission denied"):
            Journal().paths(here.manifest)
    finally:
        locked.chmod(0o700)


def test_what_is_no_receipt_is_passed_over(here: Video) -> None:
    path = spoil(here, b"{}")
    folder = path.parents[1]
    for name in (".b.json.lock", "notes.txt", ".hidden.json"):
        (path.parent / name).touch()
    (folder / ".gitignore").touch()
    (folder / "stray.json").touch()
    (folder / ".sandbox").mkdir()
    (folder / ".sandbox" / "a.json").touch()
    assert Journal().paths(here.manifest) == [path]


@pytest.mark.skipif(os.name == "nt", reason="links need a right there")
@pytest.mark.parametrize("level", [0, 1], ids=["one manifest's", "all"])
def test_a_link_that_leads_out_is_not_followed(here: Video, tmp_path: Path, level: int) -> None:
    manifest = tmp_path / "videos" / here.manifest.name
    manifest.parent.mkdir()
    its = video(manifest)
    there = spoil(here, b"{}").parents[level]
    link = Journal().path(its).parents[level]
    link.parent.mkdir(exist_ok=True)
    link.symlink_to(there)
    for look in (
        lambda: Journal().paths(manifest),
        lambda: Journal().read(its),
        lambda: Journal().write(its, RECEIPT),
    ):
        with pytest.raises(JournalError, match="is a link that leads out of"):
            look()
