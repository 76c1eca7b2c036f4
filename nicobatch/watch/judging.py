"""What a manifest's reading comes to: not yet whole, not valid, or a turn to be published."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, Protocol, TypeAlias

from nicobatch import disk
from nicobatch.disk import leads_out
from nicobatch.language import N_, _, ngettext
from nicobatch.media import Stamp, rules
from nicobatch.model import Position, Problem, Video
from nicobatch.pipeline import CheckedVideo


class Reading(Protocol):
    """What a manifest holds; `actions.checking.Checked` is one."""

    @property
    def ready(self) -> Sequence[CheckedVideo]:
        """Return the videos that can be published; none unless their files were looked into."""
        ...

    @property
    def problems(self) -> Sequence[Problem]:
        """Return every finding."""
        ...

    @property
    def videos(self) -> Sequence[Video]:
        """Return every video that names a file, sound or not, each knowing its place."""
        ...

    @property
    def away(self) -> Sequence[Video]:
        """Return those of the videos that need no file, which is not here."""
        ...

    @property
    def patterns(self) -> Sequence[str]:
        """Return what the manifest's folder was searched for, as the manifest writes it."""
        ...


Read = Callable[[Path, bool], Reading]
"""Reads a manifest; looks into its videos only if the second argument says so."""


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """A manifest that is valid and whole, ready to be published. Two are equal if they are one."""

    manifest: Path
    ready: tuple[CheckedVideo, ...]
    signature: Mapping[Path, Stamp]
    """The manifest and every file it names, as they were when it was read."""
    patterns: tuple[str, ...] = ()
    """What of the manifest may come to mean other files."""

    def is_current(self) -> bool:
        """Look again: whether nothing was written to any of the files since."""
        return all(Stamp.of(path) == stamp for path, stamp in self.signature.items())


OUTSIDE: Final = "file-outside-folder"
_ABSENT: Final = frozenset({rules.NOT_FOUND.id, rules.EMPTY.id})
_OTHER: Final = "other-yaml"
_UNMATCHED: Final = "pattern-unmatched"
_PASSING: Final = frozenset({rules.UNREADABLE.id, "unreadable", "pattern-unreadable"})
"""What may mend though the file stays as it is: another program holds it, or the disk is ill."""

_LIES_OUTSIDE: Final = N_("{file} lies outside the watched folder: it is {real}")
_CANT_FOLLOW: Final = N_("{file} leads to where nobody may look")
_BRING_IN: Final = N_("put the video into the folder, or allow it with --allow-outside")
_MEND: Final = N_("it is read again as soon as it or one of its files changes")
_EMPTY: Final = N_("{manifest} is empty")
_WRITE: Final = N_("it is read as soon as something is in it")

Signature: TypeAlias = Mapping[Path, Stamp | None]
"""The manifest and every file it names, as they look; None for one that isn't there."""


class State(StrEnum):
    """How far a manifest has come."""

    SETTLING = "settling"
    WAITING = "waiting"
    INCOMPLETE = "incomplete"
    INVALID = "invalid"
    READY = "ready"
    DONE = "done"
    FAILED = "failed"
    OTHER = "other"
    """It is another tool's file."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell, once; `state` is None where it is about no manifest's state."""

    state: State | None
    path: Path
    message: str
    hint: str = ""
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a manifest: `ready` videos, or why there are none; with what is to be told."""

    state: State
    notice: Notice | None = None
    ready: tuple[CheckedVideo, ...] = ()
    passes: bool = False
    """Whether it may come to something else though no file changes."""

    @classmethod
    def against(
        cls,
        state: State,
        path: Path,
        words: tuple[str, str],
        problems: Sequence[Problem] = (),
        *,
        passes: bool = False,
    ) -> Verdict:
        """Return a verdict that has to be told; the words are message and hint."""
        return cls(state, Notice(state, path, *words, tuple(problems)), passes=passes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """The rules of one folder."""

    root: Path
    allow_outside: bool = False
    strict: bool = False
    """Whether warnings count as errors."""

    def unopened(self, manifest: Path, reading: Reading, files: Signature) -> Verdict | None:
        """Judge by what shows without opening a video; None: nothing speaks against it yet."""
        if any(each.rule == _OTHER for each in reading.problems):
            told = tuple(reading.problems)
            return Verdict(State.OTHER, Notice(State.OTHER, manifest, "", problems=told))
        outside = [] if self.allow_outside else list(self._outside(reading.videos))
        places = {(each.line, each.column) for each in outside}
        rest = [each for each in reading.problems if (each.line, each.column) not in places]
        absent = [each for each in rest if _is_absent(each, reading.videos)]
        if outside or any(self._stops(each) and each not in absent for each in rest):
            return self._invalid(manifest, [*outside, *rest])
        away = {video.file for video in reading.away}
        empty = (path for path, stamp in files.items() if not (stamp and stamp.size))
        missing = [path for path in empty if path not in away]
        return _waiting(manifest, missing, absent) if missing or absent else None

    def opened(self, manifest: Path, reading: Reading) -> Verdict:
        """Judge by what is in the videos."""
        stopping = [each for each in reading.problems if self._stops(each)]
        if not stopping:
            notes = Notice(State.READY, manifest, "", problems=tuple(reading.problems))
            told = notes if reading.problems else None
            return Verdict(State.READY, told, ready=tuple(reading.ready))
        if any(each.rule != rules.TRUNCATED.id for each in stopping):
            return self._invalid(manifest, reading.problems)
        words = stopping[0].message, stopping[0].hint
        return Verdict.against(State.INCOMPLETE, manifest, words, stopping)

    def _stops(self, problem: Problem) -> bool:
        return problem.stops(strict=self.strict)

    def _outside(self, videos: Sequence[Video]) -> Iterator[Problem]:
        for video in videos:
            if leads_out(video.file, self.root):
                place = video.place("file")
                yield Problem(
                    rule=OUTSIDE,
                    message=_lies_outside(video.file),
                    hint=_(_BRING_IN),
                    path=video.manifest,
                    line=place.line,
                    column=place.column,
                )

    def _invalid(self, manifest: Path, problems: Sequence[Problem]) -> Verdict:
        in_order = tuple(sorted(problems, key=lambda each: (each.line, each.column)))
        stopping = [each for each in in_order if self._stops(each)]
        count = len(stopping)
        message = ngettext(
            "{manifest} has {count} problem", "{manifest} has {count} problems", count
        )
        return Verdict.against(
            State.INVALID,
            manifest,
            (message.format(manifest=manifest, count=count), _(_MEND)),
            in_order,
            passes=all(each.rule in _PASSING for each in stopping),
        )


def _lies_outside(file: Path) -> str:
    real = disk.real(file)
    return _(_CANT_FOLLOW if real is None else _LIES_OUTSIDE).format(file=file, real=real)


def empty(manifest: Path) -> Verdict:
    """Judge a manifest without content."""
    message = _(_EMPTY).format(manifest=manifest)
    return Verdict.against(State.WAITING, manifest, (message, _(_WRITE)))


def _is_absent(problem: Problem, videos: Sequence[Video]) -> bool:
    """Tell whether the finding only says that a video isn't there yet."""
    if problem.rule == _UNMATCHED:
        return True
    at = Position(problem.line, problem.column)
    return problem.rule in _ABSENT and any(video.place("file") == at for video in videos)


def _waiting(manifest: Path, missing: Sequence[Path], problems: Sequence[Problem]) -> Verdict:
    hint = problems[0].hint if problems else ""
    words = _missing(manifest, missing) if missing else problems[0].message
    return Verdict.against(State.WAITING, manifest, (words, hint), problems)


def _missing(manifest: Path, missing: Sequence[Path]) -> str:
    first, more = missing[0], len(missing) - 1
    if not more:
        return _("{manifest} waits for {file}").format(manifest=manifest, file=first)
    return ngettext(
        "{manifest} waits for {file} and {count} other file",
        "{manifest} waits for {file} and {count} other files",
        more,
    ).format(manifest=manifest, file=first, count=more)
