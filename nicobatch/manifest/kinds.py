"""What a file is that is no manifest: by the bytes it begins with, else by the end of its name."""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from pathlib import PurePath
from typing import Final

from nicobatch.language import N_

VIDEO: Final = N_("a video")
AUDIO: Final = N_("an audio file")
_PICTURE: Final = N_("a picture")
_ARCHIVE: Final = N_("an archive")
_DOCUMENT: Final = N_("a document")
_JSON: Final = N_("a JSON file")
_TEXT: Final = N_("a text document")
_PROGRAM: Final = N_("a program")
_DATABASE: Final = N_("a database")
_SUBTITLES: Final = N_("subtitles")
_BINARY: Final = N_("binary data")
POINTER: Final = N_("a pointer of Git LFS")

VIDEOS: Final = frozenset(
    {".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".flv", ".wmv"}
    | {".mpg", ".mpeg", ".ts", ".m2ts", ".mts", ".3gp", ".ogv", ".mxf"}
)
"""What names of videos end with."""
_ENDINGS: Final[Mapping[str, frozenset[str]]] = {
    VIDEO: VIDEOS,
    AUDIO: frozenset({".mp3", ".m4a", ".wav", ".flac", ".ogg", ".opus", ".aac", ".wma", ".aif"}),
    _PICTURE: frozenset(
        {".jpg", ".jpeg", ".png", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".svg", ".heic"}
        | {".avif", ".psd", ".clip", ".ico"}
    ),
    _ARCHIVE: frozenset({".zip", ".7z", ".rar", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".tar"}),
    _DOCUMENT: frozenset(
        {".pdf", ".docx", ".xlsx", ".pptx", ".doc", ".xls", ".odt", ".ods", ".rtf"}
        | {".html", ".htm", ".xml"}
    ),
    _JSON: frozenset({".json", ".jsonl", ".sarif"}),
    _TEXT: frozenset({".md", ".rst", ".txt", ".csv", ".tsv", ".log", ".toml", ".ini"}),
    _PROGRAM: frozenset({".exe", ".dll", ".so", ".py", ".sh", ".bat", ".ps1", ".js", ".jar"}),
    _DATABASE: frozenset({".db", ".sqlite", ".sqlite3"}),
    _SUBTITLES: frozenset({".srt", ".vtt", ".ass", ".ssa"}),
}
_BEGINNINGS: Final = tuple(
    (re.compile(expression, re.DOTALL), kind)
    for expression, kind in (
        (rb"version https://git-lfs", POINTER),
        (rb".{4}ftyp(avif|avis|heic|heix|mif1|msf1)", _PICTURE),
        (rb".{4}ftypM4[AB] ", AUDIO),
        (rb".{4}(ftyp|moov|mdat|free|wide|skip|pnot)", VIDEO),
        (rb"\x1aE\xdf\xa3|FLV\x01|0&\xb2u\x8ef\xcf\x11|\x00\x00\x01[\xb3\xba]", VIDEO),
        (rb"RIFF.{4}AVI |G.{187}G|.{4}G.{191}G|\x06\x0e\x2b\x34", VIDEO),
        (rb"RIFF.{4}WAVE|ID3|\xff[\xe2-\xfb]|fLaC|OggS|FORM.{4}AIF", AUDIO),
        (rb"\xff\xd8\xff|\x89PNG|GIF8|RIFF.{4}WEBP|II\*\x00|MM\x00\*|8BPS|BM.{4}\x00", _PICTURE),
        (rb"PK[\x03\x05]|Rar!|7z\xbc\xaf|\x1f\x8b|BZh|\xfd7zXZ|\x28\xb5\x2f\xfd", _ARCHIVE),
        (rb".{257}ustar|..-lh[0-9d]-", _ARCHIVE),
        (rb"%PDF-|\xd0\xcf\x11\xe0", _DOCUMENT),
        (rb"SQLite format 3\x00", _DATABASE),
        (rb"\x7fELF|MZ|[\xca\xcf][\xfe\xfa][\xed\xba][\xfe\xbe]", _PROGRAM),
    )
)
"""The first that fits counts; asked only of what is no text, or has nothing of a manifest."""
_CONTROL: Final = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
"""What stands in no text, whatever its encoding, but for UTF-16's zeros."""
_SAMPLE: Final = 8192


def of_content(data: bytes) -> str | None:
    """Return what the file is by the bytes that it begins with; None where it may be a text."""
    sample = data[:_SAMPLE]
    return next((kind for pattern, kind in _BEGINNINGS if pattern.match(sample)), None)


def of_name(name: str) -> str | None:
    """Return what the end of its name says that the file is."""
    ending = PurePath(name).suffix.lower()
    return next((kind for kind, endings in _ENDINGS.items() if ending in endings), None)


def of(data: bytes, name: str) -> str | None:
    """Return what the file is, if it shows; to be asked of one that has nothing of a manifest."""
    return of_content(data) or of_name(name) or (_BINARY if _is_binary(data) else None)


def _is_binary(data: bytes) -> bool:
    """Tell whether the file can be no text in any encoding."""
    sample = data[:_SAMPLE]
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return False
    halves = (sample[::2], sample[1::2])  # of UTF-16, one has hardly anything but zeros
    texts = [half for half in halves if half.count(0) * 3 < len(half)]
    return _CONTROL.search(texts[0] if len(texts) == 1 else sample) is not None
