"""PATH to manifests: a file, a folder (recursively) or a glob."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from nicobatch import disk
from nicobatch.language import reason
from nicobatch.manifest.order import natural
from nicobatch.manifest.rules import fault, problem
from nicobatch.model import Position, Problem

SUFFIXES = frozenset({".yaml", ".yml"})
START = Position(1, 1)


def discover(paths: Sequence[str]) -> tuple[list[Path], list[Problem]]:
    """Return every manifest once, in the order of `paths` and then of numbers, and what is none."""
    found: dict[str, Path] = {}
    problems: list[Problem] = []
    for each in paths:
        for result in _looked_at(each):
            if isinstance(result, Problem):
                problems.append(result)
            else:
                found.setdefault(disk.real(result) or str(result), result)
    return list(found.values()), problems


def _looked_at(text: str) -> Iterator[Path | Problem]:
    try:
        yield from _expand(text)
    except OSError as error:  # the system won't even tell whether it is there
        yield unreadable(Path(text), error)


def _expand(text: str) -> Iterator[Path | Problem]:
    path = Path(text)
    if "\0" in text:
        yield _problem("path-not-found", path)
    elif path.is_dir():
        yield from _or_none(path, list(_folder(path)))
    elif os.path.lexists(path):
        yield path if path.is_file() else _problem("not-a-file", path)
    elif glob.has_magic(text):
        yield from _or_none(path, list(_glob(text)))
    else:
        yield _problem("path-not-found", path)


def _or_none(path: Path, found: list[Path | Problem]) -> list[Path | Problem]:
    return found or [_problem("no-manifest", path)]


def _glob(pattern: str) -> Iterator[Path | Problem]:
    # Path.glob takes no absolute pattern.
    names = glob.iglob(pattern, recursive=True)  # noqa: PTH207
    for match in sorted(map(Path, names), key=natural):
        if match.is_dir():
            yield from _folder(match)
        elif match.suffix.lower() in SUFFIXES:
            yield match


def _folder(folder: Path) -> Iterator[Path | Problem]:
    failed: list[OSError] = []
    manifests: list[Path] = []
    for root, folders, names in os.walk(folder, onerror=failed.append):
        folders[:] = [name for name in folders if not name.startswith(".")]
        manifests += [Path(root, name) for name in names if _is_manifest(name)]
    yield from sorted(manifests, key=natural)
    yield from (unreadable(Path(error.filename), error) for error in failed)


def _is_manifest(name: str) -> bool:
    return not name.startswith(".") and Path(name).suffix.lower() in SUFFIXES


def unreadable(path: Path, error: OSError) -> Problem:
    """Say why the system lets no one read the file or folder."""
    return problem(fault("unreadable", START, file=path, reason=reason(error)), path)


def _problem(rule: str, path: Path) -> Problem:
    return problem(fault(rule, START, path=path), path)
