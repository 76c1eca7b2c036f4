"""The sentences of the text reports: pure functions from what happened to what is said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Final

from rich.filesize import decimal

from nicobatch.journal import FOLDER
from nicobatch.model import (
    DELETION,
    Event,
    EventKind,
    Json,
    Problem,
    Publish,
    PublishMode,
    Receipt,
    Severity,
    StepState,
)
from nicobatch.plan import Plan, Verdict

SIGNS: Final = MappingProxyType(
    {
        Verdict.CREATE: "+",
        Verdict.UPDATE: "~",
        Verdict.RESUME: ">",
        Verdict.UNCHANGED: "=",
        Verdict.REFUSE: "!",
    }
)
UPLOADING: Final = "uploading"
STEP_WORDS: Final = MappingProxyType(
    {
        "create": "creating the video",
        "stream": "preparing the upload",
        "chunks": UPLOADING,
        "done": "completing the upload",
        "thumbnail": "setting the thumbnail",
        "draft": "saving the draft",
        "metadata": "sending the metadata",
        "encoded": "waiting for the encoding",
        "visible": "looking what visitors see",
    }
)


def problem_lines(problem: Problem) -> tuple[str, ...]:
    """Say the finding with its place first, then the hint on a line of its own."""
    place = f"{problem.path}:{problem.line}:{problem.column}"
    first = f"{place}: {problem.severity.value}: {problem.message} [{problem.rule}]"
    return (first, f"    {problem.hint}") if problem.hint else (first,)


def check_summary(problems: Sequence[Problem], manifests: int) -> str:
    """Say how many findings there are, in how many manifests."""
    if not problems:
        return f"{_counted(manifests, 'manifest')} checked, no problems"
    counts = Counter(problem.severity for problem in problems)
    parts = (_counted(counts[kind], kind.value) for kind in Severity if counts[kind])
    return f"{' and '.join(parts)} in {_counted(manifests, 'manifest')}"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def plan_lines(plan: Plan) -> tuple[str, ...]:
    """Say what becomes of the video and why, with old and new values of what changes."""
    first = f"{SIGNS[plan.verdict]} {plan.video}: {plan.verdict.value}, {'; '.join(plan.reasons)}"
    changes = (
        f"    {each.name}: {_value(each.old)} -> {_value(each.new)}" for each in plan.changes
    )
    return (first, *changes, *([f"    {plan.hint}"] if plan.hint else []))


def _value(value: Json) -> str:
    if value is None or value == "":
        return "(none)"
    if isinstance(value, list | tuple):
        return ", ".join(str(each) for each in value) or "(none)"
    text = str(value).replace("\n", "⏎")
    return text if len(text) <= 60 else text[:59] + "…"


def plan_summary(plans: Sequence[Plan]) -> str:
    """Say how many videos meet which verdict."""
    counts = Counter(plan.verdict for plan in plans)
    words = (_COUNTED[verdict].format(counts[verdict]) for verdict in Verdict if counts[verdict])
    return ", ".join(words) or "no videos"


_COUNTED: Final = MappingProxyType(
    {
        Verdict.CREATE: "{} to create",
        Verdict.RESUME: "{} to resume",
        Verdict.UPDATE: "{} to update",
        Verdict.UNCHANGED: "{} unchanged",
        Verdict.REFUSE: "{} refused",
    }
)


def event_lines(event: Event) -> tuple[str, ...]:
    """Say the happening in a line and its hint in another; nothing where it is not worth it."""
    words = _LINES.get(event.kind)
    if words is None:
        return ()
    if event.data.get("state") == "stopped":
        words = _STOPPED
    first = words.format_map(_Present({**event.data, **_derived(event)}))
    hint = event.data.get("hint")
    return (first, f"    {hint}") if hint else (first,)


def _derived(event: Event) -> dict[str, str]:
    """Put into words what the happening tells in numbers and names."""
    derived = {"video": short(event.video), "step": _step(event)}
    if event.kind is EventKind.PROGRESS:
        sent, total = bytes_of(event)
        derived |= {"sent": decimal(sent), "total": decimal(total)}
    if event.kind is EventKind.VIDEO_DONE:
        note = str(event.data.get("note", ""))
        derived["state"] = outcome(str(event.data.get("state")), _publish(event), note)
    return derived


def _step(event: Event) -> str:
    name = str(event.data.get("step", ""))
    return STEP_WORDS.get(name, name)


def _publish(event: Event) -> Publish:
    mode, at = event.data.get("publish", PublishMode.PUBLIC), event.data.get("publish_at")
    return Publish(PublishMode(str(mode)), datetime.fromisoformat(str(at)) if at else None)


def bytes_of(event: Event) -> tuple[int, int]:
    """Return how many bytes of a progress event were sent, and of how many."""
    sent, total = event.data.get("sent"), event.data.get("total")
    return (sent, total) if isinstance(sent, int) and isinstance(total, int) else (0, 0)


def bar_note(event: Event) -> str:
    """Say beside a bar what is going on."""
    return _step(event) or str(event.data.get("reason", ""))


def outcome(state: str, publish: Publish, note: str = "") -> str:
    """Say what became of a video, who can see it where not everybody can, and what is open."""
    return ", ".join(filter(None, (_outcome(state, publish), note)))


def _outcome(state: str, publish: Publish) -> str:
    if state not in _SEEN:
        return state
    if publish.mode is PublishMode.DRAFT and state == "published":
        return "saved as a draft"
    at = publish.at.strftime("%Y-%m-%d %H:%M %z") if publish.at else ""
    return _AUDIENCE[publish.mode].format(state=state, at=at)


_SEEN: Final = frozenset({"published", "updated", "unchanged"})
_AUDIENCE: Final = MappingProxyType(
    {
        PublishMode.PUBLIC: "{state}",
        PublishMode.PRIVATE: "{state}, private",
        PublishMode.DRAFT: "{state}, draft",
        PublishMode.SCHEDULED: "{state}, scheduled for {at}",
    }
)
_LINES: Final[Mapping[EventKind, str]] = MappingProxyType(
    {
        EventKind.SIGNED_IN: "{account}: signed in as {who}",
        EventKind.STEP_STARTED: "{video}: {step}",
        EventKind.PROGRESS: "{video}: {sent} of {total} sent",
        EventKind.WAITING: "{video}: {reason}; trying again in {seconds} s",
        EventKind.PROBLEM: "{path}:{line}:{column}: {severity}: {message} [{rule}]",
        EventKind.VIDEO_DONE: "{video}: {state} {url}",
        EventKind.VIDEO_FAILED: "{video}: {state}: {message}",
    }
)
_STOPPED: Final = "{video}: stopped"


class _Present(dict[str, object]):
    """Lets a sentence name members that this event lacks."""

    def __missing__(self, key: str) -> str:
        return ""


def short(video: str | None) -> str:
    """Shorten a video's key to its id."""
    return (video or "").rpartition("#")[2]


_DELETION: Final = MappingProxyType({StepState.OPEN: "deletion begun", StepState.DONE: "deleted"})


def receipt_name(path: Path, receipt: Receipt) -> str:
    """Name the receipt's video as `publish` does, by where its manifest lies or lay."""
    parts = path.parts
    folder = Path(*parts[: parts.index(FOLDER)]) if FOLDER in parts else Path()
    return f"{folder / receipt.manifest}#{receipt.video}"


def receipt_state(receipt: Receipt) -> str:
    """Say in a word or two how far the video has come."""
    if record := receipt.steps.get(DELETION):
        return _DELETION[record.state]
    if receipt.state("metadata") is StepState.DONE:
        waiting = receipt.state("encoded") is not StepState.DONE
        return "published, not yet seen encoded" if waiting else "published"
    if receipt.state("draft") is StepState.DONE:
        return "draft"
    upload = receipt.upload
    if upload and len(upload.done_parts) < upload.total_parts:
        return f"uploading, {len(upload.done_parts)} of {upload.total_parts} parts"
    return "begun"
