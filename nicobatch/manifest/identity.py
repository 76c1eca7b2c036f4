"""What tells videos apart: ids that can name a receipt on every system, and files given once."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Collection, Iterator
from pathlib import Path, PureWindowsPath
from typing import Any

from nicobatch import disk
from nicobatch.manifest import patterns, windows
from nicobatch.manifest.defaults import Entry
from nicobatch.manifest.document import Document
from nicobatch.manifest.rules import Fault, fault, shown
from nicobatch.model import Position, on_site
from nicobatch.origin import ADDRESS, STORE, file_at, stored

ID_LENGTH = 100
"""Characters."""
ID_BYTES = 200
"""Of UTF-8: Linux knows names of 255 bytes, and a receipt's is longer than its id."""

PATH_LENGTH = 4096
"""Characters: Linux takes no more, and others less."""

ID_FORBIDDEN = re.compile('[\x00-\x1f\x7f-\x9f<>:"/\\\\|?*\ud800-\udfff]')
FILE_FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
HOME = re.compile(r"~[^/\\]*[/\\]")
ACCOUNT = re.compile(r"[A-Za-z0-9_-]+")


def id_of(entry: Entry) -> str | None:
    """Return the video's id: its own, or else its file's name without the ending.

    One manifest means one id on every system: file names are split as Windows does, and letters are
    in one piece (NFC), where macOS may take them apart.
    """
    given, file = entry.data.get("id"), entry.data.get("file")
    if isinstance(given, str):
        return unicodedata.normalize("NFC", given)
    if not isinstance(file, str) or "id" in entry.data:
        return None
    return unicodedata.normalize("NFC", PureWindowsPath(file).stem)


def id_place(entry: Entry) -> Position:
    """Return where the id stands, or else the file's name, which it is taken from."""
    return entry.place("id" if "id" in entry.data else "file")


def names_file(entry: Entry) -> bool:
    """Tell whether there is a file name that a file may have."""
    file = entry.data.get("file")
    return isinstance(file, str) and not any(file_faults(file, entry.place("file")))


def files(entry: Entry) -> Iterator[tuple[str, str]]:
    """Yield the name of each file of the video, and the field in which it stands."""
    pages = entry.data.get("pages") if "pages" in entry.own else None
    if not isinstance(pages, list):
        named: list[tuple[object, str]] = [(entry.data.get("file"), "file")]
    else:
        every = enumerate(pages)
        named = [(each.get("file"), f"pages.{at}.file") for at, each in every if type(each) is dict]
    yield from ((file, field) for file, field in named if isinstance(file, str))


def _picture(entry: Entry) -> Iterator[tuple[str, str]]:
    thumbnail = entry.data.get("thumbnail")
    file = thumbnail.get("file") if isinstance(thumbnail, dict) else None
    if isinstance(file, str):
        yield file, "thumbnail.file"


def check(entry: Entry) -> Iterator[Fault]:
    """Yield what is wrong with the names of the video's files, and with its id."""
    account, name = entry.data.get("account"), id_of(entry)
    if "account" in entry.own and isinstance(account, str) and not ACCOUNT.fullmatch(account):
        yield fault("account-name", entry.place("account"), value=shown(account))
    found: list[Fault] = []
    for file, field in (*files(entry), *_picture(entry)):
        found += file_faults(file, entry.place(field))
    yield from found
    if found:
        return
    if name is not None:
        advice = "" if "id" in entry.data else "give-id"
        yield from id_faults(name, id_place(entry), advice=advice)


def unportable(entry: Entry, *, here: bool = os.name == "nt") -> Iterator[Fault]:
    """Yield the names that Windows takes for something else than the file; `here` is Windows.

    Elsewhere it is a note: a manifest is shared, and one who never is on Windows may go on.
    """
    for file, field in (*files(entry), *_picture(entry)):
        if not STORE.fullmatch(file) and (meant := windows.meaning(file)):
            rule = "file-misnamed" if here and meant.is_harmful else "file-unportable"
            yield fault(rule, entry.place(field), advice=meant.advice, **meant.values(file))


def file_faults(file: str, place: Position) -> Iterator[Fault]:
    """Yield what keeps a file from having such a name."""
    if not file.strip():
        yield fault("file-empty", place)
    elif ADDRESS.match(file) and not STORE.fullmatch(file):
        yield fault("file-is-address", place, file=shown(file))
    elif HOME.match(file):
        yield fault("file-in-home", place, file=shown(file))
    elif match := FILE_FORBIDDEN.search(file):
        yield fault("file-character", place, character=f"U+{ord(match[0]):04X}")
    elif len(file) > PATH_LENGTH or patterns.is_too_long(file):
        yield fault("file-too-long", place, limit=PATH_LENGTH, step=patterns.LONGEST)


def id_faults(name: str, place: Position, *, advice: str = "") -> Iterator[Fault]:
    """Yield what keeps a receipt from being named by the id on some system."""
    if not name:
        yield fault("id-empty", place, advice=advice)
    elif match := ID_FORBIDDEN.search(name):
        yield fault("id-character", place, advice=advice, id=shown(name), character=shown(match[0]))
    elif name[0] in " ." or name[-1] in " .":
        yield fault("id-edge", place, advice=advice, id=shown(name))
    elif windows.RESERVED.fullmatch(name):
        yield fault("id-reserved", place, advice=advice, id=shown(name))
    elif len(name) > ID_LENGTH or len(unicodedata.normalize("NFC", name).encode()) > ID_BYTES:
        limits = {"limit": ID_LENGTH, "bytes": ID_BYTES}
        yield fault("id-too-long", place, advice=advice, id=shown(name), **limits)


def account_faults(document: Document, sites: Collection[str]) -> Iterator[Fault]:
    """Yield what is wrong with the names of accounts at the sites."""
    data: Any = document.data
    given = data.get("account")
    named = given.items() if isinstance(given, dict) else [("", given)]
    for site, account in named:
        is_meant = not site or site in sites
        if is_meant and isinstance(account, str) and not ACCOUNT.fullmatch(account):
            place = document.place("account", *filter(None, [site]))
            yield fault("account-name", place, value=shown(account))


class Seen:
    """The ids of each manifest and the files of all of them, as far as they were read."""

    def __init__(self) -> None:
        self._ids: dict[tuple[Path, str], int] = {}
        self._files: dict[tuple[str, tuple[str, int, int]], str] = {}

    def add(self, entry: Entry, manifest: Path) -> Iterator[Fault]:
        """Yield what of the video was there before; its own id and file must be fine."""
        name = id_of(entry)
        if name is not None:
            yield from self._id(name, entry, manifest)
        for file, field in files(entry):
            yield from self._file(file, entry.place(field), entry, manifest)

    def _id(self, name: str, entry: Entry, manifest: Path) -> Iterator[Fault]:
        place, key = id_place(entry), (manifest, disk.fold(name + on_site(entry.site)))
        if key in self._ids:
            advice = "" if "id" in entry.data else "give-id"
            yield fault("id-repeated", place, advice=advice, id=shown(name), first=self._ids[key])
        self._ids.setdefault(key, place.line)

    def _file(self, file: str, place: Position, entry: Entry, manifest: Path) -> Iterator[Fault]:
        path = file_at(manifest.parent, file)
        address = stored(path)
        identity = (address, 0, 0) if address else disk.identity(path)
        if identity is None:
            return
        key = (entry.site, identity)
        if key in self._files and entry.data.get("allow_duplicate") is not True:
            yield fault("file-repeated", place, file=shown(file), first=self._files[key])
        self._files.setdefault(key, f"{manifest}:{place.line}")
