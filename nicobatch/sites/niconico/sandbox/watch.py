"""What visitors see: the front page's headers, the watch page's JSON, and getthumbinfo's XML."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from xml.etree import ElementTree as ET

from flask import Blueprint, make_response, redirect, request

from nicobatch.sandbox.page import length
from nicobatch.sites.niconico.sandbox import answers
from nicobatch.sites.niconico.sandbox.site import GENRES, Visibility, flag_of, thumbnail_url

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue
    from werkzeug.wrappers import Response

    from nicobatch.sites.niconico.sandbox.site import Entry, Site

_REFUSALS: Final = {
    Visibility.UNPUBLISHED: (404, "NOT_FOUND", None),
    Visibility.DELETED: (404, "NOT_FOUND", "DELETED_VIDEO"),
    Visibility.PRIVATE: (403, "FORBIDDEN", "HIDDEN_VIDEO"),
    Visibility.SCHEDULED: (403, "FORBIDDEN", "HIDDEN_VIDEO"),
    Visibility.ENCODING: (403, "FORBIDDEN", "PROCESSING_VIDEO"),
}
"""Status, `errorCode` and `reasonCode`. The fields are the site's, the reasons a guess."""
_TRACK_ID: Final = re.compile(r"[0-9A-Za-z]{10}_[0-9]{13}")
_FRONTEND: Final = (("X-Frontend-Id", "_frontendId"), ("X-Frontend-Version", "_frontendVersion"))
"""What says who asks: a header, or a parameter in its place."""


def routes(site: Site) -> Blueprint:
    """Return the visitors' routes."""
    blueprint = Blueprint("watch", __name__)
    watch = _Watch(site)
    blueprint.add_url_rule("/", "front", watch.front)
    blueprint.add_url_rule("/watch/sm<int:entry_id>", "watch", watch.watch)
    blueprint.add_url_rule("/api/watch/v3_guest/sm<int:entry_id>", "v3_guest", watch.v3_guest)
    blueprint.add_url_rule("/api/getthumbinfo/sm<int:entry_id>", "thumbinfo", watch.thumbinfo)
    return blueprint


class _Watch:
    def __init__(self, site: Site) -> None:
        self._site = site

    def front(self) -> Response:
        """Tell who is signed in; people with a browser are shown the garage."""
        account = self._site.visitor()
        browser = "text/html" in request.headers.get("Accept", "")
        response = redirect("/garage/videos") if browser else make_response("")
        response.headers["x-niconico-authflag"] = flag_of(account)
        if account:
            response.headers["x-niconico-id"] = str(account.user_id)
        return response

    def watch(self, entry_id: int) -> ResponseReturnValue:
        """Tell a visitor: owners see what they keep to themselves."""
        if request.args.get("responseType") != "json":
            return redirect(f"/garage/videos#sm{entry_id}")
        entry, seen = self._seen(entry_id)
        visitor = self._site.visitor()
        own = visitor is not None and entry is not None and visitor.user_id == entry.user_id
        if entry and (seen is Visibility.PUBLIC or (own and seen is Visibility.PRIVATE)):
            body = {"metadata": {}, "response": self._page(entry)}
            return {"meta": {"status": 200, "code": "HTTP_200"}, "data": body}
        status, code, reason = _REFUSALS[seen]
        response = {
            "statusCode": status,
            "errorCode": code,
            "deletedMessage": "お探しの動画は削除されました" if reason == "DELETED_VIDEO" else "",
            **_hindrance(entry, seen),
        }
        meta = {"status": status, "code": f"HTTP_{status}"}
        return {"meta": meta, "data": {"metadata": {}, "response": response}}, status

    def v3_guest(self, entry_id: int) -> ResponseReturnValue:
        """Tell a guest, whoever asks; all that is there but hidden is a 400."""
        if not _TRACK_ID.fullmatch(request.args.get("actionTrackId", "")):
            raise answers.nvapi(400, "INVALID_PARAMETER", "actionTrackId: AAAAAAAAAA_0123456789012")
        for header, parameter in _FRONTEND:
            if not (request.headers.get(header) or request.args.get(parameter)):
                raise answers.nvapi(400, "INVALID_PARAMETER", f"{header} is missing")
        entry, seen = self._seen(entry_id)
        if entry and seen is Visibility.PUBLIC:
            return answers.ok(self._page(entry))
        status, code, _reason = _REFUSALS[seen]
        status = 400 if code == "FORBIDDEN" else status
        meta = {"status": status, "errorCode": code}
        return {"meta": meta, "data": _hindrance(entry, seen)}, status

    def thumbinfo(self, entry_id: int) -> Response:
        entry, seen = self._seen(entry_id)
        root = ET.Element("nicovideo_thumb_response", status="fail")
        if entry and seen is Visibility.PUBLIC:
            root.set("status", "ok")
            self._thumb(ET.SubElement(root, "thumb"), entry)
        else:
            error = ET.SubElement(root, "error")
            code = "DELETED" if seen is Visibility.DELETED else "NOT_FOUND"
            ET.SubElement(error, "code").text = code
            ET.SubElement(error, "description").text = "not found or invalid"
        response = make_response(ET.tostring(root, "utf-8", xml_declaration=True))
        response.headers["Content-Type"] = "text/xml; charset=utf-8"
        return response

    def _seen(self, entry_id: int) -> tuple[Entry | None, Visibility]:
        """Return the entry, and what a guest meets there."""
        entry = self._site.store.get(entry_id)
        return entry, self._site.lifecycle.visibility(entry) if entry else Visibility.UNPUBLISHED

    def _page(self, entry: Entry) -> dict[str, Any]:
        metadata, lifecycle = entry.metadata or {}, self._site.lifecycle
        genre, series = metadata["genreKey"], entry.series
        return {
            "video": {
                "id": entry.video_id,
                "title": metadata["title"],
                "description": metadata["detail"],
                "registeredAt": lifecycle.registered_at(entry).isoformat(),
                "isPrivate": lifecycle.visibility(entry) is Visibility.PRIVATE,
                "isDeleted": False,
                "duration": entry.seconds,
                "count": {"view": 0, "comment": 0, "mylist": 0, "like": 0},
            },
            "genre": {
                "key": genre,
                "label": GENRES.get(genre, "未設定"),
                "isNotSet": genre not in GENRES,
                "isDisabled": False,
            },
            "tag": {"items": [{"name": tag, "isLocked": True} for tag in metadata["tags"]]},
            "owner": {"id": entry.user_id, "nickname": self._site.nickname(entry)},
            "series": {"id": series, "title": f"シリーズ {series}"} if series else None,
            "media": {"domand": {"videos": [], "audios": []}, "delivery": None},
        }

    def _thumb(self, thumb: ET.Element, entry: Entry) -> None:
        metadata = entry.metadata or {}
        allowed = metadata["permissionSettings"]
        facts = {
            "video_id": entry.video_id,
            "title": metadata["title"],
            "description": metadata["detail"],
            "thumbnail_url": thumbnail_url(entry),
            "first_retrieve": self._site.lifecycle.registered_at(entry).isoformat(),
            "length": length(entry.seconds),
            "view_counter": "0",
            "comment_num": "0",
            "mylist_counter": "0",
            "watch_url": f"{request.host_url}watch/{entry.video_id}",
            "embeddable": "1" if allowed["allowOutsidePlayerFlag"] else "0",
            "no_live_play": "0" if allowed["allowNicoliveFlag"] else "1",
            "genre": GENRES.get(metadata["genreKey"], "未設定"),
            "user_id": str(entry.user_id),
            "user_nickname": self._site.nickname(entry) or "",
        }
        for name, text in facts.items():
            ET.SubElement(thumb, name).text = text
        tags = ET.SubElement(thumb, "tags", domain="jp")
        for tag in metadata["tags"]:
            ET.SubElement(tags, "tag", lock="1").text = tag


def _hindrance(entry: Entry | None, seen: Visibility) -> dict[str, str | None]:
    """Return what keeps the visitor from the video."""
    timer = entry.timer if entry and seen is Visibility.SCHEDULED else None
    return {
        "reasonCode": _REFUSALS[seen][2],
        "publishScheduledAt": timer.isoformat() if timer else None,
    }
