"""Reports for programs: one JSON object a line on stdout, each with its `event`.

New kinds and new members may be added; none is renamed or removed.
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, TextIO

from nicobatch import events
from nicobatch.errors import NicobatchError
from nicobatch.events import Event
from nicobatch.model import Json, Problem, Receipt, Severity, Video
from nicobatch.plan import Plan
from nicobatch.reports import words
from nicobatch.reports.report import Row, Said, Summary

PROGRESS_SHARE: Final = 100
"""A progress line is worth writing at every hundredth of the file."""
_UNSEEN: Final = {
    code: f"\\u{code:04x}"
    for code in (0x85, 0x61C, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A))
}
"""Breaks of lines, and marks that turn the direction of what stands around them."""


@dataclass(slots=True)
class JsonReport:
    """Writes JSON lines to `out`, and nothing else; `err` gets words for those who read logs."""

    out: TextIO
    err: TextIO
    lock: threading.Lock = field(default_factory=threading.Lock)
    shown: dict[str, int] = field(default_factory=dict)

    def videos(self, videos: Sequence[Video]) -> None:
        """Have no use for it: a video is told of when something happens to it."""

    def problems(self, problems: Sequence[Problem], manifests: Sequence[Path]) -> None:
        """Write a line for each problem, then one with their numbers."""
        for problem in problems:
            self._write(events.ProblemFound.kind, events.ProblemFound(problem=problem).data)
        errors = sum(problem.severity is Severity.ERROR for problem in problems)
        warnings = sum(problem.severity is Severity.WARNING for problem in problems)
        self._write(
            "checked", {"manifests": len(manifests), "errors": errors, "warnings": warnings}
        )

    def plans(self, plans: Sequence[Plan]) -> None:
        """Write a line a video, then one with how many meet which verdict."""
        for plan in plans:
            data = {"sign": words.SIGNS[plan.verdict], **asdict(plan)}
            there = {"id": data.pop("id"), "url": data.pop("url")}
            self._write("plan", data | there if plan.id else data)
        verdicts = Counter(plan.verdict.value for plan in plans)
        self._write("planned", {"videos": len(plans), "verdicts": dict(verdicts)})

    def receipts(
        self, receipts: Sequence[tuple[Path, Receipt]], site: Mapping[Path, Said] | None = None
    ) -> None:
        """Write a line a receipt, with what the site says where it was asked."""
        for path, receipt in receipts:
            said = {} if site is None else _site(site[path])
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
        if isinstance(event, events.Progress) and not self._moved(event):
            return
        if isinstance(event, events.ENDS):
            self.shown.pop(event.video or "", None)
        about = {"video": event.video} if event.video else {}
        at = event.at.isoformat(timespec="milliseconds")
        self._write(event.kind, {"at": at, **about, **event.data})

    def outcomes(self, rows: Sequence[Row]) -> None:
        """Write how many videos came to which end."""
        states: dict[str, int] = {}
        for row in rows:
            states[str(row.state)] = states.get(str(row.state), 0) + 1
        self._write("batch_done", {"videos": len(rows), "states": states})

    def error(self, error: NicobatchError) -> None:
        """Write what ended the command, for programs and for people."""
        self._write("error", {"message": str(error), "hint": error.hint})
        for line in words.error_lines(error):
            self.err.write(line + "\n")

    def answer(self, words: str, data: Mapping[str, Json]) -> None:  # noqa: ARG002 - for people
        """Write the command's result."""
        self._write("result", data)

    def close(self) -> None:
        """Have nothing to put back."""

    def _moved(self, event: events.Progress) -> bool:
        step = event.sent * PROGRESS_SHARE // max(1, event.total)
        moved = self.shown.get(event.video or "") != step
        self.shown[event.video or ""] = step
        return moved

    def _write(self, kind: str, data: Mapping[str, Any]) -> None:
        line = encoded({"event": kind, **data}, self.out)
        with (
            self.lock,
            contextlib.suppress(BrokenPipeError),
        ):  # its reader has gone, the work goes on
            self.out.write(line + "\n")
            self.out.flush()


def encoded(data: Mapping[str, Any], stream: TextIO, *, indent: int | None = None) -> str:
    """Return the JSON in letters that the stream can write, and that no reader takes for others.

    Some end a line at U+2028 or read backwards from U+202E, and a runner of GitHub's looks for
    commands in every line.
    """
    text = json.dumps(data, ensure_ascii=not _speaks_utf8(stream), indent=indent)
    return text.replace("##[", r"##\u005b").translate(_UNSEEN)


def _speaks_utf8(stream: TextIO) -> bool:
    return (stream.encoding or "").replace("-", "").lower() == "utf8"


def _site(said: Said) -> dict[str, Json]:
    return {"site": said.site, "visitors": said.visitors}


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
