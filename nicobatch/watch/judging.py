"""What a manifest's reading comes to: not yet whole, not valid, or a job to be published."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final, TypeAlias

from nicobatch.errors import JournalError
from nicobatch.language import _, ngettext
from nicobatch.media import Stamp, rules
from nicobatch.model import Position, Problem, Video
from nicobatch.pipeline import Checked, CheckedVideo, Owner

OUTSIDE: Final = "file-outside-folder"
_ABSENT: Final = frozenset({rules.NOT_FOUND.id, rules.EMPTY.id})
_OTHER: Final = "other-yaml"
_TO_COME: Final = frozenset({"pattern-unmatched", "text-file-missing"})
_PASSING: Final = frozenset({rules.UNREADABLE.id, "unreadable", "pattern-unreadable"})
"""What may mend though the file stays as it is: another program holds it, or the disk is ill."""

_Stops: TypeAlias = Callable[[Problem], bool]
Signature: TypeAlias = Mapping[Path, Stamp | None]
"""The manifest and every file it names, as they look; None for one that isn't there."""


class ManifestState(StrEnum):
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


@dataclass(frozen=True, slots=True, eq=False)
class WatchJob:
    """A manifest that is valid and whole, ready to be published. Two are equal if they are one."""

    manifest: Path
    ready: tuple[CheckedVideo, ...]
    signature: Mapping[Path, Stamp]
    """The manifest and every file it names, as they were when it was read."""
    patterns: tuple[str, ...] = ()
    """What of the manifest may come to mean other files."""

    @property
    def owners(self) -> tuple[Owner, ...]:
        """Return who is to publish where, each once."""
        return tuple(dict.fromkeys(Owner.of(each.video) for each in self.ready))

    def is_current(self) -> bool:
        """Look again: whether nothing was written to any of the files since."""
        return all(Stamp.of(path) == stamp for path, stamp in self.signature.items())


@dataclass(frozen=True, slots=True)
class Notice:
    """What became of a manifest, or something else to tell, once; then `state` is None."""

    state: ManifestState | None
    path: Path
    message: str = ""
    hint: str = ""
    problems: tuple[Problem, ...] = ()
    passes: bool = False
    """Whether it may come to something else though no file changes."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Which files a manifest meant when it was read."""

    files: tuple[Path, ...]
    """The manifest itself, and every file that it names."""
    patterns: tuple[str, ...] = ()
    """What of it may come to stand for other files."""
    matched: tuple[Path, ...] = ()
    """The files that the patterns stood for."""
    away: frozenset[Path] = frozenset()
    """Those of the files that need not be here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestRead:
    """What came of reading a manifest, and of looking into its videos where that was asked for."""

    manifest: Path
    found: Checked | JournalError
    """What was found, or why nothing was."""
    probed: bool = False
    """Whether it was looked into the videos."""
    claim: Claim
    outside: Mapping[Path, str | None] = field(default_factory=dict)
    """Files that may not lie where they do, outside the folder; None where nobody may look."""
    stamps: Signature
    """The manifest and its files as they were before."""
    is_current: bool
    """Whether all of them are still so."""


def judge(reading: ManifestRead, *, strict: bool) -> Notice | None:
    """Return what a reading comes to; None: the videos have to be probed. `strict`: warnings stop.

    Without probing, nothing is said of a video but that it isn't there, is empty, or lies outside.
    """
    found = reading.found
    if isinstance(found, JournalError):
        failed = ManifestState.FAILED
        return Notice(failed, reading.manifest, str(found), found.hint, passes=True)
    weigh = _probed if reading.probed else _named
    return weigh(reading, found, lambda problem: problem.stops(strict=strict))


def _named(reading: ManifestRead, found: Checked, stops: _Stops) -> Notice | None:
    manifest = reading.manifest
    if any(each.rule == _OTHER for each in found.problems):
        return Notice(ManifestState.OTHER, manifest, problems=found.problems)
    outside = list(_outside(found.videos, reading.outside))
    places = {(each.line, each.column) for each in outside}
    rest = [each for each in found.problems if (each.line, each.column) not in places]
    absent = [each for each in rest if _is_absent(each, found.videos)]
    if outside or any(stops(each) and each not in absent for each in rest):
        return _invalid(manifest, [*outside, *rest], stops)
    lacking = (path for path, stamp in reading.stamps.items() if not (stamp and stamp.size))
    missing = [path for path in lacking if path not in reading.claim.away]
    return _waiting(manifest, missing, absent) if missing or absent else None


def _probed(reading: ManifestRead, found: Checked, stops: _Stops) -> Notice:
    manifest, stopping = reading.manifest, tuple(filter(stops, found.problems))
    if not stopping:
        return Notice(ManifestState.READY, manifest, problems=found.problems)
    if any(each.rule != rules.TRUNCATED.id for each in stopping):
        return _invalid(manifest, found.problems, stops)
    first = stopping[0]
    return Notice(ManifestState.INCOMPLETE, manifest, first.message, first.hint, stopping)


def _outside(videos: Sequence[Video], where: Mapping[Path, str | None]) -> Iterator[Problem]:
    for video in videos:
        for file, place in _files(video):
            if file in where:
                yield Problem(
                    rule=OUTSIDE,
                    message=_lies_outside(file, where[file]),
                    hint=_("put the file into the folder, or allow it with --allow-outside"),
                    path=video.manifest,
                    line=place.line,
                    column=place.column,
                )


def _invalid(manifest: Path, problems: Sequence[Problem], stops: _Stops) -> Notice:
    in_order = tuple(sorted(problems, key=lambda each: (each.line, each.column)))
    stopping = list(filter(stops, in_order))
    count = len(stopping)
    message = ngettext("{manifest} has {count} problem", "{manifest} has {count} problems", count)
    return Notice(
        ManifestState.INVALID,
        manifest,
        message.format(manifest=manifest, count=count),
        _("it is read again as soon as it or one of its files changes"),
        in_order,
        passes=all(each.rule in _PASSING for each in stopping),
    )


def empty(manifest: Path) -> Notice:
    """Judge a manifest without content."""
    message = _("{manifest} is empty").format(manifest=manifest)
    return Notice(
        ManifestState.WAITING, manifest, message, _("it is read as soon as something is in it")
    )


def _lies_outside(file: Path, real: str | None) -> str:
    if real is None:
        return _("{file} leads to where nobody may look").format(file=file)
    return _("{file} lies outside the watched folder: it is {real}").format(file=file, real=real)


def _is_absent(problem: Problem, videos: Sequence[Video]) -> bool:
    """Tell whether the finding only says that a video, or a text, isn't there yet."""
    if problem.rule in _TO_COME:
        return True
    at = Position(problem.line, problem.column)
    places = (place for video in videos for _file, place in _files(video))
    return problem.rule in _ABSENT and at in places


def _files(video: Video) -> Iterator[tuple[Path, Position]]:
    """Yield what the video names, and where."""
    names = [f"pages.{page}.file" for page in range(len(video.pages))] or ["file"]
    names += ["thumbnail.file"] if video.thumbnail.file else []
    return zip(video.named, map(video.place, names), strict=True)


def _waiting(manifest: Path, missing: Sequence[Path], problems: Sequence[Problem]) -> Notice:
    more = len(missing) - 1
    if more < 0:
        words = problems[0].message
    elif not more:
        words = _("{manifest} waits for {file}").format(manifest=manifest, file=missing[0])
    else:
        words = ngettext(
            "{manifest} waits for {file} and {count} other file",
            "{manifest} waits for {file} and {count} other files",
            more,
        ).format(manifest=manifest, file=missing[0], count=more)
    hint = problems[0].hint if problems else ""
    return Notice(ManifestState.WAITING, manifest, words, hint, tuple(problems))
