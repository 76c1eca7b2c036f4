"""The chunk endpoint: Fine Uploader's protocol, each claim of a part held against the others."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from uuid import UUID

from nicobatch.sandbox import media
from nicobatch.sites.niconico.sandbox import answers
from nicobatch.sites.niconico.sandbox.multipart import (
    FileHead,
    Malformed,
    MultipartReader,
    Stream,
    Truncated,
)
from nicobatch.sites.niconico.sandbox.site import Entry, ReceivedFile, Site, Upload, whole

CHUNK_SIZE: Final = 10_000_000
"""Bytes of every part but the last."""

WHOLE_FIELDS: Final = frozenset({"qquuid", "qqfilename", "qqtotalfilesize", "qqtotalparts"})
PART_FIELDS: Final = WHOLE_FIELDS | {"qqpartindex", "qqpartbyteoffset", "qqchunksize"}
OPTIONAL_FIELDS: Final = frozenset({"qqresume"})


@dataclass(frozen=True, slots=True)
class Part:
    """One part, as it describes itself."""

    upload: Upload
    index: int

    @property
    def offset(self) -> int:
        """Where its bytes begin in the file."""
        return self.index * CHUNK_SIZE

    @property
    def size(self) -> int:
        """How many bytes it has to have."""
        return min(CHUNK_SIZE, self.upload.total_size - self.offset)


class Arrival:
    """A request that writes a part, until a newer request for the same part takes its place."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._replaced = False

    def give_way(self) -> None:
        """Return once the request can change nothing any more."""
        with self._lock:
            self._replaced = True

    @contextmanager
    def change(self) -> Iterator[None]:
        """Keep the newer request waiting for one change; refuse it where that has come already."""
        with self._lock:
            if self._replaced:
                raise answers.fine("The part is arriving once more.", prevent_retry=False)
            yield


class Chunks:
    """Receives parts, several at a time, and closes files."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._arriving: dict[int, dict[int, Arrival]] = {}
        """By entry and part; what has stalled leaves it when the part comes again."""
        self._closing: set[int] = set()
        self._lock = threading.Lock()

    def receive(self, entry: Entry, stream: Stream, content_type: str, length: int) -> str:
        """Write one part into the entry's file and return the upload's uuid."""
        store = self._site.store
        store.update(entry.id, lambda known: known.counted("part"))
        try:
            reader = MultipartReader(stream, content_type, length)
            part = read_part(*reader.fields())
            with self._open(entry, part) as arrival:
                store.update(entry.id, lambda known: _expecting(known, part))
                _write(store.file(entry.id), part, reader, arrival)
                with arrival.change():
                    store.update(entry.id, lambda known: _received(known, part))
        except (Truncated, TimeoutError) as error:
            raise answers.fine(f"{error}.", prevent_retry=False) from error
        except Malformed as error:
            raise answers.fine(f"{error}.") from error
        return part.upload.uuid

    def close(self, entry: Entry, fields: Mapping[str, str]) -> str:
        """Accept the file that all parts make up and return the upload's uuid."""
        self._site.store.update(entry.id, lambda known: known.counted("done"))
        _expect_names(fields, WHOLE_FIELDS)
        upload = _upload(fields)
        with self._alone(entry):
            known = self._site.store.get(entry.id) or entry
            _expect_whole(known, upload)
            path = self._site.store.file(entry.id)
            received = _examined(path, upload, self._site.world.clock)
            self._site.store.update(entry.id, lambda known: replace(known, file=received))
        return upload.uuid

    @contextmanager
    def _open(self, entry: Entry, part: Part) -> Iterator[Arrival]:
        """Keep the file from being closed while the part arrives, and older requests off it."""
        arrival = Arrival()
        with self._lock:
            known = self._site.store.get(entry.id) or entry
            if not known.token:
                raise answers.fine("upload-chunk-stream was not called.")
            if known.file or entry.id in self._closing:
                raise answers.fine("The file is complete already.")
            # Of one part only the newest request writes: an older one may never come to its end.
            parts = self._arriving.setdefault(entry.id, {})
            if part.index in parts:
                parts[part.index].give_way()
            parts[part.index] = arrival
        try:
            yield arrival
        finally:
            with self._lock:
                if parts.get(part.index) is arrival:
                    del parts[part.index]

    @contextmanager
    def _alone(self, entry: Entry) -> Iterator[None]:
        """Keep parts away while the file is looked at."""
        with self._lock:
            if self._arriving.get(entry.id) or entry.id in self._closing:
                raise answers.fine("Parts of the file are still arriving.", prevent_retry=False)
            self._closing.add(entry.id)
        try:
            yield
        finally:
            with self._lock:
                self._closing.discard(entry.id)


def read_part(fields: Mapping[str, str], head: FileHead) -> Part:
    """Return the part that the fields describe, or refuse it for what they contradict."""
    if (head.name, head.filename) != ("qqfile", "blob"):
        raise answers.fine("The file must be named qqfile, with the filename blob.")
    if head.content_type != "application/octet-stream":
        raise answers.fine("qqfile must have the Content-Type application/octet-stream.")
    _expect_names(fields, PART_FIELDS)
    part = Part(_upload(fields), _number(fields, "qqpartindex"))
    if part.index >= part.upload.total_parts:
        parts = part.upload.total_parts
        raise answers.fine(f"qqpartindex is {part.index}, of {parts} parts from 0.")
    _expect_number(fields, "qqpartbyteoffset", part.offset)
    _expect_number(fields, "qqchunksize", part.size)
    return part


def _upload(fields: Mapping[str, str]) -> Upload:
    total = _number(fields, "qqtotalfilesize")
    if total == 0:
        raise answers.fine("qqtotalfilesize is 0: an empty file is no video.")
    parts, name = -(-total // CHUNK_SIZE), fields["qqfilename"]
    _expect_number(fields, "qqtotalparts", parts)
    if not name.strip():
        raise answers.fine("qqfilename is empty.")
    uuid = _uuid(fields["qquuid"])
    return Upload(uuid=uuid, filename=name, total_size=total, total_parts=parts)


def _expect_names(fields: Mapping[str, str], names: frozenset[str]) -> None:
    if missing := sorted(names - fields.keys()):
        raise answers.fine(f"{missing[0]} is missing.")
    if unknown := sorted(fields.keys() - names - OPTIONAL_FIELDS):
        raise answers.fine(f"{unknown[0]} is not known.")
    if fields.get("qqresume", "true") != "true":
        raise answers.fine("qqresume can only be true.")


def _uuid(text: str) -> str:
    try:
        if str(UUID(text)) == text.lower():
            return text
    except ValueError:
        pass
    raise answers.fine("qquuid must be a UUID.")


def _number(fields: Mapping[str, str], name: str) -> int:
    number = whole(fields[name])
    if number is None:
        raise answers.fine(f"{name} must be a whole number in decimal digits.")
    return number


def _expect_number(fields: Mapping[str, str], name: str, expected: int) -> None:
    found = _number(fields, name)
    if found != expected:
        raise answers.fine(f"{name} is {found}, where {expected} is right.")


def _expect_same(known: Entry, upload: Upload) -> None:
    if known.upload not in {None, upload}:
        raise answers.fine("qquuid, qqfilename or a total differs from the earlier parts'.")


def _expecting(known: Entry, part: Part) -> Entry:
    """Forget the part while it is written: a broken repeat must not count as whole."""
    _expect_same(known, part.upload)
    parts = tuple(index for index in known.parts if index != part.index)
    return replace(known, parts=parts)


def _received(known: Entry, part: Part) -> Entry:
    _expect_same(known, part.upload)
    name = str(part.index)
    times = {**known.parts_received, name: known.parts_received.get(name, 0) + 1}
    parts = tuple(sorted({*known.parts, part.index}))
    return replace(known, upload=part.upload, parts=parts, parts_received=times)


def _expect_whole(known: Entry, upload: Upload) -> None:
    if known.file:
        raise answers.fine("The file is complete already.")
    _expect_same(known, upload)
    if missing := sorted(set(range(upload.total_parts)).difference(known.parts)):
        raise answers.fine(f"{len(missing)} parts are missing, the first of them {missing[0]}.")


def _write(path: Path, part: Part, reader: MultipartReader, arrival: Arrival) -> None:
    path.touch()
    with path.open("r+b", buffering=0) as file:
        file.seek(part.offset)

        def sink(block: memoryview) -> None:
            with arrival.change():
                while block:
                    block = block[file.write(block) :]

        reader.file(part.size, sink)
        with arrival.change():
            if path.stat().st_size > part.upload.total_size:  # another file's part broke off
                file.truncate(part.upload.total_size)


def _examined(path: Path, upload: Upload, clock: Callable[[], float]) -> ReceivedFile:
    size = path.stat().st_size
    if size != upload.total_size:
        raise answers.fine(f"The file has {size} bytes, qqtotalfilesize says otherwise.")
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    try:
        facts = media.probe(path)
    except media.Undecodable:
        facts = None
    return ReceivedFile(sha256=sha256, size=size, done_at=clock(), media=facts)
