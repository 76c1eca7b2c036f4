"""What is asked of a watch, and how changes come to be known: told, or found by looking often.

Which of the two, the kind of file system decides that the folder is on, as each system tells it.
"""

from __future__ import annotations

import errno
import math
import os
import random
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path, PureWindowsPath
from typing import Final

from nicobatch.errors import NicobatchError
from nicobatch.language import N_, _, reason
from nicobatch.watch.worker import Pauses


class Backend(StrEnum):
    """What wakes the loop between two scans."""

    NATIVE = "native"
    POLL = "poll"


_SETTLE: Final = {Backend.NATIVE: 10.0, Backend.POLL: 30.0}
"""Seconds; where nobody tells of changes, other machines write, and their clocks are others."""
_RESCANS: Final = 60
"""How many rescans apart the tries of something that keeps failing are at most."""
_NEVER: Final = math.inf
"""What comes to its end tries nothing twice."""
_FIRST_ABSENCE: Final = 5.0
_LONGEST_ABSENCE: Final = 300.0
"""Seconds between two looks for a folder that went away: a look costs next to nothing."""
_POLLS: Final = 3
"""How often a folder that is polled is scanned within the time that its files take to settle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchOptions:
    """What `watch` alone can be told; durations are seconds."""

    settle: float | None = None
    """How long a file must stay unchanged; None: as long as the backend needs."""
    rescan: float = 60.0
    poll: bool = False
    once: bool = False
    """Whether to end once nothing is left to be done."""
    done: Path | None = None
    """Where what is published is moved to; None leaves it."""
    failed: Path | None = None
    heartbeat: Path | None = None
    allow_outside: bool = False
    template: Path | None = None
    """The manifest by which videos are published that come without one; None leaves them."""

    def settling(self, backend: Backend) -> float:
        """Return how long a file has to stay as it is, in seconds."""
        return _SETTLE[backend] if self.settle is None else self.settle

    @property
    def pauses(self) -> Pauses:
        """Return how long what has failed is left alone."""
        if self.once:
            return Pauses(_NEVER, _NEVER)
        return Pauses(self.rescan, _RESCANS * self.rescan)

    @property
    def absence(self) -> Pauses:
        """Return when to look again for a folder that went away."""
        return Pauses(min(self.rescan, _FIRST_ABSENCE), max(self.rescan, _LONGEST_ABSENCE))

    def until_scan(self, backend: Backend, jitter: Callable[[], float] = random.random) -> float:
        """Return how long to wait for the next scan, if nothing calls for one before."""
        polled = min(self.rescan, self.settling(backend) / _POLLS)
        return (self.rescan if backend is Backend.NATIVE else polled) * (0.9 + 0.2 * jitter())


class Alarm(threading.Event):
    """Sets another event along with itself; may be set in a signal's handler."""

    def __init__(self, wake: threading.Event) -> None:
        super().__init__()
        self._wake = wake

    def set(self) -> None:
        """Set both."""
        super().set()
        self._wake.set()


class Alarms:
    """All that ends the loop's rest."""

    def __init__(self) -> None:
        self.wake = threading.Event()
        """Set by each of them, and by threads that have something to be taken note of."""
        self.stop = Alarm(self.wake)
        """Set by signals: the watcher comes to its end."""
        self.changed = Alarm(self.wake)
        """Set by the observer: there is something to be seen."""


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


@dataclass(frozen=True, slots=True)
class BackendChoice:
    """How a folder is watched, and why, in a sentence."""

    backend: Backend
    reason: str
    hint: str = ""
    """How to have it watched otherwise."""


class Limited(NicobatchError):
    """The system can't watch the folder, so it is to be polled."""


_RAISE: Final = N_("to have it watched, raise the limit: sysctl {sysctl}=NUMBER, as root")
_INSTANCES_TOO: Final = N_(
    "to have it watched, raise the limit: sysctl {sysctl}=NUMBER, as root;"
    " or let the process open more files (ulimit -n)"
)
_LIMITS: Final = {
    errno.ENOSPC: ("fs.inotify.max_user_watches", _RAISE),
    errno.EMFILE: ("fs.inotify.max_user_instances", _INSTANCES_TOO),
    errno.ENFILE: ("fs.file-max", _RAISE),
}
"""What inotify_init(2) and inotify_add_watch(2) mean by these."""


def choose(
    root: Path, *, poll: bool, mounted: Callable[[Path], str | None] = mounted
) -> BackendChoice:
    """Decide by the file system that the folder is on now: to be asked anew when it came back."""
    found = None if poll else mounted(root)
    if poll:
        backend, words = Backend.POLL, _("{root} is polled, as --poll asks for")
    elif found is None:
        backend, words = Backend.NATIVE, _("{root} is watched: the system tells of changes")
    elif is_polled(found):
        backend, words = (
            Backend.POLL,
            _(
                "{root} is polled: it is on {type},"
                " where others can write without this machine being told"
            ),
        )
    else:
        backend, words = (
            Backend.NATIVE,
            _("{root} is watched: it is on {type}, where the system tells of changes"),
        )
    return BackendChoice(backend, words.format(root=root, type=found and _(found)))


def limited(root: Path, error: OSError) -> Limited:
    """Say why the system could not watch the folder, and which limit would have to be raised."""
    if error.errno in _LIMITS:
        sysctl, hint = _LIMITS[error.errno]
        message = _("{root} is polled: the system's limit {sysctl} is reached")
        return Limited(message.format(root=root, sysctl=sysctl), _(hint).format(sysctl=sysctl))
    message = _("{root} is polled: the system can't watch it ({reason})")
    return Limited(message.format(root=root, reason=reason(error)))
