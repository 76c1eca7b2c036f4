"""Locks that outlive their runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from nicobatch.locks import Locks, files


def leave(path: Path, *, place: str = "") -> files.Holder:
    """Write the lock of a run that has not let go: at the place, or of this very process."""
    lease = Locks("watch").acquire(path, "x")
    holder = files.decode(path.read_bytes())
    assert holder
    lease.release()
    left = replace(holder, place=place or holder.place)
    files.write(path, left)
    return left
