"""nvapi: one's own account, videos and series, the genres, and deleting."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, TypeVar

from flask import Blueprint, request

from nicobatch.sites.niconico.sandbox import answers
from nicobatch.sites.niconico.sandbox.site import GENRES, Visibility, thumbnail_url, whole

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from nicobatch.sandbox.world import Account
    from nicobatch.sites.niconico.sandbox.site import Entry, Site

_FREE_VIDEOS: Final = 50
"""Videos that a free account of a low level may have."""
_BORDER_ID: Final = 0
"""A number on the real site; what it means is not known."""
_SORT_KEYS: Final = ("registeredAt", "viewCount", "commentCount", "mylistCount", "likeCount")
_SORT_ORDERS: Final = ("desc", "asc")

T = TypeVar("T")


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
        user = self._site.user(answers.nvapi)
        facts: dict[str, Any] = {
            "id": user.user_id,
            "nickname": user.nickname,
            "isPremium": user.premium,
            "userLevel": {"currentLevel": 7},
        }
        return answers.ok({"user": facts})

    def series(self) -> ResponseReturnValue:
        videos = self._listed(self._site.user(answers.nvapi))
        counts = Counter(entry.series for entry in videos if entry.series)
        items = [
            {"id": key, "title": _title(key), "isListed": True, "itemsCount": counts[key]}
            for key in sorted(counts)
        ]
        return answers.ok({"totalCount": len(items), "items": _page(items)})

    def videos(self) -> ResponseReturnValue:
        user, lifecycle = self._site.user(answers.nvapi), self._site.lifecycle
        _choice("sortKey", _SORT_KEYS)
        # All counters are 0 here, so every key sorts by time.
        mine = sorted(
            self._listed(user),
            key=lambda entry: (lifecycle.registered_at(entry), entry.id),
            reverse=_choice("sortOrder", _SORT_ORDERS) == "desc",
        )
        most = user.uploadable_count
        if most is None and not user.premium:
            most = _FREE_VIDEOS
        left = None if most is None else max(0, most - len(mine))
        limitation = {"uploadableCount": left, "uploadedCountForLimitation": len(mine)}
        return answers.ok(
            {
                "items": [self._item(entry) for entry in _page(mine)],
                "totalCount": len(mine),
                "totalItemCount": len(mine),
                "limitation": {"borderId": _BORDER_ID, "user": limitation},
            }
        )

    def delete(self, entry_id: int) -> ResponseReturnValue:
        if not request.headers.get("X-Request-With"):
            raise answers.nvapi(403, "FORBIDDEN", "X-Request-With is missing")
        store, now = self._site.store, self._site.world.clock()
        entry = self._site.own(entry_id, answers.nvapi)
        store.update(entry_id, lambda known: known.counted("delete"))
        if entry.deleted_at is not None:
            raise answers.nvapi(404, "NOT_FOUND")
        store.update(entry_id, lambda known: replace(known, deleted_at=now))
        with contextlib.suppress(PermissionError):  # Windows, while somebody watches it
            store.file(entry_id).unlink(missing_ok=True)
        return answers.ok()

    def _listed(self, user: Account) -> list[Entry]:
        """Return the user's videos that lists have: published, encoded and not deleted."""
        lifecycle = self._site.lifecycle
        mine = (entry for entry in self._site.store if entry.user_id == user.user_id)
        return [each for each in mine if lifecycle.statuses(each)["postStatus"] == "REGISTERED"]

    def _item(self, entry: Entry) -> dict[str, Any]:
        metadata, seen = entry.metadata or {}, self._site.lifecycle.visibility(entry)
        timer = entry.timer if seen is Visibility.SCHEDULED else None
        series = {"id": entry.series, "title": _title(entry.series), "order": 1}
        return {
            "isHidden": seen is not Visibility.PUBLIC,
            "isDeleted": False,
            "isUnderReview": False,
            "isCommunityMemberOnly": bool(metadata.get("community", {}).get("communityOnly")),
            "isExcludeFromUploadList": metadata["excludeFromUploadList"],
            "publishTimerDetail": {"scheduledAt": timer.isoformat()} if timer else None,
            "autoDeleteDetail": None,
            "description": metadata["detail"],
            "threadId": entry.id,
            "likeCount": 0,
            "series": series if entry.series else None,
            "essential": {
                "id": entry.video_id,
                "title": metadata["title"],
                "registeredAt": self._site.lifecycle.registered_at(entry).isoformat(),
                "duration": entry.seconds,
                "thumbnail": {"url": thumbnail_url(entry)},
                "count": {"view": 0, "comment": 0, "mylist": 0, "like": 0},
            },
        }


def _title(series: int) -> str:
    return f"シリーズ {series}"


def _choice(name: str, values: tuple[str, ...]) -> str:
    value = request.args.get(name, values[0])
    if value not in values:
        raise answers.nvapi(400, "INVALID_PARAMETER", f"{name}: must be one of {', '.join(values)}")
    return value


def _page(items: Sequence[T]) -> Sequence[T]:
    """Return the page of the items that is asked for."""
    size, page = _number("pageSize", range(1, 101), 25), _number("page", range(1, 10_001), 1)
    return items[(page - 1) * size : page * size]


def _number(name: str, values: range, default: int) -> int:
    number = whole(request.args.get(name, str(default)))
    if number is None or number not in values:
        span = f"{values.start} to {values.stop - 1}"
        raise answers.nvapi(400, "INVALID_PARAMETER", f"{name}: must be {span}")
    return number
