"""The job summary: sections that are added to the step's file, never more than GitHub takes."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nicobatch.language import ngettext
from nicobatch.reports.github.markdown import row, table_head, text

LIMIT: Final = 1024 * 1024
"""Bytes of a step's summary; of a larger one GitHub shows nothing."""
_REST: Final = 300
"""Bytes that the line takes which says how many rows are left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading, a table and a line below it; cells are Markdown."""

    heading: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    closing: str = ""

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


@dataclass(frozen=True, slots=True)
class Summary:
    """The file that GITHUB_STEP_SUMMARY names; what other commands of the step wrote stays."""

    file: Path

    def add(self, section: Section, *, share: float = 1.0) -> None:
        """Append the section; it takes no more than its share of the room that is left."""
        with (
            contextlib.suppress(OSError),  # no reason to end a run that does well
            self.file.open("a", encoding="utf-8", newline="\n") as file,
        ):
            file.write(section.render(int((LIMIT - file.tell()) * share)))


def _left_out(number: int) -> str:
    words = ngettext(
        "… and {number} more, left out as GitHub takes no larger summary",
        "… and {number} more, left out as GitHub takes no larger summary",
        number,
    )
    return f"\n{words.format(number=number)}\n"
