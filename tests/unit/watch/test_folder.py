from __future__ import annotations

import errno
import os
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from nicobatch.media import Stamp
from nicobatch.watch.folder import Folder, Unavailable
from tests.unit.watch.test_names import IGNORED


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "受信箱"
    folder.mkdir()
    return folder


@pytest.fixture
def sentinel(root: Path) -> Path:
    return root / ".nicobatch" / ".watch.json"


@pytest.fixture
def folder(root: Path, sentinel: Path) -> Folder:
    return Folder(root, sentinel=sentinel)


def put(path: Path, text: str = "x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def away(folder: Folder) -> Unavailable:
    with pytest.raises(Unavailable) as caught:
        folder.look()
    assert caught.value.hint
    return caught.value


def test_what_lies_in_it_has_a_stamp(folder: Folder, root: Path) -> None:
    video, manifest = put(root / "a.mp4"), put(root / "m.yaml")
    put(root / "clips" / "b.mp4")
    os.mkfifo(root / "pipe.mp4") if hasattr(os, "mkfifo") else None
    found = folder.look()
    assert found.files == {"a.mp4": Stamp.of(video), "m.yaml": Stamp.of(manifest)}
    assert found.links_out == ()


def test_names_are_kept_as_the_disk_spells_them(folder: Folder, root: Path) -> None:
    for name in ("が.mp4", "か\u3099.yaml"):
        put(root / name)
    assert set(folder.look().files) == {each.name for each in root.iterdir()}


def test_ignored_names_are_left_out(folder: Folder, root: Path) -> None:
    for name in IGNORED:
        put(root / name)
    put(root / "a.mp4")
    assert set(folder.look().files) == {"a.mp4"}


def test_links_within_the_folder_are_files_and_others_are_told(
    folder: Folder, root: Path, tmp_path: Path
) -> None:
    inside, outside = put(root / "clips" / "a.mp4"), put(tmp_path / "secret.mp4")
    (root / "in.mp4").symlink_to(inside)
    (root / "out.mp4").symlink_to(outside)
    (root / "out.yaml").symlink_to("../nothing.yaml")
    (root / "broken.mp4").symlink_to("nothing.mp4")
    (root / "loop.mp4").symlink_to("loop.mp4")
    (root / "sibling").symlink_to(tmp_path / "受信箱2")
    (root / "folder.yaml").symlink_to(root / "clips")
    found = folder.look()
    assert found.files == {"in.mp4": Stamp.of(inside)}
    assert found.links_out == ("out.mp4", "out.yaml", "sibling")


def test_the_root_itself_may_be_a_link(root: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(root)
    put(root / "a.mp4")
    (root / "b.mp4").symlink_to(root / "a.mp4")
    found = Folder(link).look()
    assert set(found.files) == {"a.mp4", "b.mp4"}
    assert found.links_out == ()


def test_20_000_files_cost_a_stat_each(
    folder: Folder, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(20_000):
        (root / f"{number}.mp4").touch()
    for name in IGNORED:
        put(root / name)
    calls: Counter[str] = Counter()
    real = os.stat

    def counted(path: Any, *arguments: Any, **more: Any) -> os.stat_result:
        calls[str(path)] += 1
        return real(path, *arguments, **more)

    monkeypatch.setattr(os, "stat", counted)
    assert len(folder.look().files) == 20_000
    monkeypatch.undo()
    of_files = {path: count for path, count in calls.items() if path.endswith(".mp4")}
    assert len(of_files) == 20_000
    assert set(of_files.values()) == {1}
    assert calls.total() - 20_000 <= 3


def test_a_file_that_goes_during_the_look_is_not_there(
    folder: Folder, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(root / "a.mp4")
    real = os.stat

    def gone(path: Any, *arguments: Any, **more: Any) -> os.stat_result:
        if str(path).endswith("a.mp4"):
            raise FileNotFoundError(errno.ENOENT, "gone", str(path))
        return real(path, *arguments, **more)

    monkeypatch.setattr(os, "stat", gone)
    assert folder.look().files == {}


# A folder that can't be seen


def test_no_folder(folder: Folder, root: Path) -> None:
    root.rmdir()
    assert str(away(folder)) == f"the folder {root} is not there"
    put(root)
    assert str(away(folder)) == f"{root} is no folder"
    root.unlink()
    put(root.parent / "file")
    assert "is not there" in str(away(Folder(root.parent / "file" / "x")))


@pytest.mark.parametrize("number", [errno.EIO, errno.ESTALE, errno.EACCES, errno.ENOTCONN])
@pytest.mark.parametrize("call", ["scandir", "stat"])
def test_an_ill_disk_is_no_empty_folder(
    folder: Folder, root: Path, monkeypatch: pytest.MonkeyPatch, number: int, call: str
) -> None:
    put(root / "a.mp4")
    folder.look()
    real = getattr(os, call)

    def ill(path: Any, *arguments: Any, **more: Any) -> Any:
        if call == "scandir" or str(path).endswith("a.mp4"):
            raise OSError(number, os.strerror(number), str(path))
        return real(path, *arguments, **more)

    with monkeypatch.context() as patch:
        patch.setattr(os, call, ill)
        error = away(folder)
    assert os.strerror(number) in str(error)
    assert set(folder.look().files) == {"a.mp4"}


def test_an_ill_sentinel_is_no_missing_one(
    folder: Folder, root: Path, sentinel: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(sentinel)

    def ill(path: Path) -> os.stat_result:
        raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))

    monkeypatch.setattr(Path, "lstat", ill)
    assert str(sentinel) in str(away(folder))


def test_a_folder_swapped_away_and_back(folder: Folder, root: Path, sentinel: Path) -> None:
    put(root / "a.mp4")
    put(sentinel)
    folder.look()
    elsewhere = root.rename(root.with_name("elsewhere"))
    away(folder)
    root.mkdir()
    assert "another folder is in the place" in str(away(folder))
    put(root / "a.mp4", "an old copy")
    error = away(folder)
    assert "another folder is in the place" in str(error)
    assert "start `nicobatch watch` again" in error.hint
    shutil.rmtree(root)
    elsewhere.rename(root)
    assert set(folder.look().files) == {"a.mp4"}


def test_another_file_system_in_its_place(
    folder: Folder, root: Path, sentinel: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(root / "a.mp4")
    put(sentinel)
    folder.look()
    identity = folder.identity
    monkeypatch.setattr(folder, "identity", lambda: (identity()[0] + 1, identity()[1]))
    assert set(folder.look().files) == {"a.mp4"}  # mounted anew: the sentinel tells
    sentinel.unlink()
    monkeypatch.undo()
    assert "another folder" in str(away(folder))
    put(sentinel)
    folder.look()


def test_swapped_during_the_look(
    folder: Folder, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(root / "a.mp4")
    identities = iter([(1, 1), (2, 2)])
    monkeypatch.setattr(folder, "identity", lambda: next(identities))
    assert "another folder" in str(away(folder))


def test_emptied_at_once_sentinel_and_all(folder: Folder, root: Path, sentinel: Path) -> None:
    file = put(root / "a.mp4")
    put(sentinel)
    folder.look()
    shutil.rmtree(sentinel.parent)
    assert set(folder.look().files) == {"a.mp4"}  # only the sentinel is gone: put there again
    put(sentinel)
    folder.look()
    shutil.rmtree(sentinel.parent)
    file.unlink()
    assert "everything in" in str(away(folder))
    put(sentinel)
    assert folder.look().files == {}


def test_people_may_empty_it(folder: Folder, root: Path, sentinel: Path) -> None:
    file = put(root / "a.mp4")
    put(sentinel)
    folder.look()
    file.unlink()
    assert folder.look().files == {}


def test_a_share_that_comes_after_the_start(root: Path, sentinel: Path) -> None:
    folder = Folder(root, sentinel=sentinel)
    assert folder.look().files == {}
    root.rmdir()
    put(root / "a.mp4")
    assert set(folder.look().files) == {"a.mp4"}


def test_a_share_that_can_not_be_written_to_is_known_by_its_files(
    folder: Folder, root: Path
) -> None:
    first = put(root / "a.mp4")
    put(root / "b.mp4")
    folder.look()
    elsewhere = root.rename(root.with_name("elsewhere"))
    root.mkdir()
    assert "another folder" in str(away(folder))
    put(root / "a.mp4", "other bytes")
    assert "another folder" in str(away(folder))
    shutil.copy2(elsewhere / first.name, root / first.name)
    assert set(folder.look().files) == {"a.mp4"}
