"""The words for a plan: what becomes of a video and why, and what exactly changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from rich.cells import cell_len

from nicobatch.language import _
from nicobatch.model import Json
from nicobatch.plan import FieldChange, Plan, Verdict
from nicobatch.reports import diffs
from nicobatch.reports.diffs import Mark
from nicobatch.reports.words import SIGNS

_VERDICT_STYLES: Final = MappingProxyType(
    {
        Verdict.CREATE: "green",
        Verdict.UPDATE: "yellow",
        Verdict.RESUME: "cyan",
        Verdict.UNCHANGED: "dim",
        Verdict.LEAVE: "italic",
        Verdict.REFUSE: "bold red",
    }
)
_TOUCHES: Final = frozenset({Verdict.UPDATE, Verdict.RESUME})
"""Verdicts on what is there: it is said what that is."""
_MARK_STYLES: Final = MappingProxyType({Mark.OLD: "red", Mark.NEW: "green", Mark.NONE: "dim"})
_FIELD: Final = "    "
_DETAIL: Final = "      "


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One line of a plan, and how it is to look."""

    text: str
    style: str = ""


def plan_lines(plan: Plan) -> Iterator[PlanLine]:
    """Say what becomes of the video and why, with old and new values of what changes."""
    first = _("{sign} {video}: {verdict}, {reasons}").format(
        sign=SIGNS[plan.verdict],
        video=plan.video,
        verdict=_(plan.verdict.value),
        reasons="; ".join(plan.reasons),
    )
    yield PlanLine(first, _VERDICT_STYLES[plan.verdict])
    if plan.id and plan.verdict in _TOUCHES:
        yield PlanLine(f"{_FIELD}{plan.id}  {plan.url}")
    notes = {note.name: note.message for note in plan.notes}
    for change in plan.changes:
        yield from change_lines(change)
        if message := notes.pop(change.name, ""):
            yield PlanLine(f"{_DETAIL}{message}", "yellow")
    for name, message in notes.items():
        yield PlanLine(f"{_FIELD}{name}: {message}", "yellow")
    if plan.hint:
        yield PlanLine(f"{_FIELD}{plan.hint}")


def change_lines(change: FieldChange) -> Iterator[PlanLine]:
    """Say the change in one line if it fits, else line by line or member by member."""
    if isinstance(change.old, Mapping) and isinstance(change.new, Mapping):
        yield from _member_lines(change, change.old, change.new)
        return
    lines = _list_lines(change) or _text_lines(change)
    if lines:
        yield PlanLine(f"{_FIELD}{change.name}:")
        for line in lines:
            text = f"{_DETAIL}{line.mark} {line.text}".rstrip()
            yield PlanLine(text, _MARK_STYLES[line.mark])
    else:
        yield PlanLine(f"{_FIELD}{_one_line(change)}")


def _member_lines(
    change: FieldChange, old: Mapping[str, Json], new: Mapping[str, Json]
) -> Iterator[PlanLine]:
    for name in dict.fromkeys((*old, *new)):
        if old.get(name) != new.get(name):
            member = f"{change.name}.{name}"
            yield from change_lines(
                FieldChange(name=member, old=old.get(name), new=new.get(name)),
            )


def _list_lines(change: FieldChange) -> list[diffs.Line]:
    old, new = change.old or (), change.new or ()
    if not (isinstance(old, list | tuple) and isinstance(new, list | tuple)):
        return []
    return diffs.of_lists([str(each) for each in old], [str(each) for each in new])


def _text_lines(change: FieldChange) -> list[diffs.Line]:
    """Return the difference of texts that one line has no room for."""
    old, new = change.old or "", change.new or ""
    if not (isinstance(old, str) and isinstance(new, str)):
        return []
    has_breaks = "\n" in old or "\n" in new
    return diffs.of_texts(old, new) if has_breaks or not _fits(change) else []


def _fits(change: FieldChange) -> bool:
    """Tell whether a line shows the change, which it does not where both values look alike."""
    alike = diffs.of_texts(str(change.old or ""), str(change.new or ""))[0].mark is Mark.NONE
    return not alike and cell_len(_one_line(change)) <= diffs.WIDTH


def _one_line(change: FieldChange) -> str:
    write = _WRITERS.get(change.name, _value)
    return f"{change.name}: {write(change.old)} -> {write(change.new)}"


def _value(value: Json) -> str:
    """Write a value much as the manifest has it."""
    if value is None or value == "":
        return _("(none)")
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_value(each)}" for name, each in value.items())
    return str(value)


def _clock(value: Json) -> str:
    """Write milliseconds as a time of the video."""
    if not isinstance(value, int):
        return _value(value)
    minutes, rest = divmod(value, 60_000)
    return f"{minutes // 60}:{minutes % 60:02}:{rest / 1000:06.3f}"


_WRITERS: Final[Mapping[str, Callable[[Json], str]]] = MappingProxyType(
    {"thumbnail.timing": _clock}
)
