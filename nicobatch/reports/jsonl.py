"""Reports for programs: one JSON object a line on stdout, each with its `event`.

New kinds and new members may be added; none is renamed or removed.
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, TextIO

from nicobatch.errors import NicobatchError
from nicobatch.model import Event, EventKind, Json, Problem, Receipt
from nicobatch.plan import Plan
from nicobatch.reports.report import Row, Said, Summary

PROGRESS_SHARE: Final = 100
"""A progress line is worth writing at every hundredth of the file."""


@dataclass(slots=True)
class JsonReport:
    """Writes JSON lines to `out`, and nothing else; `err` gets words for those who read logs."""

    out: TextIO
    err: TextIO
    lock: threading.Lock = field(default_factory=threading.Lock)
    shown: dict[str, int] = field(default_factory=dict)

    def problems(self, problems: Sequence[Problem], manifests: Sequence[Path]) -> None:
        """Write a line for each problem, then one with their numbers."""
        for problem in problems:
            self._write(EventKind.PROBLEM.value, {**asdict(problem), "path": str(problem.path)})
        errors = sum(problem.severity == "error" for problem in problems)
        warnings = len(problems) - errors
        self._write(
            "checked", {"manifests": len(manifests), "errors": errors, "warnings": warnings}
        )

    def plans(self, plans: Sequence[Plan]) -> None:
        """Write a line a video."""
        for plan in plans:
            self._write("plan", asdict(plan))

    def receipts(
        self, receipts: Sequence[tuple[Path, Receipt]], site: Mapping[Path, Said] | None = None
    ) -> None:
        """Write a line a receipt, with what the site says where it was asked."""
        for path, receipt in receipts:
            said = {} if site is None else asdict(site[path])
            self._write("receipt", {"path": str(path), **_receipt(receipt), **said})

    def hits(self, hits: Sequence[Mapping[str, Json]], summary: Summary) -> None:
        """Write a line a hit, then one with how many there are."""
        for hit in hits:
            self._write("hit", hit)
        as_of = summary.as_of and summary.as_of.isoformat()
        numbers = {"hits": len(hits), "total": summary.total, "truncated": summary.truncated}
        self._write("result", {**numbers, "as_of": as_of})

    def event(self, event: Event) -> None:
        """Write the happening, progress no more often than it is worth."""
        if event.kind is EventKind.PROGRESS and not self._moved(event):
            return
        about = {"video": event.video} if event.video else {}
        at = event.at.isoformat(timespec="milliseconds")
        self._write(event.kind.value, {"at": at, **about, **event.data})

    def outcomes(self, rows: Sequence[Row]) -> None:
        """Write how many videos came to which end."""
        states: dict[str, int] = {}
        for row in rows:
            states[str(row.state)] = states.get(str(row.state), 0) + 1
        self._write(EventKind.BATCH_DONE.value, {"videos": len(rows), "states": states})

    def error(self, error: NicobatchError) -> None:
        """Write what ended the command, for programs and for people."""
        self._write("error", {"message": str(error), "hint": error.hint})
        for line in filter(None, (f"error: {error}", error.hint and f"    {error.hint}")):
            self.err.write(line + "\n")

    def answer(self, words: str, data: Mapping[str, Json]) -> None:  # noqa: ARG002 - for people
        """Write the command's result."""
        self._write("result", data)

    def close(self) -> None:
        """Have nothing to put back."""

    def _moved(self, event: Event) -> bool:
        sent, total = event.data.get("sent"), event.data.get("total")
        if not isinstance(sent, int) or not isinstance(total, int) or not event.video:
            return True
        step = sent * PROGRESS_SHARE // max(1, total)
        moved = self.shown.get(event.video) != step
        self.shown[event.video] = step
        return moved

    def _write(self, kind: str, data: Mapping[str, Any]) -> None:
        line = json.dumps({"event": kind, **data}, ensure_ascii=not _speaks_utf8(self.out))
        with (
            self.lock,
            contextlib.suppress(BrokenPipeError),
        ):  # its reader has gone, the work goes on
            self.out.write(line + "\n")
            self.out.flush()


def _speaks_utf8(stream: TextIO) -> bool:
    return (stream.encoding or "").replace("-", "").lower() == "utf8"


def _receipt(receipt: Receipt) -> dict[str, Any]:
    return {
        "video": receipt.video,
        "manifest": receipt.manifest,
        "origin": receipt.origin,
        "account": receipt.account,
        "file": asdict(receipt.file),
        "id": receipt.remote and receipt.remote.video_id,
        "url": receipt.remote and receipt.remote.url,
        "steps": {name: record.state.value for name, record in receipt.steps.items()},
    }
