"""Showing bilibili who we are: by a browser's cookies or a QR code, and renewing that in time."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Final
from urllib.parse import urlencode

from nicobatch.errors import Passing, SignInNeeded, UsageError
from nicobatch.http import USER_AGENT, Answer, Http
from nicobatch.language import N_, _
from nicobatch.model import Json, Secret
from nicobatch.sites.abilities import printable
from nicobatch.sites.bilibili.answers import data_of, text, whole
from nicobatch.sites.bilibili.codes import CODES
from nicobatch.sites.bilibili.cookies import Cookies, in_query, parse, set_by
from nicobatch.sites.bilibili.limits import SESSION_WARNING
from nicobatch.sites.bilibili.oaep import oaep
from nicobatch.sites.bilibili.profiles import Profile
from nicobatch.sites.session import Credentials

SIGN_IN_HINT: Final = N_(
    "run `nicobatch session login --site bilibili`, or set NICOBATCH_BILIBILI_SESSDATA and"
    " NICOBATCH_BILIBILI_BILI_JCT, and run it again"
)
_AGENT: Final = f"Mozilla/5.0 (compatible; {USER_AGENT})"
"""Without a browser-like one, reads are said to be refused."""
QR_LIFE: Final = 180.0
"""Seconds after which a QR code is of no use."""
QR_PAUSE: Final = 1.0
_PERSON: Final = N_("{name} (user {mid}, level {level})")
_ENDING: Final = N_("{who}, for {days} more days: sign in again soon")
_PAGE: Final = re.compile(r"""<div[^>]*\bid=["']1-name["'][^>]*>\s*([0-9a-zA-Z_-]+)\s*</div>""")


class QrState(Enum):
    """How far the person with the phone has come; the numbers are the site's."""

    WAITING = 86101
    SCANNED = 86090
    EXPIRED = 86038


@dataclass(frozen=True, slots=True)
class Qr:
    """A QR code's content, and the key by which to ask what became of it."""

    url: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Whose sign-in it is."""

    cookies: Cookies
    mid: int
    name: str
    level: int | None = None

    def days_left(self, now: datetime) -> int | None:
        """Return for how many whole days the sign-in lasts; None where nothing tells."""
        ends = self.cookies.expires
        return None if ends is None else max(0, (ends - now).days)

    @property
    def data(self) -> Mapping[str, Json]:
        """Return it for programs."""
        ends = self.cookies.expires
        told = {"user_id": str(self.mid), "name": self.name, "level": self.level}
        return {**told, "expires": ends.isoformat() if ends else None}

    def is_ending(self, now: datetime) -> bool:
        """Tell whether a person should know that it ends soon."""
        ends = self.cookies.expires
        return ends is not None and ends - now < SESSION_WARNING

    def __str__(self) -> str:
        words = _("{name} (user {mid})") if self.level is None else _(_PERSON)
        who = words.format(name=self.name, mid=self.mid, level=self.level)
        now = datetime.now(UTC)
        days = self.days_left(now)
        if days is None:
            return who
        lasts = _(_ENDING) if self.is_ending(now) else _("{who}, for {days} more days")
        return lasts.format(who=who, days=days)


def headers(profile: Profile) -> dict[str, str]:
    """Return what goes with every request to bilibili's own hosts."""
    return {"User-Agent": _AGENT, "Referer": profile.referer}


def sign_in(profile: Profile, credentials: Credentials, http: Http) -> Person:
    """Ask whose sign-in it is, and renew it where the site wishes; raise SignInNeeded."""
    door = Door(profile, http)
    cookies = _given(credentials)
    if "buvid3" not in cookies.values:
        cookies = cookies.changed(door.buvids())
    person = door.nav(cookies)
    keep = credentials.renewed
    if keep and cookies.refresh_token and door.wants_renewal(cookies):
        person = door.nav(door.renew(cookies, _keeping(credentials.gained, keep)))
    return person


def renew(profile: Profile, credentials: Credentials, http: Http) -> Person:
    """Renew the kept sign-in now, and say whose it is.

    Raise UsageError where nothing would keep the new one, SignInNeeded where none is given.
    """
    cookies, keep = _given(credentials), credentials.renewed
    if keep is None:
        raise UsageError(
            _("the sign-in comes from the environment, where nothing could keep a new one"),
            _("unset its variables, and keep it: `nicobatch session set --site bilibili`"),
        )
    door = Door(profile, http)
    return door.nav(door.renew(cookies, _keeping(credentials.gained, keep)))


def _given(credentials: Credentials) -> Cookies:
    if credentials.user_session is None:
        raise SignInNeeded(_("nobody is signed in"), _(SIGN_IN_HINT))
    cookies = parse(credentials.user_session.reveal(), _("the kept session"))
    for each in cookies.secrets():
        credentials.gained(each)
    return cookies


def _keeping(
    gained: Callable[[Secret], None], keep: Callable[[Secret], object]
) -> Callable[[Cookies], None]:
    """Return what names the new sign-in's secrets, and keeps it."""

    def kept(new: Cookies) -> None:
        for each in new.secrets():
            gained(each)
        keep(Secret(new.kept()))

    return kept


class Door:
    """The calls of signing in; none repeats itself or remembers anything."""

    def __init__(self, profile: Profile, http: Http) -> None:
        self._profile = profile
        self._http = http

    def buvids(self) -> dict[str, str]:
        """Return the cookies that name a browser, which the site gives to anybody."""
        data = data_of(self._get("api", "/x/frontend/finger/spi"), _("asking for a browser's id"))
        told = data if isinstance(data, dict) else {}
        found = {"buvid3": text(told.get("b_3")), "buvid4": text(told.get("b_4"))}
        return {name: value for name, value in found.items() if value}

    def nav(self, cookies: Cookies) -> Person:
        """Return whose cookies they are; raise SignInNeeded where they are nobody's any more."""
        answer = self._get("api", "/x/web-interface/nav", cookies)
        data = data_of(answer, _("checking the sign-in"))
        mid = whole(data.get("mid")) if isinstance(data, dict) else None
        if mid is None or not data.get("isLogin"):
            raise Passing(_("checking the sign-in: bilibili did not say whose it is"))
        level = data.get("level_info")
        number = level.get("current_level") if isinstance(level, dict) else None
        return Person(
            cookies=cookies,
            mid=mid,
            name=printable(data.get("uname", "")),
            level=number if isinstance(number, int) else None,
        )

    # By QR code

    def qr(self) -> Qr:
        """Return a new QR code."""
        answer = self._get("passport", "/x/passport-login/web/qrcode/generate")
        data = data_of(answer, _("asking for a QR code"))
        found = data if isinstance(data, dict) else {}
        url, key = text(found.get("url")), text(found.get("qrcode_key"))
        if not url or not key:
            raise Passing(_("asking for a QR code: bilibili gave none"))
        return Qr(url, key)

    def poll(self, qr: Qr) -> QrState | Cookies:
        """Return how far it has come, or the sign-in that it brought."""
        query = urlencode({"qrcode_key": qr.key})
        path = f"/x/passport-login/web/qrcode/poll?{query}"
        answer = self._get("passport", path, secret=True)
        data = data_of(answer, _("asking about the QR code"))
        code = data.get("code") if isinstance(data, dict) else None
        if code in {each.value for each in QrState}:
            return QrState(code)
        if code != 0:
            raise Passing(_("asking about the QR code: bilibili answers {code}").format(code=code))
        values = {**in_query(text(data.get("url"))), **set_by(answer)}
        cookies = Cookies(values, text(data.get("refresh_token")))
        if not cookies.is_whole:
            raise Passing(_("asking about the QR code: bilibili sent no cookies"))
        return cookies

    # Renewal

    def wants_renewal(self, cookies: Cookies) -> bool:
        """Ask whether the site would have the sign-in renewed."""
        return self._renewal(cookies)[0]

    def renew(self, cookies: Cookies, keep: Callable[[Cookies], None]) -> Cookies:
        """Return a new sign-in, which `keep` has written down before the old one dies."""
        if not cookies.refresh_token:
            raise SignInNeeded(
                _("the sign-in came without a token that could renew it"), _(SIGN_IN_HINT)
            )
        token = self._refresh_csrf(cookies, self._renewal(cookies)[1])
        form = {
            "csrf": cookies.csrf,
            "refresh_csrf": token,
            "refresh_token": cookies.refresh_token,
            "source": "main_web",
        }
        what = _("renewing the sign-in")
        answer = self._post("/x/passport-login/web/cookie/refresh", form, cookies)
        data = data_of(answer, what)
        new = cookies.changed(set_by(answer), text((data or {}).get("refresh_token")))
        if new.values == cookies.values:
            raise Passing(_("{what}: bilibili sent no cookies").format(what=what))
        keep(new)
        confirmation = {"csrf": new.csrf, "refresh_token": cookies.refresh_token}
        data_of(self._post("/x/passport-login/web/confirm/refresh", confirmation, new), what)
        return new

    def _renewal(self, cookies: Cookies) -> tuple[bool, int]:
        """Return whether a renewal is wished, and the site's time in milliseconds."""
        path = f"/x/passport-login/web/cookie/info?{urlencode({'csrf': cookies.csrf})}"
        data = data_of(self._get("passport", path, cookies), _("asking about the sign-in's age"))
        told = data if isinstance(data, dict) else {}
        at = told.get("timestamp")
        return bool(told.get("refresh")), at if isinstance(at, int) else int(time.time() * 1000)

    def _refresh_csrf(self, cookies: Cookies, timestamp: int) -> str:
        """Return the token that stands in a page whose address only a browser can make."""
        path = oaep(f"refresh_{timestamp}".encode()).hex()
        answer = self._get("www", f"/correspond/1/{path}", cookies)
        found = _PAGE.search(answer.body.decode("utf-8", "replace"))
        if answer.status == 404:
            row = CODES[86095]
            raise SignInNeeded(_(row.words), _(row.hint))
        if answer.status != 200 or not found:
            raise Passing(_("renewing the sign-in: bilibili's page is another one"))
        return found[1]

    def _get(
        self, service: str, path: str, cookies: Cookies | None = None, *, secret: bool = False
    ) -> Answer:
        return self._http.send(
            "GET",
            getattr(self._profile, service) + path,
            headers=headers(self._profile),
            cookies=cookies.header() if cookies else None,
            secret=secret,
        )

    def _post(self, path: str, form: dict[str, Any], cookies: Cookies) -> Answer:
        return self._http.send(
            "POST",
            self._profile.passport + path,
            headers=headers(self._profile),
            cookies=cookies.header(),
            form=form,
        )


def login(
    door: Door,
    show: Callable[[Qr], None],
    pause: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Cookies:
    """Sign in by QR code: show it, and wait until it is scanned and confirmed.

    Raise SignInNeeded where nobody does so in time.
    """
    qr = door.qr()
    show(qr)
    end = clock() + QR_LIFE
    while clock() < end:
        found = door.poll(qr)
        if isinstance(found, Cookies):
            return found
        if found is QrState.EXPIRED:
            break
        pause(QR_PAUSE)
    raise SignInNeeded(_("nobody has confirmed the QR code in time"), _("run it again"))
