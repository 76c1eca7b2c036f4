"""What lies below the folder that a pattern of file names begins with."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path, PurePath

from nicobatch import disk
from nicobatch.manifest import patterns

MOST = 100_000
"""Files and folders that one pattern may look at."""
MOST_OF_ALL = 2 * MOST
"""Those that the patterns of one manifest may look at."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The files among which a pattern chooses, and what kept others from being seen."""

    folder: str
    """As the pattern writes it; empty for the manifest's own."""
    steps: tuple[str, ...]
    names: tuple[str, ...] = ()
    """Seen from the folder, with `/` in them."""
    failed: tuple[tuple[str, OSError], ...] = ()
    """Folders that can't be read, named like `folder`, and why."""
    is_there: bool = True
    is_cut: bool = False
    """Whether there was more to look at than was allowed."""
    seen: int = 0
    """Files and folders that were looked at."""


def spelled(manifest: Path, file: str) -> str:
    """Return the name as the disk spells it, where it has it in one other spelling only."""
    written = manifest.parent / file
    there = disk.spelled(written)
    if len(there) != 1 or there[0] == written:
        return file
    inside = there[0].is_relative_to(manifest.parent)
    return (there[0].relative_to(manifest.parent) if inside else there[0]).as_posix()


def look(manifest: Path, file: str, seen: int = 0) -> Listing | None:
    """Return what a manifest's `file` chooses among; None if it names a file, brackets and all.

    `seen` is how many files and folders were looked at for the manifest before.
    """
    if not patterns.is_pattern(file) or disk.spelled(manifest.parent / file):
        return None
    written, steps = patterns.split(file)
    folder = PurePath(spelled(manifest, str(written)))
    shown = folder.as_posix() if folder.parts else ""
    root = manifest.parent / folder
    if not os.path.isdir(root):  # noqa: PTH112 - Path.is_dir raises for what may not be looked at
        return Listing(shown, steps, is_there=False)
    names: list[str] = []
    failed: list[OSError] = []
    most = min(MOST, MOST_OF_ALL - seen)
    seen = 0
    # A bounded pattern can't run in circles, however the folders are linked.
    follow = patterns.ANY_DEPTH not in steps
    for where, folders, files in os.walk(root, onerror=failed.append, followlinks=follow):
        path = Path(where).relative_to(root).parts
        seen += len(folders) + len(files)
        if seen > most:
            return Listing(shown, steps, is_cut=True, seen=seen)
        folders[:] = [name for name in folders if patterns.leads_on(steps, (*path, name))]
        names += ["/".join((*path, name)) for name in files]
    locked = [(folder / Path(error.filename).relative_to(root), error) for error in failed]
    failures = tuple((path.as_posix(), error) for path, error in locked)
    return Listing(shown, steps, tuple(names), failures, seen=seen)
