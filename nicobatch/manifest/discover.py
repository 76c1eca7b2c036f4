"""PATH to manifests: a file, a folder (recursively) or a glob; and the files that one may name."""

from __future__ import annotations

import glob
import itertools
import os
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from nicobatch import disk
from nicobatch.language import reason
from nicobatch.manifest import kinds, naming, patterns
from nicobatch.manifest.patterns import natural
from nicobatch.manifest.rules import fault, problem, typed
from nicobatch.model import Position, Problem

START = Position(1, 1)


@dataclass(frozen=True, slots=True)
class Found:
    """A file that may be a manifest."""

    path: Path
    named: bool
    """Whether somebody named this very file, so that it has to be a manifest."""
    videos: tuple[str, ...] | None = None
    """Those of its videos that somebody named, each `ID` or `ID@SITE`; None means all."""

    def joined(self, other: Found) -> Found:
        """Return what both ask for of the same file."""
        whole = self.videos is None or other.videos is None
        videos = None if whole else (*(self.videos or ()), *(other.videos or ()))
        first = other if other.named and not self.named else self
        return Found(first.path, first.named, videos)


def discover(
    paths: Sequence[str], exclude: Sequence[str] = ()
) -> tuple[list[Found], list[Problem]]:
    """Return every manifest once, in the order of `paths` and then of numbers, and what is none.

    What matches a glob of `exclude` is passed over where folders are searched.
    """
    found: dict[object, Found] = {}
    problems: list[Problem] = []
    for each in paths:
        for result in _looked_at(each, exclude):
            if isinstance(result, Problem):
                problems.append(result)
                continue
            key = disk.identity(result.path) or str(result.path)
            found[key] = found[key].joined(result) if key in found else result
    return list(found.values()), problems


def _looked_at(text: str, exclude: Sequence[str]) -> Iterator[Found | Problem]:
    try:
        yield from _expand(text, exclude)
    except OSError as error:  # the system won't even tell whether it is there
        yield unreadable(Path(text), error)


def _expand(text: str, exclude: Sequence[str]) -> Iterator[Found | Problem]:
    if "\0" in text:
        yield _problem("path-not-found", Path(text))
        return
    there = disk.spelled(Path(text))
    path = there[0] if there else Path(text)
    if len(there) > 1:
        yield _problem("path-ambiguous", Path(text), count=len(there))
    elif path.is_dir():
        yield from ManifestSearch(path, exclude).folder(path)
    elif there:
        yield _named(path) if path.is_file() else _problem("not-a-file", path)
    elif (name := naming.named(text)) and name.video is not None:
        yield _named(name.manifest, (name.video,))
    elif glob.has_magic(text):
        yield from _glob(text, exclude)
    else:
        yield _missing(text)


def _missing(text: str) -> Problem:
    """Say that there is no such path; of `MANIFEST#VIDEO`, that there is no such manifest."""
    folder = Path(text.partition("#")[0])
    if "#" in text and folder.is_dir():
        return _problem("video-of-folder", folder)
    path = naming.gone(text).manifest
    return _problem("path-not-found", path, advice="tilde" if text.startswith("~") else "")


def _named(path: Path, videos: tuple[str, ...] | None = None) -> Found | Problem:
    original = patterns.original(path) if _is_manifest(path) else None
    if original:
        return _problem("conflict-copy-named", path, original=original)
    return Found(path, named=True, videos=videos)


def _glob(pattern: str, exclude: Sequence[str]) -> Iterator[Found | Problem]:
    fixed = list(itertools.takewhile(lambda part: not glob.has_magic(part), Path(pattern).parts))
    root = next(iter(disk.spelled(Path(*fixed))), Path(*fixed))
    search = ManifestSearch(root, exclude)
    if root != Path(*fixed):
        pattern = str(root.joinpath(*Path(pattern).parts[len(fixed) :]))
    # Path.glob takes no absolute pattern.
    found = {each for text in _spellings(pattern) for each in glob.iglob(text, recursive=True)}  # noqa: PTH207
    matches = sorted(map(Path, found), key=natural)
    for match in matches:
        if search.is_excluded(match) or not (match.is_dir() or _is_manifest(match)):
            continue
        if disk.leads_out(match, search.root):
            search.has_found = True
            yield _problem("leads-out", match)
        elif match.is_dir():
            yield from search.below(match)
        else:
            yield search.file(match)
    if not search.has_found:
        yield _problem("no-manifest", Path(pattern))


def _spellings(pattern: str) -> set[str]:
    """Return the pattern as it was typed, in one piece (NFC), and taken apart as macOS does."""
    return {pattern, *(unicodedata.normalize(form, pattern) for form in ("NFC", "NFD"))}


@dataclass(slots=True)
class ManifestSearch:
    """A look for manifests below a folder, out of which no link leads it."""

    root: Path
    exclude: Sequence[str]
    has_found: bool = False
    has_videos: bool = False

    def folder(self, folder: Path) -> Iterator[Found | Problem]:
        """Yield what is in the folder and below, or that nothing is."""
        yield from self.below(folder)
        if not self.has_found:
            advice = "init-folder" if self.has_videos else ""
            yield _problem(
                "no-manifest", folder, advice=advice, command=f"nicobatch init {typed(folder)}"
            )

    def below(self, folder: Path) -> Iterator[Found | Problem]:
        """Yield what is in the folder and below."""
        failed: list[OSError] = []
        manifests: list[Path] = []
        for root, folders, names in os.walk(folder, onerror=failed.append):
            folders[:] = [each for each in folders if self.is_open(Path(root, each))]
            manifests += [path for each in names if self._is_wanted(path := Path(root, each))]
            if not (manifests or self.has_videos):
                self.has_videos = any(kinds.of_name(each) == kinds.VIDEO for each in names)
        yield from (self.file(path) for path in sorted(manifests, key=natural))
        yield from (unreadable(Path(error.filename), error) for error in failed)
        self.has_found = self.has_found or bool(failed)

    def file(self, path: Path) -> Found | Problem:
        """Return the file as one that was found, unless it is not to be read."""
        self.has_found = True
        if path.is_symlink() and disk.leads_out(path, self.root):
            return _problem("leads-out", path)
        if original := patterns.original(path):
            return _problem("conflict-copy", path, original=original)
        return Found(path, named=False)

    def is_excluded(self, path: Path) -> bool:
        """Tell whether the user wants the file or folder passed over."""
        if not self.exclude:
            return False
        below = PurePath(os.path.relpath(path, self.root))
        return any(self._fits(each, path, below) for each in self.exclude)

    @staticmethod
    def _fits(pattern: str, path: Path, below: PurePath) -> bool:
        """Tell whether a path of the folder matches; `/NAME` is one in it, as git has it."""
        anchored = pattern.startswith("/") and patterns.names(pattern, PurePath("/", below))
        return anchored or patterns.names(pattern, path) or patterns.names(pattern, below)

    def is_open(self, folder: Path) -> bool:
        """Tell whether the folder is to be searched."""
        return not folder.name.startswith(".") and not self.is_excluded(folder)

    def _is_wanted(self, path: Path) -> bool:
        hidden = path.name.startswith(".")
        return _is_manifest(path) and not hidden and not self.is_excluded(path)


def _is_manifest(path: Path) -> bool:
    return path.suffix.lower() in naming.SUFFIXES


def unreadable(path: Path, error: OSError) -> Problem:
    """Say why the system lets no one read the file or folder."""
    return problem(fault("unreadable", START, file=path, reason=reason(error)), path)


def _problem(rule: str, path: Path, *, advice: str = "", **values: object) -> Problem:
    return problem(fault(rule, START, advice=advice, path=path, **values), path)


MOST = 100_000
"""Files and folders that one pattern may look at."""
MOST_OF_ALL = 2 * MOST
"""Those that the patterns of one manifest may look at."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The files among which a pattern chooses, and what kept others from being seen."""

    folder: str
    """As the pattern writes it; empty for the manifest's own."""
    steps: tuple[str, ...]
    names: tuple[str, ...] = ()
    """Seen from the folder, with `/` in them."""
    failed: tuple[tuple[str, OSError], ...] = ()
    """Folders that can't be read, named like `folder`, and why."""
    is_there: bool = True
    is_cut: bool = False
    """Whether there was more to look at than was allowed."""
    seen: int = 0
    """Files and folders that were looked at."""


def spelled(manifest: Path, file: str) -> str:
    """Return the name as the disk spells it, where it has it in one other spelling only."""
    written = manifest.parent / file
    there = disk.spelled(written)
    if len(there) != 1 or there[0] == written:
        return file
    inside = there[0].is_relative_to(manifest.parent)
    return (there[0].relative_to(manifest.parent) if inside else there[0]).as_posix()


def look(manifest: Path, file: str, seen: int = 0) -> Listing | None:
    """Return what a manifest's `file` chooses among; None if it names a file, brackets and all.

    `seen` is how many files and folders were looked at for the manifest before.
    """
    if not patterns.is_pattern(file) or disk.spelled(manifest.parent / file):
        return None
    written, steps = patterns.split(file)
    folder = PurePath(spelled(manifest, str(written)))
    shown = folder.as_posix() if folder.parts else ""
    root = manifest.parent / folder
    if not os.path.isdir(root):  # noqa: PTH112 - Path.is_dir raises for what may not be looked at
        return Listing(shown, steps, is_there=False)
    names: list[str] = []
    failed: list[OSError] = []
    most = min(MOST, MOST_OF_ALL - seen)
    seen = 0
    # A bounded pattern can't run in circles, however the folders are linked.
    follow = patterns.ANY_DEPTH not in steps
    for where, folders, files in os.walk(root, onerror=failed.append, followlinks=follow):
        path = Path(where).relative_to(root).parts
        seen += len(folders) + len(files)
        if seen > most:
            return Listing(shown, steps, is_cut=True, seen=seen)
        folders[:] = [name for name in folders if patterns.leads_on(steps, (*path, name))]
        names += ["/".join((*path, name)) for name in files]
    locked = [(folder / Path(error.filename).relative_to(root), error) for error in failed]
    failures = tuple((path.as_posix(), error) for path, error in locked)
    return Listing(shown, steps, tuple(names), failures, seen=seen)
