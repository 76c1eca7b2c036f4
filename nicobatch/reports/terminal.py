"""Consoles that show text as it is: no markup, no guesses, no control characters."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from rich.cells import cell_len
from rich.console import Console
from rich.segment import Segment, Segments
from rich.style import Style
from rich.table import Table
from rich.text import Text

from nicobatch.installation import rule_page
from nicobatch.language import pictured
from nicobatch.reports.colors import is_dumb, is_painted, is_set, is_terminal

UNLIMITED: Final = 10_000
"""Columns of an output that is no terminal: nothing is folded or cut."""
GAP: Final = 2
"""Columns of a terminal between two cells of a table."""


class _Console(Console):
    """Goes silent, and lets the work go on, when the reader of a pipe has gone."""

    def on_broken_pipe(self) -> None:
        self.quiet = True


def console(*, color: bool, stderr: bool = False) -> Console:
    """Return a console for one of the standard streams; `color` says whether there may be any."""
    terminal = is_terminal(sys.stderr if stderr else sys.stdout, os.environ)
    painted = color and is_painted(os.environ, terminal=terminal)
    return _Console(
        stderr=stderr,
        force_terminal=terminal or painted,
        force_interactive=terminal and not is_set("CI", os.environ),
        color_system=_colors(os.environ) if painted else None,
        width=None if terminal else UNLIMITED,
        height=None if terminal else 1,  # given both, a dumb one's 80 columns are not assumed
        highlight=False,
        markup=False,
        emoji=False,
    )


def _colors(environment: Mapping[str, str]) -> Literal["auto", "standard"]:
    """Leave the number of colors to the terminal; one that is said to know none is asked for 16."""
    return "standard" if is_dumb(environment) else "auto"


def print_table(out: Console, headings: Sequence[Heading], rows: Sequence[Sequence[Text]]) -> None:
    """Print rows under headings: aligned on a terminal, else a tab between two cells.

    On a terminal a cell folds where it must, unless its heading says that it never does.
    """
    if not is_cut(out):
        for cells in ([shown(each.name) for each in headings], *rows):
            out.print(Segments(_tabbed(out, cells)))  # as one text, tabs would become blanks
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for each in headings:
        justify: Literal["left", "right"] = "right" if each.numeric else "left"
        table.add_column(each.name, overflow="fold", no_wrap=not each.folds, justify=justify)
    for cells in rows:
        table.add_row(*cells)
    out.print(table)


def _tabbed(out: Console, cells: Sequence[Text]) -> Iterator[Segment]:
    for index, cell in enumerate(cells):
        yield Segment("\t" if index else "")
        yield Segment(cell.plain, out.get_style(cell.style))
    yield Segment("\n")


def width_of(headings: Sequence[Heading], rows: Sequence[Sequence[Text]]) -> int:
    """Return how many columns of a terminal the table takes with nothing folded."""
    texts = ([cell.plain for cell in row] for row in rows)
    columns = zip([each.name for each in headings], *texts, strict=True)
    return sum(GAP + max(map(cell_len, column)) for column in columns) - GAP


@dataclass(frozen=True, slots=True)
class Heading:
    """A column of a table."""

    name: str
    folds: bool = True
    numeric: bool = False


def is_cut(out: Console) -> bool:
    """Tell whether the output has an edge, as a terminal does, beyond which nothing is seen."""
    return out.width < UNLIMITED


def linked(text: Text, rule: str, out: Console) -> Text:
    """Have the rule's name at the end of a finding lead to its page, where `out` can be clicked.

    That is a terminal, not a log that is painted like one, nor the console of Linux. Without a rule
    the text stays as it is.
    """
    name = f"[{rule}]"
    if (
        rule
        and text.plain.endswith(name)
        and out.file.isatty()
        and os.environ.get("TERM") != "linux"
    ):
        text.stylize(Style(link=rule_page(rule)), len(text) - len(name) + 1, len(text) - 1)
    return text


def shown(text: str, style: str = "") -> Text:
    """Return the text as a terminal can be shown it."""
    return Text(pictured(text), style)
