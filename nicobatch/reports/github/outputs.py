"""A step's outputs, for the steps after it: how many videos, and which."""

from __future__ import annotations

import contextlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nicobatch.plan import Plan, Verdict
from nicobatch.reports.record import Case

_ID: Final = re.compile(r"[A-Za-z0-9]+")
"""An id is the site's; what is none must not begin a line of the file."""
_NEW: Final = frozenset({"published", "updated"})
_UNWELL: Final = frozenset({"failed", "refused"})


@dataclass(frozen=True, slots=True)
class Outputs:
    """The file that GITHUB_OUTPUT names."""

    file: Path

    def videos(self, cases: Iterable[Case]) -> None:
        """Tell how many videos came to which end, and the ids of what is new."""
        told = list(cases)
        states = Counter(case.state for case in told)
        ids = (case.text("id") for case in told if case.state in _NEW)
        self._write(
            {
                "published": states["published"],
                "updated": states["updated"],
                "unchanged": states["unchanged"],
                "failed": sum(states[state] for state in _UNWELL),
                "ids": " ".join(filter(_ID.fullmatch, ids)),
            }
        )

    def plans(self, plans: Iterable[Plan]) -> None:
        """Tell how many videos there is something to do for, and how many are refused."""
        verdicts = Counter(plan.verdict for plan in plans)
        still = sum(verdicts[each] for each in (Verdict.UNCHANGED, Verdict.LEAVE, Verdict.REFUSE))
        self._write({"changes": verdicts.total() - still, "refused": verdicts[Verdict.REFUSE]})

    def _write(self, values: Mapping[str, object]) -> None:
        lines = "".join(f"{name}={value}\n" for name, value in values.items())
        with (
            contextlib.suppress(OSError),  # no reason to end a run that does well
            self.file.open("a", encoding="utf-8", newline="\n") as file,
        ):
            file.write(lines)
