"""The job summary of GitHub Actions: tables of what was found, is to be done, and is there now.

It is Markdown whose structure is ours alone: hostile texts stay text, in a cell of one line.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from nicobatch.language import DIRECTION_MARKS, _, ngettext
from nicobatch.plan import Plan
from nicobatch.reports import ManifestsChecked, ReceiptsRead, findings, words
from nicobatch.reports.record import Case, Record, Root

LIMIT: Final = 1024 * 1024
"""Bytes of a step's summary; of a larger one GitHub shows nothing."""
_REST: Final = 300
"""Bytes that the line takes which says how many rows are left out."""
_LONGEST: Final = 500
"""Characters of a cell."""
_SPECIAL: Final = re.compile(r"[!-/:-@\[-`{-~]")
_PLAIN: Final = frozenset("%,-./=;?'\"()")
"""Punctuation that means nothing within a cell, as long as what stands around it is escaped."""
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


@dataclass(frozen=True, slots=True)
class StepFile:
    """A file that a runner names for a step; what other commands of the step wrote stays."""

    path: Path | None
    """None where the runner names none: nothing is written then."""

    def append(self, render: Callable[[int], str]) -> None:
        """Append what is made of the file's size in bytes."""
        with contextlib.suppress(OSError):  # no reason to end a run that does well
            if self.path:
                with self.path.open("a", encoding="utf-8", newline="\n") as file:
                    file.write(render(file.tell()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading, a table and a line below it; cells are Markdown."""

    heading: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    closing: str = ""

    def add_to(self, file: StepFile, *, share: float = 1.0) -> None:
        """Append it to the summary; it takes no more than its share of the room that is left."""
        file.append(lambda size: self.render(int((LIMIT - size) * share)))

    def render(self, room: int) -> str:
        """Return the Markdown with as many rows as there is room for, in bytes of UTF-8."""
        head = f"### {text(self.heading)}\n\n{table_head(self.columns) if self.rows else ''}"
        foot = f"\n{text(self.closing)}\n\n" if self.closing else "\n"
        lines, left = [head], room - len((head + foot).encode()) - _REST
        for number, cells in enumerate(self.rows):
            line = row(cells)
            left -= len(line.encode())
            if left < 0:
                lines.append(_left_out(len(self.rows) - number))
                break
            lines.append(line)
        whole = "".join([*lines, foot])
        return whole if len(whole.encode()) <= room else ""


def _left_out(number: int) -> str:
    words = ngettext(
        "… and {number} more, left out as GitHub takes no larger summary",
        "… and {number} more, left out as GitHub takes no larger summary",
        number,
    )
    return f"\n{words.format(number=number)}\n"


class Sections:
    """Makes the sections of one command's summary."""

    def __init__(self, command: str, environment: Mapping[str, str], root: Root) -> None:
        self._command = command
        self._root = root
        names = ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_SHA")
        server, repository, commit = (environment.get(name, "") for name in names)
        known = server and repository and commit
        self._address = f"{server}/{repository}/blob/{commit}" if known else ""
        """Where files can be read at the commit that the run is about; empty if nowhere."""

    def problems(self, checked: ManifestsChecked) -> Section:
        """List what the check found."""
        rows = [
            (
                self._link(f"{self._root.path(each.path)}:{each.line}", each.path, each.line),
                text(_of(_(each.severity.value), each.message, each.hint)),
                text(each.rule),
            )
            for each in checked.problems
        ]
        columns = (_("place"), _("problem"), _("rule"))
        return self._section(columns, rows, findings.check_summary(checked))

    def plans(self, plans: Sequence[Plan], record: Record) -> Section:
        """List what is to be done, by its sign."""
        rows = [
            (
                f"`{words.SIGNS[plan.verdict]}`",
                self._video(record[plan.video]),
                text(record[plan.video].title),
                _plan(plan),
            )
            for plan in plans
        ]
        columns = ("", _("video"), _("title"), _("plan"))
        return self._section(columns, rows, words.plan_summary(plans))

    def receipts(self, read: ReceiptsRead) -> Section:
        """List what the journal knows, and what the site says where it was asked."""
        rows = [
            (
                *map(text, words.receipt_cells(read, path)),
                link(receipt.remote.video_id, receipt.remote.url) if receipt.remote else "",
            )
            for path, receipt in read.receipts.items()
        ]
        return self._section((*words.receipt_columns(read), _("link")), rows)

    def videos(self, cases: Iterable[Case]) -> Section:
        """List what became of the videos."""
        rows = [
            (
                self._video(case),
                text(case.title),
                text(_state(case)),
                link(case.text("id"), case.text("url")),
            )
            for case in cases
        ]
        return self._section((_("video"), _("title"), _("state"), _("link")), rows)

    def _section(
        self, columns: Sequence[str], rows: Sequence[Sequence[str]], closing: str = ""
    ) -> Section:
        heading = f"nicobatch {self._command}"
        return Section(heading=heading, columns=columns, rows=rows, closing=closing)

    def _video(self, case: Case) -> str:
        """Return a video's key as a link to where it begins, or as text."""
        shown = f"{self._root.path(case.manifest)}#{case.name}"
        return self._link(shown, case.manifest, case.place.line)

    def _link(self, shown: str, path: Path, line: int) -> str:
        """Return words that lead to a line of a file, if it can be read there."""
        uri, inside = self._root.uri(path)
        return link(shown, f"{self._address}/{uri}#L{line}" if self._address and inside else "")


def _plan(plan: Plan) -> str:
    """Return the verdict, the entry that is there and every note, each on a line of the cell."""
    verdict = _of(_(plan.verdict.value), "; ".join(plan.reasons), plan.hint)
    there = [f"{plan.id} {plan.url}"] if plan.id else []
    notes = (f"{note.name}: {note.message}" for note in plan.notes)
    return "<br>".join(map(text, (verdict, *there, *notes)))


def _state(case: Case) -> str:
    if not case.end:
        return _("not begun") if case.began is None else _("unfinished")
    return _of(words.ended(case.end), case.text("message"), case.text("hint"))


def _of(first: str, *more: str) -> str:
    """Put what belongs together into one cell."""
    return ": ".join(filter(None, (first, " – ".join(filter(None, more)))))


def text(value: str) -> str:
    """Return text for a cell: shown as it is, on one line, cut where it is very long.

    A character that could begin something is written as its number, which begins nothing.
    """
    cut = value if len(value) <= _LONGEST else value[: _LONGEST - 1] + "…"
    line = _CONTROL.sub(" ", cut).translate(dict.fromkeys(DIRECTION_MARKS)).strip()
    escaped = _SPECIAL.sub(lambda found: _escaped(found[0]), line)
    # where there is a scheme, its colon is escaped already
    return re.sub(r"(?i)\b(www)\.", r"\1&#46;", escaped)


def _escaped(char: str) -> str:
    return char if char in _PLAIN else f"&#{ord(char)};"


def link(words: str, url: str) -> str:
    """Return a link, or the words alone where the address is none of the web's."""
    if not url.startswith(("https://", "http://")):
        return text(words)
    return f"[{text(words)}](<{quote(url, safe=':/?#&=%~+@,;')}>)"


def row(cells: Sequence[str]) -> str:
    """Return a line of a table."""
    return f"| {' | '.join(cells)} |\n"


def table_head(names: Iterable[str]) -> str:
    """Return a table's first two lines."""
    cells = [text(name) for name in names]
    return row(cells) + row(["---"] * len(cells))
