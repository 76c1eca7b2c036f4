"""The upload host: a multipart upload begun, its parts, its end; each claim held against others."""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, Response, abort, request

from nicobatch.sandbox import media
from nicobatch.sandbox.page import send
from nicobatch.sites.bilibili.sandbox import answers
from nicobatch.sites.bilibili.sandbox.records import Upload

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from nicobatch.sites.bilibili.sandbox.records import Entry
    from nicobatch.sites.bilibili.sandbox.site import Site

_BLOCK: Final = 1 << 20
_EXPIRED: Final = "AUTH_TS_GT_5DAY"
_PART: Final = ("partNumber", "uploadId", "chunk", "chunks", "size", "start", "end", "total")


def routes(site: Site) -> Blueprint:
    """Return what the upload host answers, at the bucket that the preupload named."""
    blueprint = Blueprint("bilibili_parts", __name__)
    host = _Host(site)
    path = "/<key>"
    init, complete = (
        site.answering(path, call, view)
        for call, view in (("init", host.init), ("complete", host.complete))
    )

    def post(key: str) -> ResponseReturnValue:
        return init(key=key) if "uploads" in request.args else complete(key=key)

    blueprint.add_url_rule(path, "post", post, methods=["POST"])
    site.rule(blueprint, "PUT", path, "part", host.part)
    site.rule(blueprint, "GET", path, "look", host.look)
    return blueprint


class _Host:
    def __init__(self, site: Site) -> None:
        self._site = site
        self._lock = threading.Lock()
        self._writing: dict[tuple[int, int], object] = {}
        """Who writes a part; of one part only the newest request does."""

    def init(self, key: str) -> ResponseReturnValue:
        """Begin the parts; those of an earlier beginning are gone."""
        upload, given = self._upload(key, "init"), request.args
        if given["uploads"] or given.get("output") != "json":
            raise answers.upos(400, "uploads must be empty, and output json")
        terms = {"filesize": upload.size, "partsize": upload.chunk_size, "biz_id": upload.id}
        self._compare("init", terms, {"profile": upload.profile})
        upload_id = hashlib.sha256(f"{key} {upload.inits}".encode()).hexdigest()[:32]

        def begin(known: Upload) -> Upload:
            if known.completed_at is not None:
                raise answers.upos(400, "the file is complete")
            return replace(known, upload_id=upload_id, inits=known.inits + 1, held=())

        self._change(upload, begin)
        names = {"bucket": upload.bucket, "key": f"/{key}", "upload_id": upload_id}
        return {"OK": 1, **names}

    def part(self, key: str) -> ResponseReturnValue:
        """Take one part, streamed to its place."""
        if not request.content_length:
            raise answers.upos(411, "a part needs a body and its length")
        upload = self._upload(key, "part")
        number = _number(upload, request.args)
        with self._begun(upload, number) as mine:
            self._write(upload, number, mine)
        return Response("MULTIPART_PUT_SUCCESS", mimetype="text/plain")

    def complete(self, key: str) -> ResponseReturnValue:
        """Put the parts together; asked again, it says the same."""
        upload, given = self._upload(key, "complete"), request.args
        self._change(upload, lambda known: replace(known, completes=known.completes + 1))
        if given.get("output") != "json" or given.get("uploadId") != upload.upload_id:
            raise answers.upos(400, "output must be json, and uploadId the newest one")
        said = {"profile": upload.profile, "name": upload.name}
        self._compare("complete", {"biz_id": upload.id}, said)
        self._expect_parts(upload)
        if upload.completed_at is None:
            self._finish(upload)
        place = {"bucket": upload.bucket, "key": f"/{key}"}
        return {"OK": 1, "location": f"{upload.bucket}/{key}", **place}

    def look(self, key: str) -> ResponseReturnValue:
        """Give the file back, or a range of it."""
        upload = self._upload(key, "look")
        if upload.completed_at is None:
            raise answers.upos(404, "the file is not complete")
        return send(self._site.records.file(upload.id), "application/octet-stream")

    # What it stands on

    def _upload(self, key: str, call: str) -> Upload:
        """Return the upload whose auth the request carries."""
        found = next((each for each in self._site.records.all(Upload) if each.key == key), None)
        auth = request.headers.get("X-Upos-Auth", "")
        if found is None or auth != found.auth:
            raise answers.upos(403 if auth or found else 404, "X-Upos-Auth is not this file's")
        if self._site.faults.take("auth", {**request.args, "call": call, "key": key}):
            long_ago = found.issued_at - self._site.settings.auth_seconds
            found = self._change(found, lambda known: replace(known, issued_at=long_ago))
        if found.issued_at + self._site.settings.auth_seconds <= self._site.now:
            headers = {"X-Upos-Auth": f"{_EXPIRED} {found.issued_at:.0f}"}
            abort(Response(f"{_EXPIRED}\n", 403, headers))
        if request.cookies:
            self._site.note(call, "cookies were sent to the upload host")
        return found

    def _compare(self, call: str, terms: Mapping[str, int], said: Mapping[str, str]) -> None:
        """Refuse a number that is wrong; note what is missing, or was said otherwise before."""
        for name, expected in {**terms, **said}.items():
            found = request.args.get(name)
            if found is None:
                self._site.note(call, f"{name} is missing")
            elif found != str(expected) and name in said:
                self._site.note(call, f"{name} is not the preupload's")
            elif found != str(expected):
                raise answers.upos(400, f"{name} is {found}, where {expected} is right")

    def _expect_parts(self, upload: Upload) -> None:
        body = request.get_json(silent=True)
        parts = body.get("parts") if isinstance(body, dict) else None
        if request.mimetype != "application/json":
            self._site.note("complete", "the list of parts is not called JSON")
        if not parts:
            self._site.note("complete", "the list of parts is empty")
        elif _numbers(parts) != list(range(1, upload.parts + 1)):
            raise answers.upos(400, f"the parts must be 1 to {upload.parts}, in order")
        if missing := set(range(1, upload.parts + 1)).difference(upload.held):
            raise answers.upos(400, f"{len(missing)} parts are missing, first {min(missing)}")

    @contextmanager
    def _begun(self, upload: Upload, number: int) -> Iterator[object]:
        """Forget the part while it arrives; older requests for it write no more."""
        mine, place = object(), (upload.id, number)

        def forget(known: Upload) -> Upload:
            _expect_open(known)
            begun = dict(Counter(known.begun) + Counter({str(number): 1}))
            held = tuple(each for each in known.held if each != number)
            return replace(known, begun=begun, held=held)

        with self._lock:
            self._writing[place] = mine
            self._change(upload, forget)
        try:
            yield mine
        finally:
            with self._lock:
                if self._writing.get(place) is mine:
                    del self._writing[place]

    def _write(self, upload: Upload, number: int, mine: object) -> None:
        path, left = self._site.records.file(upload.id), _expected(upload, number)["size"]
        path.touch()
        stream, buffer = request.environ["wsgi.input"], memoryview(bytearray(_BLOCK))
        with path.open("r+b", buffering=0) as file:
            place = (number - 1) * upload.chunk_size
            while left:
                count = stream.readinto(buffer[: min(left, _BLOCK)])
                if not count:
                    raise answers.upos(400, "the part ended early")
                with self._lock:
                    self._expect_newest(upload, number, mine)
                    file.seek(place)
                    file.write(buffer[:count])
                left, place = left - count, place + count
        with self._lock:
            self._expect_newest(upload, number, mine)
            self._change(upload, lambda known: _taken(known, number, upload.upload_id))

    def _expect_newest(self, upload: Upload, number: int, mine: object) -> None:
        if self._writing.get((upload.id, number)) is not mine:
            raise answers.upos(409, "the part is arriving once more")

    def _finish(self, upload: Upload) -> None:
        path = self._site.records.file(upload.id)
        if path.stat().st_size != upload.size:
            raise answers.upos(400, f"the file has {path.stat().st_size} bytes")
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        try:
            facts = media.probe(path)
        except media.Undecodable:
            facts = None
        now = self._site.now
        self._change(
            upload, lambda known: replace(known, completed_at=now, sha256=sha256, media=facts)
        )

    def _change(self, upload: Upload, change: Any) -> Upload:
        changed: Entry = self._site.records.update(upload.id, change)
        assert isinstance(changed, Upload)  # noqa: S101 - narrows the type
        return changed


def _expected(upload: Upload, number: int) -> dict[str, int]:
    """Return what a part has to say of itself."""
    start = (number - 1) * upload.chunk_size
    size = min(upload.chunk_size, upload.size - start)
    return {
        "chunk": number - 1,
        "chunks": upload.parts,
        "size": size,
        "start": start,
        "end": start + size,
        "total": upload.size,
    }


def _number(upload: Upload, given: Mapping[str, str]) -> int:
    """Return the part's number, once all that it says fits together."""
    if missing := [name for name in _PART if name not in given]:
        raise answers.upos(400, f"{missing[0]} is missing")
    if given["uploadId"] != upload.upload_id:
        raise answers.upos(404, "uploadId is not the newest one")
    text = given["partNumber"]
    if not (text.isascii() and text.isdecimal()) or not 1 <= int(text) <= upload.parts:
        raise answers.upos(400, f"partNumber must be 1 to {upload.parts}")
    expected = _expected(upload, int(text))
    for name, right in expected.items():
        if given[name] != str(right):
            raise answers.upos(400, f"{name} is {given[name]}, where {right} is right")
    if request.content_length != expected["size"]:
        raise answers.upos(400, f"the body has {request.content_length} bytes, not size")
    return int(text)


def _numbers(parts: object) -> list[object]:
    listed = parts if isinstance(parts, list) else []
    return [each.get("partNumber") if isinstance(each, dict) else None for each in listed]


def _expect_open(known: Upload) -> None:
    if known.completed_at is not None:
        raise answers.upos(400, "the file is complete")


def _taken(known: Upload, number: int, upload_id: str) -> Upload:
    _expect_open(known)
    if known.upload_id != upload_id:
        raise answers.upos(404, "uploadId is not the newest one")
    held = tuple(sorted({*known.held, number}))
    return replace(known, held=held, accepted=(*known.accepted, number))
