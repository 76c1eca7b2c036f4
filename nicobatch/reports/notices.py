"""What people are told who don't look: how a batch ended, and at once when they are needed."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Final

from nicobatch import events, reports
from nicobatch.errors import NicobatchError, Stopped, UsageError
from nicobatch.events import End, Event
from nicobatch.language import N_, _, ngettext
from nicobatch.pipeline.outcome import State
from nicobatch.plan import Verdict
from nicobatch.reports import Report, findings, words
from nicobatch.reports.trouble import Troubles

_SHOWN: Final = 3
"""How many failures are told in words."""
_COUNTED: Final = MappingProxyType(
    {
        State.PUBLISHED: N_("{count} published"),
        State.UPDATED: N_("{count} updated"),
        State.UNCHANGED: N_("{count} unchanged"),
        State.LEFT: N_("{count} left alone"),
        State.REFUSED: N_("{count} refused"),
        State.FAILED: N_("{count} failed"),
        State.UNFINISHED: N_("{count} unfinished"),
        State.STOPPED: N_("{count} stopped"),
        State.SKIPPED: N_("{count} skipped"),
    }
)
"""In the order in which they are told."""
_FAILURES: Final = frozenset({State.REFUSED, State.FAILED, State.UNFINISHED})
_EXPECTED: Final = MappingProxyType(
    {
        Verdict.CREATE: State.PUBLISHED,
        Verdict.RESUME: State.PUBLISHED,
        Verdict.UPDATE: State.UPDATED,
        Verdict.UNCHANGED: State.UNCHANGED,
        Verdict.LEAVE: State.LEFT,
        Verdict.REFUSE: State.REFUSED,
    }
)
_NEWS: Final = frozenset({State.PUBLISHED, State.UPDATED})


@dataclass(slots=True)
class Batch:
    """What became of videos since others were told the last time."""

    ends: dict[str, End] = field(default_factory=dict)
    """By video."""
    faulty: set[Path] = field(default_factory=set)
    """Manifests that have errors."""
    faults: list[str] = field(default_factory=list)
    """What else is wrong, in words."""

    @property
    def has_news(self) -> bool:
        """Whether anything has come of it, or is wrong, that was not so before."""
        states = {each.state for each in self.ends.values()}
        return bool(self.faults or states & _NEWS)

    def checked(self, found: reports.ManifestsChecked, *, strict: bool) -> None:
        """Take note of what keeps manifests from being published."""
        for problem in found.problems:
            if problem.stops(strict=strict):
                self.faulty.add(problem.path)
                self.faults.append(findings.problem_lines(problem)[0])

    def taken(self, states: Counter[str] | None = None) -> str:
        """Return all of it in a few lines, and begin anew; `states` is what is yet to become."""
        counts = Counter(each.state for each in self.ends.values()) if states is None else states
        parts = [_(said).format(count=counts[key]) for key, said in _COUNTED.items() if counts[key]]
        if number := len(self.faulty):
            told = ngettext("{count} manifest has errors", "{count} manifests have errors", number)
            parts.append(told.format(count=number))
        if at := min(filter(None, (each.again_at for each in self.ends.values())), default=""):
            time = datetime.fromisoformat(at).astimezone().isoformat(" ", "minutes")
            parts.append(_("waiting until {time}").format(time=time))
        failures = _few(self._failures())
        if not parts and not failures:
            parts = [_("no videos")]
        said = [*filter(None, [_(", ").join(parts)]), *failures]
        self.ends.clear()
        self.faulty.clear()
        self.faults.clear()
        return "\n".join(said)

    def _failures(self) -> list[str]:
        """Say what failed; of a watched folder its manifest says more."""
        failed = [
            words.event_lines(each)[0]
            for each in self.ends.values()
            if isinstance(each, events.VideoFailed)
            and each.state in _FAILURES
            and not any(each.message in fault for fault in self.faults)
        ]
        return [*failed, *self.faults]


@dataclass(slots=True)
class Notices:
    """Hands everything on to the report, and has others told of what is worth it."""

    report: Report
    send: Callable[[str], None]
    """Has a text brought to everybody; does not wait."""
    finish: Callable[[], None]
    """Waits until all texts are brought."""
    command: str
    """What is run, as messages begin."""
    strict: bool = False
    """Whether warnings keep manifests from being published."""
    answers: bool = False
    """Whether what the command answers is worth it."""
    _batch: Batch = field(default_factory=Batch)
    _troubles: Troubles = field(default_factory=Troubles)
    _found: list[str] = field(default_factory=list)
    """What is wrong with the manifest that is read just now."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def tell(self, event: Event) -> None:
        """Report it; have others told where that is worth it."""
        self.report.tell(event)
        with self._lock:
            self._send(self._texts(event))

    def close(self) -> None:
        """Have the rest brought, and close the report."""
        self.end()
        self.report.close()

    def end(self, error: NicobatchError | None = None) -> None:
        """Have others told by what the command was ended, or what kept it from beginning."""
        with self._lock:
            if self._batch.faults:
                self._send([self._batch.taken()])
            if error and not isinstance(error, Stopped | UsageError):
                self._send(self._troubles.new(str(error), error.hint))
        self.finish()

    def _send(self, texts: Iterator[str] | Sequence[str]) -> None:
        for text in texts:
            self.send(f"{self.command}: {text}")

    def _texts(self, event: Event) -> Iterator[str]:
        match event:
            case events.VideoDone() | events.VideoFailed():
                self._batch.ends[event.about] = event
                if isinstance(event, events.VideoFailed) and event.needs_person:
                    yield from self._troubles.person(event)
            case reports.Result():
                yield from self._of_result(event)
            case _:
                yield from self._of_folder(event)

    def _of_result(self, event: reports.Result) -> Iterator[str]:
        match event:
            case reports.ManifestsChecked():
                self._batch.checked(event, strict=self.strict)
            case reports.VideosPlanned():
                states = Counter(_EXPECTED[each.verdict].value for each in event.plans)
                yield self._batch.taken(states)
            case reports.BatchDone():
                yield self._batch.taken()
            case reports.Answered() if self.answers:
                yield event.words

    def _of_folder(self, event: Event) -> Iterator[str]:
        match event:
            case events.ProblemFound() if event.problem.stops():
                self._found.append(findings.problem_lines(event.problem)[0])
            case events.FolderChanged():
                yield from self._troubles.folder(event)
            case events.UnitChanged() | events.Moved():
                yield from self._unit(event)

    def _unit(self, event: events.UnitChanged | events.Moved) -> Iterator[str]:
        """Follow a watched folder's manifests: a batch ends when none of them is under way."""
        yield from self._troubles.unit(event)
        if isinstance(event, events.UnitChanged) and event.state == "invalid":
            self._batch.faulty.add(Path(event.path))
            self._batch.faults += self._found
        self._found.clear()
        self._batch.faults += self._troubles.faults(event)
        if not self._troubles.under_way:
            if self._batch.has_news or (isinstance(event, events.Moved) and self._batch.ends):
                yield self._batch.taken()
            self._batch.ends.clear()


def _few(lines: Sequence[str]) -> list[str]:
    """Return the first of the lines, and how many more there are."""
    left = len(lines) - _SHOWN
    rest = [_("… and {count} more").format(count=left)] if left > 0 else []
    return [*lines[:_SHOWN], *rest]
