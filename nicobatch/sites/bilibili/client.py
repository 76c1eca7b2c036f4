"""bilibili's calls, one method each: they send, and they tell what the answer means.

No call repeats itself, waits, or remembers anything: that is the pipeline's.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from nicobatch.errors import EntryGone, Passing, SignInNeeded, SiteRefuses
from nicobatch.http import Answer, Http
from nicobatch.language import _
from nicobatch.origin import is_loopback, origin_of
from nicobatch.sites.abilities import printable
from nicobatch.sites.bilibili import signin, upos
from nicobatch.sites.bilibili.answers import data_of, preupload_of, text, whole
from nicobatch.sites.bilibili.cookies import Cookies
from nicobatch.sites.bilibili.limits import BVID
from nicobatch.sites.bilibili.metadata import ArchiveView
from nicobatch.sites.bilibili.profiles import DOMAIN, Profile

PAGE_SIZE: Final = 20
MOST_PAGES: Final = 500
"""Of the list: where one never ends, something is wrong."""
_STATES: Final = "is_pubing,pubed,not_pubed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """One video of the account's list."""

    aid: int
    bvid: str
    title: str
    state: int
    duration: float | None = None
    """Seconds; None where the site does not know it yet."""
    created: int = 0
    """Unix seconds."""
    reason: str = ""
    description: str | None = None
    tags: tuple[str, ...] | None = None


class Client:
    """The creators' interface, on behalf of one account."""

    def __init__(self, profile: Profile, http: Http) -> None:
        self._profile = profile
        self._http = http
        self._cookies: Cookies | None = None
        self._own = {origin_of(profile.member), origin_of(profile.api)}

    def use(self, cookies: Cookies) -> None:
        """Sign every call with these cookies from now on."""
        self._cookies = cookies

    @property
    def csrf(self) -> str:
        """Return what a submission repeats of the sign-in."""
        if self._cookies is None:
            raise SignInNeeded(_("nobody is signed in"), _(signin.SIGN_IN_HINT))
        return self._cookies.csrf

    # Bytes: what the creators' interface tells of them

    def lines(self) -> list[upos.Line]:
        """Return the lines that the site offers, the best one first."""
        answer = self._get("member", "/preupload?r=probe")
        return upos.lines_of(preupload_of(answer, _("asking for the lines")))

    def preupload(self, name: str, size: int, line: str = "") -> upos.Allowed:
        """Ask to upload a file; `name` is bare, `line` what the line's row says."""
        version = self._profile.version
        query = {
            "name": name,
            "size": str(size),
            "r": "upos",
            "profile": self._profile.upload_profile,
            "ssl": "0",
            "version": f"{version}.0",
            "build": version.replace(".", "") + "0000"[: 7 - len(version.replace(".", ""))],
            "webVersion": version,
        }
        path = f"/preupload?{urlencode(query)}{f'&{line}' if line else ''}"
        answer = self._get("member", path)
        return upos.allowed(self._profile, preupload_of(answer, _("preparing the upload")))

    # Videos

    def cover(self, jpeg: bytes) -> str:
        """Send a picture, and return its address."""
        picture = "data:image/jpeg;base64," + base64.b64encode(jpeg).decode()
        form = {"cover": picture, "csrf": self.csrf}
        answer = self._send("POST", "member", f"/x/vu/web/cover/up?t={_now()}", form=form)
        data = data_of(answer, _("setting the cover"))
        url = text(data.get("url")) if isinstance(data, dict) else ""
        if not url.startswith(("https://", "http://", "//")):
            raise Passing(_("setting the cover: bilibili gave it no address"))
        return url

    def submit(self, body: Mapping[str, Any]) -> tuple[int, str]:
        """Submit a video, which publishes it; return its two ids."""
        path = f"/x/vu/web/add/v3?{urlencode({'t': _now(), 'csrf': self.csrf})}"
        answer = self._send("POST", "member", path, document=body)
        what = _("submitting the video")
        data = data_of(answer, what)
        aid = whole(data.get("aid")) if isinstance(data, dict) else None
        bvid = text(data.get("bvid")) if isinstance(data, dict) else ""
        if aid is None or not BVID.fullmatch(bvid):
            raise Passing(_("{what}: bilibili gave no id for it").format(what=what))
        return aid, bvid

    def edit(self, body: Mapping[str, Any]) -> None:
        """Send a video's submission anew."""
        path = f"/x/vu/web/edit?{urlencode({'t': _now(), 'csrf': self.csrf})}"
        answer = self._send("POST", "member", path, document=body)
        data_of(answer, _("changing the video"), entry=True)

    def view(self, video_id: str) -> ArchiveView:
        """Return a video of the account as its owner sees it; EntryGone where there is none."""
        query = urlencode({"bvid": video_id} if BVID.fullmatch(video_id) else {"aid": video_id})
        answer = self._get("member", f"/x/vupre/web/archive/view?{query}")
        what = _("asking for the video")
        view = ArchiveView.of(data_of(answer, what, entry=True))
        if view is None:
            raise Passing(_("{what}: bilibili did not tell of it").format(what=what))
        return view

    def archives(self, keyword: str = "") -> Iterator[Archive]:
        """Yield the account's videos, the newest first, each page read when it is needed."""
        for number in range(1, MOST_PAGES):
            query = {"status": _STATES, "pn": number, "ps": PAGE_SIZE, "coop": 1, "interactive": 1}
            named = {"keyword": keyword} if keyword else {}
            answer = self._get("member", f"/x/web/archives?{urlencode({**query, **named})}")
            data = data_of(answer, _("asking for the account's list of videos"))
            rows = data.get("arc_audits") if isinstance(data, dict) else None
            found = [each for each in map(_own, rows or ()) if each]
            yield from found
            page = data.get("page") if isinstance(data, dict) else None
            count = page.get("count") if isinstance(page, dict) else None
            if not found or not isinstance(count, int) or number * PAGE_SIZE >= count:
                return

    def seen(self, bvid: str) -> str | None:
        """Look as a visitor, without a sign-in, and return the video's title; None if unseen."""
        path = f"/x/web-interface/view?{urlencode({'bvid': bvid})}"
        answer = self._http.send("GET", self._profile.api + path, headers=self._headers())
        try:
            data = data_of(answer, _("looking at what visitors see"), entry=True)
        except EntryGone:
            return None
        return text(data.get("title")) if isinstance(data, dict) else ""

    # Seasons

    def section_of(self, season: int) -> int | None:
        """Return the first section of the account's season; None where it has no such season."""
        answer = self._get("member", f"/x2/creative/web/season?id={season}")
        try:
            row = data_of(answer, _("asking for the season"), entry=True)
        except EntryGone:
            return None
        return _first_section(row, season)

    def episodes(self, section: int) -> list[int]:
        """Return the ids of the videos in the section."""
        answer = self._get("member", f"/x2/creative/web/season/section?id={section}")
        data = data_of(answer, _("asking for the season"))
        rows = data.get("episodes") if isinstance(data, dict) else None
        ids = (whole(row.get("aid")) for row in rows or () if isinstance(row, dict))
        return [each for each in ids if each is not None]

    def add_episode(self, section: int, view: ArchiveView) -> None:
        """Add the video, with its first page, to the section."""
        cid = next((page.cid for page in view.pages if page.cid), None)
        episode = {"aid": view.aid, "cid": cid, "title": view.archive.get("title", "")}
        document = {
            "sectionId": section,
            "episodes": [{**episode, "charging_pay": 0}],
            "csrf": self.csrf,
        }
        query = urlencode({"csrf": self.csrf})
        path = f"/x2/creative/web/season/section/episodes/add?{query}"
        answer = self._send("POST", "member", path, document=document)
        data_of(answer, _("adding the video to the season"))

    def watch_url(self, bvid: str) -> str:
        """Return where viewers find the video."""
        return self._profile.watch.format(video_id=bvid)

    def _get(self, service: str, path: str) -> Answer:
        return self._send("GET", service, path)

    def _send(self, method: str, service: str, path: str, **parts: Any) -> Answer:
        url = getattr(self._profile, service) + path
        cookies = self._cookies.header() if self._cookies else None
        if cookies:
            self._demand_own(url)
        return self._http.send(method, url, headers=self._headers(), cookies=cookies, **parts)

    def _demand_own(self, url: str) -> None:
        """Raise SiteRefuses unless the URL is bilibili's, or where the user has all requests go."""
        host = urlsplit(url).hostname or ""
        theirs = url.startswith("https://") and (host == DOMAIN or host.endswith(f".{DOMAIN}"))
        if not (theirs or is_loopback(url) or origin_of(url) in self._own):
            raise SiteRefuses(_("{host} is not bilibili's").format(host=printable(host)))

    def _headers(self) -> dict[str, str]:
        return signin.headers(self._profile)


def _own(row: object) -> Archive | None:
    """Read a row of the list; None where it has no id."""
    archive = row.get("Archive") if isinstance(row, dict) else None
    if not isinstance(archive, dict):
        return None
    aid, bvid, state = whole(archive.get("aid")), text(archive.get("bvid")), archive.get("state")
    if aid is None or not BVID.fullmatch(bvid) or not isinstance(state, int):
        return None
    seconds = archive.get("duration")
    return Archive(
        aid=aid,
        bvid=bvid,
        title=text(archive.get("title")),
        state=state,
        duration=float(seconds) if isinstance(seconds, int | float) and seconds > 0 else None,
        created=whole(archive.get("ctime")) or 0,
        reason=printable(archive.get("reject_reason", "")),
        description=archive["desc"] if isinstance(archive.get("desc"), str) else None,
        tags=tuple(filter(None, archive["tag"].split(",")))
        if isinstance(archive.get("tag"), str)
        else None,
    )


def _first_section(row: object, season: int) -> int | None:
    """Return the row's first section where it is of the season."""
    told = row.get("season") if isinstance(row, dict) else None
    if not isinstance(row, dict) or not isinstance(told, dict) or told.get("id") != season:
        return None
    sections = row.get("sections")
    inner = sections.get("sections") if isinstance(sections, dict) else sections
    ids = (whole(each.get("id")) for each in inner or () if isinstance(each, dict))
    return next((each for each in ids if each is not None), None)


def _now() -> int:
    return int(time.time() * 1000)
