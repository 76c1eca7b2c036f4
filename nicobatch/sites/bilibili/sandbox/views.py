"""What can be read of archives: the list, View, the pages, and what the public sees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, request

from nicobatch.sites.bilibili.sandbox import answers
from nicobatch.sites.bilibili.sandbox.partitions import FALLBACK, TIDS
from nicobatch.sites.bilibili.sandbox.records import Archive, Page, Season, Upload
from nicobatch.sites.bilibili.sandbox.review import (
    PUBLIC,
    WORDS,
    is_sound,
    is_waiting,
    state,
    status,
)

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from nicobatch.sites.bilibili.sandbox.site import Site

_GROUPS: Final = ("is_pubing", "pubed", "not_pubed")
_MOST: Final = 50
"""Archives on one side of the list."""

_SHOWN: Final = ("dynamic", "desc_format_id", "desc_v2", "mission_id", "topic_id", "human_type2")


def routes(site: Site) -> Blueprint:
    """Return what reads archives."""
    blueprint = Blueprint("bilibili_views", __name__)
    views = _Views(site)
    for path, call, view in (
        ("/x/web/archives", "list", views.archives),
        ("/x/vupre/web/archive/view", "view", views.view),
        ("/x/web/archive/videos", "videos", views.videos),
        ("/x/web-interface/view", "public", views.public),
    ):
        site.rule(blueprint, "GET", path, call, view)
    return blueprint


class _Views:
    def __init__(self, site: Site) -> None:
        self._site = site

    def archives(self) -> ResponseReturnValue:
        """Return the account's archives, newest first, a side at a time."""
        session, given = self._site.member(), request.args
        wanted = given.get("status", ",".join(_GROUPS)).split(",")
        number, size = given.get("pn", 1, int), given.get("ps", 10, int)
        if not set(wanted) <= set(_GROUPS) or number < 1 or not 1 <= size <= _MOST:
            raise answers.refused(-400, detail=f"status, pn from 1, ps up to {_MOST}")
        mine = list(self._site.records.all(Archive, session.user_id))
        found = [
            each
            for each in reversed(mine)
            if status(state(each, self._site)) in wanted and given.get("keyword", "") in each.title
        ]
        shown = [self._listed(each) for each in found[(number - 1) * size : number * size]]
        page = {"pn": number, "ps": size, "count": len(found)}
        return answers.ok({"arc_audits": shown or None, "page": page, "class": None})

    def _listed(self, archive: Archive) -> dict[str, Any]:
        stat = dict.fromkeys(("aid", "view", "danmaku", "reply", "favorite", "coin", "like"), 0)
        return {"Archive": self._facts(archive), "stat": {**stat, "aid": archive.id}}

    def view(self) -> ResponseReturnValue:
        """Return all that the account may see of an archive of its own."""
        archive = self._asked()
        body = archive.body
        shown = {name: body[name] for name in _SHOWN if name in body}
        statement = body.get("creation_statement") or {"id": -1}
        facts = {
            **self._facts(archive),
            "source": body.get("source") or "",
            "creation_statement": {"id": statement["id"], "content": ""},
            "recreate": body.get("recreate") or -1,
            "no_reprint": body.get("no_reprint", 0),
            "is_only_self": int(body.get("is_only_self") or 0),
            **shown,
        }
        data = {
            "archive": facts,
            "videos": self._pages(archive),
            "subtitle": body.get("subtitle") or {"open": 0, "lan": ""},
            "watermark": body.get("watermark") or {"state": 0},
            "reply": {"up_selection": bool(body.get("up_selection_reply"))},
            "no_disturbance": body.get("no_disturbance") or 0,
            "in_season": self._in_season(archive),
            "staffs": None,
            "tip": "",
        }
        return answers.ok(data)

    def videos(self) -> ResponseReturnValue:
        """Return the pages alone."""
        archive = self._asked()
        names = ("cid", "index", "title", "duration")
        pages = [{name: page[name] for name in names} for page in self._pages(archive)]
        facts = {"aid": archive.id, "bvid": archive.bvid, "title": archive.title}
        return answers.ok({"archive": facts, "videos": pages})

    def public(self) -> ResponseReturnValue:
        """Return what anybody sees."""
        archive = self._site.archive(request.args.get("aid", type=int) or request.args.get("bvid"))
        if archive is None:
            raise answers.refused(-404)
        if state(archive, self._site) not in PUBLIC:
            raise answers.refused(62002)
        pages = self._pages(archive)
        data = {
            "aid": archive.id,
            "bvid": archive.bvid,
            "videos": len(pages),
            "title": archive.title,
            "desc": archive.body.get("desc") or "",
            "pic": archive.body.get("cover") or "",
            "owner": {"mid": archive.user_id},
            "pages": [
                {"cid": page["cid"], "page": page["index"], "part": page["title"]} for page in pages
            ],
        }
        return answers.ok(data)

    # What they show

    def _asked(self) -> Archive:
        session = self._site.member()
        return self._site.own(
            session, request.args.get("aid", type=int) or request.args.get("bvid")
        )

    def _facts(self, archive: Archive) -> dict[str, Any]:
        body, stands = archive.body, state(archive, self._site)
        tid = archive.verdict.tid or body["tid"]
        return {
            "aid": archive.id,
            "bvid": archive.bvid,
            "mid": archive.user_id,
            "tid": tid if tid in TIDS else FALLBACK,
            "title": archive.title,
            "cover": body.get("cover") or "",
            "reject_reason": "" if is_waiting(stands) else archive.verdict.reason,
            "reject_reason_url": "",
            "tag": body["tag"],
            "duration": sum(page["duration"] for page in self._pages(archive)),
            "copyright": body["copyright"],
            "desc": body.get("desc") or "",
            "state": stands,
            "state_desc": WORDS.get(stands, ""),
            "attribute": 0,
            "ptime": int(archive.changed_at),
            "ctime": int(archive.submitted_at),
            "dtime": body.get("dtime") or 0,
        }

    def _pages(self, archive: Archive) -> list[dict[str, Any]]:
        return [
            self._page(archive, number, page)
            for number, page in enumerate(archive.pages, 1)
            if number != archive.verdict.hidden
        ]

    def _page(self, archive: Archive, number: int, page: Page) -> dict[str, Any]:
        upload = self._site.records.get(page.cid)
        facts = upload.media if isinstance(upload, Upload) else None
        waits = is_waiting(state(archive, self._site))
        failed = not waits and not is_sound(page.cid, self._site)
        return {
            "aid": archive.id,
            "bvid": archive.bvid,
            "title": page.title,
            "desc": page.desc,
            "filename": page.filename,
            "cid": page.cid,
            "duration": round(facts.duration) if facts else 0,
            "index": number,
            "status": -1 if waits else -16 if failed else 0,
            "status_desc": WORDS[-1 if waits else -16 if failed else 0],
            "reject_reason": "",
            "fail_code": 9 if failed else 0,
            "fail_desc": "转码失败" if failed else "",
            "xcode_state": 2 if waits else 3 if failed else 6,
            "ctime": int(archive.submitted_at),
        }

    def _in_season(self, archive: Archive) -> bool:
        return any(
            episode["aid"] == archive.id
            for season in self._site.records.all(Season, archive.user_id)
            for episode in season.episodes
        )
