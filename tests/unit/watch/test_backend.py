"""Which folders the system tells of, by the type of the file system that they are on."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from nicobatch.watch.backend import Backend, choose, limited

REMOTE = (
    *("nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ceph", "glusterfs", "lustre", "davfs"),
    *("9p", "virtiofs", "vboxsf", "prl_fs", "vmhgfs", "drvfs", "ocfs2"),
    *("afpfs", "webdav", "macfuse", "a network drive"),
    *("fuse", "fuse.sshfs", "fuse.rclone", "fuse.vmhgfs-fuse"),
)
LOCAL = (
    "ext4",
    "xfs",
    "btrfs",
    "zfs",
    "tmpfs",
    "overlay",
    "vfat",
    "exfat",
    "fuseblk",
    "f2fs",
    "apfs",
    "hfs",
)


@pytest.mark.parametrize("kind", REMOTE)
def test_what_others_write_to_is_polled(kind: str, tmp_path: Path) -> None:
    choice = choose(tmp_path, poll=False, mounted=lambda root: kind)
    assert choice.backend is Backend.POLL
    assert kind in choice.reason
    assert str(tmp_path) in choice.reason


@pytest.mark.parametrize("kind", LOCAL)
def test_a_disk_of_this_machine_is_watched(kind: str, tmp_path: Path) -> None:
    choice = choose(tmp_path, poll=False, mounted=lambda root: kind)
    assert choice.backend is Backend.NATIVE
    assert kind in choice.reason


def test_where_nothing_is_told_of_mounts_the_folder_is_watched(tmp_path: Path) -> None:
    assert choose(tmp_path, poll=False, mounted=lambda root: None).backend is Backend.NATIVE


def test_polling_can_be_asked_for(tmp_path: Path) -> None:
    choice = choose(tmp_path, poll=True, mounted=lambda root: None)
    assert (choice.backend, "--poll" in choice.reason) == (Backend.POLL, True)


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
