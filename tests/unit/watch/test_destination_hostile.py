"""A folder for what is through in which others write, too: nothing of theirs is carried out."""

from __future__ import annotations

import json
import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from nicobatch.errors import UsageError
from nicobatch.watch.destination import Destination, Recovered
from nicobatch.watch.move_plan import NotMoved
from tests.unit.watch.disposing import FILES, RESULT, fill, names

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="links and owners are POSIX's here")


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


@pytest.fixture
def done(tmp_path: Path) -> Path:
    folder = tmp_path / "done"
    folder.mkdir()
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """What is the service's, and none of its inbox's business."""
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "secret").write_bytes(b"secret")
    return folder


def order(source: Path, place: str | None, **more: object) -> dict[str, object]:
    found = source.stat()
    known = {"size": found.st_size, "mtime_ns": found.st_mtime_ns}
    return {"from": str(source), "to": place, **known, **more}


def plant(done: Path, *plan: dict[str, object]) -> Path:
    """Make what looks like a move that was cut off, and return its folder."""
    partial = done / ".ep1.partial"
    partial.mkdir()
    content = json.dumps({"version": 1, "files": plan})
    (partial / "result.json").write_text(content, "utf-8")
    return partial


def everything(*folders: Path) -> dict[str, bytes]:
    paths = [path for folder in folders for path in folder.rglob("*")]
    return {str(path): path.read_bytes() for path in paths if path.is_file()}


def told(destination: Destination, *folders: Path) -> str:
    """Recover, which must change nothing, and return what is said instead."""
    before = everything(*folders)
    recovered = destination.recover()
    assert recovered.finished == ()
    assert everything(*folders) == before
    (error,) = recovered.left
    assert error.hint
    return error.message


Forge = Callable[[Path, Path], list[dict[str, object]]]
FORGED: dict[str, Forge] = {
    "a file of the home": lambda inbox, home: [order(home / "secret", "secret")],
    "by the place of another": lambda inbox, home: [order(home / "secret", "a.mp4")],
    "another name": lambda inbox, home: [order(inbox / "a.mp4", "b.mp4")],
    "a dotted source": lambda inbox, home: [order(inbox / ".." / "home" / "secret", "secret")],
    "the receipts": lambda inbox, home: [
        order(inbox / ".nicobatch" / "ep1.yaml" / "a.json", ".nicobatch/ep1.yaml/a.json")
    ],
    "the place of the result": lambda inbox, home: [order(inbox / "a.mp4", "result.json")],
    "the place of a spare": lambda inbox, home: [order(inbox / "a.mp4", ".nicobatch.copy")],
    "a stay that moves": lambda inbox, home: [order(inbox / "a.mp4", "a.mp4", stays="shared")],
    "a stay without a reason": lambda inbox, home: [order(inbox / "a.mp4", None)],
}


@pytest.mark.parametrize("kind", FORGED)
def test_orders_that_nicobatch_does_not_give_are_left_alone(
    inbox: Path, done: Path, home: Path, kind: str
) -> None:
    for name in ("a.mp4", "ep1.yaml", ".nicobatch/ep1.yaml/a.json"):
        (inbox / name).parent.mkdir(parents=True, exist_ok=True)
        (inbox / name).write_bytes(b"x")
    forged = FORGED[kind](inbox, home)
    partial = plant(done, *forged, order(inbox / "ep1.yaml", "ep1.yaml"))
    message = told(Destination(done, inbox), inbox, done, home)
    assert message == (
        f"{partial / 'result.json'} asks for what nicobatch doesn't do, so its folder is left alone"
    )


@pytest.mark.parametrize("name", ["secret", "notes.txt", ".hidden.yaml"])
def test_what_is_no_manifest_is_not_moved_as_one(inbox: Path, done: Path, name: str) -> None:
    (inbox / name).write_bytes(b"x")
    plant(done, order(inbox / name, name))
    assert "asks for what nicobatch doesn't do" in told(Destination(done, inbox), inbox, done)


@pytest.mark.parametrize("linked", ["clips", "clips/b.mp4", "第1回.mp4"])
def test_nothing_is_planted_through_a_link(
    inbox: Path, done: Path, home: Path, linked: str
) -> None:
    fill(inbox)
    partial = plant(done, *(order(inbox / name, name) for name in FILES))
    place = partial / linked
    place.parent.mkdir(exist_ok=True)
    place.symlink_to(home if linked == "clips" else home / "new")
    recovered = Destination(done, inbox).recover()
    assert "is a link, or lies behind one" in recovered.left[0].message
    assert names(home) == {"secret"}
    assert names(inbox) >= {"clips/b.mp4", "ep1.yaml"}


def test_a_copy_elsewhere_is_no_reason_to_remove_the_source(
    inbox: Path, done: Path, home: Path
) -> None:
    fill(inbox)
    (home / "copy").write_bytes(FILES["第1回.mp4"])
    partial = plant(done, *(order(inbox / name, name) for name in FILES))
    (partial / "第1回.mp4").symlink_to(home / "copy")
    assert "is a link" in told(Destination(done, inbox), inbox, home)


@pytest.mark.parametrize("spare", [".nicobatch.copy", ".nicobatch.new", ".result.json.x"])
@pytest.mark.parametrize("crossing", [False, True])
def test_a_spare_that_is_a_link_is_not_written_through(
    inbox: Path,
    done: Path,
    home: Path,
    spare: str,
    crossing: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fill(inbox)
    partial = plant(done, *(order(inbox / name, name) for name in FILES))
    (inbox / "clips" / "b.mp4").write_bytes(b"changed, so the result is written anew")
    (partial / spare).symlink_to(home / "secret")
    rename = Path.rename

    def crossed(path: Path, target: Path) -> Path:
        if crossing and "inbox" in path.parts and "inbox" not in target.parts:
            raise OSError(18, "Invalid cross-device link")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", crossed)
    assert Destination(done, inbox).recover().finished == (done / "ep1",)
    assert (home / "secret").read_bytes() == b"secret"


@pytest.mark.parametrize("kind", ["link", "fifo", "large"])
def test_a_result_that_is_no_file_is_not_read(
    inbox: Path, done: Path, home: Path, kind: str
) -> None:
    fill(inbox)
    good = plant(done, *(order(inbox / name, name) for name in FILES)) / "result.json"
    elsewhere = good.rename(home / "result.json")
    if kind == "link":
        good.symlink_to(elsewhere)
    elif kind == "fifo":
        os.mkfifo(good)
    else:
        good.touch()
        os.truncate(good, 3 << 30)
    recovered = Destination(done, inbox).recover()
    assert [str(good) in each.message for each in recovered.left] == [True]
    assert names(inbox) == set(FILES)


def test_a_link_in_the_place_of_a_hidden_folder_is_left_alone(
    inbox: Path, done: Path, home: Path
) -> None:
    fill(inbox)
    plant(home, *(order(inbox / name, name) for name in FILES)).rename(home / "partial")
    (done / ".ep1.partial").symlink_to(home / "partial")
    assert "is a link, or another user's" in told(Destination(done, inbox), inbox, home)
    assert (done / ".ep1.partial").is_symlink()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root")
@pytest.mark.parametrize("filled", [False, True])
def test_another_user_s_hidden_folder_is_left_alone(inbox: Path, done: Path, filled: bool) -> None:
    fill(inbox)
    partial = plant(done, *(order(inbox / name, name) for name in FILES))
    if not filled:
        (partial / "result.json").rename(partial / ".nicobatch.copy")
    os.chown(partial, 65534, 65534)
    assert "is a link, or another user's" in told(Destination(done, inbox), inbox, done)


def test_what_was_really_begun_is_finished_beside_what_was_planted(
    inbox: Path, done: Path, home: Path
) -> None:
    fill(inbox)
    plant(done, order(home / "secret", "secret")).rename(done / ".a.partial")
    plant(done, *(order(inbox / name, name) for name in FILES))
    recovered = Destination(done, inbox).recover()
    assert recovered.finished == (done / "ep1",)
    assert names(done / "ep1") == {"result.json", *FILES}


# The folder itself


def test_the_folder_is_not_for_everybody(inbox: Path, tmp_path: Path) -> None:
    Destination(tmp_path / "a" / "done", inbox).recover()
    for folder in (tmp_path / "a", tmp_path / "a" / "done"):
        assert stat.S_IMODE(folder.stat().st_mode) & 0o027 == 0


def test_a_link_in_the_watched_folder_is_no_place(inbox: Path, home: Path) -> None:
    (inbox / "done").symlink_to(home)
    for folder in (inbox / "done", inbox / "done" / "2026"):
        with pytest.raises(UsageError, match="is a link in the watched folder") as caught:
            Destination(folder, inbox)
        assert str(home) in str(caught.value.hint)


def test_a_folder_that_became_a_link_is_not_followed(inbox: Path, home: Path) -> None:
    destination = Destination(inbox / "done", inbox)
    known = fill(inbox)
    assert destination.recover() == Recovered()
    (inbox / "done").rmdir()
    (inbox / "done").symlink_to(home)
    assert "is a link" in told(destination, home, inbox)
    with pytest.raises(NotMoved, match="is a link"):
        destination.put(known, RESULT)
    assert names(home) == {"secret"}


def test_a_link_elsewhere_is_the_user_s_own(inbox: Path, tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "done").symlink_to(tmp_path / "disk")
    place = Destination(tmp_path / "done", inbox).put(fill(inbox), RESULT)
    assert place == tmp_path / "disk" / "ep1"
