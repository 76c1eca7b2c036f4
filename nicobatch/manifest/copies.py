"""Copies that programs which sync folders make of a file when two machines have changed it."""

from __future__ import annotations

import os.path
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from nicobatch import disk

_WORDS = re.compile(
    r"conflict(ed|ing)? copy|(case|sync|encoding|white ?space) conflict|sfconflict"
    r"|競合(した|の)?コピー|(大文字と小文字|選択型同期)の競合|冲突(的)?(副本|复制)|衝突(的)?(複本|副本|複製)"
    r"|충돌된 사본|konfliktkopie|in konflikt stehende kopie|cop(ie|ia) (en|in) confli(t|cto|tto)"
    r"|cópia em conflito"
)
SURE = re.compile(
    r"(?P<stem>.+?)(?:"
    r"\.sync-conflict-\d{8}-\d{6}(-\w{7})?"  # Syncthing
    r"|_conflict-\d{8}-\d{6}"  # ownCloud, Nextcloud
    r"|\.conflict\d+"  # rclone
    r"|_[^_]+_[a-z]{3}-\d\d-\d{6}-\d{4}_(case)?conflict"  # Synology Drive
    r"|[ _]*\[conflict(ed)?( copy)?\]"  # pCloud
    # Dropbox, Nextcloud, Seafile and others, in the language of the machine
    rf"|[ _-]*[(（\[［「【][^()（）]*({_WORDS.pattern})[^()（）]*[)）\]］」】]"
    r"|[ _-]+競合コピー[^.]*"
    r")(?P<suffix>\.\w+)?",
    re.IGNORECASE,
)
"""Names that mean nothing else."""
LIKELY = re.compile(
    # iCloud; Google Drive; OneDrive, which adds the machine's name
    r"(?: [2-9]| ?\([1-9]\)|-[A-Z0-9-]*[A-Z][A-Z0-9-]{2,}|-.*(?:MacBook|iMac).*)\Z"
)
"""Ends that other videos' names have as well: the two must name one video file, too."""
CLUE = re.compile("confli|konflik|競合|冲突|衝突|충돌", re.IGNORECASE)
"""Stands in all of the names that are sure, and is looked for first, as hardly any has it."""
FILE = re.compile(rb"""^[\s-]*["']?file["']?\s*:[ \t]*(\S.*?)[ \t]*(?:#.*)?\r?$""", re.MULTILINE)
TWICE = re.compile(rb"^[\s-]*allow_duplicate\s*:\s*true", re.MULTILINE)
LARGEST = 1_000_000


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
    return SURE.fullmatch(plain) if CLUE.search(plain) else None


def _likely(path: Path) -> Iterator[str]:
    """Yield the names beside it that the name may be made from."""
    stem, suffix = path.stem, path.suffix
    match = LIKELY.search(stem) if suffix.lower() in {".yaml", ".yml"} else None
    if not match:
        return
    stems = {stem[: match.start()], *(stem[:at] for at, sign in enumerate(stem) if sign == "-")}
    names = (each + suffix for each in sorted(stems) if each)
    yield from (each for each in names if os.path.isfile(path.with_name(each)))  # noqa: PTH113


def _is_same(path: Path, other: Path) -> bool:
    """Tell whether both manifests name one video file, and neither says that it is to be twice."""
    try:
        both = [disk.read(each, LARGEST) for each in (path, other)]
    except OSError:
        return False
    first, second = ({each.strip(b"\"'") for each in FILE.findall(text)} for text in both)
    return bool(first & second) and not any(map(TWICE.search, both))
