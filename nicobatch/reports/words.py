"""The sentences of the text reports: pure functions from what happened to what is said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Final

from rich.filesize import decimal

from nicobatch import events
from nicobatch.errors import Ended, NicobatchError
from nicobatch.events import End, Event
from nicobatch.journal import FOLDER
from nicobatch.language import N_, _
from nicobatch.model import Publish, PublishMode, split_key
from nicobatch.plan import Plan, Verdict
from nicobatch.receipt import DELETION, Receipt, ReceiptPlace, StepState
from nicobatch.reports import ReceiptsRead
from nicobatch.reports.findings import hinted, problem_lines
from nicobatch.sites.base import Role, StepTable

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


def error_lines(error: NicobatchError) -> tuple[str, ...]:
    """Say what ended the command, then what to do about it on a line of its own."""
    first = str(error) if isinstance(error, Ended) else _("error: {message}").format(message=error)
    return hinted(first, error.hint)


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
    match event:
        case events.ProblemFound():
            return problem_lines(event.problem)
        case events.VideoDone() | events.VideoFailed():
            first = _end_line(event)
        case events.WatchStarted() | events.FolderChanged() | events.UnitChanged() | events.Moved():
            first = event.message
        case events.Notified():
            if event.state == "sent":
                return ()
            first, *more = event.message.split("\n")
            return (*hinted(first, event.hint), *(f"    {line}" for line in more))
        case _:
            first = _progress_line(event)
    return hinted(first, getattr(event, "hint", "")) if first else ()


def _progress_line(event: Event) -> str:
    video = short(event.about)
    match event:
        case events.SignedIn():
            account = f"{event.account}@{event.site}" if event.site else event.account
            return _("{account}: signed in as {who}").format(account=account, who=event.who)
        case events.StepStarted():
            return f"{video}: {step(event)}"
        case events.Progress():
            words, sent, total = _("{video}: {sent} of {total} sent"), event.sent, event.total
            return words.format(video=video, sent=decimal(sent), total=decimal(total))
        case events.Waiting() if not video:
            return event.reason
        case events.Waiting():
            words = _("{video}: {reason}; trying again in {seconds} s")
            return words.format(video=video, reason=event.reason, seconds=event.seconds)
    return ""


def _end_line(event: End) -> str:
    if event.state == "stopped":
        return _("{video}: stopped").format(video=short(event.about))
    rest = f" {event.url}" if isinstance(event, events.VideoDone) else f": {event.message}"
    return f"{short(event.about)}: {ended(event)}{rest}"


def short(video: str) -> str:
    """Shorten a video's key to its id."""
    return split_key(video)[1]


def step(event: events.StepStarted) -> str:
    """Say what is going on in a step; one that its site has no words for goes by its name."""
    return _(event.label) or event.step


def ended(event: End) -> str:
    """Say what became of a video."""
    if isinstance(event, events.VideoFailed):
        return _(event.state)
    at = datetime.fromisoformat(event.publish_at) if event.publish_at else None
    return outcome(event.state, Publish(PublishMode(event.publish), at), event.note)


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
_DELETION: Final = MappingProxyType(
    {StepState.OPEN: N_("deletion begun"), StepState.DONE: N_("deleted")}
)


def receipt_name(path: Path, receipt: Receipt) -> str:
    """Name the receipt's video as `publish` does; beside its manifest, by where it lies now."""
    parts = path.parts
    if FOLDER not in parts:
        return receipt.key
    folder = Path(*parts[: parts.index(FOLDER)])
    return str(folder / ReceiptPlace.of(path, receipt.site).key)


def receipt_columns(read: ReceiptsRead) -> list[str]:
    """Name the columns of `receipt_cells`."""
    asked = [] if read.site is None else [_("site"), _("visitors")]
    return [_("video"), _("state"), *asked, _("account")]


def receipt_cells(read: ReceiptsRead, path: Path) -> list[str]:
    """Say of one receipt what it is of, how far it has come, and what the site says of it."""
    receipt = read.receipts[path]
    state = receipt_state(receipt, read.tables(receipt.site))
    said = read.site[path] if read.site is not None else None
    told = [_(said.site), said.told or _(said.visitors)] if said else []
    return [receipt_name(path, receipt), state, *told, receipt.account]


def receipt_state(receipt: Receipt, table: StepTable) -> str:
    """Say in a word or two how far the video has come through the steps of its site."""
    if record := receipt.steps.get(DELETION):
        return _(_DELETION[record.state])
    done = {name for name, record in receipt.steps.items() if record.state is StepState.DONE}
    if done & table.names(Role.PUBLISHES):
        waiting = table.processing - done
        return _("published, perhaps still encoding") if waiting else _("published")
    if done & table.names(Role.CLOSES):
        return _("draft")
    uploads = receipt.uploads.values()
    if not all(each.is_sent for each in uploads):
        return _("uploading, {done} of {total} parts").format(
            done=sum(len(each.done_parts) for each in uploads),
            total=sum(each.total_parts for each in uploads),
        )
    return _("unfinished")
