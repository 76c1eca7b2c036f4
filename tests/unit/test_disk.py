"""Files are replaced whole, through no link; what is no file, or too large, is not read."""

from __future__ import annotations

import errno
import os
import stat
import unicodedata
from pathlib import Path

import pytest

from nicobatch import disk

LIMIT = 100


def test_replaces_and_leaves_nothing_beside(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    for content in (b"old", b"new"):
        disk.replace(path, content)
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps no such rights")
@pytest.mark.parametrize("mode", [0o600, 0o644])
def test_gives_the_rights_that_are_asked_for(tmp_path: Path, mode: int) -> None:
    disk.replace(tmp_path / "a", b"x", mode=mode, durable=False)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == mode


def test_replaces_a_link_and_not_what_it_leads_to(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_bytes(b"kept")
    (tmp_path / "a").symlink_to(other)
    disk.replace(tmp_path / "a", b"new")
    assert other.read_bytes() == b"kept"
    assert not (tmp_path / "a").is_symlink()


def test_a_failed_replacement_keeps_the_old_file_alone(tmp_path: Path) -> None:
    (tmp_path / "a" / "full").mkdir(parents=True)
    with pytest.raises(OSError, match="a"):
        disk.replace(tmp_path / "a", b"new")
    assert [each.name for each in tmp_path.iterdir()] == ["a"]


def test_a_very_long_name_can_be_replaced(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 255)
    disk.replace(path, b"new")
    assert path.read_bytes() == b"new"


@pytest.mark.skipif(os.name == "nt", reason="POSIX folders")
@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOTSUP])
def test_a_folder_that_cant_be_synced_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    real = os.fsync

    def fsync(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(number, os.strerror(number))
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    disk.replace(tmp_path / "a", b"new")
    assert (tmp_path / "a").read_bytes() == b"new"


@pytest.mark.skipif(os.name == "nt", reason="POSIX folders")
def test_a_folder_whose_disk_fails_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fsync(handle: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(OSError, match="error"):
        disk.sync_folder(tmp_path)


@pytest.mark.skipif(os.name == "nt", reason="POSIX folders")
def test_a_folder_that_may_not_be_opened_is_not_synced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError(errno.EACCES, "")

    monkeypatch.setattr(os, "open", refuse)
    disk.sync_folder(tmp_path)


@pytest.mark.skipif(os.name == "nt", reason="POSIX folders")
def test_a_folder_that_is_gone_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        disk.sync_folder(tmp_path / "none")


def test_makes_folders(tmp_path: Path) -> None:
    disk.make_folder(tmp_path / "a" / "b")
    disk.make_folder(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()


def test_on_windows_it_waits_for_the_file_to_be_let_go_of() -> None:
    waited: list[float] = []

    def act() -> str:
        if len(waited) < 3:
            raise PermissionError
        return "done"

    assert disk.patiently(act, windows=True, sleep=waited.append) == "done"
    assert waited == sorted(waited)


@pytest.mark.parametrize("windows", [True, False])
def test_it_doesnt_wait_for_ever(*, windows: bool) -> None:
    waited: list[float] = []

    def act() -> None:
        raise PermissionError

    with pytest.raises(PermissionError):
        disk.patiently(act, windows=windows, sleep=waited.append)
    assert sum(waited) < 3
    assert bool(waited) is windows


def test_reads_what_fits(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x" * LIMIT)
    assert disk.read(path, LIMIT) == b"x" * LIMIT
    path.write_bytes(b"x" * (LIMIT + 1))
    with pytest.raises(disk.TooLarge):
        disk.read(path, LIMIT)


def test_a_sparse_giant_is_too_large(tmp_path: Path) -> None:
    with (tmp_path / "a").open("wb") as file:
        file.truncate(3 * 10**9)
    with pytest.raises(disk.TooLarge):
        disk.read(tmp_path / "a", LIMIT)


def test_a_link_is_followed_only_where_that_is_meant(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")
    (tmp_path / "link").symlink_to("a")
    assert disk.read(tmp_path / "link", LIMIT) == b"x"
    with pytest.raises(disk.NotRegular):
        disk.read(tmp_path / "link", LIMIT, follow=False)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(disk.NotRegular):
        disk.read(tmp_path, LIMIT)
    with pytest.raises(FileNotFoundError):
        disk.read(tmp_path / "none", LIMIT)


@pytest.mark.parametrize("name", ["a\0b", "\ud800"])
def test_a_name_that_no_file_can_have_is_no_files(tmp_path: Path, name: str) -> None:
    with pytest.raises(FileNotFoundError):
        disk.read(tmp_path / name, LIMIT)


@pytest.mark.skipif(os.name == "nt", reason="POSIX files")
def test_pipes_and_devices_are_no_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "zero").symlink_to("/dev/zero")
    for name in ("pipe", "zero"):
        with pytest.raises(disk.NotRegular):
            disk.read(tmp_path / name, LIMIT)


@pytest.mark.skipif(os.name == "nt", reason="POSIX files")
def test_what_becomes_a_pipe_while_one_looks_is_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(tmp_path / "a")
    (tmp_path / "b").write_bytes(b"")
    regular = (tmp_path / "b").stat()
    monkeypatch.setattr(Path, "stat", lambda self, **_: regular)
    with pytest.raises(disk.NotRegular):
        disk.read(tmp_path / "a", LIMIT)


def test_the_beginning_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"0123456789")
    assert disk.head(tmp_path / "a", 4) == b"0123"
    assert disk.head(tmp_path / "a", 400) == b"0123456789"
    with pytest.raises(disk.NotRegular):
        disk.head(tmp_path, 4)


def test_names_are_found_in_the_spelling_that_the_disk_has(tmp_path: Path) -> None:
    whole, pieces = (unicodedata.normalize(form, "ガギ") for form in ("NFC", "NFD"))
    (tmp_path / pieces).mkdir()
    if (tmp_path / whole).exists():
        pytest.skip("this file system takes both spellings")
    (tmp_path / pieces / whole).touch()
    assert disk.spelled(tmp_path / whole / pieces) == [tmp_path / pieces / whole]
    assert disk.spelled(tmp_path / pieces / whole) == [tmp_path / pieces / whole]
    assert disk.spelled(tmp_path / whole / "グ") == []
    assert disk.spelled(tmp_path / "none") == []
    (tmp_path / f"{pieces[:2]}{whole[1:]}").mkdir()
    assert len(disk.spelled(tmp_path / whole)) == 2


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_what_leads_out_of_a_folder(tmp_path: Path) -> None:
    inside = tmp_path / "in"
    inside.mkdir()
    (tmp_path / "secret").touch()
    (inside / "file").touch()
    (inside / "out").symlink_to("../secret")
    (inside / "around").symlink_to("file")
    (inside / "circle").symlink_to("circle")
    assert [disk.leads_out(inside / name, inside) for name in ("file", "around", "out")] == [
        False,
        False,
        True,
    ]
    assert not disk.leads_out(inside / "a\0", inside)


@pytest.fixture
def twice(tmp_path: Path) -> tuple[Path, Path]:
    """Two names of one file that differ in case, as a disk has them that makes no difference."""
    one, other = tmp_path / "Ép.mp4", tmp_path / unicodedata.normalize("NFD", "éP.MP4")
    one.touch()
    if not other.exists():
        os.link(one, other)
    return one, other


def test_names_that_the_disk_takes_for_one_are_one_file_s(
    twice: tuple[Path, Path], tmp_path: Path
) -> None:
    one, other = twice
    assert disk.identity(one) == disk.identity(other) is not None
    (tmp_path / "copy.mp4").write_bytes(b"")
    os.link(one, tmp_path / "link.mp4")
    different = {
        disk.identity(tmp_path / name) for name in ("copy.mp4", "link.mp4", "none", "NONE")
    }
    assert len(different | {disk.identity(one)}) == 5


def test_a_file_is_found_among_names_by_any_of_its_own(
    twice: tuple[Path, Path], tmp_path: Path
) -> None:
    one, other = twice
    names = disk.Names([one, tmp_path / "x"])
    assert one in names
    assert other in names
    assert names.of([other, tmp_path / "X", tmp_path / "x"]) == {one, tmp_path / "x"}
    assert names.spelled(tmp_path / "X") is None
    assert "x" not in names


@pytest.mark.skipif(os.name == "nt", reason="Windows may have a limit")
def test_no_limit_of_paths_is_known_elsewhere() -> None:
    assert disk.longest_path() is None


@pytest.mark.skipif(os.name != "nt", reason="the limit is Windows'")
def test_the_limit_of_paths_is_what_windows_does(tmp_path: Path) -> None:
    path = tmp_path / "/".join(["a" * 100] * 3)
    try:
        path.mkdir(parents=True)
    except OSError:
        assert disk.longest_path() == 259
    else:
        assert disk.longest_path() is None
