"""What visitors see: the front page's headers, the watch page's JSON, and getthumbinfo's XML."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from xml.etree import ElementTree as ET

from flask import Blueprint, make_response, redirect, request

from nicobatch.sites.niconico.sandbox import answers
from nicobatch.sites.niconico.sandbox.entries import Visibility, timer_of
from nicobatch.sites.niconico.sandbox.site import GENRES

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue
    from werkzeug.wrappers import Response

    from nicobatch.sites.niconico.sandbox.entries import Entry
    from nicobatch.sites.niconico.sandbox.site import Site

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

_THUMB_CODES: Final = {Visibility.DELETED: "DELETED"}


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
        account = self._site.visitor(request)
        browser = "text/html" in request.headers.get("Accept", "")
        response = redirect("/garage/videos") if browser else make_response("")
        flag = "0" if account is None else "3" if account.premium else "1"
        response.headers["x-niconico-authflag"] = flag
        if account:
            response.headers["x-niconico-id"] = str(account.user_id)
        return response

    def watch(self, entry_id: int) -> ResponseReturnValue:
        if request.args.get("responseType") != "json":
            return redirect(f"/garage/videos#sm{entry_id}")
        entry = self._site.store.get(entry_id)
        seen = self._seen(entry)
        if entry is None or seen is not Visibility.PUBLIC:
            return self._refused(entry, seen)
        body = {"metadata": {}, "response": self._page(entry)}
        return {"meta": {"status": 200, "code": "HTTP_200"}, "data": body}

    def v3_guest(self, entry_id: int) -> ResponseReturnValue:
        """Tell a guest, whoever asks; all that is there but hidden is a 400."""
        if not _TRACK_ID.fullmatch(request.args.get("actionTrackId", "")):
            raise answers.nvapi(400, "INVALID_PARAMETER", "actionTrackId: AAAAAAAAAA_0123456789012")
        for header, parameter in _FRONTEND:
            if not (request.headers.get(header) or request.args.get(parameter)):
                raise answers.nvapi(400, "INVALID_PARAMETER", f"{header} is missing")
        entry = self._site.store.get(entry_id)
        seen = self._as_guest(entry)
        if entry is None or seen is not Visibility.PUBLIC:
            return self._hidden(entry, seen)
        return answers.ok(self._page(entry))

    def _hidden(self, entry: Entry | None, seen: Visibility) -> ResponseReturnValue:
        status, code, reason = _REFUSALS[seen]
        status = 400 if code == "FORBIDDEN" else status
        meta = {"status": status, "errorCode": code}
        return {"meta": meta, "data": {"reasonCode": reason, **_timer(entry, seen)}}, status

    def _as_guest(self, entry: Entry | None) -> Visibility:
        return self._site.lifecycle.visibility(entry) if entry else Visibility.UNPUBLISHED

    def _seen(self, entry: Entry | None) -> Visibility:
        """Return what this visitor meets: owners see what they keep to themselves."""
        seen = self._as_guest(entry)
        if entry is None:
            return seen
        visitor = self._site.visitor(request)
        own = visitor is not None and visitor.user_id == entry.user_id
        return Visibility.PUBLIC if own and seen is Visibility.PRIVATE else seen

    def _refused(self, entry: Entry | None, seen: Visibility) -> ResponseReturnValue:
        status, code, reason = _REFUSALS[seen]
        response = {
            "statusCode": status,
            "errorCode": code,
            "reasonCode": reason,
            "deletedMessage": "お探しの動画は削除されました" if reason == "DELETED_VIDEO" else "",
            **_timer(entry, seen),
        }
        meta = {"status": status, "code": f"HTTP_{status}"}
        return {"meta": meta, "data": {"metadata": {}, "response": response}}, status

    def _page(self, entry: Entry) -> dict[str, Any]:
        metadata, lifecycle = entry.metadata or {}, self._site.lifecycle
        media = entry.file.media if entry.file else None
        owner, genre = self._site.owner(entry), metadata["genreKey"]
        series = metadata.get("series")
        return {
            "video": {
                "id": entry.video_id,
                "title": metadata["title"],
                "description": metadata["detail"],
                "registeredAt": lifecycle.registered_at(entry).isoformat(),
                "isPrivate": lifecycle.visibility(entry) is Visibility.PRIVATE,
                "isDeleted": False,
                "duration": round(media.duration) if media else 0,
                "count": {"view": 0, "comment": 0, "mylist": 0, "like": 0},
            },
            "genre": {
                "key": genre,
                "label": GENRES.get(genre, "未設定"),
                "isNotSet": genre not in GENRES,
                "isDisabled": False,
            },
            "tag": {"items": [{"name": tag, "isLocked": True} for tag in metadata["tags"]]},
            "owner": {"id": entry.user_id, "nickname": owner.nickname if owner else None},
            "series": {"id": series["id"], "title": f"シリーズ {series['id']}"} if series else None,
            "media": {"domand": {"videos": [], "audios": []}, "delivery": None},
        }

    def thumbinfo(self, entry_id: int) -> Response:
        entry = self._site.store.get(entry_id)
        seen = self._as_guest(entry)
        root = ET.Element("nicovideo_thumb_response", status="fail")
        if entry and seen is Visibility.PUBLIC:
            root.set("status", "ok")
            self._thumb(ET.SubElement(root, "thumb"), entry)
        else:
            error = ET.SubElement(root, "error")
            code = _THUMB_CODES.get(seen, "NOT_FOUND")
            ET.SubElement(error, "code").text = code
            ET.SubElement(error, "description").text = "not found or invalid"
        response = make_response(ET.tostring(root, "utf-8", xml_declaration=True))
        response.headers["Content-Type"] = "text/xml; charset=utf-8"
        return response

    def _thumb(self, thumb: ET.Element, entry: Entry) -> None:
        metadata, owner = entry.metadata or {}, self._site.owner(entry)
        allowed = metadata["permissionSettings"]
        seconds = round(entry.file.media.duration) if entry.file and entry.file.media else 0
        facts = {
            "video_id": entry.video_id,
            "title": metadata["title"],
            "description": metadata["detail"],
            "thumbnail_url": f"{request.host_url}garage/thumbnails/{entry.id}.jpg",
            "first_retrieve": self._site.lifecycle.registered_at(entry).isoformat(),
            "length": f"{seconds // 60}:{seconds % 60:02}",
            "view_counter": "0",
            "comment_num": "0",
            "mylist_counter": "0",
            "watch_url": f"{request.host_url}watch/{entry.video_id}",
            "embeddable": "1" if allowed["allowOutsidePlayerFlag"] else "0",
            "no_live_play": "0" if allowed["allowNicoliveFlag"] else "1",
            "genre": GENRES.get(metadata["genreKey"], "未設定"),
            "user_id": str(entry.user_id),
            "user_nickname": owner.nickname if owner else "",
        }
        for name, text in facts.items():
            ET.SubElement(thumb, name).text = text
        tags = ET.SubElement(thumb, "tags", domain="jp")
        for tag in metadata["tags"]:
            ET.SubElement(tags, "tag", lock="1").text = tag


def _timer(entry: Entry | None, seen: Visibility) -> dict[str, str | None]:
    timer = timer_of(entry) if entry and seen is Visibility.SCHEDULED else None
    return {"publishScheduledAt": timer.isoformat() if timer else None}
