"""What a folder has published before, for a run that asks for it at every video of a year."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, TypeAlias

from nicobatch.journal import Journal
from nicobatch.model import Receipt, StepRecord, StepState
from nicobatch.plan import KnownFiles

_Stamp: TypeAlias = tuple[int, int, int]
"""Inode, size and time of the last write: a receipt is only ever replaced by another file."""


_BARE: Final = {state: StepRecord(state=state, digest="", at="") for state in StepState}


@dataclass(frozen=True, slots=True)
class _Seen:
    """A receipt that was read, and all that is kept of it: there may be tens of thousands."""

    stamp: _Stamp
    files: KnownFiles


@dataclass(slots=True)
class Known:
    """Reads a receipt again only where it was written since; may be called by several threads."""

    journal: Journal
    manifest: Path
    """Any that lies, or would lie, in the folder."""
    _seen: dict[str, _Seen] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self) -> KnownFiles:
        """Return what is taken as of now; raise JournalError."""
        known = KnownFiles()
        with self._lock:
            self._seen = dict(self._look())
            for each in self._seen.values():
                known.merge(each.files)
        return known

    def _look(self) -> Iterator[tuple[str, _Seen]]:
        for path in self.journal.paths(self.manifest):
            with contextlib.suppress(FileNotFoundError):  # it was there a moment ago
                found = path.stat()
                stamp = (found.st_ino, found.st_size, found.st_mtime_ns)
                before = self._seen.get(str(path))
                is_known = before is not None and before.stamp == stamp
                yield str(path), before if before and is_known else self._read(path, stamp)

    def _read(self, path: Path, stamp: _Stamp) -> _Seen:
        receipt = _outline(self.journal.at(path))
        return _Seen(stamp, KnownFiles.of([(str(path.resolve()), receipt)]))


def _outline(receipt: Receipt) -> Receipt:
    """Return the receipt without what nobody asks `KnownFiles` for, which is most of it."""
    steps = {sys.intern(name): _BARE[record.state] for name, record in receipt.steps.items()}
    return replace(
        receipt,
        steps=steps,
        upload=None,
        origin=sys.intern(receipt.origin),
        profile=sys.intern(receipt.profile),
        account=sys.intern(receipt.account),
    )
