"""What wakes the loop between two scans: the system's word that something in the folder changed.

It is a hint and nothing more. What is in the folder, only a scan tells: events get lost, and those
of other machines never come.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import logging
import os
import stat
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from watchdog import events
from watchdog.observers.api import BaseObserver

from nicobatch.errors import NicobatchError
from nicobatch.language import _
from nicobatch.manifest.patterns import is_ignored
from nicobatch.watch.backend import Backend, BackendChoice, Limited, choose, limited
from nicobatch.watch.worker import Pauses

RENAMED: Final = 10_000
"""Renames kept until the loop asks for them; what comes beyond settles as other files do."""
_DESCRIPTORS: Final = Path("/proc/self/fdinfo")
_WATCH: Final = b"\ninotify wd:"
"""How proc_pid_fdinfo(5) tells of a watch; the kernel drops one whose file system is unmounted."""
_TOLD: Final[list[type[events.FileSystemEvent]]] = [
    *(events.DirCreatedEvent, events.DirDeletedEvent, events.DirMovedEvent),
    *(events.FileCreatedEvent, events.FileDeletedEvent, events.FileMovedEvent),
    events.FileClosedEvent if sys.platform == "linux" else events.FileModifiedEvent,
]
"""Linux says when a writer is done; opening and reading wake nobody, as scans do both."""

# What it complains of, a closing emitter for one, is no user's business; --verbose shows it.
logging.getLogger("watchdog").addHandler(logging.NullHandler())


class Waking:
    """Sets `wake` whenever something in the root itself changes; polling, it never does.

    It can be closed and started again, and leaves no thread and no descriptor behind.
    """

    def __init__(
        self,
        root: Path,
        wake: threading.Event,
        backend: Backend,
        *,
        observer: Callable[[], BaseObserver] | None = None,
    ) -> None:
        self._root, self._wake = root, wake
        self._make = (observer or _observer) if backend is Backend.NATIVE else None
        self._observer: BaseObserver | None = None
        self._threads: set[threading.Thread] = set()
        self._identity: tuple[int, int] | None = None
        self._renamed: set[str] = set()
        self._lock = threading.Lock()

    def start(self) -> None:
        """Have the system tell of changes from now on; a full scan is due after it, not before.

        Raise OSError where the folder isn't there, Limited where the system can't watch it.
        """
        if self._make is None:
            return
        self.close()
        before = _threads()
        self._identity = _identity(self._root)
        try:
            self._observe(self._make)
        except OSError as error:
            self.close()
            _identity(self._root)
            raise limited(self._root, error) from error
        self._threads = _threads() - before

    def _observe(self, make: Callable[[], BaseObserver]) -> None:
        place = Path(os.path.realpath(self._root))  # a watch of a link would be the link's own
        self._observer = make()
        handler = _Handler(place, self._heard)
        self._observer.schedule(handler, str(place), event_filter=_TOLD)
        self._observer.start()
        if not _is_watching():
            raise OSError(errno.EACCES, os.strerror(errno.EACCES))

    @property
    def alive(self) -> bool:
        """Whether changes are still told of, and the root is still the folder they are told of."""
        if self._make is None:
            return True
        try:
            same = _identity(self._root) == self._identity
        except OSError:
            return False
        living = bool(self._threads) and all(each.is_alive() for each in self._threads)
        return same and living and _is_watching()

    def renamed(self) -> set[Path]:
        """Return, once, what came into the root by a rename, and so came whole."""
        with self._lock:
            names, self._renamed = self._renamed, set()
        return {self._root / name for name in names}

    def close(self) -> None:
        """Let go of the folder; harmless when nothing was started."""
        observer, self._observer, self._threads = self._observer, None, set()
        if observer is None:
            return
        observer.stop()
        if observer.is_alive():
            observer.join()

    def _heard(self, renamed: str | None) -> None:
        with self._lock:
            if renamed is not None and len(self._renamed) < RENAMED:
                self._renamed.add(renamed)
        self._wake.set()


class _Handler(events.FileSystemEventHandler):
    """Hands on what concerns the root; it runs in the observer's thread, which must not tarry."""

    def __init__(self, root: Path, heard: Callable[[str | None], None]) -> None:
        self._root, self._heard = root, heard

    def dispatch(self, event: events.FileSystemEvent) -> None:
        """Tell that there was something, and the name that a finished file was given."""
        source, place = self._seen(event.src_path), self._seen(event.dest_path)
        if source is None and place is None:
            return
        finished = isinstance(event, events.FileMovedEvent) and source is None
        self._heard(place if finished else None)

    def _seen(self, path: bytes | str) -> str | None:
        """Return the name of an entry that scans see; `` is the root's own."""
        where = Path(os.fsdecode(path)) if path else None
        if where == self._root:
            return ""
        if where is None or where.parent != self._root or is_ignored(where.name):
            return None
        return where.name


def _observer() -> BaseObserver:
    if sys.platform == "linux":
        from watchdog.observers.inotify import InotifyObserver

        # else a rename into the folder looks like a file that somebody begins to write
        return InotifyObserver(generate_full_events=True)
    else:  # noqa: RET505 - mypy knows platforms by both branches
        from watchdog.observers import Observer

        return Observer()


def _identity(root: Path) -> tuple[int, int]:
    """Return what makes the folder this one; raise OSError where there is none."""
    found = root.stat()
    if not stat.S_ISDIR(found.st_mode):
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(root))
    return found.st_dev, found.st_ino


def _threads() -> set[threading.Thread]:
    """Return this process's threads of observers, which no public name of watchdog's gives."""
    return {each for each in threading.enumerate() if type(each).__module__.startswith("watchdog.")}


def _is_watching() -> bool:
    """Ask the kernel whether this process watches anything; True where it can't be asked."""
    try:
        descriptors = list(_DESCRIPTORS.iterdir())
    except OSError:
        return True
    for each in descriptors:
        with contextlib.suppress(OSError):  # closed meanwhile
            if _WATCH in each.read_bytes():
                return True
    return False


DEATHS: Final = 3
"""Deaths in a row, none of them after a good minute, that end the command."""
GOOD: Final = 60.0
"""Seconds after which an observer counts as sound."""
_ANEW: Final = Pauses(1.0, 60.0)
"""For one that has died."""


@dataclass(slots=True)
class Notifier:
    """Has the system tell of changes, as long as the folder is there; for the loop's thread.

    What dies is begun anew, unless it keeps dying.
    """

    choose: Callable[[], BackendChoice]
    """Asked anew whenever the folder came back: it may be on another file system."""
    make: Callable[[Backend], Waking]
    pauses: Pauses
    clock: Callable[[], float] = time.monotonic
    choice: BackendChoice | None = None
    """None while nothing is observed."""
    _waking: Waking | None = None
    _born: float = 0.0
    _deaths: int = 0
    _due: float = 0.0

    @classmethod
    def of(cls, root: Path, changed: threading.Event, *, poll: bool) -> Self:
        """Return the folder's; without `poll`, the system is asked to tell of changes."""
        make = functools.partial(Waking, root, changed)
        return cls(choose=lambda: choose(root, poll=poll), make=make, pauses=_ANEW)

    def begin(self) -> bool:
        """Begin, or begin again once it is time; tell whether a backend was chosen just now.

        To be called before each look at the folder: what comes after it is told of.
        """
        if self._waking is not None or self.clock() < self._due:
            return False
        is_new, choice = self.choice is None, self.choice or self.choose()
        try:
            self._start(choice.backend)
        except Limited as error:
            choice = BackendChoice(Backend.POLL, str(error), error.hint)
            self._start(Backend.POLL)
        except OSError:  # the folder went away: the look that follows says so
            return False
        self.choice = choice
        return is_new

    def check(self) -> None:
        """Look after the observer, while the folder is known to be there.

        Raise NicobatchError where it has died too often.
        """
        if self._waking is None or self._waking.alive:
            return
        self._waking.close()
        self._waking = None
        self._deaths = 1 if self.clock() - self._born >= GOOD else self._deaths + 1
        if self._deaths >= DEATHS:
            words = _("the system has stopped telling of changes {number} times in a row")
            raise NicobatchError(
                words.format(number=self._deaths),
                _("start it again, or with --poll, which does without"),
            )
        self._due = self.clock() + self.pauses.after(self._deaths)

    @property
    def alive(self) -> bool:
        """Whether nothing is wrong with it, as far as can be told without knowing the folder."""
        return self._waking is None or self._waking.alive

    @property
    def due(self) -> float | None:
        """When it is to be begun again, by the clock; None where it is under way."""
        return self._due if self._waking is None and self.choice else None

    def renamed(self) -> set[Path]:
        """Return, once, what came into the folder by a rename."""
        return self._waking.renamed() if self._waking else set()

    def close(self) -> None:
        """Let go of the folder, whatever it comes back as."""
        if self._waking:
            self._waking.close()
        self._waking, self.choice, self._due = None, None, 0.0

    def _start(self, backend: Backend) -> None:
        waking = self.make(backend)
        waking.start()
        self._waking, self._born = waking, self.clock()
