"""What a file is that may be no manifest: by its bytes, the end of its name, or what is in it.

A manifest with a mistake must not be taken for another tool's file, so what counts is any sign that
it is ours: the schema that editors are told, a video that it names, or `version: 1` where no key
shows whose it is.
"""

from __future__ import annotations

import codecs
import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import islice
from pathlib import PurePath
from typing import Final

from nicobatch.language import N_
from nicobatch.manifest import schema

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
_BEGINNINGS: Final = (
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
"""The first that fits counts; asked only of what is no text, or has nothing of a manifest."""
_CONTROL: Final = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
"""What stands in no text, whatever its encoding, but for UTF-16's zeros."""
_SAMPLE: Final = 8192


def of_content(data: bytes) -> str | None:
    """Return what the file is by the bytes that it begins with; None where it may be a text."""
    sample = data[:_SAMPLE]
    kinds = (kind for pattern, kind in _BEGINNINGS if re.match(pattern, sample, re.DOTALL))
    return next(kinds, None)


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


FOREIGN = (
    # Docker Compose, Kubernetes and Helm, cloud functions
    "services|networks|volumes|apiversion|kind|metadata|spec|resources|service|provider|functions"
    "|runtime|handlers|appversion|dependencies"
    # CI services and automation
    "|jobs|on|workflows|orbs|steps|stages|pipelines|stage|script|phases|frontend|backend"
    "|applications|updates|repos|hooks|runs|inputs|tasks|hosts|roles|vars|rules|includes"
    # documentation, descriptions of APIs, sites
    "|site_name|nav|theme|plugins|openapi|swagger|asyncapi|paths|components|servers|info"
    "|permalink|baseurl|markdown|build|sphinx|mkdocs|python|conda"
    # packages, translations, linters
    "|environment|dev_dependencies|flutter|parts|apps|confinement|lint|breaking|deps|rulesets"
    "|extends|channels"
    # Python's logging, databases, networks
    "|formatters|loggers|disable_existing_loggers|models|sources|seeds|snapshots|network|config"
    "|ethernets"
    # names of packages, and versions of the format that are not ours
    "|name|[a-z]+-version|lockfileversion|awstemplateformatversion|update_configs|formats"
)
"""Keys at the top by which other tools' files are known, in small letters."""
MODELINE = re.compile(r"^\s*#.*\$schema=\S*manifest\.schema\.json", re.MULTILINE)
PAIR = re.compile(
    r"""^([^\S\n]*[{\[,-]*[^\S\n]*)["']?([^\W\d][\w-]*)["']?\s*[:\uff1a][^\S\n]*(.*)$""",
    re.MULTILINE,
)
ONE = re.compile(r"""["'\s]*1["'\s,}]*(#.*)?""")
ALIKE = 0.75
_STRANGE = 2
"""Keys beside `version: 1` of which one has to be a manifest's, or a slip of it."""
MOST_PAIRS = 200
"""Pairs that are looked at: who writes a manifest names a video before that."""


@dataclass(slots=True)
class _Signs:
    """Keys and values as far as they could be read: those at the top, and those of entries."""

    top: dict[str, object] = field(default_factory=dict)
    below: list[tuple[str, object]] = field(default_factory=list)

    def is_ours(self) -> bool:
        every = [*self.top.items(), *self.below]
        own = {name for key, _ in every for name in ("title", "file") if _means(key, name)}
        if any(_means(key, "file") and _names_video(value) for key, value in every):
            return _has_own(key for key, value in every if not _names_video(value))
        if own and any(_means(key, "videos") and _is_list(it) for key, it in self.top.items()):
            return True
        if any(re.fullmatch(FOREIGN, key) for key in self.top):
            return False
        rest = {key: it for key, it in self.top.items() if not _means(key, "version")}
        if not any(_is_one(it) for key, it in self.top.items() if key not in rest):
            return False
        return len(rest) < _STRANGE or _has_own(rest) or any(map(_names_video, rest.values()))


def is_manifest(data: object, text: str) -> bool:
    """Tell whether the file is meant as a manifest, whatever is wrong with it.

    `data` is what YAML makes of it, if anything; `text` its text, as far as that could be read.
    """
    signs = _Signs()
    if isinstance(data, dict | list):
        _of_data(data, signs)
    else:
        _of_text(text, signs)
    return signs.is_ours() or MODELINE.search(text) is not None


def _of_data(data: dict[str, object] | list[object], signs: _Signs) -> None:
    if isinstance(data, dict):
        signs.top = {key.casefold(): value for key, value in data.items()}
        inner: Iterable[object] = data.values()
    else:
        inner = [data]
    for value in inner:
        for each in islice(value, MOST_PAIRS) if isinstance(value, list) else [value]:
            if isinstance(each, dict):
                signs.below += (
                    (key.casefold(), it) for key, it in islice(each.items(), MOST_PAIRS)
                )


def _of_text(text: str, signs: _Signs) -> None:
    for before, key, value in islice(_pairs(text), MOST_PAIRS):
        if before:
            signs.below.append((key.casefold(), value))
        else:
            signs.top[key.casefold()] = value


def _pairs(text: str) -> Iterator[tuple[str, str, str]]:
    for match in PAIR.finditer(text):
        before, key, value = match.groups()
        yield before.replace("{", ""), key, value.strip()


def _means(key: str, name: str) -> bool:
    """Tell whether the key is that one, or a slip of it."""
    if key == name or abs(len(key) - len(name)) > 1:
        return key == name
    return _is_slip(key, name)


@functools.lru_cache(maxsize=1000)  # all manifests have the same keys
def _is_slip(key: str, name: str) -> bool:
    return SequenceMatcher(None, key, name).ratio() >= ALIKE


def _has_own(given: Iterable[str]) -> bool:
    known = {*schema.known("batch"), *schema.known("single"), *schema.known("video")}
    return any(_means(key, name) for key in given for name in known)


def _names_video(value: object) -> bool:
    """Tell whether the value is the name of a video."""
    if not isinstance(value, str):
        return False
    name = value.partition(" #")[0].strip("\"' ,}")
    return PurePath(name).suffix.lower() in VIDEOS


def _is_list(value: object) -> bool:
    return isinstance(value, list) or value == ""


def _is_one(value: object) -> bool:
    return value is not True and ONE.fullmatch(str(value)) is not None
