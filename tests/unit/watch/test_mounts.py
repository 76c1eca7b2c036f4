"""What file system a folder is on, by what each system tells of it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from nicobatch.watch import backend
from nicobatch.watch.backend import POLLED, choose, innermost, is_share, of_linux, of_macos

MOUNTS = """\
22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard
31 27 0:41 / /srv rw,relatime shared:7 master:1 - nfs4 nas:/export rw,vers=4.2
32 31 254:3 / /srv/local rw - xfs /dev/vdb rw
33 27 0:42 / /srv/my\\040videos\\134\\011x rw - cifs //nas/videos rw
34 27 0:43 / /mnt/usb rw - autofs systemd-1 rw
35 34 8:1 / /mnt/usb rw - vfat /dev/sda1 rw
a line that no kernel writes
"""
MACOS = """\
/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)
/dev/disk3s5 on /System/Volumes/Data (apfs, local, journaled, nobrowse)
map auto_home on /System/Volumes/Data/home (autofs, automounted, nobrowse)
//me@nas.local/videos on /Volumes/videos (smbfs, nodev, nosuid, mounted by me)
nas:/export on /Volumes/nas on (2) (nfs)
/dev/disk4s1 on /Volumes/動画 (exfat, local, nodev, nosuid, noowners)
a line that no mount writes
"""


@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        ("/home/me/inbox", "ext4"),
        ("/", "ext4"),
        ("/srv", "nfs4"),
        ("/srv/inbox", "nfs4"),
        ("/srv/local", "xfs"),
        ("/srv/local/inbox", "xfs"),
        ("/srv/localinbox", "nfs4"),
        ("/srvinbox", "ext4"),
        ("/srv/my videos\\\tx/inbox", "cifs"),
        ("/mnt/usb/inbox", "vfat"),
    ],
)
def test_the_longest_mount_point_counts_and_of_two_the_later(folder: str, expected: str) -> None:
    assert innermost(folder, of_linux(MOUNTS)) == expected


@pytest.mark.skipif(sys.platform != "linux", reason="the table is Linux's")
def test_a_link_is_where_it_leads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link = tmp_path / "inbox"
    link.symlink_to("/srv/inbox")
    monkeypatch.setattr(backend, "_MOUNTINFO", table := tmp_path / "mountinfo")
    table.write_text(MOUNTS, "utf-8")
    assert backend.mounted(link) == "nfs4"


@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        ("/Users/me/inbox", "apfs"),
        ("/Volumes/videos/inbox", "smbfs"),
        ("/Volumes/nas on (2)/inbox", "nfs"),
        ("/Volumes/動画", "exfat"),
    ],
)
def test_macos_tells_it_by_a_command(folder: str, expected: str) -> None:
    assert innermost(folder, of_macos(MACOS)) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (r"\\nas\videos\inbox", True),
        (r"\\?\UNC\nas\videos\inbox", True),
        ("C:\\Videos", False),
        (r"\\?\C:\Videos", False),
        (r"\\.\PhysicalDrive0", False),
    ],
)
def test_a_path_of_windows_may_name_a_server(path: str, expected: bool) -> None:
    assert is_share(path) is expected


@pytest.mark.skipif(sys.platform != "win32", reason="asks Windows")
def test_windows_is_asked(tmp_path: Path) -> None:
    assert backend.mounted(tmp_path) is None
    assert backend.mounted(Path(r"\\localhost\C$")) == backend.NETWORK_DRIVE


@pytest.mark.skipif(sys.platform != "darwin", reason="asks macOS")
def test_macos_is_asked(tmp_path: Path) -> None:
    assert backend.mounted(tmp_path) in {"apfs", "hfs"}


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux")
def test_this_machine_is_asked(tmp_path: Path) -> None:
    assert backend.mounted(Path("/proc")) == "proc"
    assert choose(Path("/proc"), poll=False).reason.count("proc") == 2


def test_a_table_that_is_not_there_says_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(backend, "_MOUNTINFO", tmp_path / "none")
    told = f"{tmp_path} is watched: the system tells of changes"
    assert choose(tmp_path, poll=False).reason == told


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may mount")
def test_a_real_mount_is_found(tmp_path: Path) -> None:
    place = tmp_path / "a mount"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "tmpfs", str(place)]
    if subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("this machine lets nobody mount")
    try:
        assert "tmpfs" in choose(place / "inbox", poll=False).reason
    finally:
        subprocess.run(["umount", str(place)], check=True)


def test_the_table_holds_no_type_twice() -> None:
    assert len(set(POLLED)) == len(POLLED)
