"""The sentences of the text reports: pure functions from what happened to what is said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Final

from rich.filesize import decimal

from nicobatch import events
from nicobatch.errors import Ended, NicobatchError
from nicobatch.events import Event
from nicobatch.journal import FOLDER
from nicobatch.language import N_, _, ngettext
from nicobatch.model import (
    DELETION,
    Json,
    Problem,
    Publish,
    PublishMode,
    Receipt,
    ReceiptPlace,
    Severity,
    StepState,
    split_key,
)
from nicobatch.plan import Plan, Verdict
from nicobatch.reports import ManifestsChecked, ReceiptsRead, Said

SIGNS: Final = MappingProxyType(
    {
        Verdict.CREATE: "+",
        Verdict.UPDATE: "~",
        Verdict.RESUME: ">",
        Verdict.UNCHANGED: "=",
        Verdict.LEAVE: ".",
        Verdict.REFUSE: "!",
    }
)


def problem_lines(problem: Problem) -> tuple[str, ...]:
    """Say the finding with its place first, then the hint on a line of its own."""
    place = f"{problem.path}:{problem.line}:{problem.column}"
    first = f"{place}: {_(problem.severity.value)}: {problem.message} [{problem.rule}]"
    return (first, f"    {problem.hint}") if problem.hint else (first,)


def error_lines(error: NicobatchError) -> tuple[str, ...]:
    """Say what ended the command, then what to do about it on a line of its own."""
    first = str(error) if isinstance(error, Ended) else _("error: {message}").format(message=error)
    return (first, f"    {error.hint}") if error.hint else (first,)


def check_summary(checked: ManifestsChecked) -> str:
    """Say how many findings there are, in how many manifests."""
    problems, manifests = checked.problems, len(checked.manifests)
    faults = sum(each.severity is not Severity.NOTE for each in problems)
    if faults and not manifests:
        return _without_manifests(faults)
    counts = Counter(problem.severity for problem in problems)
    template = _SUMMARIES[bool(counts[Severity.ERROR]), bool(counts[Severity.WARNING])]
    return _(template).format(
        manifests=_manifests(manifests),
        errors=_errors(counts[Severity.ERROR]),
        warnings=_warnings(counts[Severity.WARNING]),
    )


_SUMMARIES: Final = MappingProxyType(
    {
        (False, False): N_("{manifests} checked, no problems"),
        (True, False): N_("{errors} in {manifests}"),
        (False, True): N_("{warnings} in {manifests}"),
        (True, True): N_("{errors} and {warnings} in {manifests}"),
    }
)
"""By whether there are errors, and whether there are warnings."""


def _without_manifests(count: int) -> str:
    return ngettext(
        "{count} problem, and no manifest to check",
        "{count} problems, and no manifest to check",
        count,
    ).format(count=count)


def _manifests(count: int) -> str:
    return ngettext("{count} manifest", "{count} manifests", count).format(count=count)


def _errors(count: int) -> str:
    return ngettext("{count} error", "{count} errors", count).format(count=count)


def _warnings(count: int) -> str:
    return ngettext("{count} warning", "{count} warnings", count).format(count=count)


def plan_summary(plans: Sequence[Plan], *, flawed: int = 0) -> str:
    """Say how many videos meet which verdict, and how many have errors instead of one."""
    counts = Counter(plan.verdict for plan in plans)
    words = [
        _(_COUNTED[verdict]).format(count=counts[verdict]) for verdict in Verdict if counts[verdict]
    ]
    if flawed:
        words.append(_("{count} with errors").format(count=flawed))
    return _(", ").join(words) or _("no videos")


_COUNTED: Final = MappingProxyType(
    {
        Verdict.CREATE: N_("{count} to create"),
        Verdict.RESUME: N_("{count} to resume"),
        Verdict.UPDATE: N_("{count} to update"),
        Verdict.UNCHANGED: N_("{count} unchanged"),
        Verdict.LEAVE: N_("{count} left alone"),
        Verdict.REFUSE: N_("{count} refused"),
    }
)


def event_lines(event: Event) -> tuple[str, ...]:
    """Say the happening in a line and its hint in another; nothing where it is not worth it."""
    words = _LINES.get(type(event))
    if words is None:
        return ()
    data = event.data
    if data.get("state") == "stopped":
        words = _STOPPED
    first = _(words).format_map(_Present({**data, **_derived(event, data)}))
    if not first:
        return ()
    hint = data.get("hint")
    return (first, f"    {hint}") if hint else (first,)


def _derived(event: Event, data: Mapping[str, Json]) -> dict[str, str]:
    """Put into words what the happening tells in numbers and names."""
    derived = {"video": short(event.video)}
    for name in ("state", "severity"):
        derived[name] = _(str(data.get(name, "")))
    if isinstance(event, events.StepStarted):
        derived["step"] = step(event)
    if isinstance(event, events.Progress):
        derived |= {"sent": decimal(event.sent), "total": decimal(event.total)}
    if isinstance(event, events.VideoDone):
        derived["state"] = ended(data)
    return derived


def ended(data: Mapping[str, Json]) -> str:
    """Say what became of a video by what the happening tells that was its end."""
    return outcome(str(data.get("state", "")), _publish(data), str(data.get("note", "")))


def _publish(data: Mapping[str, Json]) -> Publish:
    mode, at = data.get("publish", PublishMode.PUBLIC), data.get("publish_at")
    return Publish(PublishMode(str(mode)), datetime.fromisoformat(str(at)) if at else None)


def step(event: events.StepStarted) -> str:
    """Say what is going on in a step; one that its site has no words for goes by its name."""
    return _(event.label) or event.step


def outcome(state: str, publish: Publish, note: str = "") -> str:
    """Say what became of a video, who can see it where not everybody can, and what is open."""
    return _(", ").join(filter(None, (_outcome(state, publish), note)))


def _outcome(state: str, publish: Publish) -> str:
    if state not in _SEEN:
        return _(state)
    if publish.mode is PublishMode.DRAFT and state == "published":
        return _("saved as a draft")
    at = publish.at.strftime("%Y-%m-%d %H:%M %z") if publish.at else ""
    return _(_AUDIENCE[publish.mode]).format(state=_(state), at=at)


_SEEN: Final = frozenset({"published", "updated", "unchanged"})
_AUDIENCE: Final = MappingProxyType(
    {
        PublishMode.PUBLIC: "{state}",
        PublishMode.PRIVATE: N_("{state}, private"),
        PublishMode.DRAFT: N_("{state}, draft"),
        PublishMode.SCHEDULED: N_("{state}, scheduled for {at}"),
    }
)
_LINES: Final[Mapping[type[Event], str]] = MappingProxyType(
    {
        events.SignedIn: N_("{account}: signed in as {who}"),
        events.StepStarted: "{video}: {step}",
        events.Progress: N_("{video}: {sent} of {total} sent"),
        events.Waiting: N_("{video}: {reason}; trying again in {seconds} s"),
        events.ProblemFound: "{path}:{line}:{column}: {severity}: {message} [{rule}]",
        events.VideoDone: "{video}: {state} {url}",
        events.VideoFailed: "{video}: {state}: {message}",
        events.WatchStarted: "{message}",
        events.FolderChanged: "{message}",
        events.UnitChanged: "{message}",
        events.Moved: "{message}",
    }
)
_STOPPED: Final = N_("{video}: stopped")


class _Present(dict[str, object]):
    """Lets a sentence name members that this event lacks."""

    def __missing__(self, key: str) -> str:
        return ""


def short(video: str | None) -> str:
    """Shorten a video's key to its id."""
    return split_key(video)[1] if video else ""


_DELETION: Final = MappingProxyType(
    {StepState.OPEN: N_("deletion begun"), StepState.DONE: N_("deleted")}
)


def receipt_name(path: Path, receipt: Receipt) -> str:
    """Name the receipt's video as `publish` does; beside its manifest, by where it lies now."""
    parts = path.parts
    if FOLDER not in parts:
        return f"{receipt.manifest}#{receipt.video}"
    folder = Path(*parts[: parts.index(FOLDER)])
    return str(folder / ReceiptPlace.of(path, receipt.site).key)


def receipt_columns(read: ReceiptsRead) -> list[str]:
    """Name the columns of `receipt_cells`."""
    asked = [] if read.site is None else [_("site"), _("visitors")]
    return [_("video"), _("state"), *asked, _("account")]


def receipt_cells(read: ReceiptsRead, path: Path) -> list[str]:
    """Say of one receipt what it is of, how far it has come, and what the site says of it."""
    receipt = read.receipts[path]
    said = [] if read.site is None else _said(read.site[path])
    return [receipt_name(path, receipt), receipt_state(receipt), *said, receipt.account]


def _said(site: Said) -> list[str]:
    """Say in a word or two what the site says of a video, to its owner and to visitors."""
    return [_(site.site), site.told or _(site.visitors)]


def receipt_state(receipt: Receipt) -> str:
    """Say in a word or two how far the video has come."""
    if record := receipt.steps.get(DELETION):
        return _(_DELETION[record.state])
    if receipt.state("metadata") is StepState.DONE:
        waiting = receipt.state("encoded") is not StepState.DONE
        return _("published, perhaps still encoding") if waiting else _("published")
    if receipt.state("draft") is StepState.DONE:
        return _("draft")
    uploads = receipt.uploads.values()
    if not all(each.is_sent for each in uploads):
        return _("uploading, {done} of {total} parts").format(
            done=sum(len(each.done_parts) for each in uploads),
            total=sum(each.total_parts for each in uploads),
        )
    return _("unfinished")
