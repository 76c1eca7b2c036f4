"""What GitHub is told beside the text: annotations as it goes, then a summary and outputs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeVar

from nicobatch import events
from nicobatch.errors import NicobatchError
from nicobatch.events import Event
from nicobatch.model import Problem, Receipt, Video
from nicobatch.plan import Plan, Verdict
from nicobatch.reports.github.annotations import Annotations
from nicobatch.reports.github.outputs import Outputs
from nicobatch.reports.github.sections import Sections, Source
from nicobatch.reports.github.summary import Section, Summary
from nicobatch.reports.places import Root
from nicobatch.reports.record import Record
from nicobatch.reports.report import Row, Said
from nicobatch.reports.silent import Silent

_HALF: Final = 0.5
"""Of the summary's room for findings, so that there is some for what became of the videos."""
_Kind = TypeVar("_Kind", Summary, Outputs)


class GithubReport(Silent):
    """Annotates manifests, and adds to the step's summary and outputs where there are files."""

    def __init__(
        self, write: Callable[[str], object], environment: Mapping[str, str], command: str
    ) -> None:
        root = Root.of(environment)
        self._annotations = Annotations(write, root)
        self._sections = Sections(command, Source.of(environment, root))
        self._summary = _named(Summary, environment, "GITHUB_STEP_SUMMARY")
        self._outputs = _named(Outputs, environment, "GITHUB_OUTPUT")
        self._record = Record()
        self._open = False
        """Whether videos were worked on, of which the summary does not tell yet."""
        self._lock = threading.RLock()

    def videos(self, videos: Sequence[Video]) -> None:
        """Take note of where the videos stand."""
        with self._lock:
            self._record.videos(videos)

    def problems(self, problems: Sequence[Problem], manifests: Sequence[Path]) -> None:
        """Annotate what was found, and list it."""
        for problem in problems:
            self._annotations.problem(problem)
        self._add(self._sections.problems(problems, len(manifests)), share=_HALF)

    def plans(self, plans: Sequence[Plan]) -> None:
        """Annotate what is refused and what is noted, and list every video with its sign."""
        self._record.plans(plans)
        for plan in plans:
            case = self._record[plan.video]
            if plan.verdict is Verdict.REFUSE:
                self._annotations.case(case)
            for note in plan.notes:
                self._annotations.problem(note.problem(case.manifest))
        self._add(self._sections.plans(plans, self._record))
        if self._outputs:
            self._outputs.plans(plans)

    def receipts(
        self, receipts: Sequence[tuple[Path, Receipt]], site: Mapping[Path, Said] | None = None
    ) -> None:
        """List what the journal knows."""
        self._add(self._sections.receipts(receipts, site))

    def event(self, event: Event) -> None:
        """Annotate what was found on the way, and a video that did not come to its end."""
        with self._lock:
            if isinstance(event, events.ProblemFound):
                self._annotations.problem(event.problem)
                return
            case = self._record.event(event)
            self._open |= case is not None
            if case and isinstance(event, events.VideoFailed):
                self._annotations.case(case)

    def outcomes(self, rows: Sequence[Row]) -> None:  # noqa: ARG002 - the happenings told more
        """List what became of every video."""
        with self._lock:
            self._tell()

    def error(self, error: NicobatchError) -> None:
        """Annotate what ended the command, and list what became of the videos until then."""
        with self._lock:
            self._annotations.error(str(error), error.hint)
            self.close()

    def close(self) -> None:
        """Say how many annotations are left out, and list the videos if that was not done yet."""
        with self._lock:
            self._annotations.close()
            if self._open:
                self._tell()

    def _tell(self) -> None:
        self._open = False
        self._add(self._sections.videos(self._record))
        if self._outputs:
            self._outputs.videos(self._record)

    def _add(self, section: Section, *, share: float = 1.0) -> None:
        if self._summary:
            self._summary.add(section, share=share)


def _named(kind: type[_Kind], environment: Mapping[str, str], name: str) -> _Kind | None:
    return kind(Path(environment[name])) if environment.get(name) else None
