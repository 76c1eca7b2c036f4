"""nvapi: one's own account, videos and series, the genres, and deleting."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, request

from nicobatch.sites.niconico.sandbox import answers
from nicobatch.sites.niconico.sandbox.entries import Visibility, timer_of
from nicobatch.sites.niconico.sandbox.site import GENRES

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from nicobatch.sites.niconico.sandbox.entries import Entry
    from nicobatch.sites.niconico.sandbox.site import Site

_FREE_VIDEOS: Final = 50
"""Videos that a free account of a low level may have."""

_BORDER_ID: Final = 0
"""A number on the real site; what it means is not known."""

_SORT_KEYS: Final = ("registeredAt", "viewCount", "commentCount", "mylistCount", "likeCount")
_SORT_ORDERS: Final = ("desc", "asc")
_PAGE_SIZES: Final = range(1, 101)
_PAGES: Final = range(1, 10_001)


def routes(site: Site) -> Blueprint:
    """Return nvapi's routes."""
    blueprint = Blueprint("nvapi", __name__)
    api = _Nvapi(site)
    blueprint.add_url_rule("/v1/users/me", "me", api.me)
    blueprint.add_url_rule("/v1/users/me/series", "series", api.series)
    blueprint.add_url_rule("/v2/users/me/videos", "videos", api.videos)
    blueprint.add_url_rule("/v2/genres", "genres", genres)
    rule = "/v1/users/me/videos/sm<int:entry_id>"
    blueprint.add_url_rule(rule, "delete", api.delete, methods=["DELETE"])
    return blueprint


def genres() -> ResponseReturnValue:
    """Answer with the keys and labels."""
    return answers.ok({"genres": [{"key": key, "label": GENRES[key]} for key in GENRES]})


class _Nvapi:
    def __init__(self, site: Site) -> None:
        self._site = site

    def me(self) -> ResponseReturnValue:
        user = self._site.user(request, answers.nvapi)
        facts: dict[str, Any] = {
            "id": user.user_id,
            "nickname": user.nickname,
            "isPremium": user.premium,
            "userLevel": {"currentLevel": 7},
        }
        return answers.ok({"user": facts})

    def series(self) -> ResponseReturnValue:
        size, page = _page()
        videos = filter(self._site.lifecycle.is_registered, self._mine())
        counts = Counter(_series_id(entry) for entry in videos if _series_id(entry))
        items = [
            {"id": key, "title": f"シリーズ {key}", "isListed": True, "itemsCount": counts[key]}
            for key in sorted(counts)
        ]
        shown = items[(page - 1) * size : page * size]
        return answers.ok({"totalCount": len(items), "items": shown})

    def videos(self) -> ResponseReturnValue:
        user = self._site.user(request, answers.nvapi)
        _choice("sortKey", _SORT_KEYS)
        newest_first = _choice("sortOrder", _SORT_ORDERS) == "desc"
        size, page = _page()
        lifecycle = self._site.lifecycle
        # All counters are 0 here, so every key sorts by time.
        mine = sorted(
            filter(lifecycle.is_registered, self._mine()),
            key=lambda entry: (lifecycle.registered_at(entry), entry.id),
            reverse=newest_first,
        )
        shown = mine[(page - 1) * size : page * size]
        most = user.uploadable_count
        if most is None and not user.premium:
            most = _FREE_VIDEOS
        left = None if most is None else max(0, most - len(mine))
        limitation = {"uploadableCount": left, "uploadedCountForLimitation": len(mine)}
        return answers.ok(
            {
                "items": [self._item(entry) for entry in shown],
                "totalCount": len(mine),
                "totalItemCount": len(mine),
                "limitation": {"borderId": _BORDER_ID, "user": limitation},
            }
        )

    def delete(self, entry_id: int) -> ResponseReturnValue:
        if not request.headers.get("X-Request-With"):
            raise answers.nvapi(403, "FORBIDDEN", "X-Request-With is missing")
        user, store = self._site.user(request, answers.nvapi), self._site.store
        entry = store.get(entry_id)
        if entry is None or entry.user_id != user.user_id:
            raise answers.nvapi(404, "NOT_FOUND")
        store.update(entry_id, lambda known: known.counted("delete"))
        if entry.deleted_at is not None:
            raise answers.nvapi(404, "NOT_FOUND")
        now = self._site.world.clock()
        store.update(entry_id, lambda known: replace(known, deleted_at=now))
        with contextlib.suppress(PermissionError):  # Windows, while somebody watches it
            store.file(entry_id).unlink(missing_ok=True)
        return answers.ok()

    def _mine(self) -> Iterable[Entry]:
        user = self._site.user(request, answers.nvapi)
        return (entry for entry in self._site.store if entry.user_id == user.user_id)

    def _item(self, entry: Entry) -> dict[str, Any]:
        lifecycle, metadata = self._site.lifecycle, entry.metadata or {}
        waits = lifecycle.visibility(entry) is Visibility.SCHEDULED
        timer = timer_of(entry) if waits else None
        return {
            "isHidden": lifecycle.visibility(entry) is not Visibility.PUBLIC,
            "isDeleted": False,
            "isUnderReview": False,
            "isCommunityMemberOnly": bool(metadata.get("community", {}).get("communityOnly")),
            "isExcludeFromUploadList": metadata["excludeFromUploadList"],
            "publishTimerDetail": {"scheduledAt": timer.isoformat()} if timer else None,
            "autoDeleteDetail": None,
            "description": metadata["detail"],
            "threadId": entry.id,
            "likeCount": 0,
            "series": _series(entry),
            "essential": self._essential(entry),
        }

    def _essential(self, entry: Entry) -> dict[str, Any]:
        media = entry.file.media if entry.file else None
        return {
            "id": entry.video_id,
            "title": (entry.metadata or {})["title"],
            "registeredAt": self._site.lifecycle.registered_at(entry).isoformat(),
            "duration": round(media.duration) if media else 0,
            "thumbnail": {"url": f"{request.host_url}garage/thumbnails/{entry.id}.jpg"},
            "count": {"view": 0, "comment": 0, "mylist": 0, "like": 0},
        }


def _series_id(entry: Entry) -> int:
    return int((entry.metadata or {}).get("series", {}).get("id", 0))


def _series(entry: Entry) -> dict[str, Any] | None:
    key = _series_id(entry)
    return {"id": key, "title": f"シリーズ {key}", "order": 1} if key else None


def _choice(name: str, values: tuple[str, ...]) -> str:
    value = request.args.get(name, values[0])
    if value not in values:
        raise answers.nvapi(400, "INVALID_PARAMETER", f"{name}: must be one of {', '.join(values)}")
    return value


def _page() -> tuple[int, int]:
    return _number("pageSize", _PAGE_SIZES, 25), _number("page", _PAGES, 1)


def _number(name: str, values: range, default: int) -> int:
    text = request.args.get(name, str(default))
    if not (text.isascii() and text.isdecimal() and int(text) in values):
        span = f"{values.start} to {values.stop - 1}"
        raise answers.nvapi(400, "INVALID_PARAMETER", f"{name}: must be {span}")
    return int(text)
