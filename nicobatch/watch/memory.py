"""What is done, kept beside the receipts, so that a restart need not read every video again."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

from nicobatch import disk
from nicobatch.journal import FOLDER, REHEARSAL
from nicobatch.media import Stamp

_LARGEST: Final = 1 << 26
"""Bytes of the file, at most: 20,000 videos take a twentieth."""
_VERSION: Final = 1
_IGNORED: Final = ".*\n"
"""What git leaves out of the receipts' folder, as the journal has it; of a rehearsal, all is."""

Traces: TypeAlias = dict[str, tuple[int, int]]
"""`Stamp.lasting` by the files' paths, as seen from the folder where they lie in it. A remount or
a backup, which change the rest of a stamp, must not make anyone read a terabyte again."""


@dataclass(frozen=True, slots=True)
class _Files:
    files: Traces
    patterns: tuple[str, ...] = ()


_NOTHING: Final = _Files({})


class DoneManifests:
    """Which manifests of a folder are done, by what they and their files looked like."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._done: dict[str, _Files] = {}
        self._is_saved = False

    def files(self, manifest: Path) -> tuple[Path, ...]:
        """Return the manifest and its files as they were done; nothing for one that was not."""
        return tuple(self._root / name for name in self._done.get(manifest.name, _NOTHING).files)

    def patterns(self, manifest: Path) -> tuple[str, ...]:
        """Return what of the manifest may stand for other files now than when it was done."""
        return self._done.get(manifest.name, _NOTHING).patterns

    @property
    def all_patterns(self) -> set[str]:
        """Return the patterns of all manifests."""
        return {each for done in self._done.values() for each in done.patterns}

    def is_done(self, manifest: Path, signature: Mapping[Path, Stamp | None]) -> bool:
        """Tell whether the manifest is done, and it and its files still look like then.

        Videos may be gone: nobody needs to keep what is published.
        """
        done = self._done.get(manifest.name)
        return done is not None and self._traces(signature).items() <= done.files.items()

    def done(
        self, manifest: Path, signature: Mapping[Path, Stamp], patterns: Collection[str] = ()
    ) -> None:
        """Note that the manifest was done when it and its files looked so."""
        self._done[manifest.name] = _Files(self._traces(signature), tuple(patterns))
        self._is_saved = False

    def keep(self, manifests: Collection[str]) -> None:
        """Forget every other manifest; they are given by name."""
        for name in self._done.keys() - manifests:
            del self._done[name]
            self._is_saved = False

    def _traces(self, signature: Mapping[Path, Stamp | None]) -> Traces:
        return {self._name(path): stamp.lasting for path, stamp in signature.items() if stamp}

    def _name(self, path: Path) -> str:
        inside = path.is_relative_to(self._root)
        return path.relative_to(self._root).as_posix() if inside else str(path)


class Memory(DoneManifests):
    """The same in a file. Losing it costs reading.

    In the folder, the file is its sentinel as well.
    """

    def __init__(
        self,
        root: Path,
        *,
        purpose: str = "",
        journal: Path | None = None,
        rehearsal: bool = False,
    ) -> None:
        """`purpose` names site, account and journal: what is done for one is not for another.

        In a `journal`, folders that are watched have a file each, and nothing is written into them.
        """
        super().__init__(root)
        self._is_within = journal is None
        shelf = journal or root / FOLDER
        name = f".watch-{_key(root)}.json" if journal else ".watch.json"
        self.path = (shelf / REHEARSAL if rehearsal else shelf) / name
        self._purpose, self._ignored = purpose, "*\n" if rehearsal else _IGNORED
        self._known: Stamp | None = None
        """The file as it was last read or written here."""

    @property
    def sentinel(self) -> Path | None:
        """Return the file as what the folder is known again by; None where it lies elsewhere."""
        return self.path if self._is_within else None

    def refresh(self) -> None:
        """Take in what the file tells, if it is not as this memory left it."""
        stamp = Stamp.of(self.path)
        if stamp is None:
            self._known, self._is_saved = None, False
        elif stamp != self._known:
            self._done = {**self._read(), **self._done}
            self._known, self._is_saved = stamp, False

    def save(self) -> None:
        """Write the file anew if anything in it changed, or if it is gone. May raise OSError.

        Its folder is made once: where it is gone since the last `refresh`, so is the share, and a
        sentinel beneath it would make its mount point look like the share emptied.
        """
        if self._is_saved:
            return
        if self._is_within and disk.leads_out(self.path.parent, self._root):  # so it is not ours
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(self.path.parent))
        if self._known is None:
            _make(self.path.parent, self._ignored)
        elif not self.path.parent.is_dir():
            return
        done = {
            name: {"files": each.files, "patterns": each.patterns}
            for name, each in self._done.items()
        }
        content = {"version": _VERSION, "purpose": self._purpose, "done": done}
        disk.replace(self.path, json.dumps(content).encode(), durable=False)
        self._known, self._is_saved = Stamp.of(self.path), True

    def _read(self) -> dict[str, _Files]:
        """Return what the file tells; nothing where it is damaged, or of another kind."""
        try:
            return _parse(json.loads(disk.read(self.path, _LARGEST, follow=False)), self._purpose)
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return {}


def _parse(content: Any, purpose: str) -> dict[str, _Files]:
    if content["version"] != _VERSION or content["purpose"] != purpose:
        return {}
    return {
        manifest: _Files(
            {name: _trace(trace) for name, trace in each["files"].items()},
            tuple(map(_text, each["patterns"])),
        )
        for manifest, each in content["done"].items()
    }


def _text(content: Any) -> str:
    if not isinstance(content, str):
        raise TypeError
    return content


def _trace(content: Any) -> tuple[int, int]:
    size, mtime_ns = content
    if type(size) is not int or type(mtime_ns) is not int:
        raise TypeError
    return size, mtime_ns


def _key(root: Path) -> str:
    return hashlib.sha256(os.fsencode(os.path.realpath(root))).hexdigest()[:16]


def _make(folder: Path, ignored: str) -> None:
    """Make the folder, and keep what is in it from git unless somebody has settled that."""
    folder.mkdir(parents=True, exist_ok=True)
    ignore = folder / ".gitignore"
    if not os.path.lexists(ignore):
        with contextlib.suppress(OSError):
            disk.replace(ignore, ignored.encode(), durable=False)
