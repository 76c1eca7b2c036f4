"""Reports for people: findings, plans and tables on stdout, progress and errors on stderr."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final, TypeAlias

from rich.console import Console
from rich.text import Text

from nicobatch import events, reports
from nicobatch.errors import Ended, NicobatchError
from nicobatch.events import Event
from nicobatch.language import _
from nicobatch.model import Json
from nicobatch.pipeline.outcome import Outcome
from nicobatch.plan import Verdict
from nicobatch.receipt import Receipt
from nicobatch.reports import findings, words
from nicobatch.reports.comments import CommentEvent, broadcast_table, comment_line
from nicobatch.reports.hits import found_lines, hit_table, yaml_list
from nicobatch.reports.plans import plan_lines
from nicobatch.reports.progress import Bars, Lines
from nicobatch.reports.terminal import (
    Heading,
    console,
    is_cut,
    linked,
    print_table,
    shown,
    width_of,
)

_NEVER_QUIET: Final = (
    events.VideoFailed,
    events.ProblemFound,
    events.FolderChanged,
    events.UnitChanged,
    events.Notified,
)
_HINTS: Final = 200
"""How many hints are remembered, so that none is given twice: a watcher runs for a year."""
Listed: TypeAlias = reports.ReceiptsRead | reports.HitsFound | reports.BroadcastsFound
_TITLE: Final = 1
"""The column that a narrow terminal is spared."""
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

    `progress` shows happenings in another way than bars or lines; `yaml` writes hits as a list for
    programs on stdout, and what is said beside it to stderr.
    """

    def __init__(
        self,
        *,
        quiet: bool = False,
        color: bool = True,
        bars: bool = True,
        yaml: bool = False,
        progress: Callable[[Console], reports.Report] | None = None,
    ) -> None:
        self._out = console(color=color)
        self._err = console(color=color, stderr=True)
        self._quiet = quiet
        self._yaml = yaml
        self._hints: deque[Json] = deque(maxlen=_HINTS)
        moving = self._err.is_interactive and not self._err.is_dumb_terminal
        shows = progress or (Bars if bars and moving and not quiet else Lines)
        self._progress: reports.Report = shows(self._err)

    def tell(self, event: Event) -> None:
        """Print what a command comes to on stdout, and happenings and errors on stderr."""
        match event:
            case reports.VideosRead():
                pass  # a video is told of when something happens to it
            case reports.ManifestsChecked():
                self._problems(event)
            case reports.VideosPlanned():
                self._plans(event)
            case reports.ReceiptsRead() | reports.HitsFound() | reports.BroadcastsFound():
                self._table(event)
            case reports.BatchDone():
                self._outcomes(event.outcomes)
            case reports.CommandEnded():
                self._error(event.error)
            case reports.Answered() | reports.Listed():
                self._answer(event)
            case reports.CommentRead() | reports.BanTold() | reports.ReadingInterrupted():
                self._comment(event)
            case _:
                self._happening(event)

    def close(self) -> None:
        """Take the progress bars off the terminal."""
        self._progress.close()

    def _problems(self, checked: reports.ManifestsChecked) -> None:
        """Print every finding, then how many there are."""
        for line, style, rule in findings.lines(checked, quiet=self._quiet):
            self._out.print(linked(shown(line, style), rule, self._out), soft_wrap=True)

    def _plans(self, planned: reports.VideosPlanned) -> None:
        """Print what becomes of each video, then how many meet which verdict."""
        for plan in planned.plans:
            if self._quiet and plan.verdict in {Verdict.UNCHANGED, Verdict.LEAVE}:
                continue
            for line in plan_lines(plan):
                self._say(line.text, style=line.style)
        if planned.are_all:
            self._say(words.plan_summary(planned.plans))

    def _table(self, listed: Listed) -> None:
        """Print what was found as a table."""
        match listed:
            case reports.ReceiptsRead():
                self._receipts(listed)
            case reports.HitsFound():
                self._hits(listed)
            case reports.BroadcastsFound():
                self._broadcasts(listed)

    def _receipts(self, read: reports.ReceiptsRead) -> None:
        """Print a table of what the journal knows, and what the site says where it was asked."""
        if not read.receipts:
            self._say(_("no receipts: nothing was published from here yet"))
            return
        headings = [*map(Heading, words.receipt_columns(read)), _URL]
        rows = [
            [*map(shown, words.receipt_cells(read, path)), _url(receipt)]
            for path, receipt in read.receipts.items()
        ]
        print_table(self._out, headings, rows)

    def _hits(self, found: reports.HitsFound) -> None:
        """Print the hits, then how many there are."""
        if self._yaml:
            sys.stdout.write(yaml_list(found.hits))
        elif found.hits:
            print_table(self._out, *hit_table(found.hits, self._out.width))
        for line in found_lines(found):
            (self._err if self._yaml else self._out).print(shown(line), soft_wrap=True)

    def _comment(self, event: CommentEvent) -> None:
        """Print a line: a comment, or what became of one; what keeps from reading on stderr."""
        if isinstance(event, reports.ReadingInterrupted):
            if not self._quiet:
                self._err.print(comment_line(event), soft_wrap=True)
            return
        self._out.print(comment_line(event), soft_wrap=True)

    def _broadcasts(self, found: reports.BroadcastsFound) -> None:
        """Print a table of what is on."""
        if not found.broadcasts:
            self._say(_("nothing is on"))
            return
        print_table(self._out, *broadcast_table(found.broadcasts))

    def _answer(self, answer: reports.Answered | reports.Listed) -> None:
        """Print the table, if it has rows, then the words, if there are any."""
        if isinstance(answer, reports.Listed) and answer.rows:
            rows = [[*map(shown, cells)] for cells in answer.rows]
            print_table(self._out, [*map(Heading, answer.headings)], rows)
        if answer.words or isinstance(answer, reports.Answered):
            self._say(*answer.words.split("\n"))

    def _happening(self, event: Event) -> None:
        """Show progress; say what happened, and a hint when it is given for the first time."""
        if not self._quiet or isinstance(event, _NEVER_QUIET):
            self._progress.tell(self._unrepeated(event))

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

    def _outcomes(self, outcomes: Sequence[Outcome]) -> None:
        """Print the closing table; where it does not fit into the terminal, without titles."""
        self._progress.close()
        headings = [*map(Heading, (_("video"), _("title"), _("state"))), _URL]
        cells = [_outcome(each) for each in outcomes]
        if is_cut(self._out) and width_of(headings, cells) > self._out.width:
            del headings[_TITLE]
            for row in cells:
                del row[_TITLE]
        print_table(self._out, headings, cells)

    def _error(self, error: NicobatchError) -> None:
        """Print what ended the command, and what to do about it."""
        self._progress.close()
        style = "yellow" if isinstance(error, Ended) else "bold red"
        for line in words.error_lines(error):
            self._err.print(shown(line, style), soft_wrap=True)
            style = ""

    def _say(self, *lines: str, style: str = "") -> None:
        for line in lines:
            self._out.print(shown(line, style), soft_wrap=True)


def _outcome(outcome: Outcome) -> list[Text]:
    state = words.outcome(outcome.state, outcome.publish, outcome.note)
    styled = shown(state, _STATE_STYLES.get(outcome.state, ""))
    return [shown(outcome.video), shown(outcome.title), styled, _url(outcome.receipt)]


def _url(receipt: Receipt | None) -> Text:
    return shown(receipt.remote.url if receipt and receipt.remote else "")
