"""Reports for people: findings, plans and tables on stdout, progress and errors on stderr."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeVar

from rich.console import Console
from rich.text import Text

from nicobatch import events
from nicobatch.errors import Ended, NicobatchError
from nicobatch.events import Event
from nicobatch.language import _
from nicobatch.model import Json, Problem, Receipt, Severity, Video
from nicobatch.plan import Plan, Verdict
from nicobatch.reports import words
from nicobatch.reports.hits import found_lines, hit_table
from nicobatch.reports.plans import plan_lines
from nicobatch.reports.progress import Bars, Lines, Progress
from nicobatch.reports.report import Row, Said, Summary
from nicobatch.reports.terminal import Heading, console, is_cut, print_table, shown, width_of

_STYLES: Final = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}
_NEVER_QUIET: Final = (
    events.VideoFailed,
    events.ProblemFound,
    events.FolderChanged,
    events.UnitChanged,
)
_HINTS: Final = 200
"""How many hints are remembered, so that none is given twice: a watcher runs for a year."""
_Cell = TypeVar("_Cell")
_URL: Final = Heading("URL", folds=False)
_STATE_STYLES: Final = {
    "published": "green",
    "updated": "green",
    "refused": "red",
    "failed": "red",
    "stopped": "yellow",
    "unfinished": "yellow",
    "skipped": "yellow",
}


class TextReport:
    """Writes for people; `quiet` keeps to findings, failures and the closing table.

    `progress` shows happenings in another way than bars or lines.
    """

    def __init__(
        self,
        *,
        quiet: bool = False,
        color: bool = True,
        bars: bool = True,
        progress: Callable[[Console], Progress] | None = None,
    ) -> None:
        self._out = console(color=color)
        self._err = console(color=color, stderr=True)
        self._quiet = quiet
        self._hints: deque[Json] = deque(maxlen=_HINTS)
        moving = self._err.is_interactive and not self._err.is_dumb_terminal
        shows = progress or (Bars if bars and moving and not quiet else Lines)
        self._progress: Progress = shows(self._err)

    def videos(self, videos: Sequence[Video]) -> None:
        """Have no use for it: a video is told of when something happens to it."""

    def problems(self, problems: Sequence[Problem], manifests: Sequence[Path]) -> None:
        """Print every finding, then how many there are."""
        noted: set[str] = set()
        for problem in problems:
            first, *rest = words.problem_lines(problem)
            if problem.severity is Severity.NOTE:
                if self._quiet:
                    continue
                rest = [] if problem.rule in noted else rest
                noted.add(problem.rule)
            self._say(first, _STYLES[problem.severity])
            for line in rest:
                self._say(line, "dim")
        if problems or not self._quiet:
            self._say(words.check_summary(problems, len(manifests)))

    def plans(self, plans: Sequence[Plan]) -> None:
        """Print what becomes of each video, then how many meet which verdict."""
        for plan in plans:
            if self._quiet and plan.verdict in {Verdict.UNCHANGED, Verdict.LEAVE}:
                continue
            for line in plan_lines(plan):
                self._say(line.text, line.style)
        self._say(words.plan_summary(plans))

    def receipts(
        self, receipts: Sequence[tuple[Path, Receipt]], site: Mapping[Path, Said] | None = None
    ) -> None:
        """Print a table of what the journal knows, and what the site says where it was asked."""
        if not receipts:
            self._say(_("no receipts: nothing was published from here yet"))
            return
        asked = [] if site is None else [_("site"), _("visitors")]
        headings = (*map(Heading, (_("video"), _("state"), *asked, _("account"))), _URL)
        rows = []
        for path, receipt in receipts:
            name, state = words.receipt_name(path, receipt), words.receipt_state(receipt)
            said = [] if site is None else words.said(site[path])
            cells = map(shown, (name, state, *said, receipt.account))
            rows.append([*cells, _url(receipt)])
        print_table(self._out, headings, rows)

    def hits(self, hits: Sequence[Mapping[str, Json]], summary: Summary) -> None:
        """Print a table of the hits, then how many there are."""
        if hits:
            print_table(self._out, *hit_table(hits, self._out.width))
        for line in found_lines(len(hits), summary):
            self._say(line)

    def event(self, event: Event) -> None:
        """Show progress; say what happened, and a hint when it is given for the first time."""
        if self._quiet and not isinstance(event, _NEVER_QUIET):
            return
        self._progress.show(self._unrepeated(event))

    def _unrepeated(self, event: Event) -> Event:
        """Return the event without a hint that was given already."""
        problem = event.problem if isinstance(event, events.ProblemFound) else None
        hint = problem.hint if problem else getattr(event, "hint", "")
        if not hint:
            return event
        if hint not in self._hints:
            self._hints.append(hint)
            return event
        if isinstance(event, events.ProblemFound):
            return replace(event, problem=replace(event.problem, hint=""))
        return replace(event, hint="")  # type: ignore[call-arg]  # it has one

    def outcomes(self, rows: Sequence[Row]) -> None:
        """Print the closing table; where it does not fit into the terminal, without titles."""
        self._progress.close()
        headings = [*map(Heading, (_("video"), _("title"), _("state"))), _URL]
        cells = [_outcome(row) for row in rows]
        if is_cut(self._out) and width_of(headings, cells) > self._out.width:
            headings, cells = _untitled(headings), [_untitled(row) for row in cells]
        print_table(self._out, headings, cells)

    def error(self, error: NicobatchError) -> None:
        """Print what ended the command, and what to do about it."""
        self._progress.close()
        first, *rest = words.error_lines(error)
        style = "yellow" if isinstance(error, Ended) else "bold red"
        for line, color in ((first, style), *((each, "") for each in rest)):
            self._err.print(shown(line, color), soft_wrap=True)

    def answer(self, words: str, data: Mapping[str, Json]) -> None:  # noqa: ARG002 - for programs
        """Print the command's result, which may be several lines."""
        for line in words.split("\n"):
            self._say(line)

    def close(self) -> None:
        """Take the progress bars off the terminal."""
        self._progress.close()

    def _say(self, line: str, style: str = "") -> None:
        self._out.print(shown(line, style), soft_wrap=True)


def _outcome(row: Row) -> list[Text]:
    state = words.outcome(str(row.state), row.publish, row.note)
    styled = shown(state, _STATE_STYLES.get(str(row.state), ""))
    return [shown(row.video), shown(row.title), styled, _url(row.receipt)]


def _untitled(cells: Sequence[_Cell]) -> list[_Cell]:
    return [*cells[:1], *cells[2:]]


def _url(receipt: Receipt | None) -> Text:
    return shown(receipt.remote.url if receipt and receipt.remote else "")
