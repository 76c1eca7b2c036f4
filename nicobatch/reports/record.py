"""What became of each video, and where files lie: for reports that are written at the end."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final, Self
from urllib.parse import quote

from nicobatch import events, reports
from nicobatch.events import End, Event
from nicobatch.model import Position, Problem, Video, on_site, split_key
from nicobatch.plan import Plan

MOST: Final = 10_000
"""Videos that are remembered: a watcher runs for a year."""
_START: Final = Position(1, 1)


@dataclass(slots=True, kw_only=True)
class Case:
    """One video of the run, or a manifest of which no video is known."""

    manifest: Path
    name: str
    title: str = ""
    place: Position = _START
    file: Path | None = None
    site: str = ""
    is_video: bool = True
    is_flawed: bool = False
    """Whether what was found keeps it from being read in full."""
    began: datetime | None = None
    ended: datetime | None = None
    end: End | None = None
    """What was its end; None as long as there was none."""
    problems: list[Problem] = field(default_factory=list)

    def text(self, name: str) -> str:
        """Return a member of its end, empty where there is none."""
        return str(getattr(self.end, name, None) or "")

    @property
    def state(self) -> str:
        """Return what became of it, as the pipeline names it."""
        return self.text("state")

    @property
    def seconds(self) -> float:
        """How long the run worked on it."""
        return (self.ended - self.began).total_seconds() if self.began and self.ended else 0.0

    def told(self, event: Event) -> None:
        """Learn from a happening of this video."""
        if isinstance(event, events.VideoStarted):
            self.began, self.ended, self.end = event.at, None, None
        if isinstance(event, End):
            self.ended, self.end = event.at, event
            self.title = self.text("title") or self.title


@dataclass(slots=True)
class Record:
    """The videos of a run in their manifests' order, and the manifests of which none is known."""

    _cases: dict[str, Case] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Case]:
        return iter(self._cases.values())

    def __getitem__(self, video: str) -> Case:
        """Return the video of the key, which may be heard of for the first time."""
        manifest, name = split_key(video)
        return self._case(video, Case(manifest=Path(manifest), name=name))

    def tell(self, event: Event) -> Case | None:
        """Learn what a command found or what happened, and return the video it happened to."""
        match event:
            case reports.VideosRead():
                self._videos(event.videos)
            case reports.ManifestsChecked():
                for problem in event.problems:
                    self._problem(problem)
            case reports.VideosPlanned():
                for plan in event.plans:
                    self[plan.video].end = _end(plan)
            case events.ProblemFound():
                self._problem(event.problem)
        if not event.about:
            return None
        case = self[event.about]
        case.told(event)
        return case

    def _videos(self, videos: Sequence[Video]) -> None:
        for video in sorted(videos, key=lambda each: (str(each.manifest), each.place())):
            place = video.place()
            name = (video.id or f"{video.file.name}:{place.line}") + on_site(video.site)
            key = f"{video.manifest}#{name}"
            case = self._case(key, Case(manifest=video.manifest, name=name))
            case.title, case.place, case.file = video.title, place, video.file
            case.site, case.is_flawed = video.site, not video.id

    def _problem(self, problem: Problem) -> None:
        """Put the finding down to its video, or else to its manifest."""
        case = self._owner(problem)
        if problem not in case.problems:
            case.problems.append(problem)

    def _case(self, key: str, new: Case) -> Case:
        if key not in self._cases and len(self._cases) >= MOST:
            del self._cases[next(iter(self._cases))]
        return self._cases.setdefault(key, new)

    def _owner(self, problem: Problem) -> Case:
        """Return the last video that begins above the finding, of several its site's.

        Else it is the one whose file it names, or one that is flawed.
        """
        above = [
            case
            for case in self
            if case.manifest == problem.path and case.file and case.place.line <= problem.line
        ]
        if not above:
            name = problem.path.name
            new = Case(manifest=problem.path, name=name, is_video=False)
            return self._case(str(problem.path), new)
        return max(
            above,
            key=lambda each: (
                each.place.line,
                each.site == problem.site,
                str(each.file) in problem.message,
                each.is_flawed,
            ),
        )


def _end(plan: Plan) -> End:
    """Take a plan as the end that its video comes to."""
    message = "; ".join(plan.reasons)
    return events.VideoFailed(state=plan.verdict.value, message=message, hint=plan.hint)


@dataclass(frozen=True, slots=True)
class Root:
    """The folder that paths are told from."""

    folder: Path

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Self:
        """Return GitHub's workspace if the current folder is in it, else the current folder."""
        here = Path(os.path.realpath(Path.cwd()))
        workspace = environment.get("GITHUB_WORKSPACE")
        folder = Path(os.path.realpath(workspace)) if workspace else here
        return cls(folder if here.is_relative_to(folder) else here)

    def path(self, path: Path) -> str:
        """Return the path from the folder on, with `/`; one that lies outside stays absolute."""
        found = self._absolute(path)
        inside = found.is_relative_to(self.folder)
        return (found.relative_to(self.folder) if inside else found).as_posix()

    def uri(self, path: Path) -> tuple[str, bool]:
        """Return the path as a URI reference, and whether it is one from the folder on."""
        found = self._absolute(path)
        if found.is_relative_to(self.folder):
            return quote(os.fsencode(found.relative_to(self.folder).as_posix())), True
        return found.as_uri(), False

    def _absolute(self, path: Path) -> Path:
        """Follow the links of its folder, not one that the file itself is: people see that one."""
        named = path.name not in {"", ".."}
        return Path(os.path.realpath(path.parent if named else path), path.name if named else "")
