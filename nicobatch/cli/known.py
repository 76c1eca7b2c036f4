"""What a folder has published before, for a run that asks for it at every video of a year."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

from nicobatch.journal import Journal
from nicobatch.plan import KnownFiles, Taker

_Stamp: TypeAlias = tuple[int, int, int]
"""Inode, size and time of the last write: a receipt is only ever replaced by another file."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """A receipt that was read, and all that is kept of it."""

    stamp: _Stamp
    taker: Taker | None


@dataclass(slots=True)
class Known:
    """Reads a receipt again only where it was written since; may be called by several threads."""

    journal: Journal
    manifest: Path
    """Any that lies, or would lie, in the folder."""
    _seen: dict[str, _Seen] = field(default_factory=dict)
    _steps: dict[frozenset[str], frozenset[str]] = field(default_factory=dict)
    """Every set of steps that is done by some: of tens of thousands, nearly all have the same."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self) -> KnownFiles:
        """Return what is taken as of now; raise JournalError."""
        with self._lock:
            self._seen = dict(self._look())
            return KnownFiles.taken(each.taker for each in self._seen.values())

    def _look(self) -> Iterator[tuple[str, _Seen]]:
        for path in self.journal.paths(self.manifest):
            with contextlib.suppress(FileNotFoundError):  # it was there a moment ago
                found = path.stat()
                stamp = (found.st_ino, found.st_size, found.st_mtime_ns)
                before = self._seen.get(str(path))
                is_known = before is not None and before.stamp == stamp
                yield str(path), before if before and is_known else self._read(path, stamp)

    def _read(self, path: Path, stamp: _Stamp) -> _Seen:
        taker = Taker.of(str(path.resolve()), self.journal.at(path))
        return _Seen(stamp, taker and self._shared(taker))

    def _shared(self, taker: Taker) -> Taker:
        """Return the taker with what others have as well being the very same object."""
        return replace(
            taker,
            origin=sys.intern(taker.origin),
            account=sys.intern(taker.account),
            done=self._steps.setdefault(taker.done, taker.done),
        )
