"""What kind of file system a folder is on, as each system tells it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path, PureWindowsPath
from typing import Final

from nicobatch.language import N_

NETWORK_DRIVE: Final = N_("a network drive")

POLLED: Final = (
    NETWORK_DRIVE,
    # network file systems: the system tells of this machine's own writes at best
    *("nfs*", "cifs", "smb*", "ncp*", "afs", "coda", "ceph", "davfs*", "sshfs", "curlftpfs"),
    *("afpfs", "webdav", "ftp", "glusterfs", "lustre", "gpfs", "beegfs*", "orangefs", "pvfs2"),
    # one disk, several machines
    *("ocfs2", "gfs2"),
    # folders that a virtual machine or a container gets from its host; WSL's drives
    *("9p", "v9fs", "virtiofs", "vboxsf", "prl_fs*", "vmhgfs", "drvfs", "fakeowner"),
    *("grpcfuse", "osxfs"),
    # a program behind it, whose source may change by itself; fuseblk is a disk of this machine
    *("fuse", "fuse.*", "macfuse*", "osxfuse*"),
)
"""Types of file systems where the system can't be relied on to tell; inotify(7), "Limitations"."""

_MOUNTINFO: Final = Path("/proc/self/mountinfo")
_ESCAPE: Final = re.compile(r"\\([0-7]{3})")
"""How proc_pid_mountinfo(5) writes a blank, a tab, a line's end and a backslash."""
_MOUNT: Final = "/sbin/mount"
_LINE: Final = re.compile(r".+? on (/.*) \(([^,()]+)[^()]*\)")
"""How mount(8) of macOS writes one: `//me@nas/videos on /Volumes/videos (smbfs, nodev)`."""
_WAIT: Final = 10
"""Seconds: a share whose server is gone may hold it up."""
_REMOTE: Final = 4
"""What GetDriveTypeW calls DRIVE_REMOTE."""


def is_polled(kind: str) -> bool:
    """Tell whether changes on that kind of file system are to be looked for."""
    return any(fnmatchcase(kind, pattern) for pattern in POLLED)


def mounted(root: Path) -> str | None:
    """Return the type of the file system that the folder is on, None where that isn't told."""
    path = os.path.realpath(root)
    if sys.platform == "win32":
        return NETWORK_DRIVE if _is_remote(path) else None
    return innermost(path, of_macos(_told()) if sys.platform == "darwin" else of_linux(_table()))


def innermost(path: str, mounts: Iterable[tuple[str, str]]) -> str | None:
    """Return the type of the mount that the real path lies on; each has a point and a type."""
    best, found = -1, None
    for point, kind in mounts:
        inside = f"{path}/".startswith(point if point == "/" else f"{point}/")
        if inside and len(point) >= best:  # of two at one point, the later one lies on top
            best, found = len(point), kind
    return found


def of_linux(table: str) -> Iterator[tuple[str, str]]:
    """Yield each mount's point and type; fields are told apart by blanks, optional ones by `-`."""
    for line in table.splitlines():
        before, dash, after = line.partition(" - ")
        fields, kinds = before.split(" "), after.split(" ")
        if dash and len(fields) >= 5:
            yield _ESCAPE.sub(lambda match: chr(int(match[1], 8)), fields[4]), kinds[0]


def of_macos(told: str) -> Iterator[tuple[str, str]]:
    """Yield each mount's point and type."""
    for match in filter(None, map(_LINE.fullmatch, told.splitlines())):
        yield match[1], match[2]


def is_share(path: str) -> bool:
    """Tell whether the path names a server by itself, as Windows writes them."""
    drive = PureWindowsPath(path).drive.replace("\\\\?\\UNC", "\\", 1)
    return drive.startswith("\\\\") and not drive.startswith(("\\\\?", "\\\\."))


def _table() -> str:
    try:
        return os.fsdecode(_MOUNTINFO.read_bytes())
    except OSError:  # another system
        return ""


def _told() -> str:
    try:
        told = subprocess.run([_MOUNT], capture_output=True, check=True, timeout=_WAIT)  # noqa: S603
        return os.fsdecode(told.stdout)
    except (OSError, subprocess.SubprocessError):
        return ""


def _is_remote(path: str) -> bool:
    if sys.platform == "win32":
        import ctypes

        anchor = PureWindowsPath(path).anchor
        return is_share(path) or ctypes.windll.kernel32.GetDriveTypeW(anchor) == _REMOTE
    raise AssertionError(path)
