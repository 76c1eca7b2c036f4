"""The record that clients are judged by: each request as it arrives, each entry as it stands."""

from __future__ import annotations

import json
import threading
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from nicobatch.sandbox.lifecycle import Lifecycle
from nicobatch.sandbox.store import Entry, Store


class RequestLog:
    """An append-only file of JSON lines; it never holds a query string or a body."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._file = path.open("a", encoding="utf-8")

    def add(self, kind: str, **facts: object) -> None:
        """Write one line, at once."""
        line = json.dumps({"kind": kind, **facts}, ensure_ascii=False) + "\n"
        with self._lock:
            self._file.write(line)
            self._file.flush()

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Return the lines of that kind, oldest first."""
        lines = list(self._lines())
        return [_without_kind(line) for line in lines if line["kind"] == kind]

    def close(self) -> None:
        """Close the file; what was written can still be read."""
        with self._lock:
            self._file.close()

    def _lines(self) -> Iterator[dict[str, Any]]:
        for text in self._path.read_text("utf-8", errors="replace").splitlines():
            try:
                yield json.loads(text)
            except ValueError:  # torn by a kill
                continue


def logged(app: WSGIApplication, log: RequestLog) -> WSGIApplication:
    """Return the application with every request noted, `status` 0 where it got no answer."""

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        noted = False

        def note(status: int) -> None:
            nonlocal noted
            path = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
            if not noted and not path.startswith("/sandbox/"):
                log.add("request", method=environ["REQUEST_METHOD"], path=path, status=status)
            noted = True

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            note(int(status.split(" ", 1)[0]))
            return start_response(status, headers, exc_info)

        try:
            return app(environ, start)
        except (ConnectionError, TimeoutError):  # a dropped connection is a fault of the network's
            note(0)
            raise
        except Exception:
            note(0)
            log.add("crash", method=environ["REQUEST_METHOD"], traceback=traceback.format_exc())
            raise

    return application


def report(store: Store, log: RequestLog, lifecycle: Lifecycle) -> dict[str, Any]:
    """Return all that was received, and what became of it."""
    return {
        "entries": [_entry(entry, lifecycle) for entry in store],
        "requests": log.of("request"),
        "leaks": log.of("leak"),
        "crashes": log.of("crash"),
    }


def _entry(entry: Entry, lifecycle: Lifecycle) -> dict[str, Any]:
    file, media = entry.file, entry.file.media if entry.file else None
    return {
        "id": entry.id,
        "videoId": entry.video_id,
        "userId": entry.user_id,
        "status": lifecycle.statuses(entry),
        "visibility": lifecycle.visibility(entry),
        "sha256": file.sha256 if file else None,
        "size": file.size if file else None,
        "media": asdict(media) if media else None,
        "upload": asdict(entry.upload) if entry.upload else None,
        "thumbnails": entry.thumbnails,
        "metadata": entry.metadata,
        "draft": entry.saved == "draft",
        "published": entry.saved == "published",
        "deleted": entry.deleted_at is not None,
        "received": entry.received,
        "parts": entry.parts_received,
    }


def _without_kind(line: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in line.items() if name != "kind"}
