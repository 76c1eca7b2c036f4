"""What is asked of a watch, and how changes come to be known: told, or found by looking often."""

from __future__ import annotations

import errno
import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from nicobatch.errors import NicobatchError
from nicobatch.language import N_, _, reason
from nicobatch.watch import mounts
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


@dataclass(frozen=True, slots=True)
class Choice:
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
    root: Path, *, poll: bool, mounted: Callable[[Path], str | None] = mounts.mounted
) -> Choice:
    """Decide by the file system that the folder is on now: to be asked anew when it came back."""
    found = None if poll else mounted(root)
    if poll:
        backend, words = Backend.POLL, _("{root} is polled, as --poll asks for")
    elif found is None:
        backend, words = Backend.NATIVE, _("{root} is watched: the system tells of changes")
    elif mounts.is_polled(found):
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
    return Choice(backend, words.format(root=root, type=found and _(found)))


def limited(root: Path, error: OSError) -> Limited:
    """Say why the system could not watch the folder, and which limit would have to be raised."""
    if error.errno in _LIMITS:
        sysctl, hint = _LIMITS[error.errno]
        message = _("{root} is polled: the system's limit {sysctl} is reached")
        return Limited(message.format(root=root, sysctl=sysctl), _(hint).format(sysctl=sysctl))
    message = _("{root} is polled: the system can't watch it ({reason})")
    return Limited(message.format(root=root, reason=reason(error)))
