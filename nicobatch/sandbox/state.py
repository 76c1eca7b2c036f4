"""A sandbox's folder: who holds it, where that one answers, what lies there, and its removal."""

from __future__ import annotations

import contextlib
import json
import os
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nicobatch.sandbox.world import folders, write_json

if TYPE_CHECKING:
    from filelock import BaseFileLock

_IGNORE: Final = "*\n"
"""What hides the state's folder from git."""

_PATIENCE: Final = 2.0
"""Seconds that a server may take from holding its folder to answering."""

_FOLDERS: Final = {
    "entries": re.compile(r"([0-9]+)\.(?:json|tmp)"),
    "files": re.compile(r"([0-9]+)\.video"),
    "thumbnails": re.compile(r"([0-9]+)-(?:auto|[0-9]+)\.jpg"),
}
"""The folders of a site, and what their files are called: an entry's id, first of all."""

_BESIDE: Final = frozenset(
    {".gitignore", "requests.jsonl", "server.json", "server.lock", "server.tmp"}
)


class SandboxError(Exception):
    """The sandbox can't do what it was asked for; the text is for the user."""


class AlreadyRunning(SandboxError):
    """Another server is at work on the same state folder."""


def running(state: Path) -> str | None:
    """Return the URL of the server that is serving `state`, or None when there is none."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline and _is_held(state):
        try:
            url = json.loads(_address(state).read_text("utf-8"))["url"]
        except (OSError, ValueError, KeyError):
            time.sleep(0.02)
        else:
            return str(url)
    return None


@contextlib.contextmanager
def held(state: Path) -> Iterator[None]:
    """Keep the folder for this process; raise `AlreadyRunning` where another one has it."""
    from filelock import Timeout

    state.mkdir(parents=True, exist_ok=True)
    lock = _lock(state)
    try:
        # `running` of another process holds the lock for a moment.
        lock.acquire(timeout=0.3, poll_interval=0.02)
    except Timeout:
        place = running(state) or "an address that it has not told yet"
        message = f"another sandbox is serving {state} already, at {place}"
        raise AlreadyRunning(message) from None
    _address(state).unlink(missing_ok=True)
    try:
        yield
    finally:
        _address(state).unlink(missing_ok=True)
        lock.release()


def hide(state: Path) -> None:
    """Keep the folder out of git: rehearsed videos have no place in anybody's history."""
    with (
        contextlib.suppress(FileExistsError),
        (state / ".gitignore").open("x", encoding="utf-8") as ignore,
    ):
        ignore.write(_IGNORE)


def announce(state: Path, url: str) -> None:
    """Write down where the holder of the folder answers."""
    write_json(_address(state), {"url": url, "pid": os.getpid()})


def _is_held(state: Path) -> bool:
    from filelock import Timeout

    if not os.path.isdir(state):  # noqa: PTH112 - Path.is_dir raises for what may not be looked at
        return False
    try:
        with _lock(state).acquire(timeout=0):
            return False
    except Timeout:
        return True
    except OSError:  # who may not even lock the folder is not told whether it is held
        return False


def _lock(state: Path) -> BaseFileLock:
    from filelock import FileLock

    # The server is stopped by another thread than the one that started it.
    return FileLock(state / "server.lock", thread_local=False)


def _address(state: Path) -> Path:
    return state / "server.json"


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
    files = tuple(_files(state, state))
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
    with held(state):
        found = holding(state)
        for path in found.own:
            if path.name != "server.lock":  # Windows lets nobody remove what is open
                path.unlink(missing_ok=True)
    (state / "server.lock").unlink(missing_ok=True)
    for site in reversed(folders(state).values()):
        for folder in (*(site / name for name in _FOLDERS), site):
            if folder.is_dir() and not folder.is_symlink() and not any(folder.iterdir()):
                folder.rmdir()
    return found


def _is_state(state: Path) -> bool:
    """Tell a sandbox's folder by what every one of them has; a link to one is left alone."""
    ignore = state / ".gitignore"
    if state.is_symlink() or not (state / "entries").is_dir() or not ignore.is_file():
        return False
    ignores_all = ignore.read_bytes()[:9].splitlines() == _IGNORE.encode().splitlines()
    return ignores_all and (state / "requests.jsonl").is_file()


def _files(state: Path, folder: Path) -> Iterator[Path]:
    """Yield what lies in the state's folders, links and strange folders as they are."""
    for path in sorted(folder.iterdir()):
        if not path.is_dir() or path.is_symlink():
            yield path
        elif path.name in _FOLDERS:
            yield from sorted(path.iterdir())
        elif path in folders(state).values():
            yield from _files(state, path)
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
    """Return the ids of the sandbox's entries; other files tell none."""
    ids = set()
    for path in (folder / "entries").glob("*.json"):
        with contextlib.suppress(OSError, ValueError):
            data = json.loads(path.read_bytes())
            if isinstance(data, dict) and "user_id" in data and str(data.get("id")) == path.stem:
                ids.add(path.stem)
    return frozenset(ids)
