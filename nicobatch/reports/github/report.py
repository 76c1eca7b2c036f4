"""What GitHub is told beside the text: annotations as it goes, then a summary and outputs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, TypeVar

from nicobatch import events, reports
from nicobatch.events import Event
from nicobatch.plan import Verdict
from nicobatch.reports.github.annotations import Annotations
from nicobatch.reports.github.outputs import Outputs
from nicobatch.reports.github.sections import Sections, Source
from nicobatch.reports.github.summary import Section, Summary
from nicobatch.reports.places import Root
from nicobatch.reports.record import Record

_HALF: Final = 0.5
"""Of the summary's room for findings, so that there is some for what became of the videos."""
_Kind = TypeVar("_Kind", Summary, Outputs)


class GithubReport:
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

    def tell(self, event: Event) -> None:
        """Annotate what was found, and what did not come to its end; list what there is."""
        with self._lock:
            match event:
                case reports.ManifestsChecked():
                    for problem in event.problems:
                        self._annotations.problem(problem)
                    self._add(self._sections.problems(event), share=_HALF)
                case events.ProblemFound():
                    self._annotations.problem(event.problem)
                case reports.VideosPlanned():
                    self._plans(event)
                case reports.ReceiptsRead():
                    self._add(self._sections.receipts(event))
                case reports.BatchDone():
                    self._tell()
                case reports.CommandEnded():
                    self._annotations.error(event.error)
                    self.close()
                case _:
                    self._happening(event)

    def close(self) -> None:
        """Say how many annotations are left out, and list the videos if that was not done yet."""
        with self._lock:
            self._annotations.close()
            if self._open:
                self._tell()

    def _plans(self, event: reports.VideosPlanned) -> None:
        """Annotate what is refused and what is noted, and list every video with its sign."""
        self._record.tell(event)
        for plan in event.plans:
            case = self._record[plan.video]
            if plan.verdict is Verdict.REFUSE:
                self._annotations.case(case)
            for note in plan.notes:
                self._annotations.problem(note.problem(case.manifest))
        self._add(self._sections.plans(event.plans, self._record))
        if self._outputs:
            self._outputs.plans(event.plans)

    def _happening(self, event: Event) -> None:
        case = self._record.tell(event)
        self._open |= case is not None
        if case and isinstance(event, events.VideoFailed):
            self._annotations.case(case)

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
