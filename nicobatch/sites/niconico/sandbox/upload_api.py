"""The upload API: entries, their files, thumbnails and metadata."""

from __future__ import annotations

import base64
import secrets
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, request

from nicobatch.sandbox import media
from nicobatch.sandbox.world import Refusal
from nicobatch.sites.niconico.sandbox import answers, metadata_rules
from nicobatch.sites.niconico.sandbox.chunks import Chunks
from nicobatch.sites.niconico.sandbox.entries import FileStatus

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from nicobatch.sandbox.world import Account
    from nicobatch.sites.niconico.sandbox.entries import Entry, ReceivedFile
    from nicobatch.sites.niconico.sandbox.site import Site

PREFIXES: Final = {"/api/v2": frozenset({"nv-garage"}), "/v2": frozenset({"nv-garage", "N-garage"})}
"""Where the API lives, and what `X-Request-With` may say there: since 2026, and before."""

THUMBNAIL_HEIGHT: Final = 90
CARD_HEIGHT: Final = 360
"""Pixels; the second is the garage page's own."""

_CANDIDATES: Final = 4
_MAX_INDEX: Final = 9
_LONGEST_TIMING: Final = 10
"""Digits."""


def routes(site: Site, prefix: str, chunks: Chunks) -> Blueprint:
    """Return the API as it answers under one of the prefixes."""
    blueprint = Blueprint(f"upload{prefix.replace('/', '_')}", __name__, url_prefix=prefix)
    api = _UploadApi(site, prefix, chunks)
    blueprint.before_request(api.guard)
    for method, rule, view in api.table():
        blueprint.add_url_rule(rule, f"{method} {view.__name__}", view, methods=[method])
    return blueprint


class _UploadApi:
    def __init__(self, site: Site, prefix: str, chunks: Chunks) -> None:
        self._site = site
        self._prefix = prefix
        self._chunks = chunks

    def table(self) -> tuple[tuple[str, str, Any], ...]:
        return (
            ("GET", "/users/me", self.me),
            ("POST", "/videos", self.create),
            ("GET", "/videos/<int:entry_id>/status", self.status),
            ("POST", "/videos/<int:entry_id>/upload-chunk-stream", self.stream),
            ("POST", "/videos/<int:entry_id>/file/chunks", self.chunk),
            ("POST", "/videos/<int:entry_id>/scene-thumbnails", self.candidates),
            ("POST", "/videos/<int:entry_id>/scene-thumbnails/<int:index>", self.thumbnail),
            ("POST", "/videos/<int:entry_id>", self.publish),
            ("POST", "/videos/<int:entry_id>/draft", self.draft),
            ("PUT", "/videos/<int:entry_id>", self.edit),
        )

    def guard(self) -> None:
        if request.headers.get("X-Request-With") not in PREFIXES[self._prefix]:
            words = " or ".join(sorted(PREFIXES[self._prefix]))
            raise answers.garage(403, "FORBIDDEN", f"X-Request-With must be {words}")
        self._user()

    # Entries

    def me(self) -> ResponseReturnValue:
        return answers.ok({"username": self._user().nickname, "communities": []})

    def create(self) -> ResponseReturnValue:
        if request.content_length:
            raise answers.garage(400, "INVALID_PARAMETER", "the body must be empty")
        user, store, lifecycle = self._user(), self._site.store, self._site.lifecycle
        with store.lock:
            mine = (entry for entry in store if entry.user_id == user.user_id)
            blocker = next(filter(lifecycle.blocks, mine), None)
            if blocker:
                store.update(blocker.id, lambda entry: entry.counted("create_refused"))
                raise _id_already_exists(blocker.id)
            entry = store.create(user.user_id, self._site.world.clock())
        data = {"id": entry.id, "videoId": entry.video_id, "status": lifecycle.statuses(entry)}
        return answers.ok(data, status=201)

    def status(self, entry_id: int) -> ResponseReturnValue:
        entry = self._own(entry_id, "status", deleted=True)
        return answers.ok(self._site.lifecycle.statuses(entry))

    # The file

    def stream(self, entry_id: int) -> ResponseReturnValue:
        self._own(entry_id, "stream")
        token = secrets.token_urlsafe(45)
        entry = self._site.store.update(
            entry_id, lambda entry: replace(entry, token=entry.token or token)
        )
        url = f"{self._prefix}/videos/{entry_id}/file/chunks"
        return answers.ok({"url": url, "token": entry.token}, status=201)

    def chunk(self, entry_id: int) -> ResponseReturnValue:
        entry = self._own(entry_id)
        if "done" in request.args:
            with answers.by_status():
                return self._done(entry)
        _expect_query(frozenset())
        if request.headers.get("X-Requested-With") != "XMLHttpRequest":
            raise answers.garage(403, "FORBIDDEN", "X-Requested-With must be XMLHttpRequest")
        if request.content_length is None:
            raise answers.garage(411, "LENGTH_REQUIRED")
        uuid = self._chunks.receive(
            entry,
            request.environ["wsgi.input"],
            request.headers.get("Content-Type", ""),
            request.content_length,
        )
        return {"success": True, "uuid": uuid}

    def _done(self, entry: Entry) -> ResponseReturnValue:
        _expect_query(frozenset({"done"}))
        if request.mimetype != "application/x-www-form-urlencoded":
            raise answers.fine("?done takes an urlencoded form.")
        uuid = self._chunks.close(entry, request.form.to_dict())
        data = {"id": entry.id, "cancelToken": secrets.token_urlsafe(36)}
        return {"success": True, "uuid": uuid, "data": data}

    # Thumbnails

    def candidates(self, entry_id: int) -> ResponseReturnValue:
        entry = self._own(entry_id, "candidates")
        facts = _media(entry)
        step = round(facts.duration * 1000) // (_CANDIDATES + 1)
        return answers.ok(
            [self._frame(entry, str(index), step * (index + 1)) for index in range(_CANDIDATES)]
        )

    def thumbnail(self, entry_id: int, index: int) -> ResponseReturnValue:
        entry = self._own(entry_id, "thumbnail")
        facts = _media(entry)
        text = request.values.get("timing", "")
        if not (text.isascii() and text.isdecimal() and len(text) <= _LONGEST_TIMING):
            raise answers.garage(400, "INVALID_PARAMETER", "timing: must be milliseconds")
        if int(text) > facts.duration * 1000:
            raise answers.garage(400, "INVALID_PARAMETER", "timing: is beyond the video's end")
        if index > _MAX_INDEX:
            raise answers.garage(400, "INVALID_PARAMETER", f"index: must be 0 to {_MAX_INDEX}")
        return answers.ok(self._frame(entry, str(index), int(text)))

    def _frame(self, entry: Entry, index: str, timing: int) -> dict[str, object]:
        """Make the thumbnail and keep it, larger, for the garage page."""
        store = self._site.store
        heights = THUMBNAIL_HEIGHT, CARD_HEIGHT
        try:
            small, large = media.frame_jpegs(store.file(entry.id), timing, *heights)
        except media.Undecodable as error:
            raise answers.garage(400, "VIDEO_FILE_NOT_AVAILABLE", str(error)) from error
        store.thumbnail(entry.id, index).write_bytes(large.data)
        store.update(
            entry.id,
            lambda known: replace(known, thumbnails={**known.thumbnails, index: timing}),
        )
        encoded = base64.b64encode(small.data).decode()
        return {
            "key": index,
            "timing": timing,
            "resolution": {"height": small.height, "width": small.width},
            "dataUri": f"data:image/jpeg;base64,{encoded}",
        }

    # Metadata

    def publish(self, entry_id: int) -> ResponseReturnValue:
        entry = self._own(entry_id, "metadata")
        self._expect_open(entry)
        metadata, now = self._metadata(entry), self._site.world.clock()

        def register(known: Entry) -> Entry:
            self._expect_open(known)
            return replace(known, metadata=metadata, saved="published", published_at=now)

        self._site.store.update(entry_id, register)
        return answers.ok()

    def draft(self, entry_id: int) -> ResponseReturnValue:
        entry = self._own(entry_id, "draft")
        self._expect_open(entry)
        metadata = self._metadata(entry)

        def save(known: Entry) -> Entry:
            self._expect_open(known)
            return replace(known, metadata=metadata, saved="draft")

        self._site.store.update(entry_id, save)
        return answers.ok()

    def edit(self, entry_id: int) -> ResponseReturnValue:
        entry = self._own(entry_id, "edit")
        if entry.saved != "published":
            raise answers.garage(409, "NOT_REGISTERED")
        metadata = self._metadata(entry)
        self._site.store.update(entry_id, lambda known: replace(known, metadata=metadata))
        return answers.ok()

    def _expect_open(self, entry: Entry) -> None:
        if entry.saved == "published":
            raise answers.garage(409, "ALREADY_REGISTERED")
        status = self._site.lifecycle.file_status(entry)
        if status in {FileStatus.NOT_UPLOAD, FileStatus.FAILED}:
            raise answers.garage(400, "VIDEO_FILE_NOT_AVAILABLE", f"videoFileStatus: is {status}")

    def _metadata(self, entry: Entry) -> dict[str, Any]:
        metadata = request.get_json(silent=True) if request.mimetype == "application/json" else None
        earlier = entry.metadata["publishTimer"] if entry.metadata else {}
        context = metadata_rules.Context(
            entry_id=entry.id,
            now=self._site.world.clock(),
            article=request.headers["X-Request-With"] == "N-garage",
            thumbnails=entry.thumbnails,
            earlier_moment=earlier.get("registeredAt") if entry.saved == "published" else None,
        )
        if problem := metadata_rules.problem(metadata, context):
            raise answers.garage(400, "INVALID_PARAMETER", problem)
        return dict(metadata or {})

    # Who and what

    def _user(self) -> Account:
        return self._site.user(request, answers.garage)

    def _own(self, entry_id: int, call: str = "", *, deleted: bool = False) -> Entry:
        """Return the caller's entry with the call counted; 404 for anybody else's."""
        entry = self._site.store.get(entry_id)
        if entry is None or entry.user_id != self._user().user_id:
            raise answers.garage(404, "NOT_FOUND")
        if call:
            entry = self._site.store.update(entry_id, lambda known: known.counted(call))
        if entry.deleted_at is not None and not deleted:
            raise answers.garage(404, "NOT_FOUND")
        return entry


def _expect_query(names: frozenset[str]) -> None:
    if request.args.keys() - names:
        raise answers.fine("Fine Uploader's fields belong in the body.")


def _id_already_exists(blocker: int) -> Refusal:
    body = {"meta": {"error-code": "ID_ALREADY_EXISTS", "status": 409}, "data": [{"id": blocker}]}
    return Refusal(409, body)


def _media(entry: Entry) -> media.MediaFacts:
    file: ReceivedFile | None = entry.file
    if file is None or file.media is None:
        state = "was not uploaded" if file is None else "can't be decoded"
        raise answers.garage(400, "VIDEO_FILE_NOT_AVAILABLE", f"the file {state}")
    return file.media
