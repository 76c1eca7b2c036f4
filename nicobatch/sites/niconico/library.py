"""The account's own videos, as nvapi lists them: private, timed and deleted ones included.

Drafts, and videos still being encoded, are not known to be in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from nicobatch.errors import SiteRefuses
from nicobatch.http import Http
from nicobatch.language import N_, _
from nicobatch.model import Json, Secret
from nicobatch.sites.abilities import OwnVideo, printable
from nicobatch.sites.niconico.answers import below, data_of, text_of
from nicobatch.sites.niconico.profiles import Profile
from nicobatch.sites.niconico.signin import NVAPI_HEADERS

PAGE_SIZE: Final = 100
"""The most videos that nvapi gives at a time."""
_VIDEO_ID: Final = re.compile(r"(?:[a-z]{2})?([0-9]+)")
_ASKING: Final = N_("asking for the account's list of videos")


class Library:
    """The list, read page by page as far as it is looked at, and each page once."""

    def __init__(self, profile: Profile, http: Http) -> None:
        self._url = f"{profile.nvapi}/v2/users/me/videos"
        self._http = http
        self._cookies: dict[str, str] = {}
        self._videos: list[OwnVideo] = []
        self._ids: set[str] = set()
        self._pages = 0
        self._received = 0
        self._complete = False
        self._stale = False
        self._room: int | None = None

    def use(self, user_session: Secret) -> None:
        """Ask with this session from now on."""
        self._cookies = {"user_session": user_session.reveal()}

    def expire(self) -> None:
        """Look at the newest videos again before the next answer: there may be more by now."""
        self._stale = bool(self._pages)

    def __iter__(self) -> Iterator[OwnVideo]:
        """Yield what was read already, then read on; raise what asking raises."""
        if self._stale:
            self._catch_up()
        seen = 0
        while seen < len(self._videos) or self._reads_more():
            yield self._videos[seen]
            seen += 1

    @property
    def room(self) -> int | None:
        """Return how many more videos fit; None where no limit is told. Raise what asking raises.

        `limitation.user.uploadableCount`: that it counts down, and is null without a limit, is
        what clients' code suggests.
        """
        if not self._pages:
            self._reads_more()
        return self._room

    def find(self, id_: str) -> OwnVideo | None:
        """Return the video of that id, None where the list ends without it."""
        return next((video for video in self if video.id == id_), None)

    def _reads_more(self) -> bool:
        """Read the next page; tell whether it brought something new, else it was the last."""
        if self._complete:
            return False
        items, total = self._page(self._pages + 1)
        self._pages += 1
        self._received += len(items)
        news = self._add(items)
        self._complete = not news or (total is not None and self._received >= total)
        return news > 0

    def _catch_up(self) -> None:
        """Read from the newest video to the first that is known."""
        page, received, complete = 0, 0, False
        while not complete:
            page += 1
            items, total = self._page(page)
            received += len(items)
            known = len(items) - self._add(items)
            complete = known > 0 or not items or (total is not None and received >= total)
        self._stale = False

    def _add(self, items: list[Any]) -> int:
        """Keep the videos of a page; return how many were not known."""
        before = len(self._videos)
        for video in filter(None, map(_own_video, items)):
            if video.id not in self._ids:
                self._ids.add(video.id)
                self._videos.append(video)
        return len(self._videos) - before

    def _page(self, number: int) -> tuple[list[Any], int | None]:
        """Return a page's items, the newest first, and how many there are in all."""
        query = f"sortKey=registeredAt&sortOrder=desc&pageSize={PAGE_SIZE}&page={number}"
        answer = self._http.send(
            "GET", f"{self._url}?{query}", headers=NVAPI_HEADERS, cookies=self._cookies
        )
        data = data_of(answer, _(_ASKING))
        items = below(data).get("items")
        if not isinstance(items, list):
            raise SiteRefuses(_("{what}: the answer holds no list").format(what=_(_ASKING)))
        left = below(data, "limitation", "user").get("uploadableCount")
        self._room = left if isinstance(left, int) and not isinstance(left, bool) else None
        totals = (data.get(name) for name in ("totalCount", "totalItemCount"))
        return items, max((each for each in totals if isinstance(each, int)), default=None)


def _own_video(item: object) -> OwnVideo | None:
    """Read an item of the list; None where it has no id. Fields come and go, and go unmissed."""
    if not isinstance(item, dict):
        return None
    facts: Mapping[str, Any] = {**item, **below(item, "essential")}
    views = below(facts, "count").get("view")
    video_id = printable(facts.get("id", ""))
    number = _VIDEO_ID.fullmatch(video_id)
    if number is None:
        return None
    return OwnVideo(
        id=str(int(number[1])),
        video_id=video_id if video_id != number[1] else f"sm{video_id}",
        title=text_of(facts.get("title")),
        description=text_of(facts.get("description")),
        duration=_seconds(facts.get("duration")),
        registered_at=_moment(facts.get("registeredAt")),
        views=views if isinstance(views, int) else None,
        hidden=facts.get("isHidden") is True,
        scheduled=bool(facts.get("publishTimerDetail")),
        under_review=facts.get("isUnderReview") is True,
        deleted=facts.get("isDeleted") is True,
        more=dict(_more(facts)),
    )


def _more(facts: Mapping[str, Any]) -> Iterator[tuple[str, Json]]:
    series = below(facts, "series").get("id")
    if isinstance(series, int) and not isinstance(series, bool) and series > 0:
        yield "series", {"id": series}
    if facts.get("isExcludeFromUploadList") is True:
        yield "exclude_from_upload_list", True


def _seconds(value: object) -> float | None:
    """Read a length; 0 is one that niconico does not know yet."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if value > 0 else None


def _moment(value: object) -> datetime | None:
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
