"""What a state folder holds, told apart from what others put there, and its removal."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nicobatch.sandbox import lock
from nicobatch.sandbox.world import SITES, folders

_FOLDERS: Final = {
    "entries": re.compile(r"([0-9]+)\.(?:json|tmp)"),
    "files": re.compile(r"([0-9]+)\.video"),
    "thumbnails": re.compile(r"([0-9]+)-(?:auto|[0-9]+)\.jpg"),
}
"""The folders of a site, and what their files are called: an entry's id, first of all."""

_BESIDE: Final = frozenset(
    {".gitignore", "requests.jsonl", "server.json", "server.lock", "server.tmp"}
)


@dataclass(frozen=True, slots=True)
class Holding:
    """The files of a state folder, the sandbox's own and all others."""

    own: tuple[Path, ...] = ()
    foreign: tuple[Path, ...] = ()
    videos: tuple[Path, ...] = ()
    """Copies of what was uploaded, among the own ones."""

    @property
    def size(self) -> int:
        """How many bytes the own ones take."""
        return sum(path.stat().st_size for path in self.own)


def holding(state: Path) -> Holding:
    """Tell what lies there; where no sandbox ever ran, nothing is its own."""
    try:
        if not _is_state(state):
            return Holding()
    except OSError:  # nobody may look: whoever serves there is told why
        return Holding()
    known = {folder: _entries(folder) for folder in folders(state).values()}
    files = tuple(_files(state))
    own = tuple(path for path in files if _is_own(path, state, known))
    foreign = tuple(sorted(set(files).difference(own)))
    videos = tuple(path for path in own if path.suffix == ".video")
    return Holding(own, foreign, videos)


def clean(state: Path) -> Holding:
    """Remove the sandbox's own files, and folders that this empties; return what it was.

    Raise `AlreadyRunning` while another sandbox serves the folder.
    """
    if not _is_state(state):
        return Holding()
    held = lock.hold(state)
    try:
        found = holding(state)
        for path in found.own:
            if path.name != "server.lock":  # Windows lets nobody remove what is open
                path.unlink(missing_ok=True)
    finally:
        lock.release(state, held)
    (state / "server.lock").unlink(missing_ok=True)
    for site in reversed(folders(state).values()):
        for folder in (*(site / name for name in _FOLDERS), site):
            if folder.is_dir() and not folder.is_symlink() and not any(folder.iterdir()):
                folder.rmdir()
    return found


def _is_state(state: Path) -> bool:
    """Tell a sandbox's folder by what every one of them has; a link to one is left alone."""
    marks = ((state / "entries").is_dir(), (state / "requests.jsonl").is_file())
    return all(marks) and not state.is_symlink() and _ignores_all(state / ".gitignore")


def _ignores_all(path: Path) -> bool:
    return (
        path.is_file() and path.read_bytes()[:9].splitlines() == lock.IGNORE.encode().splitlines()
    )


def _files(folder: Path) -> Iterator[Path]:
    """Yield what lies in the state's folders, links and strange folders as they are."""
    for path in sorted(folder.iterdir()):
        if not path.is_dir() or path.is_symlink():
            yield path
        elif path.name in _FOLDERS:
            yield from sorted(path.iterdir())
        elif path.name in SITES:
            yield from _files(path)
        else:
            yield path


def _is_own(path: Path, state: Path, known: Mapping[Path, frozenset[str]]) -> bool:
    if path.is_symlink() or not path.is_file():
        return False
    if path.parent == state:
        return path.name in _BESIDE
    form = _FOLDERS.get(path.parent.name)
    match = form.fullmatch(path.name) if form else None
    return match is not None and match[1] in known.get(path.parent.parent, ())


def _entries(folder: Path) -> frozenset[str]:
    return frozenset(filter(None, map(_entry_of, (folder / "entries").glob("*.json"))))


def _entry_of(path: Path) -> str | None:
    """Return the entry's id, or None for a file that is no entry of the sandbox's."""
    try:
        data = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    known = isinstance(data, dict) and "user_id" in data and str(data.get("id")) == path.stem
    return path.stem if known else None
