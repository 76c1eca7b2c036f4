"""What GitHub Actions shows of a run: annotations and groups as it goes, a summary, and outputs."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from nicobatch import events, reports
from nicobatch.errors import NicobatchError
from nicobatch.events import Event
from nicobatch.language import _, ngettext, pictured
from nicobatch.model import Position, Problem, Severity
from nicobatch.plan import Plan, Verdict
from nicobatch.reports.job_summary import Sections, StepFile
from nicobatch.reports.progress import Lines
from nicobatch.reports.record import Case, Record, Root
from nicobatch.reports.workflow_commands import ERROR, NOTICE, WARNING, command

MOST: Final = {ERROR: 10, WARNING: 10, NOTICE: 9}
"""GitHub shows 10 of each kind a step; the last notice says how many there are beyond."""
_KINDS: Final = {Severity.ERROR: ERROR, Severity.WARNING: WARNING, Severity.NOTE: NOTICE}
_BY_STATE: Final = {"unfinished": WARNING, "stopped": WARNING, "skipped": NOTICE}
"""What became of a video that did not come to its end; all else is an error."""
_HALF: Final = 0.5
"""Of the summary's room for findings, so that there is some for what became of the videos."""
_ID: Final = re.compile(r"[!-~]+")
"""What a site calls a video has no blank: what has one, or more lines, is left out."""
_AT_REST: Final = (Verdict.UNCHANGED, Verdict.LEAVE, Verdict.REFUSE)


class GithubReport:
    """Annotates manifests, and adds to the step's summary and outputs where there are files."""

    def __init__(
        self, write: Callable[[str], object], environment: Mapping[str, str], command: str
    ) -> None:
        root = Root.of(environment)
        self._annotations = Annotations(write, root)
        self._sections = Sections(command, environment, root)
        self._summary = _file(environment, "GITHUB_STEP_SUMMARY")
        self._outputs = _file(environment, "GITHUB_OUTPUT")
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
                    self._sections.problems(event).add_to(self._summary, share=_HALF)
                case events.ProblemFound():
                    self._annotations.problem(event.problem)
                case reports.VideosPlanned():
                    self._plans(event)
                case reports.ReceiptsRead():
                    self._sections.receipts(event).add_to(self._summary)
                case reports.BatchDone():
                    self._list()
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
                self._list()

    def _plans(self, event: reports.VideosPlanned) -> None:
        """Annotate what is refused and what is noted, and list every video with its sign."""
        self._record.tell(event)
        for plan in event.plans:
            case = self._record[plan.video]
            if plan.verdict is Verdict.REFUSE:
                self._annotations.case(case)
            for note in plan.notes:
                self._annotations.problem(note.problem(case.manifest))
        self._sections.plans(event.plans, self._record).add_to(self._summary)
        self._put_out(_of_plans(event.plans))

    def _happening(self, event: Event) -> None:
        case = self._record.tell(event)
        self._open |= case is not None
        if case and isinstance(event, events.VideoFailed):
            self._annotations.case(case)

    def _list(self) -> None:
        """List what became of every video."""
        self._open = False
        self._sections.videos(self._record).add_to(self._summary)
        self._put_out(_of_videos(list(self._record)))

    def _put_out(self, values: Mapping[str, object]) -> None:
        """Tell the steps after this one."""
        lines = "".join(f"{name}={value}\n" for name, value in values.items())
        self._outputs.append(lambda size: lines)  # noqa: ARG005 - there is room for them


def _file(environment: Mapping[str, str], name: str) -> StepFile:
    return StepFile(Path(environment[name]) if environment.get(name) else None)


def _of_videos(cases: Sequence[Case]) -> dict[str, object]:
    """Return how many videos came to which end, and the ids of what is new."""
    states = Counter(case.state for case in cases)
    ids = (case.text("id") for case in cases if case.state in {"published", "updated"})
    return {
        **{state: states[state] for state in ("published", "updated", "unchanged")},
        "failed": states["failed"] + states["refused"],
        "ids": " ".join(filter(_ID.fullmatch, ids)),
    }


def _of_plans(plans: Iterable[Plan]) -> dict[str, object]:
    """Return how many videos there is something to do for, and how many are refused."""
    verdicts = Counter(plan.verdict for plan in plans)
    changes = verdicts.total() - sum(verdicts[each] for each in _AT_REST)
    return {"changes": changes, "refused": verdicts[Verdict.REFUSE]}


@dataclass(slots=True)
class Annotations:
    """Writes annotations, which stand beside lines of files, and counts those beyond MOST."""

    write: Callable[[str], object]
    """Takes a workflow command."""
    root: Root
    _written: Counter[str] = field(default_factory=Counter)
    _left_out: int = 0

    def problem(self, problem: Problem) -> None:
        """Write a finding where it stands."""
        text, place = _text(problem.message, problem.hint), Position(problem.line, problem.column)
        self._add(_KINDS[problem.severity], text, problem.rule, **self._at(problem.path, place))

    def case(self, case: Case) -> None:
        """Write why a video did not come to its end, where it begins in its manifest."""
        kind, text = (
            _BY_STATE.get(case.state, ERROR),
            _text(case.text("message"), case.text("hint")),
        )
        title = f"{case.name}: {_(case.state)}"
        self._add(kind, text, title, **self._at(case.manifest, case.place))

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

    def _at(self, path: Path, place: Position) -> dict[str, str | int]:
        return {"file": self.root.path(path), "line": place.line, "col": place.column}

    def _add(self, kind: str, text: str, title: str, **where: str | int) -> None:
        if self._written[kind] >= MOST[kind]:
            self._left_out += 1
            return
        self._written[kind] += 1
        self.write(command(kind, text, **where, title=pictured(title)))


def _text(message: str, hint: str) -> str:
    lines = filter(None, (message or _("it did not come to its end"), hint))
    return "\n".join(map(pictured, lines))


class Groups:
    """Progress in groups of a log: each video's lines together, whichever others are at work.

    One video's lines appear as they come; those of others wait until its group is closed.
    """

    def __init__(self, lines: Lines, write: Callable[[str], object]) -> None:
        self._lines = lines
        self._write = write
        """Takes a workflow command, to stand among the lines."""
        self._held: dict[str, list[str]] = {}
        """By video, in the order in which they began; the first has its group open."""
        self._ended: set[str] = set()
        self._lock = threading.Lock()

    def tell(self, event: Event) -> None:
        """Print what of the happening is worth it, or keep it; may be called by several threads."""
        video = event.about
        with self._lock:
            if isinstance(event, events.VideoStarted) and video not in self._held:
                self._held[video] = []
                if len(self._held) == 1:
                    self._begin()
            lines = self._lines.worth(event)
            if video in self._held and video != self._first:
                self._held[video] += lines
            else:
                self._print(lines)
            if isinstance(event, events.End) and video in self._held:
                self._ended.add(video)
                while self._held and self._first in self._ended:
                    self._end()

    def close(self) -> None:
        """Print what was kept, and close the groups."""
        with self._lock:
            while self._held:
                self._end()

    @property
    def _first(self) -> str:
        return next(iter(self._held))

    def _begin(self) -> None:
        video = self._first
        self._write(command("group", pictured(video)))
        self._print(self._held[video])
        self._held[video] = []

    def _end(self) -> None:
        self._write(command("endgroup", ""))
        self._ended.discard(self._first)
        del self._held[self._first]
        if self._held:
            self._begin()

    def _print(self, lines: Sequence[str]) -> None:
        for line in lines:
            self._lines.print(line)
