"""Whether the process that wrote a pid down is still there, asked without touching it."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from typing import Final

_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")
_PID_NAMESPACE: Final = Path("/proc/self/ns/pid")
"""Containers count pids on their own: pid_namespaces(7)."""
_STATE, _START_TIME = 0, 19
"""Fields of /proc/PID/stat, counted from the one after the command's name: proc_pid_stat(5)."""
_ENDED: Final = "ended"


def place() -> str:
    """Name what pids are counted in, until the machine goes down: equal names mean the same."""
    return " ".join([socket.gethostname(), *_machine()])


def born(pid: int) -> str:
    """Return when the process began, in ticks since the boot; "" where the system doesn't tell."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()
    return _ENDED if fields[_STATE] in {"Z", "X"} else fields[_START_TIME]


def lives(pid: int, began: str) -> bool:
    """Tell whether the process of this place that was `born` then still runs, or may do so."""
    if not _runs(pid):
        return False
    now = born(pid)
    return now == began or "" in {now, began}


def _machine() -> list[str]:
    """Tell apart what may go by one host name; what can't be told is like nothing else."""
    if sys.platform == "linux":
        try:
            return [_BOOT_ID.read_text("ascii").strip(), str(_PID_NAMESPACE.readlink())]
        except OSError:
            return [os.urandom(16).hex()]
    else:
        import uuid

        return [f"{uuid.getnode():x}"]


if sys.platform == "win32":  # where os.kill(pid, 0) is Ctrl+C, or the end of the process

    def _runs(pid: int) -> bool:  # pragma: no cover - measured on Linux
        import ctypes
        from ctypes import wintypes

        synchronize, invalid_parameter, wait_timeout = 0x00100000, 87, 0x102
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel.OpenProcess.restype = wintypes.HANDLE
        number = kernel.OpenProcess(synchronize, 0, pid)
        if not number:
            return ctypes.get_last_error() != invalid_parameter  # which is: no such process
        process = wintypes.HANDLE(number)
        try:
            return bool(kernel.WaitForSingleObject(process, 0) == wait_timeout)
        finally:
            kernel.CloseHandle(process)

else:

    def _runs(pid: int) -> bool:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:  # another user's
            return True
        return True
