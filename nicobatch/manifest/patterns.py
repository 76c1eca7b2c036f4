"""Patterns of file names: which of the names below a folder a manifest's `file` stands for.

`*`, `?` and `[…]` are those of shells, `**` is any number of folders. Capital and small letters
make a difference on every system, so that a manifest means the same everywhere; how Unicode spells
a letter (NFC, NFD) makes none.
"""

from __future__ import annotations

import fnmatch
import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from pathlib import PurePath

from nicobatch.manifest.copies import is_surely_copy
from nicobatch.manifest.order import natural

ANY_DEPTH = "**"
LONGEST = 255
"""Characters of a pattern's step: no name is longer."""
MAGIC = re.compile(r"[*?]|^[^\[]*\[.+\]")
SURE = re.compile(r"[*?]")
"""What stands in the name of hardly any file; brackets stand in many."""
# Names under which browsers, editors and file managers keep what is not finished or not a video.
PASSED_OVER = re.compile(
    r"\..*|~.*|.*~|.*\.(part|partial|crdownload|download|opdownload|filepart|!ut|aria2|tmp|temp"
    r"|sw[op])|@eaDir|#recycle|__MACOSX|Thumbs\.db|desktop\.ini",
    re.IGNORECASE | re.DOTALL,
)


def is_pattern(file: str) -> bool:
    """Tell whether the text has the signs of a pattern, though it may be a name all the same."""
    return any(map(MAGIC.search, PurePath(file).parts))


def is_surely_pattern(file: str) -> bool:
    """Tell whether the text can hardly be the name of a file: `[live] 1.mp4` may be one."""
    return bool(SURE.search(file))


def is_too_long(file: str) -> bool:
    """Tell whether a step of a pattern is longer than what a name can match, and slow to read."""
    return is_pattern(file) and max(map(len, split(file)[1])) > LONGEST


def split(file: str) -> tuple[PurePath, tuple[str, ...]]:
    """Return the folder that all matches lie below, and the pattern of each step from there."""
    parts = PurePath(file).parts
    first = next(at for at, part in enumerate(parts) if MAGIC.search(part))
    steps = [_nfc(part) for part in parts[first:]]
    if steps[-1] == ANY_DEPTH:
        steps.append("*")
    return PurePath(*parts[:first]), tuple(steps)


def select(steps: Sequence[str], names: Iterable[str]) -> list[str]:
    """Return the names that match, in natural order; each is a path with `/` in it.

    Conflict copies are left out: they are never meant.
    """
    return [name for name in _matches(steps, names) if not is_surely_copy(_last(name))]


def left_out(steps: Sequence[str], names: Iterable[str]) -> list[str]:
    """Return the conflict copies that would match, in natural order."""
    return [name for name in _matches(steps, names) if is_surely_copy(_last(name))]


def _matches(steps: Sequence[str], names: Iterable[str]) -> list[str]:
    return sorted((name for name in names if _fits(steps, _path(name))), key=natural)


def _last(name: str) -> str:
    return name.rpartition("/")[2]


def all_but(steps: Sequence[str], names: Collection[str], selected: Iterable[str]) -> list[str]:
    """Return the names that would match but for capital letters, in natural order."""
    folded = [step.casefold() for step in steps]
    rest = set(names).difference(selected, left_out(steps, names))
    return sorted((each for each in rest if _fits(folded, _path(each.casefold()))), key=natural)


def leads_on(steps: Sequence[str], folder: Sequence[str]) -> bool:
    """Tell whether a match may lie below the folder, given by its path; case is let be."""
    if folder and PASSED_OVER.fullmatch(folder[-1]):
        return False
    for step, name in zip(steps, folder, strict=False):
        if step == ANY_DEPTH:
            return True
        if not fnmatch.fnmatchcase(_nfc(name).casefold(), step.casefold()):
            return False
    return len(folder) < len(steps)


def names(pattern: str, path: PurePath) -> bool:
    """Tell whether the pattern fits the path, or, if it is a single name, the path's last one."""
    steps = [_nfc(part) for part in PurePath(pattern).parts]
    return _match(steps, [_nfc(part) for part in path.parts][-1 if len(steps) == 1 else 0 :])


def _path(name: str) -> list[str]:
    return _nfc(name).split("/")


def _fits(steps: Sequence[str], path: Sequence[str]) -> bool:
    return not any(map(PASSED_OVER.fullmatch, path)) and _match(steps, path)


def _match(steps: Sequence[str], path: Sequence[str]) -> bool:
    """Match step by step; where that fails, the last `**` takes one folder more."""
    here = step = 0
    again: tuple[int, int] | None = None
    while here < len(path):
        if step < len(steps) and steps[step] == ANY_DEPTH:
            step += 1
            again = here, step
        elif step < len(steps) and fnmatch.fnmatchcase(path[here], steps[step]):
            here, step = here + 1, step + 1
        elif again:
            again = again[0] + 1, again[1]
            here, step = again
        else:
            return False
    return step == len(steps)


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)
