"""Patterns of file names: which of the names below a folder a manifest's `file` stands for.

`*`, `?` and `[…]` are those of shells, `**` is any number of folders. Capital and small letters
make a difference on every system, so that a manifest means the same everywhere; how Unicode spells
a letter (NFC, NFD) makes none. Conflict copies, which programs that sync folders make, are never
meant.
"""

from __future__ import annotations

import fnmatch
import os.path
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path, PurePath

from nicobatch import disk

_WORDS = re.compile(
    r"conflict(ed|ing)? copy|(case|sync|encoding|white ?space) conflict|(sf|ns)conflict"
    r"|# (edit conflict|name clash)|case clash from"
    r"|競合(した|の)?コピー|(大文字と小文字|選択型同期|エンコード|空白)の競合"
    r"|冲突(的)?(副本|复制|文件|版本)|衝突(的)?(複本|副本|複製|檔案|版本)"
    r"|충돌(된)? ?사본|конфликт(ующая|ная) копия|kopia powodująca konflikt"
    r"|konfliktkopi[ea]?|in konflikt stehende kopie|cop(ie|ia) (en|in) confli(t|cto|tto)"
    r"|cópia em conflito|conflicterende kopie"
)
COPY = (
    r"(?P<stem>.+?)(?:"
    r"\.sync-conflict-\d{8}-\d{6}(-\w{7})?"  # Syncthing
    r"|_conflict-([^-]+-)?\d{8}-\d{6}"  # ownCloud, Nextcloud
    r"|\.conflict\d+"  # rclone
    r"|_[^_]+_[a-z]{3}-\d\d-\d{6}-\d{4}_(case)?conflict"  # Synology Drive
    r"|[ _]*\[conflict(ed)?( copy)?\]"  # pCloud
    r"|_conf\(\d+\)"  # Google Drive
    # Dropbox, Nextcloud, Seafile, Proton, Nutstore and others, in the language of the machine
    rf"|[ _-]*[(（\[［「【][^()（）]*({_WORDS.pattern})[^()（）]*[)）\]］」】]"
    r"|[ _-]+競合コピー[^.]*"
    r")(?P<suffix>\.\w+)?"
)
"""Names that mean nothing else; compiled where `CLUE` was found."""
MAYBE_COPY = re.compile(
    # iCloud; Google Drive; OneDrive, which adds the machine's name; Box; Resilio
    r"(?: [2-9]| ?\([1-9]\)|-[A-Z0-9-]*[A-Z][A-Z0-9-]{2,}|-.*(?:MacBook|iMac|PC).*"
    r"| \([^()]+@[^()]+ [1-9]\)|\.[Cc]onflict"
    # Explorer, Finder and Files, where a person made it
    r"| ?- ?(?:コピー|Copy|副本|複製)(?: \([2-9]\))?| ?(?:のコピー|copy|的副本|拷贝)(?: [2-9])?"
    r"| ?[(（](?:コピー|copy|副本|複製)[)）]"
    # git mergetool
    r"|[_.](?:BACKUP|BASE|LOCAL|REMOTE)[_.][0-9]+)\Z"
)
"""Ends that other videos' names have as well: the two must name one video file, too."""
CLUE = re.compile("confli|konfli|конфли|_conf|clash|競合|冲突|衝突|충돌", re.IGNORECASE)
"""Stands in all of the names that are sure, and is looked for first, as hardly any has it."""
NAMES_FILE = re.compile(
    rb"""^[\s-]*["']?file["']?\s*:[ \t]*(\S.*?)[ \t]*(?:#.*)?\r?$""", re.MULTILINE
)
TWICE = re.compile(rb"^[\s-]*allow_duplicate\s*:\s*true", re.MULTILINE)
LARGEST_COPY = 1_000_000


def is_surely_copy(name: str) -> bool:
    """Tell whether the name is one that only conflict copies have."""
    return _sure(name) is not None


def original(path: Path) -> str | None:
    """Return the name of the manifest of which this one is a conflict copy; None if it is none."""
    if match := _sure(path.name):
        return f"{match['stem']}{match['suffix'] or ''}"
    return next((each for each in _likely(path) if _is_same(path, path.with_name(each))), None)


def _sure(name: str) -> re.Match[str] | None:
    plain = name if name.isascii() else unicodedata.normalize("NFC", name)
    return re.fullmatch(COPY, plain, re.IGNORECASE) if CLUE.search(plain) else None


def _likely(path: Path) -> Iterator[str]:
    """Yield the names beside it that the name may be made from."""
    stem, suffix = path.stem, path.suffix
    match = MAYBE_COPY.search(stem) if suffix.lower() in {".yaml", ".yml"} else None
    if not match:
        return
    stems = {stem[: match.start()], *(stem[:at] for at, sign in enumerate(stem) if sign == "-")}
    names = (each + suffix for each in sorted(stems) if each)
    yield from (each for each in names if os.path.isfile(path.with_name(each)))  # noqa: PTH113


def _is_same(path: Path, other: Path) -> bool:
    """Tell whether both manifests name one video file, and neither says that it is to be twice."""
    try:
        both = [disk.read(each, LARGEST_COPY) for each in (path, other)]
    except OSError:
        return False
    first, second = ({each.strip(b"\"'") for each in NAMES_FILE.findall(text)} for text in both)
    return bool(first & second) and not any(map(TWICE.search, both))


def natural(name: str | PurePath) -> tuple[list[tuple[int, int, str]], str]:
    """Return a sort key by which episode-2 comes before episode-10, also in full-width digits."""
    text = str(name)
    parts = re.split(r"(\d+)", unicodedata.normalize("NFKC", text).casefold())
    return [(1, int(part), "") if part.isdecimal() else (0, 0, part) for part in parts], text


ANY_DEPTH = "**"
LONGEST = 255
"""Characters of a pattern's step: no name is longer."""
MAGIC = re.compile(r"[*?]|^[^\[]*\[.+\]")
SURE = re.compile(r"[*?]")
"""What stands in the name of hardly any file; brackets stand in many."""
PASSED_OVER = re.compile(
    r"\..*|~\$.*|~syncthing~.*|.*~|#.*#"
    r"|.*\.(part(-frag\d+)?|partial|kpart|syncpart|filepart|dtapart"
    r"|(cr|op|fdm)?download|(down|up)loading|incomplete|inprogress|unfinished|copying"
    r"|!(ut|qb|bt|mega)|[bj]c!|aria2|ytdl|xltd|td(\.cfg)?|dctmp|tmp|temp|sb-\w+-\w+"
    r"|sw[op]|bak|lock|temp\.(mp4|mkv|webm|mov|flv))"
    r"|(eh)?thumbs\.db|desktop\.ini|icon\r|@eaDir|[@#]recycle|\$recycle\.bin|__MACOSX"
    r"|system volume information|lost\+found",
    re.IGNORECASE | re.DOTALL,
)
"""What copiers, browsers and editors call a file that is not the real one, or not yet: hidden ones
(.DS_Store, ._*, .stfolder, .~lock.*, rsync's), Office's owner files, Syncthing's on Windows and
Emacs's; and what systems and NAS boxes leave in every folder."""


def is_ignored(name: str) -> bool:
    """Tell whether a name is hidden, temporary or the system's own."""
    return PASSED_OVER.fullmatch(name) is not None


def is_pattern(file: str) -> bool:
    """Tell whether the text has the signs of a pattern, though it may be a name all the same."""
    return any(map(MAGIC.search, _steps(PurePath(file))))


def is_surely_pattern(file: str) -> bool:
    """Tell whether the text can hardly be the name of a file: `[live] 1.mp4` may be one."""
    return bool(SURE.search(file))


def is_too_long(file: str) -> bool:
    """Tell whether a step of a pattern is longer than what a name can match, and slow to read."""
    return is_pattern(file) and max(map(len, split(file)[1])) > LONGEST


def split(file: str) -> tuple[PurePath, tuple[str, ...]]:
    """Return the folder that all matches lie below, and the pattern of each step from there."""
    path = PurePath(file)
    parts = _steps(path)
    first = next(at for at, part in enumerate(parts) if MAGIC.search(part))
    steps = [_nfc(part) for part in parts[first:]]
    if steps[-1] == ANY_DEPTH:
        steps.append("*")
    return PurePath(path.anchor, *parts[:first]), tuple(steps)


def _steps(path: PurePath) -> tuple[str, ...]:
    """Return the names that the path goes by; Windows has `?` where some paths begin."""
    return path.parts[1:] if path.anchor else path.parts


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
    if folder and is_ignored(folder[-1]):
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
    return not any(map(is_ignored, path)) and _match(steps, path)


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
