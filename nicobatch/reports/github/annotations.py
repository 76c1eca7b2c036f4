"""Annotations: what stands beside a line of a file, as many of a kind as GitHub shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from nicobatch.errors import NicobatchError
from nicobatch.language import _, ngettext, pictured
from nicobatch.model import Position, Problem, Severity
from nicobatch.reports.github.commands import ERROR, NOTICE, WARNING, command
from nicobatch.reports.places import Root
from nicobatch.reports.record import Case

MOST: Final = {ERROR: 10, WARNING: 10, NOTICE: 9}
"""GitHub shows 10 of each kind a step; the last notice says how many there are beyond."""
_KINDS: Final = {Severity.ERROR: ERROR, Severity.WARNING: WARNING, Severity.NOTE: NOTICE}
_BY_STATE: Final = {"unfinished": WARNING, "stopped": WARNING, "skipped": NOTICE}
"""What became of a video that did not come to its end; all else is an error."""


@dataclass(slots=True)
class Annotations:
    """Writes annotations until there are enough of a kind, and counts the others."""

    write: Callable[[str], object]
    """Takes a workflow command."""
    root: Root
    _written: Counter[str] = field(default_factory=Counter)
    _left_out: int = 0

    def problem(self, problem: Problem) -> None:
        """Write a finding where it stands."""
        place = Position(problem.line, problem.column)
        file = self.root.path(problem.path)
        text = _text(problem.message, problem.hint)
        self._add(_KINDS[problem.severity], text, problem.rule, file, place)

    def case(self, case: Case) -> None:
        """Write why a video did not come to its end, where it begins in its manifest."""
        file = self.root.path(case.manifest)
        text = _text(case.text("message"), case.text("hint"))
        kind = _BY_STATE.get(case.state, ERROR)
        self._add(kind, text, f"{case.name}: {_(case.state)}", file, case.place)

    def error(self, error: NicobatchError) -> None:
        """Write what ended the command."""
        self._add(ERROR, _text(str(error), error.hint), "nicobatch")

    def close(self) -> None:
        """Say how many were left out, if any were."""
        if self._left_out:
            words = ngettext(
                "and {number} more; the log has them all",
                "and {number} more; the log has them all",
                self._left_out,
            )
            self.write(command(NOTICE, words.format(number=self._left_out), title="nicobatch"))
        self._left_out = 0

    def _add(
        self, kind: str, text: str, title: str, file: str = "", place: Position | None = None
    ) -> None:
        if self._written[kind] >= MOST[kind]:
            self._left_out += 1
            return
        self._written[kind] += 1
        line, column = (place.line, place.column) if place else (0, 0)
        title = pictured(title)
        self.write(command(kind, text, file=file, line=line, col=column, title=title))


def _text(message: str, hint: str) -> str:
    lines = filter(None, (message or _("it did not come to its end"), hint))
    return "\n".join(map(pictured, lines))
