"""The upload API: entries, their files, thumbnails and metadata."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, Literal

from flask import Blueprint, request

from nicobatch.sandbox import media
from nicobatch.sandbox.world import Refusal
from nicobatch.sites.niconico.sandbox import answers, metadata_rules
from nicobatch.sites.niconico.sandbox.chunks import Chunks
from nicobatch.sites.niconico.sandbox.site import FileStatus, whole

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from nicobatch.sites.niconico.sandbox.site import Entry, Site

PREFIXES: Final = {"/api/v2": frozenset({"nv-garage"}), "/v2": frozenset({"nv-garage", "N-garage"})}
"""Where the API lives, and what `X-Request-With` may say there: since 2026, and before."""
THUMBNAIL_HEIGHT: Final = 90
CARD_HEIGHT: Final = 360
"""Pixels; the second is the garage page's own."""
_CANDIDATES: Final = 4
_MAX_INDEX: Final = 9


def routes(site: Site) -> Iterator[Blueprint]:
    """Return the API as it answers under each of the prefixes."""
    chunks = Chunks(site)
    for prefix in PREFIXES:
        blueprint = Blueprint(f"upload{prefix.replace('/', '_')}", __name__, url_prefix=prefix)
        api = _UploadApi(site, prefix, chunks)
        blueprint.before_request(api.guard)
        for method, rule, view in api.table():
            blueprint.add_url_rule(rule, f"{method} {view.__name__}", view, methods=[method])
        yield blueprint


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
        self._site.user(answers.garage)

    # Entries

    def me(self) -> ResponseReturnValue:
        user = self._site.user(answers.garage)
        return answers.ok({"username": user.nickname, "communities": []})

    def create(self) -> ResponseReturnValue:
        if request.content_length:
            raise _invalid("the body must be empty")
        user = self._site.user(answers.garage)
        store, lifecycle = self._site.store, self._site.lifecycle
        with store.lock:
            mine = (entry for entry in store if entry.user_id == user.user_id)
            if blocker := next(filter(lifecycle.blocks, mine), None):
                store.update(blocker.id, lambda entry: entry.counted("create_refused"))
                meta = {"error-code": "ID_ALREADY_EXISTS", "status": 409}
                raise Refusal(409, {"meta": meta, "data": [{"id": blocker.id}]})
            entry = self._site.create(user.user_id)
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
        step = round(_media(entry).duration * 1000) // (_CANDIDATES + 1)
        return answers.ok(
            [self._frame(entry, str(index), step * (index + 1)) for index in range(_CANDIDATES)]
        )

    def thumbnail(self, entry_id: int, index: int) -> ResponseReturnValue:
        entry = self._own(entry_id, "thumbnail")
        facts, timing = _media(entry), whole(request.values.get("timing", ""))
        if timing is None:
            raise _invalid("timing: must be milliseconds")
        if timing > facts.duration * 1000:
            raise _invalid("timing: is beyond the video's end")
        if index > _MAX_INDEX:
            raise _invalid(f"index: must be 0 to {_MAX_INDEX}")
        return answers.ok(self._frame(entry, str(index), timing))

    def _frame(self, entry: Entry, index: str, timing: int) -> dict[str, object]:
        """Make the thumbnail and keep it, larger, for the garage page."""
        store = self._site.store
        heights = THUMBNAIL_HEIGHT, CARD_HEIGHT
        try:
            small, large = media.frame_jpegs(store.file(entry.id), timing, *heights)
        except media.Undecodable as error:
            raise _no_file(str(error)) from error
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
        return self._save(entry_id, "metadata", saved="published", at=self._site.world.clock())

    def draft(self, entry_id: int) -> ResponseReturnValue:
        return self._save(entry_id, "draft", saved="draft", at=None)

    def edit(self, entry_id: int) -> ResponseReturnValue:
        entry = self._own(entry_id, "edit")
        if entry.saved != "published":
            raise answers.garage(409, "NOT_REGISTERED")
        metadata = self._metadata(entry)
        self._site.store.update(entry_id, lambda known: replace(known, metadata=metadata))
        return answers.ok()

    def _save(
        self, entry_id: int, call: str, *, saved: Literal["draft", "published"], at: float | None
    ) -> ResponseReturnValue:
        """Keep the metadata of what is not published yet."""
        entry = self._own(entry_id, call)
        self._expect_open(entry)
        metadata = self._metadata(entry)

        def save(known: Entry) -> Entry:
            self._expect_open(known)
            return replace(known, metadata=metadata, saved=saved, published_at=at)

        self._site.store.update(entry_id, save)
        return answers.ok()

    def _expect_open(self, entry: Entry) -> None:
        if entry.saved == "published":
            raise answers.garage(409, "ALREADY_REGISTERED")
        status = self._site.lifecycle.file_status(entry)
        if status in {FileStatus.NOT_UPLOAD, FileStatus.FAILED}:
            raise _no_file(f"videoFileStatus: is {status}")

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
            raise _invalid(problem)
        return dict(metadata or {})

    def _own(self, entry_id: int, call: str = "", *, deleted: bool = False) -> Entry:
        """Return the caller's entry with the call counted; 404 for anybody else's."""
        entry = self._site.own(entry_id, answers.garage)
        if call:
            entry = self._site.store.update(entry_id, lambda known: known.counted(call))
        if entry.deleted_at is not None and not deleted:
            raise answers.garage(404, "NOT_FOUND")
        return entry


def _expect_query(names: frozenset[str]) -> None:
    if request.args.keys() - names:
        raise answers.fine("Fine Uploader's fields belong in the body.")


def _invalid(detail: str) -> Refusal:
    return answers.garage(400, "INVALID_PARAMETER", detail)


def _no_file(detail: str) -> Refusal:
    return answers.garage(400, "VIDEO_FILE_NOT_AVAILABLE", detail)


def _media(entry: Entry) -> media.MediaFacts:
    if entry.media is None:
        state = "can't be decoded" if entry.file else "was not uploaded"
        raise _no_file(f"the file {state}")
    return entry.media
