"""Findings for people: what a check comes to, told without what draws tables and bars."""

from __future__ import annotations

import contextlib
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from types import MappingProxyType
from typing import Final

from nicobatch.events import Event
from nicobatch.language import N_, _, ngettext, pictured
from nicobatch.model import Problem, Severity
from nicobatch.reports import ManifestsChecked, Report, VideosRead

_STYLES: Final = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}


class Findings:
    """Writes findings without colors; has the report for all else, once it is made, tell of that.

    Most checks need no such one, and it takes longer to load than to check a manifest.
    """

    def __init__(self, others: Callable[[], Report], *, quiet: bool) -> None:
        self._make = others
        self._others: Report | None = None
        self._quiet = quiet

    def tell(self, event: Event) -> None:
        """Write what a check found to stdout; hand over the rest."""
        match event:
            case VideosRead():
                pass
            case ManifestsChecked():
                with contextlib.suppress(BrokenPipeError):  # its reader has gone
                    for line, _style, _rule in lines(event, quiet=self._quiet):
                        sys.stdout.write(f"{pictured(line)}\n")
                    sys.stdout.flush()
            case _:
                self._others = self._others or self._make()
                self._others.tell(event)

    def close(self) -> None:
        """Leave the terminal as it was."""
        if self._others:
            self._others.close()


def lines(checked: ManifestsChecked, *, quiet: bool) -> Iterator[tuple[str, str, str]]:
    """Yield every finding's lines, then how many there are.

    Each has its style, and the rule that it ends with, if there is one.
    """
    noted: set[str] = set()
    for problem in checked.problems:
        first, *rest = problem_lines(problem)
        if problem.severity is Severity.NOTE:
            if quiet:
                continue
            rest = [] if problem.rule in noted else rest
            noted.add(problem.rule)
        yield first, _STYLES[problem.severity], problem.rule
        yield from ((each, "dim", "") for each in rest)
    if checked.problems or not quiet:
        yield check_summary(checked), "", ""


def problem_lines(problem: Problem) -> tuple[str, ...]:
    """Say the finding with its place first, then the hint on a line of its own."""
    place = f"{problem.path}:{problem.line}:{problem.column}"
    first = f"{place}: {_(problem.severity.value)}: {problem.message} [{problem.rule}]"
    return hinted(first, problem.hint)


def hinted(first: str, hint: str) -> tuple[str, ...]:
    """Return the line, and its hint on a line of its own."""
    return (first, f"    {hint}") if hint else (first,)


def check_summary(checked: ManifestsChecked) -> str:
    """Say how many findings there are, in how many manifests."""
    problems, count = checked.problems, len(checked.manifests)
    faults = sum(each.severity is not Severity.NOTE for each in problems)
    if faults and not count:
        return ngettext(
            "{count} problem, and no manifest to check",
            "{count} problems, and no manifest to check",
            faults,
        ).format(count=faults)
    counts = Counter(problem.severity for problem in problems)
    errors, warnings = counts[Severity.ERROR], counts[Severity.WARNING]
    return _(_SUMMARIES[bool(errors), bool(warnings)]).format(
        manifests=ngettext("{count} manifest", "{count} manifests", count).format(count=count),
        errors=ngettext("{count} error", "{count} errors", errors).format(count=errors),
        warnings=ngettext("{count} warning", "{count} warnings", warnings).format(count=warnings),
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
