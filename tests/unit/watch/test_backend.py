"""Which folders the system tells of, by the table of mounts that Linux keeps."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from nicobatch.watch import backend
from nicobatch.watch.backend import POLLED, Backend, choose, limited, mounted_type

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
REMOTE = (
    *("nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ceph", "glusterfs", "lustre", "davfs"),
    *("9p", "virtiofs", "vboxsf", "prl_fs", "vmhgfs", "drvfs", "ocfs2"),
    *("fuse", "fuse.sshfs", "fuse.rclone", "fuse.vmhgfs-fuse"),
)
LOCAL = ("ext4", "xfs", "btrfs", "zfs", "tmpfs", "overlay", "vfat", "exfat", "fuseblk", "f2fs")


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
    assert mounted_type(Path(folder), MOUNTS) == expected


def test_a_link_is_where_it_leads(tmp_path: Path) -> None:
    link = tmp_path / "inbox"
    link.symlink_to("/srv/inbox")
    assert mounted_type(link, MOUNTS) == "nfs4"


@pytest.mark.parametrize("kind", REMOTE)
def test_what_others_write_to_is_polled(kind: str, tmp_path: Path) -> None:
    choice = choose(tmp_path, poll=False, mounts=f"1 0 0:1 / / rw - {kind} x rw\n")
    assert choice.backend is Backend.POLL
    assert kind in choice.reason
    assert str(tmp_path) in choice.reason


@pytest.mark.parametrize("kind", LOCAL)
def test_a_disk_of_this_machine_is_watched(kind: str, tmp_path: Path) -> None:
    choice = choose(tmp_path, poll=False, mounts=f"1 0 0:1 / / rw - {kind} x rw\n")
    assert choice.backend is Backend.NATIVE
    assert kind in choice.reason


def test_where_nothing_is_told_of_mounts_the_folder_is_watched(tmp_path: Path) -> None:
    assert choose(tmp_path, poll=False, mounts="").backend is Backend.NATIVE


def test_polling_can_be_asked_for(tmp_path: Path) -> None:
    choice = choose(tmp_path, poll=True, mounts="")
    assert (choice.backend, "--poll" in choice.reason) == (Backend.POLL, True)


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux")
def test_this_machine_is_asked(tmp_path: Path) -> None:
    kind = mounted_type(Path("/proc"), Path("/proc/self/mountinfo").read_text(encoding="utf-8"))
    assert kind == "proc"
    assert choose(Path("/proc"), poll=False).reason.count("proc") == 2


def test_elsewhere_nothing_is_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert (
        choose(tmp_path, poll=False).reason == f"{tmp_path} is watched: the system tells of changes"
    )


def test_a_table_that_is_not_there_says_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(backend, "_MOUNTS", tmp_path / "none")
    assert choose(tmp_path, poll=False).backend is Backend.NATIVE


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


@pytest.mark.parametrize(
    ("number", "sysctl"),
    [
        (errno.ENOSPC, "fs.inotify.max_user_watches"),
        (errno.EMFILE, "fs.inotify.max_user_instances"),
        (errno.ENFILE, "fs.file-max"),
    ],
)
def test_a_limit_is_named_and_how_to_raise_it(number: int, sysctl: str, tmp_path: Path) -> None:
    error = limited(tmp_path, OSError(number, os.strerror(number)))
    assert sysctl in error.message
    assert f"sysctl {sysctl}=" in error.hint


def test_what_else_the_system_says_is_passed_on(tmp_path: Path) -> None:
    error = limited(tmp_path, OSError(errno.ENOSYS, "Function not implemented"))
    assert "Function not implemented" in error.message
    assert "odd" in limited(tmp_path, OSError("odd")).message


def test_the_table_holds_no_type_twice() -> None:
    assert len(set(POLLED)) == len(POLLED)
