"""Jobs that are taken out of the inbox: whole, at once, and with nothing lost on the way."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nicobatch import disk
from nicobatch.errors import UsageError
from nicobatch.watch import move_plan
from nicobatch.watch.destination import Destination, Recovered
from nicobatch.watch.move_plan import NotMoved
from tests.unit.watch.disposing import FILES, RESULT, contents, fill, job, names, stays, told

MEMORY = Path("/dev/shm")
OURS = {"result.json", *FILES}
OTHER = hashlib.sha256(b"other")


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


@pytest.fixture(params=["this disk", "another disk"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """Where jobs go; once by a rename, and once by a copy to another file system."""
    if request.param == "this disk":
        yield tmp_path / "done"
        return
    if not MEMORY.is_dir() or MEMORY.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("this machine has no second file system to write to")
    with tempfile.TemporaryDirectory(dir=MEMORY) as other:
        yield Path(other) / "done"


@pytest.fixture
def here(tmp_path: Path) -> Path:
    return tmp_path / "done"


def test_all_of_a_job_lies_in_one_folder(inbox: Path, folder: Path) -> None:
    before = contents(inbox)
    place = Destination(folder, inbox).put(fill(inbox), RESULT)
    assert place == folder / "ep1"
    assert names(place) == OURS
    assert contents(place) == Counter(FILES.values())
    assert contents(inbox) == before == Counter()
    assert [each.name for each in folder.iterdir()] == ["ep1"]
    assert (place / "第1回.mp4").stat().st_mtime_ns == 1_700_000_000_123_456_789


def test_the_result_tells_what_the_caller_tells_and_where_files_came_from(
    inbox: Path, folder: Path
) -> None:
    place = Destination(folder, inbox).put(fill(inbox), RESULT)
    result = told(place)
    assert {key: result[key] for key in RESULT} == RESULT
    assert result["version"] == 1
    assert result["files"] == [
        {
            "from": str(inbox / name),
            "to": name,
            "size": len(content),
            "mtime_ns": 1_700_000_000_123_456_789,
        }
        for name, content in FILES.items()
    ]
    assert "第1回" in (place / "result.json").read_text("utf-8")


def test_a_result_may_name_what_is_no_text(inbox: Path, here: Path) -> None:
    place = Destination(here, inbox).put(fill(inbox), {"message": "caf\udce9"})
    assert told(place)["message"] == "caf\udce9"


def test_a_taken_name_gets_a_number(inbox: Path, folder: Path) -> None:
    destination = Destination(folder, inbox)
    (folder / "ep1 (2)").mkdir(parents=True)
    (folder / "ep1 (3)").write_bytes(b"a file")
    places = [destination.put(fill(inbox), RESULT) for _ in range(3)]
    assert [each.name for each in places] == ["ep1", "ep1 (4)", "ep1 (5)"]
    assert all(contents(each) == Counter(FILES.values()) for each in places)
    assert list((folder / "ep1 (2)").iterdir()) == []


def test_a_name_that_is_taken_at_the_last_moment_is_not_overwritten(
    inbox: Path, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename, taken = Path.rename, here / "ep1"

    def late(path: Path, target: Path) -> Path:
        if target == taken and not taken.exists():
            taken.mkdir()
            (taken / "mine").write_bytes(b"mine")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", late)
    assert Destination(here, inbox).put(fill(inbox), RESULT).name == "ep1 (2)"
    assert names(taken) == {"mine"}


def test_a_long_name_leaves_room_for_ours(inbox: Path, here: Path) -> None:
    manifest = "あ" * 83 + ".yaml"
    (inbox / manifest).write_bytes(b"x")
    destination = Destination(here, inbox)
    first = destination.put(job(inbox, manifest=manifest), RESULT)
    assert names(first) == {manifest, "result.json"}
    assert first.name == "あ" * 66


def test_a_folder_within_the_inbox_will_do(inbox: Path) -> None:
    destination = Destination(inbox / "done" / "2026", inbox)
    assert list(inbox.iterdir()) == []  # the inbox may be a share that is not there yet
    place = destination.put(fill(inbox), RESULT)
    assert place == inbox / "done" / "2026" / "ep1"
    assert names(place) == OURS


def test_an_inbox_behind_a_link_is_the_one_it_leads_to(tmp_path: Path, inbox: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(inbox)
    fill(inbox)
    place = Destination(tmp_path / "done", link).put(job(link, *FILES), RESULT)
    assert names(place) == OURS
    with pytest.raises(UsageError):
        Destination(inbox, link)


def test_the_inbox_itself_and_a_file_are_no_place(inbox: Path) -> None:
    with pytest.raises(UsageError, match="is the watched folder itself"):
        Destination(inbox / ".." / "inbox", inbox)
    (inbox.parent / "file").touch()
    with pytest.raises(UsageError, match="is a file"):
        Destination(inbox.parent / "file", inbox)


def test_a_folder_that_can_t_be_made_yet_is_made_later(inbox: Path, tmp_path: Path) -> None:
    """The watcher may have been started before the share was mounted that both are on."""
    blocked = tmp_path / "share"
    blocked.touch()
    destination, known = Destination(blocked / "done", inbox), fill(inbox)
    (error,) = destination.recover().left
    assert error.message.startswith(f"{blocked / 'done'} can't be made: ")
    with pytest.raises(NotMoved, match="can't be moved"):
        destination.put(known, RESULT)
    blocked.unlink()
    assert destination.recover() == Recovered()
    assert names(destination.put(known, RESULT)) == OURS


def test_a_folder_that_went_away_is_waited_for(inbox: Path, here: Path) -> None:
    """Made anew, it might lie under the mount point of a share that comes back."""
    destination, known = Destination(here, inbox), fill(inbox)
    destination.recover()
    here.rmdir()
    with pytest.raises(NotMoved, match="is not there"):
        destination.put(known, RESULT)
    assert not here.exists()
    assert destination.recover() == Recovered()
    here.mkdir()
    assert names(destination.put(known, RESULT)) == OURS


# What stays


def test_what_another_manifest_names_stays(inbox: Path, folder: Path) -> None:
    known = fill(inbox)
    place = Destination(folder, inbox).put(known, RESULT, keep={inbox / "clips" / "b.mp4"})
    assert names(place) == OURS - {"clips/b.mp4"}
    assert names(inbox) == {"clips/b.mp4"}
    assert stays(place) == {"b.mp4": "shared"}


def test_what_lies_elsewhere_stays(inbox: Path, folder: Path) -> None:
    fill(inbox)
    (inbox.parent / "else.mp4").write_bytes(b"else")
    place = Destination(folder, inbox).put(job(inbox, "../else.mp4", *FILES), RESULT)
    assert names(place) == OURS
    assert (inbox.parent / "else.mp4").read_bytes() == b"else"
    assert stays(place) == {"else.mp4": "outside"}


def test_links_stay_and_what_they_lead_to(inbox: Path, folder: Path) -> None:
    fill(inbox)
    (inbox / "stock").mkdir()
    (inbox / "stock" / "x.mp4").write_bytes(b"x")
    (inbox / "link.mp4").symlink_to("stock/x.mp4")
    (inbox / "also").symlink_to("stock")
    place = Destination(folder, inbox).put(job(inbox, "link.mp4", "also/x.mp4", *FILES), RESULT)
    assert names(place) == OURS
    assert stays(place) == {"link.mp4": "link", "x.mp4": "link"}
    assert (inbox / "link.mp4").read_bytes() == b"x"


def test_a_manifest_that_is_a_link_is_moved_as_what_it_says(inbox: Path, folder: Path) -> None:
    (inbox.parent / "real.yaml").write_bytes(b"version: 1\n")
    (inbox / "ep1.yaml").symlink_to("../real.yaml")
    place = Destination(folder, inbox).put(job(inbox), RESULT)
    assert not (place / "ep1.yaml").is_symlink()
    assert (place / "ep1.yaml").read_bytes() == b"version: 1\n"
    assert list(inbox.iterdir()) == []
    assert (inbox.parent / "real.yaml").exists()


def test_a_video_by_the_result_s_name_stays(inbox: Path, folder: Path) -> None:
    fill(inbox)
    (inbox / "Result.json").write_bytes(b"a video, so it says")
    place = Destination(folder, inbox).put(job(inbox, "Result.json", *FILES), RESULT)
    assert stays(place) == {"Result.json": "name"}
    assert (inbox / "Result.json").exists()


def test_a_file_of_two_names_is_moved_once(inbox: Path, folder: Path) -> None:
    fill(inbox)
    place = Destination(folder, inbox).put(job(inbox, "clips/../第1回.mp4", *FILES), RESULT)
    assert [each["to"] for each in told(place)["files"]] == list(FILES)


def test_the_mark_of_readiness_goes_too(inbox: Path, folder: Path) -> None:
    known = fill(inbox)
    (inbox / "ep1.yaml.ready").touch()
    place = Destination(folder, inbox).put(known, RESULT)
    assert names(place) == OURS | {"ep1.yaml.ready"}
    assert names(inbox) == set()


# What goes wrong


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_changed_keeps_all_where_they_are(inbox: Path, folder: Path, name: str) -> None:
    known = fill(inbox)
    (inbox / name).write_bytes(b"another")
    with pytest.raises(NotMoved, match="has changed since it was read"):
        Destination(folder, inbox).put(known, RESULT)
    assert names(inbox) == set(FILES)
    assert names(folder) == set()


def test_a_file_that_is_gone_keeps_the_others_where_they_are(inbox: Path, folder: Path) -> None:
    known = fill(inbox)
    (inbox / "第1回.mp4").unlink()
    with pytest.raises(NotMoved, match=r"第1回\.mp4"):
        Destination(folder, inbox).put(known, RESULT)
    assert names(inbox) == set(FILES) - {"第1回.mp4"}


def test_a_first_move_that_fails_leaves_no_trace(
    inbox: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, destination = fill(inbox), Destination(folder, inbox)

    def fail(*_: object) -> None:
        raise OSError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(move_plan, "move", fail)
    with pytest.raises(NotMoved, match=r"ep1\.yaml can't be moved to .*: Permission denied"):
        destination.put(known, RESULT)
    assert list(folder.iterdir()) == []
    assert destination.recover() == Recovered()
    monkeypatch.undo()
    assert names(destination.put(known, RESULT)) == OURS


def test_a_later_move_that_fails_is_gone_on_with(
    inbox: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, destination, move = fill(inbox), Destination(folder, inbox), move_plan.move

    def fail(source: Path, place: Path, spare: Path) -> None:
        if source.name == "ep1.yaml":
            raise OSError(errno.ENOSPC, "No space left on device")
        move(source, place, spare)

    monkeypatch.setattr(move_plan, "move", fail)
    with pytest.raises(NotMoved, match="No space left on device"):
        destination.put(known, RESULT)
    assert names(inbox) == {"ep1.yaml"}
    assert contents(inbox, folder) == Counter(FILES.values())
    recovered = destination.recover()
    assert [each.message for each in recovered.left] == [
        f"ep1.yaml can't be moved to {folder}: No space left on device"
    ]
    assert recovered.of(inbox / "ep1.yaml") is recovered.left[0]
    monkeypatch.undo()
    recovered = destination.recover()
    assert recovered.finished == (folder / "ep1",)
    assert recovered.of(inbox / "ep1.yaml") == folder / "ep1"
    assert recovered.of(inbox / "ep2.yaml") is None
    assert names(folder / "ep1") == OURS


@pytest.mark.parametrize("name", ["第1回.mp4", ".ep1.partial"])
def test_a_rename_that_is_refused_is_tried_again(
    inbox: Path, here: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    known, destination, rename = fill(inbox), Destination(here, inbox), Path.rename

    def refused(path: Path, target: Path) -> Path:
        if path.name == name:
            raise PermissionError(errno.EACCES, "Permission denied")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", refused)
    with pytest.raises(NotMoved, match="Permission denied"):
        destination.put(known, RESULT)
    assert contents(inbox, here) == Counter(FILES.values())
    monkeypatch.undo()
    (place,) = destination.recover().finished or (destination.put(known, RESULT),)
    assert names(place) == OURS


def begun(
    inbox: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, after: str = "第1回.mp4"
) -> None:
    """Leave a move behind that was cut off after the one file."""
    move = move_plan.move

    def cut(source: Path, place: Path, spare: Path) -> None:
        move(source, place, spare)
        if source.name == after:
            raise KeyboardInterrupt

    known, destination = fill(inbox), Destination(folder, inbox)
    with monkeypatch.context() as patched:
        patched.setattr(move_plan, "move", cut)
        with pytest.raises(KeyboardInterrupt):
            destination.put(known, RESULT)


def test_a_file_that_changed_after_a_crash_stays_as_something_new(
    inbox: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun(inbox, folder, monkeypatch)
    (inbox / "clips" / "b.mp4").write_bytes(b"a new cut")
    (inbox / "第1回.mp4").write_bytes(b"the next one, by the same name")
    (place,) = Destination(folder, inbox).recover().finished
    assert names(place) == OURS - {"clips/b.mp4"}
    assert stays(place) == {"b.mp4": "changed"}
    assert names(inbox) == {"clips/b.mp4", "第1回.mp4"}
    assert (place / "第1回.mp4").read_bytes() == FILES["第1回.mp4"]


@pytest.mark.parametrize("again", [FILES["第1回.mp4"], FILES["第1回.mp4"][::-1]])
def test_a_source_whose_copy_is_proven_goes_and_no_other(
    inbox: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, again: bytes
) -> None:
    """A copy that was cut off before its source was removed looks like this."""
    begun(inbox, folder, monkeypatch)
    source = inbox / "第1回.mp4"
    source.write_bytes(again)
    os.utime(source, ns=(0, 1_700_000_000_123_456_789))
    assert Destination(folder, inbox).recover().finished == (folder / "ep1",)
    assert names(folder / "ep1") == OURS
    assert source.exists() == (again != FILES["第1回.mp4"])


def test_a_file_that_is_gone_after_a_crash_is_asked_for(
    inbox: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun(inbox, folder, monkeypatch)
    (inbox / "ep1.yaml").rename(inbox.parent / "ep1.yaml")
    destination = Destination(folder, inbox)
    for _ in range(2):
        (error,) = destination.recover().left
        assert str(inbox / "ep1.yaml") in error.message
        assert str(folder / ".ep1.partial") in error.message
    (inbox.parent / "ep1.yaml").rename(inbox / "ep1.yaml")
    assert destination.recover().finished == (folder / "ep1",)
    assert destination.recover() == Recovered()


def test_a_result_that_can_t_be_read_is_left_alone(
    inbox: Path, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun(inbox, here, monkeypatch)
    result = here / ".ep1.partial" / "result.json"
    good = result.read_text("utf-8")
    destination = Destination(here, inbox)
    for bad in (
        "",
        "[]",
        '{"version": 1}',
        '{"version": 1, "files": []}',
        good.replace('"version": 1', '"version": 2'),
        good.replace('"to": "ep1.yaml"', '"to": "../ep1.yaml"'),
        good.replace('"to": "ep1.yaml"', '"to": "/ep1.yaml"'),
        good.replace('"to": "ep1.yaml"', '"to": ""'),
        good.replace('"to": "ep1.yaml"', '"to": null, "stays": "tired"'),
    ):
        result.write_text(bad, "utf-8")
        (error,) = destination.recover().left
        assert str(result) in error.message
    assert names(inbox) == {"clips/b.mp4", "ep1.yaml"}
    result.unlink()
    result.mkdir()
    assert len(destination.recover().left) == 1
    result.rmdir()
    result.write_text(good, "utf-8")
    assert destination.recover().finished == (here / "ep1",)


def test_what_another_inbox_has_begun_is_its_own(
    inbox: Path, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun(inbox, here, monkeypatch)
    assert Destination(here, inbox.parent / "second").recover() == Recovered()
    assert Destination(here, inbox).recover().finished == (here / "ep1",)


def test_what_is_under_way_is_not_begun_again(
    inbox: Path, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    destination, move = Destination(here, inbox), move_plan.move
    reached, go = threading.Event(), threading.Event()

    def slow(source: Path, place: Path, spare: Path) -> None:
        reached.set()
        assert go.wait(10)
        move(source, place, spare)

    monkeypatch.setattr(move_plan, "move", slow)
    known = fill(inbox)
    thread = threading.Thread(target=destination.put, args=(known, RESULT))
    thread.start()
    assert reached.wait(10)
    assert destination.recover() == Recovered()
    go.set()
    thread.join()
    assert names(here / "ep1") == OURS


def test_what_looks_like_ours_and_is_not_stays(inbox: Path, here: Path) -> None:
    destination = Destination(here, inbox)
    here.mkdir()
    (here / ".video.partial").write_bytes(b"a download")
    (here / ".mine.partial").mkdir()
    (here / ".mine.partial" / "x").write_bytes(b"x")
    assert destination.recover() == Recovered()
    assert names(here) == {".video.partial", ".mine.partial/x"}


# Copies


def crossing() -> Callable[[Path, Path], Path]:
    """Return a rename that finds another file system between the inbox and the rest."""
    rename = Path.rename

    def crossed(path: Path, target: Path) -> Path:
        if "inbox" in path.parts and "inbox" not in target.parts:
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        return rename(path, target)

    return crossed


def test_a_copy_that_differs_is_no_copy(
    inbox: Path, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = fill(inbox)
    monkeypatch.setattr(Path, "rename", crossing())
    monkeypatch.setattr(hashlib, "file_digest", lambda *_: OTHER)
    with pytest.raises(NotMoved, match="can't be moved"):
        Destination(here, inbox).put(known, RESULT)
    assert names(inbox) == set(FILES)
    assert names(here) == set()


def test_a_source_that_is_written_to_while_it_is_copied_stays(
    inbox: Path, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, copystat = fill(inbox), shutil.copystat

    def write(source: Path, spare: Path) -> None:
        copystat(source, spare)
        source.write_bytes(b"more")

    monkeypatch.setattr(Path, "rename", crossing())
    monkeypatch.setattr(shutil, "copystat", write)
    with pytest.raises(NotMoved, match="can't be moved"):
        Destination(here, inbox).put(known, RESULT)
    assert (inbox / "第1回.mp4").read_bytes() == b"more"
    assert names(here) == set()


def test_a_source_that_is_replaced_once_it_is_copied_stays(
    inbox: Path, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, sync = fill(inbox), disk.sync_folder

    def replaced(folder: Path) -> None:
        sync(folder)
        if (folder / "第1回.mp4").exists() and not (folder / "ep1.yaml").exists():
            (inbox / "第1回.mp4").write_bytes(b"the next one")

    monkeypatch.setattr(Path, "rename", crossing())
    monkeypatch.setattr(disk, "sync_folder", replaced)
    place = Destination(here, inbox).put(known, RESULT)
    assert (place / "第1回.mp4").read_bytes() == FILES["第1回.mp4"]
    assert (inbox / "第1回.mp4").read_bytes() == b"the next one"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows syncs no folders")
def test_a_copy_is_on_the_disk_before_its_source_goes(
    inbox: Path, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, happened = fill(inbox), list[str]()
    destination, unlink, fsync = Destination(here, inbox), Path.unlink, os.fsync

    def unlinked(path: Path, *, missing_ok: bool = False) -> None:
        happened.append(f"unlink {path.name}")
        unlink(path, missing_ok=missing_ok)

    def synced(handle: int) -> None:
        happened.append(f"sync {Path(f'/dev/fd/{handle}').resolve().name}")
        fsync(handle)

    monkeypatch.setattr(Path, "rename", crossing())
    monkeypatch.setattr(Path, "unlink", unlinked)
    monkeypatch.setattr(os, "fsync", synced)
    destination.put(known, RESULT)
    at = happened.index("unlink 第1回.mp4")
    assert happened[at - 2 : at] == ["sync .nicobatch.copy", "sync .ep1.partial"]


def test_a_copy_that_was_cut_off_is_not_kept(
    inbox: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun(inbox, folder, monkeypatch)
    (folder / ".ep1.partial" / ".nicobatch.copy").write_bytes(b"sec")
    (place,) = Destination(folder, inbox).recover().finished
    assert names(place) == OURS


def test_a_share_that_keeps_no_times_and_syncs_no_folders_will_do(
    inbox: Path, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, fsync = fill(inbox), os.fsync

    def unable(handle: int) -> None:
        if os.path.isdir(f"/proc/self/fd/{handle}"):  # noqa: PTH112 - a link, followed
            raise OSError(errno.EINVAL, "Invalid argument")
        fsync(handle)

    def refuse(*_: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "fsync", unable)
    monkeypatch.setattr(Path, "rename", crossing())
    monkeypatch.setattr(shutil, "copystat", refuse)
    assert names(Destination(here, inbox).put(known, RESULT)) == OURS


def test_a_disk_that_fails_is_no_such_share(
    inbox: Path, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = fill(inbox)

    def broken(handle: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(NotMoved, match="Input/output error"):
        Destination(here, inbox).put(known, RESULT)
    assert names(inbox) == set(FILES)
    assert list(here.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows syncs no folders")
def test_orders_are_on_the_disk_before_the_first_move(
    inbox: Path, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, happened = fill(inbox), list[str]()
    here.mkdir()
    destination, rename, fsync = Destination(here, inbox), Path.rename, os.fsync

    def renamed(path: Path, target: Path) -> Path:
        happened.append(f"rename {path.name}")
        return rename(path, target)

    def synced(handle: int) -> None:
        happened.append(f"sync {Path(f'/dev/fd/{handle}').resolve().name}")
        fsync(handle)

    monkeypatch.setattr(Path, "rename", renamed)
    monkeypatch.setattr(os, "fsync", synced)
    destination.put(known, RESULT)
    assert happened[0].startswith("sync .result.json.")
    assert happened[1:3] == ["sync .ep1.partial", "sync done"]
    assert happened[3:6] == ["rename 第1回.mp4", "rename b.mp4", "rename ep1.yaml"]
    assert set(happened[6:8]) == {"sync .ep1.partial", "sync clips"}
    assert happened[8:] == ["rename .ep1.partial", "sync done"]
