"""Reports for programs: one JSON object a line on stdout, each with its `event`.

New kinds and new members may be added; none is renamed or removed.
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, TextIO

from nicobatch import events, reports
from nicobatch.events import Event
from nicobatch.language import DIRECTION_MARKS, LINE_BREAKS
from nicobatch.plan import Plan
from nicobatch.reports import words

PROGRESS_SHARE: Final = 100
"""A progress line is worth writing at every hundredth of the file."""
_ESCAPED: Final = {code: f"\\u{code:04x}" for code in (0x85, *LINE_BREAKS, *DIRECTION_MARKS)}


@dataclass(slots=True)
class JsonReport:
    """Writes JSON lines to `out`, and nothing else; `err` gets words for those who read logs."""

    out: TextIO
    err: TextIO
    lock: threading.Lock = field(default_factory=threading.Lock)
    shown: dict[str, int] = field(default_factory=dict)

    def tell(self, event: Event) -> None:
        """Write a line for each thing that is told, progress no more often than it is worth."""
        if isinstance(event, events.Progress) and not self._moved(event):
            return
        if isinstance(event, events.End):
            self.shown.pop(event.about, None)
        for kind, data in _objects(event):
            with self.lock:
                write_json({"event": kind, **data}, self.out)
        if isinstance(event, reports.CommandEnded):
            for line in words.error_lines(event.error):
                self.err.write(line + "\n")

    def close(self) -> None:
        """Have nothing to put back."""

    def _moved(self, event: events.Progress) -> bool:
        step = event.sent * PROGRESS_SHARE // max(1, event.total)
        moved = self.shown.get(event.about) != step
        self.shown[event.about] = step
        return moved


def _objects(event: Event) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield kind and members of each line: of a list one a member, then one that counts them."""
    yield from _members(event)
    if not isinstance(event, reports.VideosRead | reports.ReceiptsRead):
        yield event.kind, {**_moment(event), **event.data}


def _members(event: Event) -> Iterable[tuple[str, Mapping[str, Any]]]:
    match event:
        case reports.ManifestsChecked():
            found = (events.ProblemFound(problem=each) for each in event.problems)
            return ((each.kind, each.data) for each in found)
        case reports.VideosPlanned():
            return (("plan", _plan(plan)) for plan in event.plans)
        case reports.ReceiptsRead():
            return (("receipt", _receipt(event, path)) for path in event.receipts)
        case reports.HitsFound():
            return (("hit", hit) for hit in event.hits)
        case reports.BroadcastsFound():
            return (("broadcast", each) for each in event.broadcasts)
        case reports.Listed():
            return ((event.member, each) for each in event.members)
    return ()


def _moment(event: Event) -> dict[str, Any]:
    """Return when it happened, and to which video; a command's result has neither."""
    if isinstance(event, reports.Result):
        return {}
    at = event.at.isoformat(timespec="milliseconds")
    return {"at": at, "video": event.video} if event.video else {"at": at}


def _plan(plan: Plan) -> dict[str, Any]:
    data = {"sign": words.SIGNS[plan.verdict], **asdict(plan)}
    for name in ("publish_at", "sources"):
        if not data[name]:
            del data[name]
    there = {"id": data.pop("id"), "url": data.pop("url")}
    return data | there if plan.id else data


def write_json(data: Mapping[str, Any], out: TextIO, *, indent: int | None = None) -> None:
    """Write the JSON in letters that the stream can write, and that no reader takes for others.

    Some end a line at U+2028 or read backwards from U+202E, and a runner of GitHub's looks for
    commands in every line.
    """
    speaks_utf8 = (out.encoding or "").replace("-", "").lower() == "utf8"
    text = json.dumps(data, ensure_ascii=not speaks_utf8, indent=indent)
    with contextlib.suppress(BrokenPipeError):  # its reader has gone, the work goes on
        out.write(text.replace("##[", r"##\u005b").translate(_ESCAPED) + "\n")
        out.flush()


def _receipt(read: reports.ReceiptsRead, path: Path) -> dict[str, Any]:
    receipt = read.receipts[path]
    said = read.site[path] if read.site is not None else None
    return {
        "path": str(path),
        "key": words.receipt_name(path, receipt),
        "destination": receipt.site,
        "video": receipt.video,
        "manifest": receipt.manifest,
        "origin": receipt.origin,
        "account": receipt.account,
        "file": asdict(receipt.files[0]),
        "id": receipt.remote and receipt.remote.video_id,
        "url": receipt.remote and receipt.remote.url,
        "steps": {name: record.state.value for name, record in receipt.steps.items()},
        **({"site": said.site, "visitors": said.visitors} if said else {}),
    }
