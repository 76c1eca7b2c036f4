"""What a site of the sandbox knows, on disk: small JSON files, each replaced whole."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, ClassVar, Generic, Protocol, TypeVar


class Record(Protocol):
    """A frozen dataclass of JSON's types."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def id(self) -> int:
        """Its number, which is never given twice."""
        ...

    @property
    def user_id(self) -> int:
        """Whose it is."""
        ...


R = TypeVar("R", bound=Record)


class Store(Generic[R]):
    """All entries of a site, and where their bytes and pictures lie.

    Reads are snapshots; each change holds the lock for one small write.
    """

    def __init__(self, root: Path, read: Callable[[dict[str, Any]], R]) -> None:
        self._records = root / "entries"
        self._files = root / "files"
        self._thumbnails = root / "thumbnails"
        for folder in (self._records, self._files, self._thumbnails):
            folder.mkdir(parents=True, exist_ok=True)
        self.lock = threading.RLock()
        paths = self._records.glob("*.json")
        loaded = (read(json.loads(path.read_text("utf-8"))) for path in paths)
        self._entries = {entry.id: entry for entry in sorted(loaded, key=lambda entry: entry.id)}

    def __iter__(self) -> Iterator[R]:
        with self.lock:
            return iter(tuple(self._entries.values()))

    def get(self, entry_id: int) -> R | None:
        """Return the entry as it is now."""
        return self._entries.get(entry_id)

    def add(self, first_id: int, make: Callable[[int], R]) -> R:
        """Keep the entry that is made of an id that was never used before."""
        with self.lock:
            return self._put(make(max(self._entries, default=first_id - 1) + 1))

    def update(self, entry_id: int, change: Callable[[R], R]) -> R:
        """Apply the change to the newest state and return what came of it."""
        with self.lock:
            return self._put(change(self._entries[entry_id]))

    def file(self, entry_id: int) -> Path:
        """Return where the entry's bytes lie, or will."""
        return self._files / f"{entry_id}.video"

    def thumbnail(self, entry_id: int, index: str) -> Path:
        """Return where the thumbnail of that index lies, or will."""
        return self._thumbnails / f"{entry_id}-{index}.jpg"

    def _put(self, entry: R) -> R:
        write_json(self._records / f"{entry.id}.json", asdict(entry))
        self._entries[entry.id] = entry
        return entry


def write_json(path: Path, data: Mapping[str, Any]) -> None:
    """Replace the file whole: whoever reads meanwhile has the old one or the new one."""
    temp = path.with_suffix(".tmp")
    temp.write_text(json.dumps(data, ensure_ascii=False), "utf-8")
    temp.replace(path)
