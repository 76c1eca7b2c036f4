"""Covers, and archives as they are submitted and changed."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, request

from nicobatch.sandbox import media
from nicobatch.sandbox.page import send
from nicobatch.sites.bilibili.sandbox import answers, submit_rules
from nicobatch.sites.bilibili.sandbox.records import Archive, Cover, Page, Upload, Verdict
from nicobatch.sites.bilibili.sandbox.review import is_good, is_waiting, state

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from nicobatch.sites.bilibili.sandbox.records import Session
    from nicobatch.sites.bilibili.sandbox.site import Site

_COVER: Final = re.compile(r"data:(image/(?:jpeg|png));base64,([A-Za-z0-9+/=]+)")
_MAGIC: Final = {"image/jpeg": b"\xff\xd8\xff", "image/png": b"\x89PNG\r\n\x1a\n"}
_BIGGEST_COVER: Final = 5 << 20
_LARGEST_FORM: Final = 8 << 20
"""Bytes of a form with a cover in it."""

_FRAME_HEIGHT: Final = 600
_DROPPED: Final = frozenset({"recreate", "human_type2", "activity", "attrs", "tp_info"})
"""What the page leaves out when it sends an archive back."""


def routes(site: Site) -> Blueprint:
    """Return what changes archives."""
    blueprint = Blueprint("bilibili_archives", __name__)
    archives = _Archives(site)
    site.rule(blueprint, "POST", "/x/vu/web/cover/up", "cover", archives.cover)
    site.rule(blueprint, "GET", "/bfs/archive/<name>.jpg", "picture", archives.picture)
    site.rule(blueprint, "POST", "/x/vu/web/add/v3", "submit", archives.submit)
    site.rule(blueprint, "POST", "/x/vu/web/edit", "edit", archives.edit)
    site.rule(blueprint, "POST", "/x/web/archive/delete", "delete", archives.delete)
    return blueprint


class _Archives:
    def __init__(self, site: Site) -> None:
        self._site = site

    # Covers

    def cover(self) -> ResponseReturnValue:
        """Take a picture."""
        request.max_form_memory_size = _LARGEST_FORM
        session = self._site.writer(request.form.get("csrf") or request.args.get("csrf"))
        match = _COVER.fullmatch(request.form.get("cover", ""))
        if match is None:
            raise answers.refused(-400, detail="cover must be a data URI of a jpeg or png")
        try:
            data = base64.b64decode(match[2], validate=True)
        except binascii.Error as error:
            raise answers.refused(-400, detail="cover is not base64") from error
        if len(data) > _BIGGEST_COVER:
            raise answers.refused(-617)
        if not data.startswith(_MAGIC[match[1]]):
            self._site.note("cover", f"the picture is no {match[1]}")
        cover = self._kept(session.user_id, data, match[1])
        return answers.ok({"url": self._site.address(cover.path)})

    def picture(self, name: str) -> ResponseReturnValue:
        """Show a cover."""
        for cover in self._site.records.all(Cover):
            if cover.name == name:
                return send(self._site.records.thumbnail(cover.id, "0"), cover.mimetype)
        raise answers.upos(404, "no such picture")

    def _kept(self, user_id: int, data: bytes, mimetype: str, *, taken: bool = False) -> Cover:
        records = self._site.records
        with records.lock:
            cover = records.make(
                Cover,
                user_id=user_id,
                name=hashlib.sha1(data, usedforsecurity=False).hexdigest(),
                mimetype=mimetype,
                size=len(data),
                sha256=hashlib.sha256(data).hexdigest(),
                taken=taken,
            )
            records.thumbnail(cover.id, "0").write_bytes(data)
        return cover

    # Archives

    def submit(self) -> ResponseReturnValue:
        """Take a new archive."""
        session, body = self._sent("submit")
        if self._site.submits_too_often(session.user_id):
            raise answers.refused(601)
        records = self._site.records
        with records.lock:
            self._expect(body, self._context(session))
            self._expect_new_title(session, str(body["title"]))
            archive = records.make(
                Archive,
                user_id=session.user_id,
                body=self._kept_body(body, session),
                pages=_pages(body, self._upload_of(session)),
                submitted_at=self._site.now,
                changed_at=self._site.now,
                verdict=self._verdict(session, body),
            )
        for remark in submit_rules.remarks(body):
            self._site.note("submit", remark)
        return answers.ok({"aid": archive.id, "bvid": archive.bvid})

    def edit(self) -> ResponseReturnValue:
        """Change an archive: its pages become what is sent, no more."""
        session, body = self._sent("edit")
        with self._site.records.lock:
            found = self._site.own(session, body.get("aid"))
            self._expect_open(found, body)
            self._expect(body, self._context(session, found))
            changed = replace(
                found,
                body={**found.body, **self._kept_body(body, session, found)},
                pages=_pages(body, self._upload_of(session, found), found),
                changed_at=self._site.now,
                edits=found.edits + 1,
                verdict=self._verdict(session, body, tid=found.verdict.tid),
            )
            self._site.records.put(changed)
        kept = {page.filename for page in changed.pages}
        if lost := [page for page in found.pages if page.filename not in kept]:
            self._site.note("edit", f"{len(lost)} pages of {found.bvid} were left out")
        for name in sorted(_DROPPED & body.keys()):
            self._site.note("edit", f"{name} is not sent back by the page")
        return answers.ok({"aid": found.id, "bvid": found.bvid})

    def delete(self) -> ResponseReturnValue:
        """Refuse: a person is asked for a captcha there."""
        session = self._site.writer(request.form.get("csrf"))
        self._site.own(session, request.form.get("aid", type=int))
        raise answers.refused(340022)

    # What they stand on

    def _sent(self, call: str) -> tuple[Session, dict[str, Any]]:
        """Return who sends and what; a form is refused, as the site refuses it."""
        session = self._site.writer(request.args.get("csrf"))
        if request.mimetype != "application/json":
            raise answers.refused(21001, detail="the body must be JSON")
        body = request.get_json(silent=True)
        if not isinstance(body, dict):
            raise answers.refused(-400, detail="the body must be a JSON object")
        if body.get("csrf", session.bili_jct) != session.bili_jct:
            raise answers.refused(-111)
        if not {"t", "ts"} & request.args.keys():
            self._site.note(call, "t is missing")
        elif not request.args.get("t", request.args.get("ts", "")).isdecimal():
            self._site.note(call, "t is no whole number")
        for name in sorted(request.args.keys() - {"t", "ts", "csrf"}):
            self._site.note(call, f"{name} is in the query")
        return session, body

    def _context(self, session: Session, found: Archive | None = None) -> submit_rules.Context:
        site = self._site
        covers = {each.name for each in site.records.all(Cover, session.user_id)}
        uploads = self._upload_of(session, found)
        return submit_rules.Context(
            now=site.now,
            least_ahead=site.settings.least_ahead,
            upload=uploads.get,
            cover=lambda url: url.rpartition("/")[2].removesuffix(".jpg") in covers,
            pages=found.pages if found else (),
            first_dtime=found.body.get("dtime") if found else None,
        )

    def _upload_of(self, session: Session, found: Archive | None = None) -> Mapping[str, Upload]:
        """Return what can become a page, by filename: finished, and in no other archive."""
        records = self._site.records
        taken = {
            page.filename
            for archive in records.all(Archive)
            for page in archive.pages
            if found is None or archive.id != found.id
        }
        return {
            each.filename: each
            for each in records.all(Upload, session.user_id)
            if each.completed_at is not None and each.filename not in taken
        }

    def _expect(self, body: Mapping[str, Any], context: submit_rules.Context) -> None:
        if broken := submit_rules.problem(body, context):
            raise answers.refused(broken.code, detail=broken.detail, page=broken.page)

    def _expect_new_title(self, session: Session, title: str) -> None:
        since = self._site.now - self._site.settings.same_title_seconds
        for known in self._site.records.all(Archive, session.user_id):
            if known.title == title and known.submitted_at > since:
                raise answers.refused(21012)

    def _kept_body(
        self, body: Mapping[str, Any], session: Session, found: Archive | None = None
    ) -> dict[str, Any]:
        """Return what is remembered: all but the pages, with a cover in any case."""
        left_out = {"videos", "csrf", "aid", *_DROPPED} if found else {"videos", "csrf"}
        kept = {name: value for name, value in body.items() if name not in left_out}
        if not kept.get("cover"):
            kept["cover"] = found.body["cover"] if found else self._frame(body, session)
        return kept

    def _frame(self, body: Mapping[str, Any], session: Session) -> str:
        """Return the address of a frame of the first page, which the site takes for a cover."""
        upload = self._upload_of(session).get(body["videos"][0]["filename"])
        if upload is None or upload.media is None:
            return ""
        path, middle = self._site.records.file(upload.id), round(upload.media.duration * 500)
        (picture,) = media.frame_jpegs(path, middle, _FRAME_HEIGHT)
        cover = self._kept(session.user_id, picture.data, "image/jpeg", taken=True)
        return self._site.address(cover.path)

    def _verdict(
        self, session: Session, body: Mapping[str, Any], *, tid: int | None = None
    ) -> Verdict:
        """Return what the review comes to: what was asked for, else the best."""
        about = {"user": session.user_id, "title": body["title"]}
        asked = self._site.faults.take("review", about)
        return Verdict(**asked.verdict) if asked else Verdict(tid=tid)

    def _expect_open(self, found: Archive, body: Mapping[str, Any]) -> None:
        """Refuse an edit while the site looks, or of a time that it has agreed to."""
        stands = state(found, self._site)
        if is_waiting(stands):
            raise answers.refused(21150)
        was, dtime = found.body.get("dtime"), body.get("dtime")
        if is_good(stands) and dtime not in {None, was}:
            raise answers.refused(21006, detail="dtime can't be changed after the review")


def _pages(
    body: Mapping[str, Any], uploads: Mapping[str, Upload], found: Archive | None = None
) -> tuple[Page, ...]:
    old = {page.filename: page.cid for page in found.pages} if found else {}
    return tuple(
        Page(
            cid=old.get(video["filename"]) or uploads[video["filename"]].id,
            filename=video["filename"],
            title=video.get("title") or f"P{number}",
            desc=video.get("desc") or "",
        )
        for number, video in enumerate(body["videos"], 1)
    )
