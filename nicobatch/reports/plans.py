"""The words for a plan: what becomes of a video and why, and what exactly changes."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from rich.cells import cell_len, set_cell_size

from nicobatch.language import _, ngettext
from nicobatch.model import Json, split_key
from nicobatch.plan import FieldChange, Plan, Verdict
from nicobatch.reports.words import SIGNS

WIDTH: Final = 96
"""Cells of a line, a full-width character taking two: what is longer is cut around the change."""
MOST_LINES: Final = 40
_AROUND: Final = 24
"""Characters that stay before a change when the line is cut."""
_CONTEXT: Final = 1
"""Unchanged lines around a change."""
_UNSEEN: Final = dict.fromkeys((0x00AD, 0x200B, 0x2060, 0xFEFF))
"""Characters that take no room by themselves."""
_FIELD: Final = "    "
_DETAIL: Final = "      "
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


class Mark(StrEnum):
    """What a line tells of, by the sign before it."""

    OLD = "-"
    NEW = "+"
    NONE = " "


@dataclass(frozen=True, slots=True)
class DiffLine:
    """One line of a difference."""

    mark: Mark
    text: str


_MARK_STYLES: Final = MappingProxyType({Mark.OLD: "red", Mark.NEW: "green", Mark.NONE: "dim"})


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
    if plan.id and plan.verdict in {Verdict.UPDATE, Verdict.RESUME}:
        yield PlanLine(f"{_FIELD}{plan.id}  {plan.url}")
    if plan.publish_at:
        at = datetime.fromisoformat(plan.publish_at).isoformat(" ", "minutes")
        yield PlanLine(f"{_FIELD}publish.at: {at}")
    yield from _source_lines(plan)
    notes: dict[str, list[str]] = {}
    for note in plan.notes:
        notes.setdefault(note.name, []).append(note.message)
    for change in plan.changes:
        yield from change_lines(change)
        for message in notes.pop(change.name, ()):
            yield PlanLine(f"{_DETAIL}{message}", "yellow")
    for name, messages in notes.items():
        for message in messages:
            yield PlanLine(f"{_FIELD}{name}: {message}", "yellow")
    if plan.hint:
        yield PlanLine(f"{_FIELD}{plan.hint}")


def _source_lines(plan: Plan) -> Iterator[PlanLine]:
    """Say of each value where it stands; lines that tell so much alike are quiet ones."""
    manifest = split_key(plan.video)[0]
    for each in plan.sources:
        words = [each.layer]
        if each.file:
            words.append(_("text of {file}").format(file=each.file))
        elif each.made:
            words.append(_("filled in"))
        told = _(", ").join(words)
        yield PlanLine(f"{_FIELD}{each.name}: {manifest}:{each.line}:{each.column} {told}", "dim")


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


def _list_lines(change: FieldChange) -> list[DiffLine]:
    old, new = change.old or (), change.new or ()
    if not (isinstance(old, list | tuple) and isinstance(new, list | tuple)):
        return []
    return list_differences(list(map(_item, old)), list(map(_item, new)))


def _item(item: Json) -> str:
    """Return a member of a list in one line; of a page its words, and not its bytes."""
    if not isinstance(item, Mapping):
        return str(item)
    return ", ".join(f"{name}: {each}" for name, each in item.items() if each and name != "sha256")


def _text_lines(change: FieldChange) -> list[DiffLine]:
    """Return the difference of texts that one line has no room for."""
    old, new = change.old or "", change.new or ""
    if not (isinstance(old, str) and isinstance(new, str)):
        return []
    has_breaks = "\n" in old or "\n" in new
    return text_differences(old, new) if has_breaks or not _fits(change) else []


def _fits(change: FieldChange) -> bool:
    """Tell whether a line shows the change, which it does not where both values look alike."""
    alike = text_differences(str(change.old or ""), str(change.new or ""))[0].mark is Mark.NONE
    return not alike and cell_len(_one_line(change)) <= WIDTH


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


def _fingerprint(value: Json) -> str:
    """Write a file's SHA-256 as far as people compare it."""
    return str(value)[:_COMPARED] if value else _value(value)


_COMPARED: Final = 12
"""Hexadecimal digits."""
_WRITERS: Final[Mapping[str, Callable[[Json], str]]] = MappingProxyType(
    {"thumbnail.timing": _clock, "thumbnail.file": _fingerprint}
)


def list_differences(old: Sequence[str], new: Sequence[str]) -> list[DiffLine]:
    """Return what went and what came; of the same members in another order, both orders."""
    gone = [DiffLine(Mark.OLD, each) for each in old if each not in new]
    came = [DiffLine(Mark.NEW, each) for each in new if each not in old]
    if gone or came:
        return gone + came
    return [DiffLine(Mark.OLD, ", ".join(old)), DiffLine(Mark.NEW, ", ".join(new))]


def text_differences(old: str, new: str) -> list[DiffLine]:
    """Return the lines that differ, with those around them, each cut to what is worth reading."""
    if _looks(old) == _looks(new):
        words = _("only blanks, line breaks or the spelling in Unicode differ")
        return [DiffLine(Mark.NONE, words)]
    lines = list(_changed(old.splitlines(), new.splitlines()))
    left_out = len(lines) - MOST_LINES
    if left_out <= 0:
        return lines
    words = ngettext("… and {number} more line", "… and {number} more lines", left_out)
    return [*lines[:MOST_LINES], DiffLine(Mark.NONE, words.format(number=left_out))]


def _looks(text: str) -> list[str]:
    """Return the lines as a reader sees them."""
    seen = unicodedata.normalize("NFC", text).translate(_UNSEEN).rstrip()
    return [line.rstrip() for line in seen.splitlines()]


def _changed(old: Sequence[str], new: Sequence[str]) -> Iterator[DiffLine]:
    groups = difflib.SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(_CONTEXT)
    for number, group in enumerate(groups):
        if number:
            yield DiffLine(Mark.NONE, "…")
        for kind, first, end, new_first, new_end in group:
            if kind == "equal":
                yield from (DiffLine(Mark.NONE, _cut(line)) for line in old[first:end])
            else:
                yield from _exchanged(old[first:end], new[new_first:new_end])


def _exchanged(old: Sequence[str], new: Sequence[str]) -> Iterator[DiffLine]:
    """Yield both, lines that stand for one another cut around the place where they differ."""
    starts = [0] * max(len(old), len(new))
    if len(old) == len(new):
        starts = [_common(*pair) for pair in zip(old, new, strict=True)]
    for mark, lines in ((Mark.OLD, old), (Mark.NEW, new)):
        for line, start in zip(lines, starts, strict=False):
            yield DiffLine(mark, _cut(line, start))


def _common(one: str, other: str) -> int:
    """Return how many characters both begin with."""
    pairs = enumerate(zip(one, other, strict=False))
    differing = (number for number, (a, b) in pairs if a != b)
    return next(differing, min(len(one), len(other)))


def _cut(line: str, start: int = 0) -> str:
    """Return as much of the line as is worth reading, from shortly before `start` on."""
    if cell_len(line) <= WIDTH:
        return line
    if start > _AROUND:
        line = "…" + line[start - _AROUND :]
    return line if cell_len(line) <= WIDTH else set_cell_size(line, WIDTH - 1).rstrip() + "…"
