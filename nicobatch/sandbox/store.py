"""What the sandbox knows, on disk: an entry is a small JSON file, replaced whole at each change."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Literal

from nicobatch.sandbox.media import MediaFacts

IGNORE: Final = "*\n"
"""What hides the state's folder from git."""

FIRST_ID: Final = 39_130_867
"""The upload article's video."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """What the first accepted part said of the whole file; later parts must agree."""

    uuid: str
    filename: str
    total_size: int
    total_parts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedFile:
    """The file after `?done`; `media` is None where no frame could be decoded."""

    sha256: str
    size: int
    done_at: float
    media: MediaFacts | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One video, from its creation on; times are seconds since the epoch."""

    id: int
    user_id: int
    created_at: float
    token: str = ""
    """The chunk stream's; empty until the stream was asked for."""
    upload: Upload | None = None
    parts: tuple[int, ...] = ()
    """Indices whose bytes are in the file."""
    file: ReceivedFile | None = None
    thumbnails: Mapping[str, int] = field(default_factory=dict)
    """Index to timing in milliseconds."""
    metadata: Mapping[str, Any] | None = None
    saved: Literal["", "draft", "published"] = ""
    published_at: float | None = None
    deleted_at: float | None = None
    received: Mapping[str, int] = field(default_factory=dict)
    """How often each call arrived."""
    parts_received: Mapping[str, int] = field(default_factory=dict)
    """How often each part arrived whole and was accepted."""

    @property
    def video_id(self) -> str:
        """The id that viewers know."""
        return f"sm{self.id}"

    def counted(self, call: str) -> Entry:
        """Return the entry with one more arrival of the call."""
        return replace(self, received={**self.received, call: self.received.get(call, 0) + 1})


class Store:
    """All entries. Reads are snapshots; each change holds the lock for one small write."""

    def __init__(self, root: Path) -> None:
        self._entries_dir = root / "entries"
        self._files = root / "files"
        self.thumbnails = root / "thumbnails"
        for folder in (self._entries_dir, self._files, self.thumbnails):
            folder.mkdir(parents=True, exist_ok=True)
        with (
            contextlib.suppress(FileExistsError),
            (root / ".gitignore").open("x", encoding="utf-8") as ignore,
        ):
            ignore.write(IGNORE)  # rehearsed videos have no place in anybody's history
        self.lock = threading.RLock()
        loaded = (_read(path) for path in self._entries_dir.glob("*.json"))
        self._entries = {entry.id: entry for entry in sorted(loaded, key=lambda entry: entry.id)}

    def __iter__(self) -> Iterator[Entry]:
        with self.lock:
            return iter(tuple(self._entries.values()))

    def get(self, entry_id: int) -> Entry | None:
        """Return the entry as it is now."""
        return self._entries.get(entry_id)

    def create(self, user_id: int, now: float) -> Entry:
        """Make a new entry, with an id that was never used before."""
        with self.lock:
            entry_id = max(self._entries, default=FIRST_ID - 1) + 1
            entry = Entry(id=entry_id, user_id=user_id, created_at=now).counted("create")
            return self._put(entry)

    def update(self, entry_id: int, change: Callable[[Entry], Entry]) -> Entry:
        """Apply the change to the newest state and return what came of it."""
        with self.lock:
            return self._put(change(self._entries[entry_id]))

    def file(self, entry_id: int) -> Path:
        """Return where the entry's bytes lie, or will."""
        return self._files / f"{entry_id}.video"

    def thumbnail(self, entry_id: int, index: str) -> Path:
        """Return where the thumbnail of that index lies, or will."""
        return self.thumbnails / f"{entry_id}-{index}.jpg"

    def _put(self, entry: Entry) -> Entry:
        path = self._entries_dir / f"{entry.id}.json"
        temp = path.with_suffix(".tmp")
        temp.write_text(json.dumps(asdict(entry), ensure_ascii=False), "utf-8")
        temp.replace(path)
        self._entries[entry.id] = entry
        return entry


def _read(path: Path) -> Entry:
    data = json.loads(path.read_text("utf-8"))
    if data["upload"]:
        data["upload"] = Upload(**data["upload"])
    if file := data["file"]:
        file["media"] = MediaFacts(**file["media"]) if file["media"] else None
        data["file"] = ReceivedFile(**file)
    data["parts"] = tuple(data["parts"])
    return Entry(**data)
