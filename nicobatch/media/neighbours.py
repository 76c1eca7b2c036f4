"""A look around for the file that was meant, when the one that was named is not there."""

from __future__ import annotations

import difflib
import functools
import os
import unicodedata
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Final

from nicobatch import disk
from nicobatch.language import _
from nicobatch.media import rules

_SUFFIXES: Final = (".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".flv", ".wmv")
"""What is offered. Not all of a folder: that would be its manifests, where videos lie elsewhere."""


def places(files: Iterable[Path]) -> frozenset[Path]:
    """Return where the files lie, links to their folders followed, in one spelling."""
    real = functools.cache(disk.real)
    return frozenset(_place(each.name, real(each.parent) or each.parent) for each in files)


def hint(path: Path, taken: Collection[Path] = frozenset()) -> str:
    """Return a hint at the video in the same folder that was probably meant, or nothing.

    What is `taken`, as `places` has it, is meant by another entry.
    """
    if target := _target(path):
        return _(rules.LEADS_NOWHERE).format(target=target)
    if len(disk.spelled(path)) > 1:
        return _(rules.SAME_LETTERS)
    folder = disk.real(path.parent) or path.parent
    names = [name for name in _videos(path.parent) if _place(name, folder) not in taken]
    for name in names:
        if _folded(name) == _folded(path.name):
            return _(rules.SAME_BUT_CASE).format(near=name)
    near = difflib.get_close_matches(path.name, names, n=1)
    return _(rules.NEAR_NAME).format(suggestion=near[0]) if near else ""


def _videos(folder: Path) -> list[str]:
    try:
        names = os.listdir(folder)  # noqa: PTH208 - a tenth of the time, a thousand times over
        return sorted(name for name in names if name.casefold().endswith(_SUFFIXES))
    except OSError:
        return []


def _place(name: str, folder: str | Path) -> Path:
    return Path(folder, unicodedata.normalize("NFC", name))


def _target(path: Path) -> str:
    try:
        return os.fspath(path.readlink())
    except OSError:  # no link, or none that may be looked at
        return ""


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
